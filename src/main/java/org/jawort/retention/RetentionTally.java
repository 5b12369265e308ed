package org.jawort.retention;

import static java.util.concurrent.CompletableFuture.runAsync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Array;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a run has done so far, kept in its exchange: counts, what is left of the day's cap, and for
 * each batch the evidence and the tombstones, in the transaction of the batch.
 */
final class RetentionTally {

    private static final String RUN = "jawort.retention.run";
    private static final String STARTED = "jawort.retention.started";
    private static final String COUNTS = "jawort.retention.counts";
    private static final String LEFT = "jawort.retention.left";
    private static final String LAST = "jawort.retention.last";
    private static final String BESIDE = "jawort.retention.beside";
    private static final String WATCH = "jawort.retention.watch";
    private static final Logger LOG = LoggerFactory.getLogger(RetentionTally.class);

    /** Who has the run done: {@code schedule}, or {@code api:} and the id of a key. */
    static final String ACTOR = "jawort.retention.actor";

    /** The plan a run executes, lower-case hex. */
    static final String PLAN = "jawort.retention.plan";

    /** Letters that leave ordinary access, among the counts by data type. */
    static final String RESTRICTION = "restriction";

    /**
     * Up to where batches of a data type have come, by the time they go by: what they left behind
     * is not looked through again by each that follows.
     */
    private static final String REACHED = "reached";

    /** Among conversations closed at that very time, by id. */
    private static final String CONVERSATION = "conversation";

    /** The same where batches go by id. */
    private static final String AFTER = "after";

    /** Ids of letters that this run looked at and that stay, as PostgreSQL writes an array. */
    private static final String STAYING = "staying";

    /** Of a person whose relationship ended: what the tombstone has to say. */
    static final String LAST_ACTIVE = "last_active_at";

    /** What is told in the transaction that deletes it. */
    static final String TOLD = "relationship";

    static final OffsetDateTime START = Instant.EPOCH.atOffset(ZoneOffset.UTC);
    static final UUID FIRST = new UUID(0, 0);

    private static final Executor DISK = Executors.newVirtualThreadPerTaskExecutor();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RetentionRules rules;
    private final JdbcTemplate jdbc;
    private final RunRecords records;
    private final DeletionJournal journal;
    private final Tombstones stones;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final int batchSize;

    RetentionTally(
            RetentionRules rules,
            JdbcTemplate jdbc,
            RunRecords records,
            Tombstones stones,
            InstantSource clock,
            MeterRegistry meters,
            int batchSize) {
        this.rules = rules;
        this.jdbc = jdbc;
        this.records = records;
        this.journal = new DeletionJournal(jdbc);
        this.stones = stones;
        this.clock = clock;
        this.meters = meters;
        this.batchSize = batchSize;
    }

    void begin(Exchange exchange, UUID run, Instant now) {
        exchange.setProperty(RUN, run);
        exchange.setProperty(STARTED, now);
        exchange.setProperty(COUNTS, new LinkedHashMap<String, Object>());
        exchange.getMessage().setHeader("batch", batchSize);
        exchange.getMessage().setHeader("limit", batchSize);
        exchange.getMessage().setHeader(REACHED, START);
        exchange.getMessage().setHeader(CONVERSATION, FIRST);
        exchange.getMessage().setHeader(AFTER, FIRST);
        exchange.getMessage().setHeader(STAYING, "{}");
    }

    static UUID run(Exchange exchange) {
        return exchange.getProperty(RUN, UUID.class);
    }

    static String actor(Exchange exchange) {
        return exchange.getProperty(ACTOR, JournalEntry.HUB, String.class);
    }

    /** Its hash, {@code null} before there is one. */
    static byte[] plan(Exchange exchange) {
        String hex = exchange.getProperty(PLAN, String.class);
        return hex == null ? null : HexFormat.of().parseHex(hex);
    }

    static Instant started(Exchange exchange) {
        return exchange.getProperty(STARTED, Instant.class);
    }

    /**
     * By data type: {@code due}, {@code oldest}, {@code newest}, {@code stores}, {@code deleted}.
     */
    @SuppressWarnings("unchecked")
    static Map<String, Map<String, Object>> counts(Exchange exchange) {
        return exchange.getProperty(COUNTS, Map.class);
    }

    static boolean deletedAny(Exchange exchange) {
        return exchange.getProperty(BESIDE, false, Boolean.class)
                || counts(exchange).values().stream()
                        .anyMatch(of -> ((Number) of.get("deleted")).longValue() > 0);
    }

