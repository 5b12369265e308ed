package org.jawort.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.sql.Array;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
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
    private final Receivers receivers;
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
        this.receivers = new Receivers(jdbc);
        this.tasks = new DeletionTasks(jdbc);
        this.clock = clock;
    }

    /**
     * @param dataType what was deleted; the body holds the deleted rows with {@code message_id},
     *     {@code conversation_id} and {@code subject_id}, and what {@link RetentionRules#deciding}
     *     reads. Who received a message is in its {@code recipients}, a list; or one row names what
     *     was received, {@code received_messages}, and each time by whom, {@code receivers}; else
     *     it is looked up
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
        Instant now = clock.instant();
        List<NewEvent> events = new ArrayList<>();
        Map<UUID, List<Destination>> byEvent = new HashMap<>();
        Map<UUID, Set<String>> received = received(tenant, gone);
        UUID run = RetentionTally.run(exchange);
        Map<String, Integer> lost = new TreeMap<>();
        Function<Map<?, ?>, String> deciding = rules.deciding(tenant, dataType);
        gone.forEach(
                (message, row) -> {
                    List<Destination> destinations =
                            known(tenant, received.getOrDefault(message, Set.of()), lost);
                    if (!destinations.isEmpty()) {
                        NewEvent event =
                                event(tenant, dataType, message, row, deciding.apply(row), now);
                        events.add(event);
                        byEvent.put(event.id(), destinations);
                    }
                });
        lost.forEach(
                (recipient, items) ->
                        tasks.manual(tenant, run, recipient, items, "DESTINATION_GONE", now));
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

    private NewEvent event(
            String tenant, String dataType, UUID message, Map<?, ?> row, String rule, Instant now) {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("reason", "RETENTION");
        detail.put("dataType", RetentionRules.dataType(row, dataType));
        detail.put("rule", rule);
        return new NewEvent(
                tenant,
                UuidCreator.getTimeOrderedEpoch(),
                "jawort.message.deleted.v1",
                null,
                (UUID) row.get("subject_id"),
                (UUID) row.get("conversation_id"),
                message,
                false,
                now,
                detail.toString(),
                null);
    }

    private Map<UUID, Set<String>> received(String tenant, Map<UUID, Map<?, ?>> gone) {
        Map<UUID, Set<String>> received = new HashMap<>();
        List<UUID> unknown = new ArrayList<>();
        gone.forEach(
                (message, row) -> {
                    if (row.containsKey("receivers")) {
                        addReceivers(received, row);
                    } else if (row.get("recipients") instanceof List<?> recipients) {
                        recipients.forEach(one -> add(received, message, (String) one));
                    } else {
                        unknown.add(message);
                    }
                });
        if (!unknown.isEmpty()) {
            receivers
                    .of(tenant, unknown)
                    .forEach((message, some) -> some.forEach(one -> add(received, message, one)));
        }
        return received;
    }

    /** One row of a batch has all of them, the others nothing. */
    private static void addReceivers(Map<UUID, Set<String>> received, Map<?, ?> row) {
        try {
            if (row.get("receivers") instanceof Array receivers) {
                UUID[] messages = (UUID[]) ((Array) row.get("received_messages")).getArray();
                String[] destinations = (String[]) receivers.getArray();
                for (int i = 0; i < messages.length; i++) {
                    add(received, messages[i], destinations[i]);
                }
            }
        } catch (SQLException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static void add(Map<UUID, Set<String>> received, UUID message, String destination) {
        received.computeIfAbsent(message, id -> new TreeSet<>()).add(destination);
    }

    /**
     * @param lost how much those received who are no destination any more, and whom nobody can tell
     */
    private List<Destination> known(
            String tenant, Set<String> destinations, Map<String, Integer> lost) {
        Map<String, Destination> known = tenants.get(tenant).destinations();
        List<Destination> there = new ArrayList<>();
        for (String id : destinations) {
            if (known.containsKey(id)) {
                there.add(known.get(id));
            } else {
                lost.merge(id, 1, Integer::sum);
            }
        }
        return there;
    }
}
