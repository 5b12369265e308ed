package org.jawort.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jawort.delivery.Attempt.Outcome;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Rows of {@code delivery}, a batch at a time. {@code case when … then true end} hides from the
 * planner how few deliveries are open: it would begin with all of them (docs/decisions/0013).
 */
final class DeliveryStore {

    /** What stands before later deliveries of its lane, at least until the time it says. */
    record Ahead(UUID lane, long sequence, Instant until) {}

    /**
     * @param ahead by lane the first delivery that is not among those loaded and is parked, or
     *     stored and on no topic yet
     */
    record Batch(DestinationHealth health, DeliveryReader.Loaded loaded, Map<UUID, Ahead> ahead) {}

    /**
     * How soon those behind a delivery look again that is on no topic yet: usually its hub is about
     * to publish it.
     */
    private static final Duration UNPUBLISHED = Duration.ofSeconds(2);

    private static final String AHEAD =
            """
            select w.lane, d.sequence, d.next_attempt_at from unnest(?::uuid[]) as w(lane)
             cross join lateral (
               select p.sequence, p.next_attempt_at from delivery p
                where p.tenant = ? and p.destination = ? and p.lane = w.lane and p.state = '%s' and p.event_id <> all(?::uuid[])
                order by p.sequence limit 1) d""";

    /** What an answer is sealed as. */
    static final String ANSWER = "attempt.answer";

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final DeliveryReader reader;
    private final LateFiles lateFiles;

    DeliveryStore(
            TenantScope scope,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            EventComposer composer,
            MessageMedia messageMedia,
            LateFiles lateFiles) {
        this.lateFiles = lateFiles;
        this.scope = scope;
        this.jdbc = jdbc;
        this.reader = new DeliveryReader(jdbc, keys, composer, messageMedia);
    }

    /** As {@link DeliveryReader#load}, with all else a batch begins with: one transaction. */
    Batch begin(
            Destination destination,
            List<DeliveryRecord> records,
            int bytes,
            Breakers breakers,
            Instant now) {
        return scope.call(
                destination.tenant(),
                () -> {
                    DestinationHealth health = breakers.begin(destination);
                    DeliveryReader.Loaded loaded = reader.load(destination, records, bytes);
                    return new Batch(health, loaded, ahead(destination, loaded.attempts(), now));
                });
    }

    private Map<UUID, Ahead> ahead(
            Destination destination, Collection<Attempt> attempts, Instant now) {
        Map<UUID, Ahead> first = new HashMap<>();
        if (attempts.isEmpty()) {
            return first;
        }
        Set<UUID> lanes = new HashSet<>();
        attempts.forEach(attempt -> lanes.add(attempt.lane()));
        List<Ahead> found =
                Bulk.query(
                        jdbc,
                        AHEAD.formatted("parked") + " union all " + AHEAD.formatted("pending"),
                        row ->
                                new Ahead(
                                        row.getObject(1, UUID.class),
                                        row.getLong(2),
                                        Bulk.instant(row, "next_attempt_at")),
                        Stream.of(1, 2)
                                .flatMap(half -> notAmong(destination, attempts, lanes))
                                .toArray(Column[]::new));
        for (Ahead row : found) {
            Ahead known =
                    row.until() == null
                            ? new Ahead(row.lane(), row.sequence(), now.plus(UNPUBLISHED))
                            : row;
            first.merge(
                    row.lane(),
                    known,
                    (one, other) -> one.sequence() < other.sequence() ? one : other);
        }
        return first;
    }

    private static Stream<Column> notAmong(
            Destination destination, Collection<Attempt> attempts, Set<UUID> lanes) {
        return Stream.of(
                Column.of("uuid", lanes, lane -> lane),
                Column.one(destination.tenant()),
                Column.one(destination.id()),
                Column.of("uuid", attempts, Attempt::eventId));
    }

    /** Writes down outcomes. A delivery that somebody else settled meanwhile stays as it is. */
    void record(Destination destination, List<LaneGroup.Result> results, Instant now) {
        scope.run(
                destination.tenant(),
                () -> {
                    settle(destination, results, now);
                    lateFiles.ended(destination, results, now);
                    release(destination, results, now);
                });
    }

