package org.jawort.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Expired messages of many tenants deleted by the nightly routes of a hub with 512 MB of heap,
 * against {@link BareDeletion}, which deletes the same rows in the same batches and does nothing
 * else. Webhooks of one more tenant come in all the while, and before it, for their p99; they go on
 * while bare SQL deletes.
 */
final class DeletionBench {

    static final String BASELINE = "bare SQL";
    static final String WITHOUT = "hub before it";

    private static final String DELETE = "delete";
    private static final String INTAKE = "intake";
    private static final int DAYS_CLOSED = 150;
    private static final int BATCH = 1_000;
    private static final double OFFERED = 100;
    private static final int CONNECTIONS = 64;
    private static final int TO_START_SECONDS = 90;

    /** A hub that has run for weeks is measured: what it does all day long is compiled. */
    private static final int WARM_UP = 30_000;

    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(40);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final DateTimeFormatter CRON =
            DateTimeFormatter.ofPattern("s m H d M '?' yyyy").withZone(ZoneId.of("Europe/Berlin"));

    private final Testbed testbed;
    private final BenchOptions options;
    private int phase;

    DeletionBench(Testbed testbed, BenchOptions options) {
        this.testbed = testbed;
        this.options = options;
    }

    static List<String> tenants(BenchOptions options) {
        return IntStream.rangeClosed(1, options.tenants())
                .mapToObj(n -> String.format(Locale.ROOT, "tenant-%03d", n))
                .toList();
    }

    List<Turn> run() throws Exception {
        List<Turn> turns = new ArrayList<>();
        for (int pair = 1; pair <= options.pairs(); pair++) {
            FilledStore forSql = fill();
            FilledStore forHub = fill();
            turns.addAll(pair(forHub, forSql, pair));
        }
        return turns;
    }

    static List<Comparison> comparisons(List<Turn> turns) {
        return List.of(
                Comparison.of(
                        "messages deleted per second",
                        BASELINE,
                        0.7,
                        true,
                        turns,
                        DELETE,
                        Turn::rate),
                Comparison.of(
                        "p99 of intake meanwhile",
                        WITHOUT,
                        2.0,
                        false,
                        turns,
                        INTAKE,
                        turn -> turn.latency().p99()),
                Comparison.of(
                        "p50 of intake meanwhile",
                        WITHOUT,
                        null,
                        false,
                        turns,
                        INTAKE,
                        turn -> turn.latency().p50()));
    }

    private FilledStore fill() throws SQLException {
        return FilledStore.make(
                testbed.postgres(),
                tenants(options),
                options.messages(),
                DAYS_CLOSED,
                options.tell() ? "crm" : "nobody");
    }

    private List<Turn> pair(FilledStore store, FilledStore forSql, int pair) throws Exception {
        Instant due =
                Instant.now()
                        .plusSeconds(TO_START_SECONDS + 3L * options.seconds())
                        .truncatedTo(ChronoUnit.SECONDS);
        Candidate hub = testbed.hub(store.url(), Map.of("JAWORT_RETENTION_CRON", CRON.format(due)));
        hub.awaitReady(++phase);
        Instant warm = due.minusSeconds(options.seconds() + 2L);
        if (Instant.now().isAfter(warm)) {
            throw new IllegalStateException("the hub took too long to start; try again");
        }
        new LoadGenerator(hub.port())
                .closedLoop(hub.messages().requests(++phase, WARM_UP), CONNECTIONS, WARM_UP_LIMIT);
        while (Instant.now().isBefore(warm)) {
            offer(hub, 1);
        }
        LoadResult before = offer(hub, options.seconds());
        var done = new AtomicReference<Instant>();
        var watch = new Thread(() -> done.set(awaitDeleted(store, hub)), "watch-deletion");
        LockSupport.parkNanos(Duration.between(Instant.now(), due).toNanos());
        watch.start();
        var meanwhile = new Histogram(Duration.ofMinutes(2).toNanos() / 1000, 3);
        int accepted = 0;
        int refused = 0;
        while (done.get() == null && watch.isAlive()) {
            LoadResult part = offer(hub, options.seconds());
            meanwhile.add(part.latency());
            accepted += part.accepted();
            refused += part.refused();
        }
        watch.join();
        if (done.get() == null) {
            throw new IllegalStateException("the hub has not deleted all; see its log");
        }
        Turn bare = underTheSameLoad(hub, () -> bySql(forSql, pair));
        hub.process().close();
        double seconds = Duration.between(due, done.get()).toMillis() / 1000.0;
        Bench.say(
                "  %d. hub       %8.0f messages/s  intake p99 %.1f ms, before it %.1f ms"
                        .formatted(
                                pair,
                                store.messages() / seconds,
                                Turn.Latency.of(meanwhile).p99(),
                                Turn.Latency.of(before.latency()).p99()));
        return List.of(
                bare,
                turn(
                        DELETE,
                        Comparison.HUB,
                        pair,
                        store.messages() / seconds,
                        empty(),
                        store.messages(),
                        0),
                turn(INTAKE, Comparison.HUB, pair, OFFERED, meanwhile, accepted, refused),
                turn(
                        INTAKE,
                        WITHOUT,
                        pair,
                        before.rate(),
                        before.latency(),
                        before.accepted(),
                        before.refused()));
    }

