package org.jawort.retention;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** Which destinations got a message, as long as their deliveries are known (GDPR Art. 19). */
final class Receivers {

    private final JdbcTemplate jdbc;

    Receivers(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Ids of destinations by message, also of those that may have it although they did not say so;
     * nothing for a message that went nowhere.
     */
    Map<UUID, List<String>> of(String tenant, Collection<UUID> messages) {
        Map<UUID, List<String>> receivers = new HashMap<>();
        List<String> supplied = supplied(tenant);
        if (supplied.isEmpty()) {
            return receivers;
        }
        Bulk.query(
                jdbc,
                """
                select distinct e.message_id, d.destination from event e
                  join delivery d on d.tenant = e.tenant and d.event_id = e.id
                 where e.tenant = ? and e.message_id = any(?::uuid[]) and was_received(d.state, d.attempts, d.given)
                   and d.destination = any(?::text[])
                   and e.type in ('jawort.message.received.v1', 'jawort.message.sent.v1')
                 order by 1, 2""",
                row ->
                        receivers
                                .computeIfAbsent(
                                        row.getObject(1, UUID.class), id -> new ArrayList<>())
                                .add(row.getString(2)),
                Column.one(tenant),
                Column.of("uuid", messages, value -> value),
                Column.of("text", supplied, value -> value));
        return receivers;
    }

    /** Every destination that was ever to receive anything: who has no number yet has nothing. */
    private List<String> supplied(String tenant) {
        return jdbc.queryForList(
                "select destination from destination_sequence where tenant = ? and destination not like 'send:%'",
                String.class, tenant);
    }
}
