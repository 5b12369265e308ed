package org.jawort.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Which deliveries; what is {@code null} does not matter.
 *
 * @param status last HTTP status
 * @param type of the event as sent, e.g. {@code jawort.message.received.v1}
 * @param from events made at this instant or later
 * @param before events made before this instant
 * @param events ids of the events
 */
public record DeliveryFilter(
        String destination,
        String state,
        Integer status,
        String type,
        UUID conversation,
        UUID message,
        Instant from,
        Instant before,
        Collection<UUID> events) {

    /** Conditions with the values of their parameters, in order. */
    record Conditions(StringBuilder sql, List<Column> values) {

        static Conditions of(String tenant) {
            Conditions all = new Conditions(new StringBuilder("d.tenant = ?"), new ArrayList<>());
            all.values().add(Column.one(tenant));
            return all;
        }

        Conditions and(String condition, Column... parameters) {
            sql.append(" and ").append(condition);
            values.addAll(List.of(parameters));
            return this;
        }

        private void equal(String column, Object value) {
            if (value != null) {
                and(column + " = ?", Column.one(value));
            }
        }
    }

    /** Whether they are found without looking through all deliveries of the tenant. */
    boolean isIndexed() {
        return events != null
                || message != null
                || conversation != null
                || destination != null && state != null && !state.equals("delivered");
    }

    /** Over {@code delivery d} and its {@code event e}, of one tenant. */
    Conditions conditions(JdbcTemplate jdbc, String tenant) {
        Conditions all = Conditions.of(tenant);
        all.equal("d.destination", destination);
        all.equal("d.state", state);
        all.equal("d.last_status", status);
        all.equal("e.type", type);
        all.equal("e.message_id", message);
        if (conversation != null) {
            all.equal("e.conversation_id", conversation);
            // Events are found by their person; a conversation that is gone has none any more.
            jdbc.queryForList(
                            "select subject_id from conversation where tenant = ? and id = ?",
                            UUID.class,
                            tenant,
                            conversation)
                    .forEach(subject -> all.equal("e.subject_id", subject));
        }
        if (from != null) {
            all.and("d.created_at >= ?", Column.one(from));
        }
        if (before != null) {
            all.and("d.created_at < ?", Column.one(before));
        }
        if (events != null) {
            all.and("d.event_id = any(?::uuid[])", Column.of("uuid", events, id -> id));
        }
        return all;
    }
}
