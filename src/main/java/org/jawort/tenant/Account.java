package org.jawort.tenant;

import java.util.List;
import java.util.Map;
import org.jawort.message.Channel;

/**
 * One account of a tenant at a provider.
 *
 * @param api the provider's API generation, {@code null} where the provider has only one
 * @param channels what the account carries; a channel may appear more than once with other
 *     addresses
 * @param credentials by name; several values while one is being rotated; values left empty in the
 *     environment are dropped, so an id without a value is not checked
 * @param settings further provider-specific settings, e.g. {@code smsSignature: sha256}
 * @param sending how messages go out over it, {@code null} if the account only receives
 */
public record Account(
        String tenant,
        String id,
        String provider,
        String processor,
        String api,
        List<AccountChannel> channels,
        Map<String, List<Secret>> credentials,
        Map<String, String> settings,
        Sending sending) {

    /**
     * @param providerChannelId the provider's own id of the channel, {@code null} if it has none
     */
    public record AccountChannel(Channel channel, String address, String providerChannelId) {

        /**
         * How the provider names the business on this channel: by its address, or where there is
         * none by the channel's id; {@code null} if by neither.
         */
        public String sender() {
            return address != null ? address : providerChannelId;
        }
    }

    /**
     * @param ratePerSecond how many messages at most
     * @param monthlyCap how many messages a calendar month at most, {@code null} for no limit
     * @param order among accounts that carry the same channel, the lowest first
     */
    public record Sending(double ratePerSecond, Integer monthlyCap, int order) {}

    /** All values of a credential, empty if it has none. */
    public List<Secret> credential(String name) {
        return credentials.getOrDefault(name, List.of());
    }

    public String setting(String name, String otherwise) {
        return settings.getOrDefault(name, otherwise);
    }
}
