package org.jawort.vault;

import java.util.HexFormat;
import java.util.List;
import org.jawort.vault.TenantKeys.Use;

/**
 * Keyed hashes under which addresses and provider ids are found again (SEC-1). Provider ids are
 * personal data too: a WhatsApp message id holds the phone number. Addresses are hashed anew when
 * the tenant's key is replaced; ids, which are kept nowhere else, stay under its oldest version.
 */
public final class Pseudonyms {

    private final TenantKeys keys;

    public Pseudonyms(TenantKeys keys) {
        this.keys = keys;
    }

    /**
     * A person's address.
     *
     * @param channel the channel consent is kept for, by its wire name
     */
    public byte[] address(String tenant, String channel, String address) {
        return addresses(tenant, channel, address).getFirst();
    }

    /**
     * The same under each version of the tenant's key, so that an address is found whether or not
     * it was hashed anew since the key was replaced (SEC-2): first the one that is written now.
     */
    public List<byte[]> addresses(String tenant, String channel, String address) {
        return keys.macs(tenant, Use.LOOKUP, "address", channel, address);
    }

    /** The same under the oldest version, for what can never be hashed anew. */
    byte[] lastingAddress(String tenant, String channel, String address) {
        return keys.mac(tenant, Use.LOOKUP, "address", channel, address);
    }

    /**
     * An address of somebody who was erased, by a key of its own: with the one for looking
     * addresses up nobody can tell whose refusal it is (SEC-2, SEC-4).
     *
     * @param address as {@link LastingLookups} gives it
     */
    public byte[] stub(String tenant, byte[] address) {
        return keys.mac(tenant, Use.SUPPRESSION, "stub", HexFormat.of().formatHex(address));
    }

    /**
     * An address of somebody who was erased and of whom law keeps something: leads to that and
     * cannot be joined with where addresses of people who are there are looked up (SEC-2).
     *
     * @param address as {@link LastingLookups} gives it
     */
    public byte[] retained(String tenant, byte[] address) {
        return keys.mac(tenant, Use.LOOKUP, "retained", HexFormat.of().formatHex(address));
    }

    /** A provider's conversation, which stands for the person in it where no address is told. */
    public byte[] conversation(String tenant, String account, String providerConversationId) {
        return keys.mac(tenant, Use.LOOKUP, "conversation", account, providerConversationId);
    }

    public byte[] providerEvent(String tenant, String account, String eventId) {
        return keys.mac(tenant, Use.LOOKUP, "event", account, eventId);
    }

    public byte[] providerMessage(String tenant, String account, String providerMessageId) {
        return keys.mac(tenant, Use.LOOKUP, "message", account, providerMessageId);
    }

    /**
     * @param address of the business; {@code null} if the provider did not tell it
     */
    public byte[] business(String tenant, String address) {
        return keys.mac(tenant, Use.LOOKUP, "business", address == null ? "" : address);
    }

    /**
     * What something is filed under. Joined with nothing but other labels; of a restricted letter
     * {@link #retained} hashes it once more.
     *
     * @param value as it is looked up, without what people write differently
     */
    public byte[] label(String tenant, String name, String value) {
        return keys.mac(tenant, Use.LOOKUP, "label", name, value);
    }

    /** What a message to send answers, which may name a message of the person. */
    public byte[] trigger(String tenant, String kind, String reference) {
        return keys.mac(tenant, Use.LOOKUP, "trigger", kind, reference);
    }
}
