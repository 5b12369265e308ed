package org.jawort.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
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

    /**
     * A page.
     *
     * @param entries few or none where much had to be looked through for them
     * @param goesOn the last place that was looked at, {@code null} if there is nothing behind it
     */
    public record Found(List<Entry> entries, Place goesOn) {}

    public record Place(UUID event, String destination) {}

    /** How many deliveries one page looks through. */
    private static final int LOOKED_THROUGH = 50_000;

    /** Ids are in order of time, but for the clocks of several nodes. */
    private static final Duration OUT_OF_ORDER = Duration.ofDays(1);

    private static final String SELECT =
            """
            select d.destination, d.event_id, e.type, e.conversation_id, e.message_id, d.sequence, d.state, d.attempts,
                   d.next_attempt_at, d.last_status, d.last_error, d.created_at, d.finished_at
              from %s d join event e on e.tenant = d.tenant and e.id = d.event_id where\s""";

    private static final String NEWEST_FIRST =
            " order by d.event_id desc, d.destination desc limit ?";

    private static final String BEHIND = "(d.event_id, d.destination) < (?, ?)";

    private final JdbcTemplate jdbc;
    private final int lookedThrough;

    public DeliveryLedger(JdbcTemplate jdbc) {
        this(jdbc, LOOKED_THROUGH);
    }

    /**
     * @param lookedThrough how many deliveries one page looks through
     */
    DeliveryLedger(JdbcTemplate jdbc, int lookedThrough) {
        this.jdbc = jdbc;
        this.lookedThrough = lookedThrough;
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
     * Newest event first, then by destination. What no index finds is looked for among so many
     * deliveries at once, and the caller goes on from there: they may be millions.
     *
     * @param after the last one seen, {@code null} for the start
     * @param limit how many entries at most
     */
    public Found page(String tenant, DeliveryFilter filter, Place after, int limit) {
        DeliveryFilter.Conditions where = filter.conditions(jdbc, tenant);
        DeliveryFilter.Conditions walk = after(tenant, after);
        boolean isWalk = !filter.isIndexed();
        List<Column> values = new ArrayList<>();
        String from = "delivery";
        if (isWalk) {
            from = "(select d.* from delivery d where " + walk.sql() + NEWEST_FIRST + ")";
            values.addAll(walk.values());
            values.add(Column.one(lookedThrough));
        } else if (after != null) {
            where.and(BEHIND, Column.one(after.event()), Column.one(after.destination()));
        }
        values.addAll(where.values());
        values.add(Column.one(limit + 1));
        List<Entry> found =
                Bulk.query(
                        jdbc,
                        SELECT.formatted(from) + where.sql() + NEWEST_FIRST,
                        DeliveryLedger::entry,
                        values.toArray(Column[]::new));
        if (found.size() > limit) {
            Entry last = found.get(limit - 1);
            return new Found(
                    found.subList(0, limit), new Place(last.eventId(), last.destination()));
        }
        return new Found(found, isWalk ? endOf(walk, filter.from()) : null);
    }

    private static DeliveryFilter.Conditions after(String tenant, Place after) {
        DeliveryFilter.Conditions walk = DeliveryFilter.Conditions.of(tenant);
        if (after != null) {
            walk.and(BEHIND, Column.one(after.event()), Column.one(after.destination()));
        }
        return walk;
    }

    /**
     * Where a walk ended; {@code null} if it came to the end, or to where it was asked to begin.
     */
    private Place endOf(DeliveryFilter.Conditions walk, Instant from) {
        record Last(Place place, Instant createdAt) {}
        List<Column> values = new ArrayList<>(walk.values());
        values.add(Column.one(2));
        values.add(Column.one(lookedThrough - 1));
        List<Last> last =
                Bulk.query(
                        jdbc,
                        "select d.event_id, d.destination, d.created_at from delivery d where "
                                + walk.sql()
                                + NEWEST_FIRST
                                + " offset ?",
                        row ->
                                new Last(
                                        new Place(row.getObject(1, UUID.class), row.getString(2)),
                                        Bulk.instant(row, "created_at")),
                        values.toArray(Column[]::new));
        boolean isOver =
                last.size() < 2
                        || from != null
                                && last.getFirst().createdAt().isBefore(from.minus(OUT_OF_ORDER));
        return isOver ? null : last.getFirst().place();
    }

    public Optional<Entry> find(String tenant, String destination, UUID event) {
        return Bulk.query(
                        jdbc,
                        SELECT.formatted("delivery")
                                + "d.tenant = ? and d.destination = ? and d.event_id = ?",
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
