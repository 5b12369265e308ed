package org.jawort.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Which event went where and how it ended (GDPR Art. 19), and what became of each sequence number.
 * Works in the caller's transaction.
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

    /**
     * Numbers that follow each other and did not arrive for the same reason.
     *
     * @param state {@code waiting}, {@code dead}, {@code withheld} or {@code deleted}; the last two
     *     never come unless they are replayed, and what is deleted cannot be
     * @param reason a fixed word, {@code null} if there is none
     */
    public record Missing(long from, long to, String state, String reason) {

        private boolean goesOn(Missing next) {
            return next.from() == to + 1
                    && next.state().equals(state)
                    && Objects.equals(next.reason(), reason);
        }
    }

    /**
     * @param last the highest number given so far, 0 before the first
     * @param missing of the numbers asked for
     */
    public record Sequence(String destination, long last, List<Missing> missing) {}

    private static final String SELECT =
            """
            select d.destination, d.event_id, e.type, e.conversation_id, e.message_id, d.sequence, d.state, d.attempts,
                   d.next_attempt_at, d.last_status, d.last_error, d.created_at, d.finished_at
              from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id where\s""";

    private final JdbcTemplate jdbc;

    public DeliveryLedger(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Leaves a dead letter for good, unless it is replayed: it counts as withheld.
     *
     * @return false if there is no such dead letter
     */
    public boolean giveUp(String tenant, String destination, UUID event) {
        return jdbc.update(
                        "update delivery set state = 'withheld', last_error = 'GIVEN_UP'"
                                + " where tenant = ? and destination = ? and event_id = ? and state = 'dead'",
                        tenant,
                        destination,
                        event)
                == 1;
    }

    /**
     * Newest event first, then by destination.
     *
     * @param beforeEvent with {@code beforeDestination} the last one seen, {@code null} for the
     *     start
     */
    public List<Entry> page(
            String tenant,
            DeliveryFilter filter,
            UUID beforeEvent,
            String beforeDestination,
            int limit) {
        DeliveryFilter.Conditions where = filter.conditions(jdbc, tenant);
        if (beforeEvent != null) {
            where.and(
                    "(d.event_id, d.destination) < (?, ?)",
                    Column.one(beforeEvent),
                    Column.one(beforeDestination));
        }
        where.values().add(Column.one(limit));
        return Bulk.query(
                jdbc,
                SELECT + where.sql() + " order by d.event_id desc, d.destination desc limit ?",
                DeliveryLedger::entry,
                where.values().toArray(Column[]::new));
    }

    public Optional<Entry> find(String tenant, String destination, UUID event) {
        return Bulk.query(
                        jdbc,
                        SELECT + "d.tenant = ? and d.destination = ? and d.event_id = ?",
                        DeliveryLedger::entry,
                        Column.one(tenant),
                        Column.one(destination),
                        Column.one(event))
                .stream()
                .findFirst();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
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
                Bulk.instant(row, "finished_at"));
    }

    /**
     * Which of a destination's numbers it did not get, and why.
     *
     * @param to inclusive; numbers not given yet are left out
     */
    public Sequence sequence(String tenant, String destination, long from, long to) {
        long last =
                jdbc
                        .queryForList(
                                "select last from destination_sequence where tenant = ? and destination = ?",
                                Long.class,
                                tenant,
                                destination)
                        .stream()
                        .findFirst()
                        .orElse(0L);
        long until = Math.min(to, last);
        List<Missing> single =
                Bulk.query(
                        jdbc,
                        """
                        select n.sequence, case when d.state is null then 'deleted' when d.state in ('pending', 'parked') then 'waiting'
                                                else d.state end as state,
                               case when d.state in ('dead', 'withheld') then d.last_error end as reason
                          from generate_series(?::bigint, ?::bigint) as n(sequence)
                          left join delivery d on d.tenant = ? and d.destination = ? and d.sequence = n.sequence
                                              and d.sequence between ?::bigint and ?::bigint
                         where d.state is distinct from 'delivered' order by n.sequence""",
                        row ->
                                new Missing(
                                        row.getLong(1),
                                        row.getLong(1),
                                        row.getString(2),
                                        row.getString(3)),
                        Column.one(from),
                        Column.one(until),
                        Column.one(tenant),
                        Column.one(destination),
                        Column.one(from),
                        Column.one(until));
        List<Missing> missing = new ArrayList<>();
        for (Missing next : single) {
            if (!missing.isEmpty() && missing.getLast().goesOn(next)) {
                Missing before = missing.removeLast();
                missing.add(new Missing(before.from(), next.to(), next.state(), next.reason()));
            } else {
                missing.add(next);
            }
        }
        return new Sequence(destination, last, missing);
    }
}
