package org.jawort.retention;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Tells each destination that received an item that the hub has deleted it (GDPR Art. 19), in the
 * transaction that deletes. Registered as {@code deletionNotices}.
 */
public final class DeletionNotices {

    private final Tenants tenants;
    private final RetentionRules rules;
    private final Outbox outbox;
    private final JdbcTemplate jdbc;
    private final DeletionTasks tasks;
    private final InstantSource clock;

    public DeletionNotices(
            Tenants tenants,
            RetentionRules rules,
            Outbox outbox,
            JdbcTemplate jdbc,
            InstantSource clock) {
        this.tenants = tenants;
        this.rules = rules;
        this.outbox = outbox;
        this.jdbc = jdbc;
        this.tasks = new DeletionTasks(jdbc);
        this.clock = clock;
    }

    /**
     * @param dataType what was deleted; the body holds the deleted rows with {@code message_id},
     *     {@code conversation_id} and {@code subject_id}
     */
    public void announce(Exchange exchange, String dataType) {
        String tenant = exchange.getMessage().getHeader("tenant", String.class);
        Map<UUID, Map<?, ?>> gone = new HashMap<>();
        for (Object row : exchange.getMessage().getBody(List.class)) {
            gone.putIfAbsent((UUID) ((Map<?, ?>) row).get("message_id"), (Map<?, ?>) row);
        }
        if (gone.isEmpty()) {
            return;
        }
        UUID run = exchange.getProperty(RetentionRuns.RUN, UUID.class);
        Instant now = clock.instant();
        Map<UUID, Set<Destination>> receivers = receivers(tenant, run, gone.keySet(), now);
        String detail =
                "{\"reason\":\"RETENTION\",\"dataType\":\""
                        + dataType
                        + "\",\"rule\":\""
                        + rules.label(tenant, dataType)
                        + "\"}";
        List<NewEvent> events = new ArrayList<>();
        Map<UUID, Set<Destination>> byEvent = new HashMap<>();
        receivers.forEach(
                (message, destinations) -> {
                    Map<?, ?> row = gone.get(message);
                    UUID id = UuidCreator.getTimeOrderedEpoch();
                    events.add(
                            new NewEvent(
                                    tenant,
                                    id,
                                    "jawort.message.deleted.v1",
                                    null,
                                    (UUID) row.get("subject_id"),
                                    (UUID) row.get("conversation_id"),
                                    message,
                                    false,
                                    now,
                                    detail,
                                    null));
                    byEvent.put(id, destinations);
                });
        if (events.isEmpty()) {
            return;
        }
        jdbc.execute("set local synchronous_commit = on");
        outbox.addDue(events, event -> byEvent.get(event.id()), now);
        Map<String, Integer> told = new TreeMap<>();
        byEvent.values()
                .forEach(some -> some.forEach(one -> told.merge(one.id(), 1, Integer::sum)));
        told.forEach((destination, count) -> tasks.told(tenant, run, destination, count, now));
    }

    /** By message; whoever is no destination any more is on record as told by nobody. */
    private Map<UUID, Set<Destination>> receivers(
            String tenant, UUID run, Set<UUID> messages, Instant now) {
        Map<UUID, Set<Destination>> receivers = new HashMap<>();
        List<String> supplied = supplied(tenant);
        if (supplied.isEmpty()) {
            return receivers;
        }
        Map<String, Destination> known = tenants.get(tenant).destinations();
        Map<String, Integer> lost = new TreeMap<>();
        Bulk.query(
                jdbc,
                """
                select distinct e.message_id, d.destination from event e
                  join delivery d on d.tenant = e.tenant and d.event_id = e.id
                 where e.tenant = ? and e.message_id = any(?::uuid[]) and (d.state = 'delivered' or d.attempts > 0)
                   and d.destination = any(?::text[])
                   and e.type in ('jawort.message.received.v1', 'jawort.message.sent.v1')""",
                row -> {
                    Destination destination = known.get(row.getString(2));
                    if (destination == null) {
                        lost.merge(row.getString(2), 1, Integer::sum);
                    } else {
                        receivers
                                .computeIfAbsent(
                                        row.getObject(1, UUID.class), id -> new LinkedHashSet<>())
                                .add(destination);
                    }
                    return null;
                },
                Column.one(tenant),
                Column.of("uuid", messages, value -> value),
                Column.of("text", supplied, value -> value));
        lost.forEach(
                (gone, count) -> tasks.manual(tenant, run, gone, count, "DESTINATION_GONE", now));
        return receivers;
    }

    /** Every destination that was ever to receive anything: who has no number yet has nothing. */
    private List<String> supplied(String tenant) {
        return jdbc.queryForList(
                "select destination from destination_sequence where tenant = ? and destination not like 'send:%'",
                String.class, tenant);
    }
}