    /** The webhooks go on coming, or the hub alone would have to share the machine with them. */
    private Turn underTheSameLoad(Candidate hub, Callable<Turn> work) throws Exception {
        var task = new FutureTask<>(work);
        new Thread(task, "bare-deletion").start();
        while (!task.isDone()) {
            offer(hub, 1);
        }
        return task.get();
    }

    private Turn bySql(FilledStore store, int pair) throws SQLException {
        long started = System.nanoTime();
        try (Connection connection = store.connect()) {
            new BareDeletion(connection, BATCH)
                    .run(
                            store.tenants(),
                            Instant.now().minus(Duration.ofDays(90)).atOffset(ZoneOffset.UTC));
        }
        double rate = store.messages() / ((System.nanoTime() - started) / 1e9);
        try (Connection connection = store.connect()) {
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            FilledStore.enter(jdbc, store.tenants());
            requireDeleted(jdbc);
        }
        Bench.say("  %d. bare SQL  %8.0f messages/s".formatted(pair, rate));
        return turn(DELETE, BASELINE, pair, rate, empty(), store.messages(), 0);
    }

    private LoadResult offer(Candidate hub, int seconds) throws InterruptedException {
        var schedule = new ArrivalSchedule(OFFERED);
        return new LoadGenerator(hub.port())
                .openLoop(
                        hub.messages().requests(++phase, schedule.arrivalsIn(seconds)),
                        CONNECTIONS,
                        schedule);
    }

    /**
     * When the run of the last tenant was over; {@code null} if that does not come to pass. Asks
     * for what runs wrote down: to look for a last row would cost more than to delete some.
     */
    private static Instant awaitDeleted(FilledStore store, Candidate hub) {
        Instant limit = Instant.now().plus(LONGEST);
        try (Connection connection = store.connect()) {
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            FilledStore.enter(jdbc, store.tenants());
            while (jdbc.queryForObject(
                            "select count(*) from retention_run where finished_at is not null",
                            Integer.class)
                    < store.tenants().size()) {
                hub.process().requireAlive();
                if (Instant.now().isAfter(limit)) {
                    return null;
                }
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
            requireDeleted(jdbc);
            return jdbc.queryForObject(
                            "select max(finished_at) from retention_run", OffsetDateTime.class)
                    .toInstant();
        } catch (SQLException | RuntimeException failure) {
            System.err.println("jawort: " + failure);
            return null;
        }
    }

    /** Of what was filled in, by whoever deleted it. */
    private static void requireDeleted(JdbcTemplate jdbc) {
        Long left =
                jdbc.queryForObject(
                        """
                        select (select count(*) from message) + (select count(*) from conversation)
                             + (select count(*) from event where type = 'jawort.message.received.v1')
                             + (select count(*) from delivery d where not exists (select 1 from event e
                                                                                   where e.tenant = d.tenant and e.id = d.event_id))""",
                        Long.class);
        if (left > 0) {
            throw new IllegalStateException(left + " rows are left");
        }
    }

    private static Histogram empty() {
        return new Histogram(1_000_000, 3);
    }

    private static Turn turn(
            String load,
            String candidate,
            int pair,
            double rate,
            Histogram latency,
            int messages,
            int failed) {
        return new Turn(
                load,
                candidate,
                pair,
                0,
                rate,
                Turn.Latency.of(latency),
                messages,
                failed,
                0,
                0,
                Map.of());
    }
}
