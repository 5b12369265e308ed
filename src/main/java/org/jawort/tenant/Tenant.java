package org.jawort.tenant;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jawort.consent.ConsentRules;

/**
 * One controller (GDPR Art. 4(7)) and what it configured.
 *
 * @param residency what is promised about where data is: {@code EU_ONLY}, {@code EU_AT_REST},
 *     {@code ALLOW_LISTED} or {@code NOT_LIMITED}
 * @param regions by id of a processor, as far as the file says; with a promise, of each there is
 * @param consentMode {@link ConsentMode#STRICT} holds what people write until they agreed
 * @param consentRules its periods of consent
 * @param language of texts where a conversation's own is not known or not there
 * @param texts the versions in force and those to come into force, by kind
 * @param textTemplates by reference of a text, such as {@code prompt-v1}, the template that carries
 *     it where free text may not go
 * @param purposes legal basis by purpose, as written: {@code CONSENT}, {@code CONTRACT}, {@code
 *     LEGAL_INTEREST} or {@code off}
 * @param sending what the tenant decided about the messages it sends
 * @param stopWords words beyond the built-in ones that end a channel
 * @param templates messages written in advance, by id
 * @param retention how long things are kept, where the hub's rules are not the tenant's
 * @param keys where the key is kept that wraps the tenant's: the first wraps, each unwraps; empty
 *     for the hub's root key
 * @param labels what messages are filed under when they are stored
 */
public record Tenant(
        String id,
        String name,
        Controller controller,
        String residency,
        Map<String, ProcessorRegion> regions,
        ConsentMode consentMode,
        ConsentRules consentRules,
        String language,
        Map<TextKind, List<TextVersion>> texts,
        Map<String, String> textTemplates,
        Map<String, Account> accounts,
        Map<String, String> purposes,
        SendingPolicy sending,
        Set<String> stopWords,
        Map<String, Destination> destinations,
        Map<String, Template> templates,
        TenantRetention retention,
        List<ApiKey> apiKeys,
        List<String> keys,
        LabelRules labels) {

    public enum ConsentMode {
        OPEN,
        STRICT
    }

    /**
     * @param sha256 lower-case hex digest of the key; the key itself is nowhere
     * @param writer who writes what is sent with it (FLT-7)
     * @param restricted opens what is kept out of ordinary access, such as the proof of somebody
     *     erased (T15)
     */
    public record ApiKey(String id, String sha256, Writer writer, boolean restricted) {}

    /** Where something waits to leave: the destinations, and the accounts that send to people. */
    public Stream<Destination> queues() {
        return Stream.concat(
                destinations.values().stream(),
                accounts.values().stream()
                        .filter(account -> account.sending() != null)
                        .map(Destination::of));
    }

    Tenant withApiKeys(List<ApiKey> others) {
        return new Tenant(
                id,
                name,
                controller,
                residency,
                regions,
                consentMode,
                consentRules,
                language,
                texts,
                textTemplates,
                accounts,
                purposes,
                sending,
                stopWords,
                destinations,
                templates,
                retention,
                others,
                keys,
                labels);
    }

    @Override
    public String toString() {
        return "Tenant[" + id + "]";
    }
}
