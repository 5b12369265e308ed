package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jawort.delivery.Attempt.Outcome;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Tells a file that came late to whoever was given its message without it, by {@code media.stored};
 * who gets the message with its file hears nothing more, unless an attempt had begun when the file
 * came. Works inside the caller's transaction.
 *
 * <p>An attempt may be under way while its file comes. Whoever stores the file therefore locks the
 * deliveries of the message, and whoever ends an attempt looks at the file after its own delivery
 * is locked: one of them, whichever is second, sees both.
 */
public final class LateFiles {

    static final String EVENT = "jawort.media.stored.v1";

    private static final Set<String> OF_MESSAGES =
            Set.of("jawort.message.received.v1", "jawort.message.sent.v1");

    /** A file that is there, and a destination that has its message without it. */
    private record Missed(
            UUID file,
            String destination,
            String account,
            UUID subject,
            UUID conversation,
            UUID message,
            boolean consumed) {}

    /**
     * Given once, or at least tried: a receiver that took it and was not heard knows it by its id.
     * Nobody knows that of an attempt whose hub was killed, so one counts from its lease on.
     */
    private static final String GIVEN =
            """
            select d.destination, e.account, e.subject_id, e.conversation_id, e.message_id, e.consumed,
                   d.state = 'delivered' or d.state in ('pending', 'parked') and (d.attempts > 0 or d.next_attempt_at = d.leased_until) as given
              from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
             where e.tenant = ? and e.message_id = ? and e.type = any(?::text[])
             order by d.destination for update of d""";

    /** What the destination was not told yet, by whoever stored the file during the attempt. */
    private static final String THERE =
            """
            select f.id, e.account, e.subject_id, e.conversation_id, e.message_id, e.consumed
              from event e join media_file f on f.tenant = e.tenant and f.message_id = e.message_id
             where e.tenant = ? and e.id = any(?::uuid[]) and f.id = any(?::uuid[]) and f.state = 'stored'
               and not exists (select 1 from event t join delivery d on d.tenant = t.tenant and d.event_id = t.id
                                where t.tenant = e.tenant and t.message_id = e.message_id and t.type = '%s'
                                  and t.detail ->> 'file' = f.id::text and d.destination = ?)
             order by f.id"""
                    .formatted(EVENT);

    private final JdbcTemplate jdbc;
    private final Outbox outbox;
    private final Tenants tenants;

    LateFiles(JdbcTemplate jdbc, Outbox outbox, Tenants tenants) {
        this.jdbc = jdbc;
        this.outbox = outbox;
        this.tenants = tenants;
    }

    /** A file of a message is there from this transaction on. */
    public void stored(String tenant, UUID message, UUID file, Instant now) {
        record Given(Missed missed, boolean given) {}
        List<Missed> missed =
                Bulk.query(
                                jdbc,
                                GIVEN,
                                row ->
                                        new Given(
                                                new Missed(
                                                        file,
                                                        row.getString("destination"),
                                                        row.getString("account"),
                                                        row.getObject("subject_id", UUID.class),
                                                        row.getObject(
                                                                "conversation_id", UUID.class),
                                                        message,
                                                        row.getBoolean("consumed")),
                                                row.getBoolean("given")),
                                Column.one(tenant),
                                Column.one(message),
                                Column.of("text", OF_MESSAGES, type -> type))
                        .stream()
                        .filter(Given::given)
                        .map(Given::missed)
                        .toList();
        if (!missed.isEmpty()) {
            tell(tenant, missed.getFirst(), missed, now);
        }
    }

    /** These attempts ended in this transaction. */
    void ended(Destination destination, Collection<LaneGroup.Result> results, Instant now) {
        Set<UUID> events = new HashSet<>();
        Set<UUID> lacking = new HashSet<>();
        for (LaneGroup.Result result : results) {
            Attempt attempt = result.attempt();
            if (isGiven(result.outcome()) && !result.lacking().isEmpty()) {
                events.add(attempt.eventId());
                lacking.addAll(result.lacking());
            }
        }
        if (lacking.isEmpty()) {
            return;
        }
        Bulk.query(
                        jdbc,
                        THERE,
                        row ->
                                new Missed(
                                        row.getObject("id", UUID.class),
                                        destination.id(),
                                        row.getString("account"),
                                        row.getObject("subject_id", UUID.class),
                                        row.getObject("conversation_id", UUID.class),
                                        row.getObject("message_id", UUID.class),
                                        row.getBoolean("consumed")),
                        Column.one(destination.tenant()),
                        Column.of("uuid", events, id -> id),
                        Column.of("uuid", lacking, id -> id),
                        Column.one(destination.id()))
                .forEach(one -> tell(destination.tenant(), one, List.of(one), now));
    }

    /**
     * The files that the event of a message has to go without and that may still come. Of later
     * attempts, whoever stored the file knew that there had been one.
     *
     * @param event {@code null} where the destination is not asked
     */
    static List<UUID> lacking(Attempt attempt, ObjectNode event) {
        if (event == null || attempt.attempts() > 0 || !OF_MESSAGES.contains(attempt.type())) {
            return List.of();
        }
        List<UUID> lacking = new ArrayList<>();
        for (JsonNode medium : event.at("/data/content/media")) {
            if (medium.at("/unavailable/final").isBoolean()
                    && !medium.at("/unavailable/final").asBoolean()) {
                lacking.add(UUID.fromString(medium.get("id").asText()));
            }
        }
        return lacking;
    }

    private static boolean isGiven(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered delivered -> true;
            case Outcome.Parked parked -> parked.tried();
            case Outcome.Withheld withheld -> false;
            case Outcome.Dead dead -> false; // a replay brings the file along
        };
    }

    private void tell(String tenant, Missed one, List<Missed> all, Instant now) {
        List<Destination> receivers =
                all.stream()
                        .map(each -> tenants.get(tenant).destinations().get(each.destination()))
                        .filter(Objects::nonNull)
                        .toList();
        NewEvent event =
                new NewEvent(
                        tenant,
                        UuidCreator.getTimeOrderedEpoch(),
                        EVENT,
                        one.account(),
                        one.subject(),
                        one.conversation(),
                        one.message(),
                        one.consumed(),
                        now,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("file", one.file().toString())
                                .toString(),
                        null);
        if (!receivers.isEmpty()) {
            outbox.addDue(List.of(event), each -> receivers, now);
        }
    }
}