    /** From now on the counts are watched. */
    void watch(Exchange exchange, RetentionAlerts.Watch watch) {
        exchange.setProperty(WATCH, watch);
    }

    /**
     * No batch is larger than what is left of the day's cap; what goes along with the last one may
     * pass it.
     */
    void leave(Exchange exchange, long left) {
        exchange.setProperty(LEFT, left);
        exchange.getMessage().setHeader("limit", (int) Math.clamp(left, 0, batchSize));
    }

    /**
     * A batch deleted these rows. Each names itself by {@code id}, else by {@code message_id}, and
     * may say its {@code data_type} and its {@code rule}. Of those it looked at, the next batch
     * begins with the latest {@code reached} and the {@code reached_conversation} one says, or
     * after the last id.
     */
    void deleted(Exchange exchange, String dataType, List<Map<?, ?>> rows, List<Map<?, ?>> seen) {
        write(exchange, dataType, rows);
        progress(exchange);
        // A batch that a crash of the database takes back is done again by the next run; who tells
        // somebody of it waits for the disk after all.
        if (!dataType.equals(TOLD)) {
            jdbc.execute("set local synchronous_commit = off");
        }
        spend(exchange, dataType, rows.size());
        repeat(exchange, seen.size());
        next(exchange, seen);
    }

    private static void next(Exchange exchange, List<Map<?, ?>> rows) {
        boolean last =
                left(exchange) <= 0
                        || rows.size() < exchange.getMessage().getHeader("limit", Integer.class);
        exchange.getMessage().setHeader(REACHED, last ? START : BatchRows.reached(rows));
        exchange.getMessage().setHeader(CONVERSATION, last ? FIRST : BatchRows.conversation(rows));
        exchange.getMessage()
                .setHeader(
                        AFTER,
                        last
                                ? FIRST
                                : BatchRows.ids(rows).stream()
                                        .max(MerkleTree.AS_POSTGRESQL_SORTS)
                                        .orElse(FIRST));
    }

    /**
     * What went along with the items of a batch is of another data type, counted under it and under
     * the day's cap; it does not decide whether another batch follows.
     *
     * @param rows ids in {@code events}
     */
    void along(Exchange exchange, String dataType, List<Map<?, ?>> rows) {
        List<Map<?, ?>> events =
                rows.stream()
                        .filter(row -> row.get("events") != null)
                        .flatMap(row -> BatchRows.uuids((Array) row.get("events")).stream())
                        .<Map<?, ?>>map(id -> Map.of("id", id))
                        .toList();
        write(exchange, dataType, events);
        leave(exchange, left(exchange) - events.size());
    }

    /**
     * A batch deleted rows that have no names and say nothing of anybody: they are counted, but
     * neither evidence nor under the day's cap.
     */
    void gone(Exchange exchange, String dataType, List<Map<?, ?>> rows) {
        count(exchange, dataType, rows.size());
        progress(exchange);
        jdbc.execute("set local synchronous_commit = off");
        exchange.setProperty(LAST, (long) rows.size());
        exchange.getMessage()
                .setHeader(REACHED, rows.size() < batchSize ? START : BatchRows.reached(rows));
    }

    /**
     * What stands beside the items of a data type is evidence as well, but neither counted nor
     * under the cap: the plan counts the items. It goes by slices of time in which no table has
     * more than a batch. No tombstone says which they were: {@link OverdueRows} finds them by age.
     *
     * @param rows {@code data_type}, {@code store}, {@code ids} or {@code null} and, where that
     *     decides, {@code channel}; one says up to when the slice {@code reached} and whether there
     *     may be {@code more}
     */
    void beside(Exchange exchange, List<Map<?, ?>> rows) {
        for (Map<?, ?> row : rows) {
            if (row.get("ids") != null) {
                String dataType = (String) row.get("data_type");
                String rule = rules.deciding(tenant(exchange), dataType, row);
                String store = (String) row.get("store");
                record(exchange, "DELETED", rule, store, BatchRows.uuids((Array) row.get("ids")));
                exchange.setProperty(BESIDE, true);
            }
        }
        progress(exchange);
        jdbc.execute("set local synchronous_commit = off");
        boolean more = rows.stream().anyMatch(row -> Boolean.TRUE.equals(row.get("more")));
        exchange.setProperty(LAST, more ? 1L : 0L);
        exchange.getMessage().setHeader(REACHED, more ? BatchRows.reached(rows) : START);
    }

