package org.jawort.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Delivers again what did not arrive, a few each second. A replay makes deliveries due, in the
 * order of their numbers, under the same event ids and with all their attempts before them; whether
 * they may leave is decided as on any attempt. It takes each at most once, and none that ended
 * after it was asked for: each step moves deliveries and its own mark in one transaction, so that
 * whoever is killed, another goes on behind the last step. Registered as {@code replays}.
 */
public final class Replays {

    public static final int DEFAULT_PER_SECOND = 20;

    /**
     * @param filter its destination and state are never {@code null}
     * @param matching how many there were when it was asked for
     * @param replayed how many of them are due again or were delivered since
     * @param requestedBy id of the API key
     * @param finishedAt {@code null} while it runs
     */
    public record Replay(
            UUID id,
            String status,
            DeliveryFilter filter,
            int perSecond,
            int matching,
            int replayed,
            String requestedBy,
            Instant createdAt,
            Instant finishedAt) {}

    private record Running(String tenant, UUID id) {}

    private record Step(Replay replay, long reached, Instant pacedAt) {}

    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

    /** What a replay takes beside what it asks for, in words the index knows. */
    private static final String UNSENT = "d.state in ('dead', 'withheld')";

    private static final String FROM =
            " from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id where ";

    /**
     * A delivery that was taken without a word loses what its row said of that; that it was given
     * stays.
     */
    private static final String REVIVE =
            """
            with chosen as materialized (
              select d.tenant, d.destination, d.event_id, d.sequence %s order by d.sequence limit ? for update of d),
            taken as (
              insert into delivery_attempt (tenant, event_id, destination, number, began_at, millis, outcome, status)
              select d.tenant, d.event_id, d.destination, d.attempts,
                     d.finished_at - coalesce(d.last_millis, 0) * interval '1 millisecond', coalesce(d.last_millis, 0), 'delivered', d.last_status
                from chosen c join delivery d on d.tenant = c.tenant and d.event_id = c.event_id and d.destination = c.destination
               where d.state = 'delivered'
                 and (select t.outcome from delivery_attempt t
                       where t.tenant = d.tenant and t.event_id = d.event_id and t.destination = d.destination
                       order by t.position desc limit 1) is distinct from 'delivered'),
            revived as (
              update delivery d set given = was_received(d.state, d.attempts, d.given), state = 'parked', attempts = 0,
                                     next_attempt_at = ?::timestamptz, finished_at = null
                from chosen c where d.tenant = c.tenant and d.event_id = c.event_id and d.destination = c.destination)
            select count(*), max(sequence) from chosen""";

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final Tenants tenants;

