package org.jawort.tenant;

import java.util.List;
import java.util.Map;

/**
 * Where a tenant's events go.
 *
 * @param route the route template under {@code routes/destinations/} that reaches it
 * @param mapping the JSLT file under {@code mappings/} that shapes the event; {@code null}: as it
 *     is
 * @param events patterns of event types without version, such as {@code message.*} or {@code
 *     consent.changed}
 * @param consumed whether messages the consent filter consumed (STOP, "Ja", "Nein") are sent too
 * @param settings the route's parameters; may hold secrets
 * @param contract what of an event may go there, whatever the mapping does
 * @param labelsFromAnswers names of labels that its answers may set, {@code category} among them
 * @param delivery how it is called
 */
public record Destination(
        String tenant,
        String id,
        String route,
        String mapping,
        List<String> events,
        boolean consumed,
        String processor,
        Map<String, String> settings,
        DataContract contract,
        List<String> labelsFromAnswers,
        DeliveryPolicy delivery) {

    /** One that gets everything, sets no labels, and is called as usual. */
    public Destination(
            String tenant,
            String id,
            String route,
            String mapping,
            List<String> events,
            boolean consumed,
            String processor,
            Map<String, String> settings) {
        this(
                tenant,
                id,
                route,
                mapping,
                events,
                consumed,
                processor,
                settings,
                DataContract.FULL,
                List.of(),
                DeliveryPolicy.DEFAULT);
    }

    /** The same, called another way. */
    public Destination called(DeliveryPolicy policy) {
        return new Destination(
                tenant,
                id,
                route,
                mapping,
                events,
                consumed,
                processor,
                settings,
                contract,
                labelsFromAnswers,
                policy);
    }

    /** Prefix of the destinations that are accounts: what goes there is sent to a person. */
    public static final String SEND = "send:";

    /** An account as a destination: the same queue, order, retries and dead letters. */
    public static Destination of(Account account) {
        return new Destination(
                account.tenant(),
                SEND + account.id(),
                "send-message",
                null,
                List.of(),
                false,
                account.processor(),
                Map.of());
    }

    /** Whether it is an account, and what goes there is sent to a person. */
    public boolean isAccount() {
        return id.startsWith(SEND);
    }

    /** Whether it keeps for good what it gets, by the name of its route. */
    public boolean isArchive() {
        return isArchive(route);
    }

    static boolean isArchive(String route) {
        return route.startsWith("archive-");
    }

    /**
     * Whether what the provider said of a received message goes there with it, word for word: to
     * archives alone, and only where the contract lets it out (RET-11).
     */
    public boolean takesOriginals() {
        return isArchive() && contract.carriesSomeOf("original");
    }

    /**
     * @param type event type as sent, e.g. {@code jawort.message.received.v1}
     * @param consumedMessage whether the event is about a message the filter consumed
     */
    public boolean receives(String type, boolean consumedMessage) {
        if (consumedMessage && !consumed) {
            return false;
        }
        String name = type.substring("jawort.".length(), type.lastIndexOf(".v"));
        for (String pattern : events) {
            if (pattern.equals(name)
                    || pattern.equals("*")
                    || pattern.endsWith(".*")
                            && name.startsWith(pattern.substring(0, pattern.length() - 1))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "Destination[" + tenant + "/" + id + "]";
    }
}
