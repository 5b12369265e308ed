package org.jawort.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Which event went where and how it ended (GDPR Art. 19), and the way back for dead letters. Works
 * in the caller's transaction.
 */
public final class DeliveryLedger {

    /**
     * @param status last HTTP status, {@code null} if there was none
     * @param error last fixed word, {@code null} if there was none
     */
    public record Entry(
            String destination,
            UUID eventId,
            String type,
            UUID conversationId,
            UUID messageId,
            long sequence,
            String state,
            int attempts,
            Instant nextAttemptAt,
            Integer status,
            String error,
            Instant createdAt,
            Instant finishedAt) {}

    private static final String REVIVE =
            """
            set state = 'parked', attempts = 0, next_attempt_at = ?, finished_at = null
            """;

    private final JdbcTemplate jdbc;

    public DeliveryLedger(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Newest event first, then by destination.
     *
     * @param destination {@code null} for all
     * @param state {@code null} for all
     * @param beforeEvent with {@code beforeDestination} the last one seen, {@code null} for the
     *     start
     */
    public List<Entry> page(
            String tenant,
            String destination,
            String state,
            UUID beforeEvent,
            String beforeDestination,
            int limit) {
        return Bulk.query(
                jdbc,
                """
                select d.destination, d.event_id, e.type, e.conversation_id, e.message_id, d.sequence, d.state, d.attempts,
                       d.next_attempt_at, d.last_status, d.last_error, d.created_at, d.finished_at
                  from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id
                 where d.tenant = ? and (?::text is null or d.destination = ?::text) and (?::text is null or d.state = ?::text)
                   and (?::uuid is null or (d.event_id, d.destination) < (?::uuid, ?::text))
                 order by d.event_id desc, d.destination desc limit ?""",
                row ->
                        new Entry(
                                row.getString("destination"),
                                row.getObject("event_id", UUID.class),
                                row.getString("type"),
                                row.getObject("conversation_id", UUID.class),
                                row.getObject("message_id", UUID.class),
                                row.getLong("sequence"),
                                row.getString("state"),
                                row.getInt("attempts"),
                                Bulk.instant(row, "next_attempt_at"),
                                row.getObject("last_status", Integer.class),
                                row.getString("last_error"),
                                Bulk.instant(row, "created_at"),
                                Bulk.instant(row, "finished_at")),
                Column.one(tenant),
                Column.one(destination),
                Column.one(destination),
                Column.one(state),
                Column.one(state),
                Column.one(beforeEvent == null ? null : beforeEvent.toString()),
                Column.one(beforeEvent == null ? null : beforeEvent.toString()),
                Column.one(beforeDestination),
                Column.one(limit));
    }

    /** The state of one delivery, empty if there is none; the row stays locked. */
    public Optional<String> state(String tenant, String destination, UUID event) {
        return jdbc
                .queryForList(
                        "select state from delivery where tenant = ? and destination = ? and event_id = ?"
                                + " for update",
                        String.class,
                        tenant,
                        destination,
                        event)
                .stream()
                .findFirst();
    }

    /**
     * Makes a dead letter due again, with all its attempts before it and under the same event id.
     *
     * @return whether there was one
     */
    public boolean replay(String tenant, String destination, UUID event, Instant now) {
        return jdbc.update(
                        "update delivery "
                                + REVIVE
                                + " where tenant = ? and destination = ? and event_id = ? and state = 'dead'",
                        Bulk.timestamp(now),
                        tenant,
                        destination,
                        event)
                == 1;
    }

    /**
     * Makes the oldest dead letters of a destination due again, in their order.
     *
     * @param before only those of events made before this instant, {@code null} for all
     * @return how many
     */
    public int replayDead(
            String tenant, String destination, Instant before, int limit, Instant now) {
        return Bulk.update(
                jdbc,
                "update delivery d "
                        + REVIVE
                        + """
                          from (select event_id from delivery
                                 where tenant = ? and destination = ? and state = 'dead'
                                   and (?::timestamptz is null or created_at < ?::timestamptz)
                                 order by sequence limit ? for update) chosen
                         where d.tenant = ? and d.destination = ? and d.event_id = chosen.event_id""",
                Column.one(now),
                Column.one(tenant),
                Column.one(destination),
                Column.one(before == null ? null : before.toString()),
                Column.one(before == null ? null : before.toString()),
                Column.one(limit),
                Column.one(tenant),
                Column.one(destination));
    }
}