    Replays(TenantScope scope, JdbcTemplate jdbc, InstantSource clock, Tenants tenants) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
        this.tenants = tenants;
    }

    /**
     * Puts a replay on record, in the caller's transaction; it begins by itself.
     *
     * @param filter with a destination and a state; {@code delivered} only with events
     */
    public Replay add(
            String tenant, UUID id, DeliveryFilter filter, int perSecond, String requestedBy) {
        Instant now = clock.instant();
        DeliveryFilter.Conditions where = conditions(tenant, filter, now);
        int matching =
                Bulk.query(
                                jdbc,
                                "select count(*)" + FROM + where.sql(),
                                row -> row.getInt(1),
                                where.values().toArray(Column[]::new))
                        .getFirst();
        Bulk.update(
                jdbc,
                """
                insert into replay (tenant, id, status, destination, state, event_type, conversation_id, message_id, created_from,
                                    created_before, events, per_second, matching, requested_by, created_at, paced_at)
                values (?, ?, 'running', ?, ?, ?, ?, ?, ?::timestamptz, ?::timestamptz, ?::uuid[], ?, ?, ?, ?, ?)""",
                Column.one(tenant),
                Column.one(id),
                Column.one(filter.destination()),
                Column.one(filter.state()),
                Column.one(filter.type()),
                Column.one(filter.conversation()),
                Column.one(filter.message()),
                Column.one(filter.from()),
                Column.one(filter.before()),
                filter.events() == null
                        ? Column.one(null)
                        : Column.of("uuid", filter.events(), event -> event),
                Column.one(perSecond),
                Column.one(matching),
                Column.one(requestedBy),
                Column.one(now),
                Column.one(now));
        return find(tenant, id).orElseThrow();
    }

    private DeliveryFilter.Conditions conditions(
            String tenant, DeliveryFilter filter, Instant askedAt) {
        DeliveryFilter.Conditions where = filter.conditions(jdbc, tenant);
        if (!filter.state().equals("delivered")) {
            where.and(UNSENT);
        }
        return where.and("d.finished_at <= ?", Column.one(askedAt));
    }

    public Optional<Replay> find(String tenant, UUID id) {
        return Bulk.query(
                        jdbc,
                        "select * from replay where tenant = ? and id = ?",
                        Replays::replay,
                        Column.one(tenant),
                        Column.one(id))
                .stream()
                .findFirst();
    }

    /**
     * Newest first.
     *
     * @param before the last one seen, {@code null} for the start
     */
    public List<Replay> page(String tenant, UUID before, int limit) {
        return Bulk.query(
                jdbc,
                "select * from replay where tenant = ? and (?::uuid is null or id < ?::uuid)"
                        + " order by id desc limit ?",
                Replays::replay,
                Column.one(tenant),
                Column.one(before),
                Column.one(before),
                Column.one(limit));
    }

    /**
     * What is due already stays due; the rest is left as it is.
     *
     * @return whether it ran
     */
    public boolean cancel(String tenant, UUID id) {
        return jdbc.update(
                        "update replay set status = 'canceled', finished_at = ?"
                                + " where tenant = ? and id = ? and status = 'running'",
                        Bulk.timestamp(clock.instant()),
                        tenant,
                        id)
                == 1;
    }

    /** Lets every replay that runs go on by what its rate allows; one that fails holds up none. */
    public void goOn() {
        List<String> all = tenants.all().stream().map(Tenant::id).toList();
        RuntimeException failed = null;
        for (Running one :
                scope.call(
                        all,
                        () ->
                                jdbc.query(
                                        "select tenant, id from replay where status = 'running' order by id",
                                        (row, n) ->
                                                new Running(
                                                        row.getString(1),
                                                        row.getObject(2, UUID.class))))) {
            try {
                scope.run(one.tenant(), () -> step(one));
            } catch (RuntimeException broken) {
                failed = broken;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** Nothing if another node has it in hand. */
    private void step(Running one) {
        Bulk.query(
                        jdbc,
                        "select * from replay where tenant = ? and id = ? and status = 'running' for update skip locked",
                        row ->
                                new Step(
                                        replay(row),
                                        row.getLong("reached"),
                                        Bulk.instant(row, "paced_at")),
                        Column.one(one.tenant()),
                        Column.one(one.id()))
                .forEach(step -> step(one.tenant(), step));
    }

    private void step(String tenant, Step step) {
        Replay replay = step.replay();
        Instant now = clock.instant();
        // What was not used longer ago than a second, and the time of one delivery, is not made up
        // for; that one keeps a low rate from suffering from a timer that is never exact.
        Instant earliest = now.minusMillis(1000 + 1000 / replay.perSecond());
        Instant from = step.pacedAt().isBefore(earliest) ? earliest : step.pacedAt();
        int allowed = (int) (Duration.between(from, now).toMillis() * replay.perSecond() / 1000);
        if (allowed <= 0) {
            return;
        }
        DeliveryFilter.Conditions where =
                conditions(tenant, replay.filter(), replay.createdAt())
                        .and("d.sequence > ?", Column.one(step.reached()));
        where.values().add(Column.one(allowed));
        where.values().add(Column.one(now));
        long[] moved =
                Bulk.query(
                                jdbc,
                                REVIVE.formatted(FROM + where.sql()),
                                row -> new long[] {row.getLong(1), row.getLong(2)},
                                where.values().toArray(Column[]::new))
                        .getFirst();
        // Fewer may also mean that another replay was first with some.
        boolean last =
                moved[0] < allowed && !goesOn(tenant, replay, Math.max(step.reached(), moved[1]));
        jdbc.update(
                "update replay set replayed = replayed + ?, reached = greatest(reached, ?), paced_at = ?, status = ?,"
                        + " finished_at = ? where tenant = ? and id = ?",
                (int) moved[0],
                moved[1],
                Bulk.timestamp(from.plusNanos(1_000_000_000L * allowed / replay.perSecond())),
                last ? "done" : "running",
                last ? Bulk.timestamp(now) : null,
                tenant,
                replay.id());
        if (last) {
            LOG.info(
                    "replay.done tenant={} replay={} destination={} replayed={}",
                    tenant,
                    replay.id(),
                    replay.filter().destination(),
                    replay.replayed() + moved[0]);
        }
    }

    private boolean goesOn(String tenant, Replay replay, long reached) {
        DeliveryFilter.Conditions behind =
                conditions(tenant, replay.filter(), replay.createdAt())
                        .and("d.sequence > ?", Column.one(reached));
        return !Bulk.query(
                        jdbc,
                        "select 1" + FROM + behind.sql() + " limit 1",
                        row -> 1,
                        behind.values().toArray(Column[]::new))
                .isEmpty();
    }

    private static Replay replay(ResultSet row) throws SQLException {
        java.sql.Array events = row.getArray("events");
        return new Replay(
                row.getObject("id", UUID.class),
                row.getString("status"),
                new DeliveryFilter(
                        row.getString("destination"),
                        row.getString("state"),
                        null,
                        row.getString("event_type"),
                        row.getObject("conversation_id", UUID.class),
                        row.getObject("message_id", UUID.class),
                        Bulk.instant(row, "created_from"),
                        Bulk.instant(row, "created_before"),
                        events == null ? null : List.of((UUID[]) events.getArray())),
                row.getInt("per_second"),
                row.getInt("matching"),
                row.getInt("replayed"),
                row.getString("requested_by"),
                Bulk.instant(row, "created_at"),
                Bulk.instant(row, "finished_at"));
    }
}