    /** What is on record of a run whose process is killed. */
    private void progress(Exchange exchange) {
        records.progress(tenant(exchange), run(exchange), json(counts(exchange)), clock.instant());
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * A batch took letters out of ordinary access, and deleted some that nothing keeps. Those that
     * stay do not come again.
     *
     * @param seen how many it looked at
     */
    void restricted(Exchange exchange, LetterRestriction.Done done, int seen) {
        Map<String, List<Map<?, ?>>> byRule =
                BatchRows.grouped(List.copyOf(done.moved()), row -> (String) row.get("rule"));
        byRule.forEach(
                (rule, of) ->
                        record(
                                exchange,
                                "RESTRICTED",
                                rule,
                                "retained_message",
                                BatchRows.ids(of)));
        count(exchange, RESTRICTION, done.moved().size());
        write(exchange, "conversation-text", List.copyOf(done.over()));
        progress(exchange);
        spend(exchange, RESTRICTION, done.moved().size() + done.over().size());
        repeat(exchange, seen);
        String before = exchange.getMessage().getHeader(STAYING, String.class);
        exchange.getMessage()
                .setHeader(
                        STAYING,
                        Stream.concat(
                                        Stream.of(before.substring(1, before.length() - 1))
                                                .filter(ids -> !ids.isEmpty()),
                                        done.staying().stream().map(UUID::toString))
                                .collect(Collectors.joining(",", "{", "}")));
    }

    private void write(Exchange exchange, String dataType, List<Map<?, ?>> rows) {
        String tenant = tenant(exchange);
        count(exchange, dataType, 0);
        BatchRows.grouped(rows, row -> RetentionRules.dataType(row, dataType))
                .forEach(
                        (type, of) -> {
                            var onDisk =
                                    runAsync(
                                            () ->
                                                    stones.write(
                                                            tenant,
                                                            new Tombstones.Stone(
                                                                    clock.instant(),
                                                                    type,
                                                                    null,
                                                                    run(exchange),
                                                                    BatchRows.ids(of),
                                                                    BatchRows.lastActive(of))),
                                            DISK);
                            BatchRows.grouped(of, rules.deciding(tenant, type))
                                    .forEach(
                                            (rule, by) ->
                                                    record(
                                                            exchange,
                                                            "DELETED",
                                                            rule,
                                                            type,
                                                            BatchRows.ids(by)));
                            onDisk.join();
                            count(exchange, type, of.size());
                        });
    }

    private void count(Exchange exchange, String dataType, long gone) {
        Object so =
                counts(exchange)
                        .computeIfAbsent(
                                dataType, type -> new LinkedHashMap<>(Map.of("deleted", 0L)))
                        .merge(
                                "deleted",
                                gone,
                                (before, more) ->
                                        ((Number) before).longValue()
                                                + ((Number) more).longValue());
        exchange.getProperty(WATCH, RetentionAlerts.Watch.class)
                .see(dataType, ((Number) so).longValue(), clock.instant());
        meters.counter("jawort.retention.deleted", "tenant", tenant(exchange), "type", dataType)
                .increment(gone);
    }

    /** A batch removed people of whom nothing was left: nothing is counted. */
    void uncounted(Exchange exchange, List<Map<?, ?>> people) {
        progress(exchange);
        repeat(exchange, people.size());
        next(exchange, people);
    }

    /** The loop ends with a batch that is not full, and at the day's cap with any. */
    private void repeat(Exchange exchange, long gone) {
        exchange.setProperty(LAST, left(exchange) > 0 ? gone : -1L);
    }

    static boolean isCapped(Exchange exchange) {
        return exchange.getProperty(LEFT) != null;
    }

    private static long left(Exchange exchange) {
        return exchange.getProperty(LEFT, Long.MAX_VALUE, Long.class);
    }

    private void spend(Exchange exchange, String dataType, long gone) {
        long left = left(exchange) - gone;
        leave(exchange, left);
        if (left <= 0 && gone > 0) {
            meters.counter("jawort.retention.capped", "tenant", tenant(exchange)).increment();
            LOG.warn("retention.capped tenant={} type={}", tenant(exchange), dataType);
        }
    }

    private void record(
            Exchange exchange, String event, String rule, String store, List<UUID> ids) {
        journal.append(
                tenant(exchange),
                new DeletionJournal.Done(
                        run(exchange),
                        "RETENTION",
                        event,
                        rule,
                        store,
                        ids,
                        plan(exchange),
                        actor(exchange),
                        started(exchange),
                        clock.instant()));
    }

    private static String tenant(Exchange exchange) {
        return exchange.getMessage().getHeader("tenant", String.class);
    }
}