    /**
     * One statement, however many there are. The answer to a message that was deleted meanwhile is
     * not kept. An attempt that the delivery's own row says all of has no row: the first one, taken
     * without a word.
     */
    private void settle(Destination destination, List<LaneGroup.Result> results, Instant now) {
        Bulk.update(
                jdbc,
                """
                with u as materialized (
                  select * from unnest(?::text[], ?::text[], ?::uuid[], ?::text[], ?::int[], ?::timestamptz[], ?::int[], ?::text[],
                                       ?::timestamptz[], ?::timestamptz[], ?::int[], ?::text[], ?::uuid[], ?::bytea[])
                    as u(tenant, destination, event_id, state, tried, next_attempt_at, status, error, finished_at, began_at, millis, outcome, message_id,
                         sealed_answer)),
                settled as (
                  update delivery d
                     set state = u.state, attempts = d.attempts + u.tried, next_attempt_at = u.next_attempt_at,
                         last_status = u.status, last_error = u.error, finished_at = u.finished_at,
                         last_millis = coalesce(u.millis, d.last_millis)
                    from u
                   where d.tenant = u.tenant and d.destination = u.destination and d.event_id = u.event_id
                     and case when d.state in ('pending', 'parked') then true end
                  returning d.tenant, d.destination, d.event_id, d.attempts, u.began_at, u.millis, u.outcome, u.status, u.error, u.message_id,
                            u.sealed_answer)
                insert into delivery_attempt (tenant, event_id, destination, number, began_at, millis, outcome, status, error, message_id,
                                              sealed_answer)
                select s.tenant, s.event_id, s.destination, s.attempts, s.began_at, s.millis, s.outcome, s.status, s.error, s.message_id,
                       case when s.sealed_answer is not null and (s.message_id is null
                                 or exists (select 1 from message m where m.tenant = s.tenant and m.id = s.message_id for key share))
                            then s.sealed_answer end
                  from settled s
                 where s.outcome is not null and (s.outcome <> 'delivered' or s.attempts > 1 or s.sealed_answer is not null)""",
                Column.of("text", results, result -> destination.tenant()),
                Column.of("text", results, result -> destination.id()),
                Column.of("uuid", results, result -> result.attempt().eventId()),
                Column.of("text", results, result -> state(result.outcome())),
                Column.of("int4", results, result -> tried(result.outcome()) ? 1 : 0),
                Column.of(
                        "timestamptz",
                        results,
                        result ->
                                result.outcome() instanceof Outcome.Parked parked
                                        ? parked.nextAttemptAt()
                                        : null),
                Column.of("int4", results, DeliveryStore::status),
                Column.of("text", results, result -> error(result.outcome())),
                Column.of(
                        "timestamptz",
                        results,
                        result -> result.outcome() instanceof Outcome.Parked ? null : now),
                Column.of("timestamptz", results, made(Attempt.Made::beganAt)),
                Column.of("int4", results, made(Attempt.Made::millis)),
                Column.of("text", results, DeliveryStore::outcome),
                Column.of("uuid", results, result -> result.attempt().messageId()),
                Column.of("bytea", results, DeliveryStore::sealedAnswer));
    }

    /** Of an attempt that was really made, {@code null} for any other. */
    private static Function<LaneGroup.Result, Object> made(Function<Attempt.Made, Object> what) {
        return result ->
                result.made() != null && tried(result.outcome()) ? what.apply(result.made()) : null;
    }

    private static String outcome(LaneGroup.Result result) {
        return (String)
                made(made ->
                                switch (result.outcome()) {
                                    case Outcome.Delivered delivered -> "delivered";
                                    case Outcome.Withheld withheld -> null;
                                    case Outcome.Parked parked -> "failed";
                                    case Outcome.Dead dead -> "failed";
                                })
                        .apply(result);
    }

    private static byte[] sealedAnswer(LaneGroup.Result result) {
        SubjectKey key = result.attempt().key();
        return key == null
                ? null
                : (byte[]) made(made -> key.seal(ANSWER, made.answer())).apply(result);
    }

    /**
     * What parked behind a woken delivery while that was on its way is due now that it is done, and
     * not when the lease of its wake-up ends. What waits for something else, as for its files or
     * for its own next attempt, goes on waiting.
     */
    private void release(Destination destination, List<LaneGroup.Result> results, Instant now) {
        Set<UUID> lanes = new HashSet<>();
        for (LaneGroup.Result result : results) {
            if (result.outcome() instanceof Outcome.Parked parked) {
                if (!LaneGroup.isBehind(parked)) {
                    lanes.remove(result.attempt().lane());
                }
            } else if (result.attempt().woken()) {
                lanes.add(result.attempt().lane());
            }
        }
        if (!lanes.isEmpty()) {
            Bulk.update(
                    jdbc,
                    "update delivery set next_attempt_at = ? where tenant = ? and destination = ?"
                            + " and lane = any(?::uuid[]) and state = 'parked' and last_error = ? and next_attempt_at > ?",
                    Column.one(now),
                    Column.one(destination.tenant()),
                    Column.one(destination.id()),
                    Column.of("uuid", lanes, lane -> lane),
                    Column.one(LaneGroup.BEHIND),
                    Column.one(now));
        }
    }

    private static String state(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered delivered -> "delivered";
            case Outcome.Withheld withheld -> "withheld";
            case Outcome.Parked parked -> "parked";
            case Outcome.Dead dead -> "dead";
        };
    }

    private static boolean tried(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered delivered -> true;
            case Outcome.Withheld withheld -> false;
            case Outcome.Parked parked -> parked.tried();
            case Outcome.Dead dead -> true;
        };
    }

    private static Integer status(LaneGroup.Result result) {
        return switch (result.outcome()) {
            case Outcome.Delivered delivered ->
                    result.made() == null ? null : result.made().status();
            case Outcome.Withheld withheld -> null;
            case Outcome.Parked parked -> parked.status();
            case Outcome.Dead dead -> dead.status();
        };
    }

    private static String error(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered delivered -> null;
            case Outcome.Withheld withheld -> withheld.reason();
            case Outcome.Parked parked -> parked.error();
            case Outcome.Dead dead -> dead.error();
        };
    }
}
