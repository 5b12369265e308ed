package org.jawort.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jawort.HubInTest;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalPostgres;
import org.jawort.retention.Erasure;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * What erasing one person costs as the store grows: one with as many messages as any other, by a
 * hub with a store of 10⁴ messages and by one with a large store, on one server, taking turns.
 * Whoever received something is not there any more, so that each run is over when the call is: what
 * asking others costs does not depend on what is stored.
 */
final class ErasureBench {

    static final String FEW = "10000 messages";

    private static final String TENANT = DemoTenant.ID;
    private static final int SMALL = 10_000;
    private static final int WARM_UP = 20;
    private static final int PEOPLE_PER_TURN = 40;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);

    private record Side(String name, FilledStore store, List<UUID> people, HubInTest hub) {}

    private final BenchOptions options;
    private final Path output;
    private final Random random;
    private final List<HubInTest> hubs = new ArrayList<>();

    ErasureBench(BenchOptions options, Path output, Random random) {
        this.options = options;
        this.output = output;
        this.random = random;
    }

    List<Turn> run() throws Exception {
        LocalPostgres postgres =
                LocalPostgres.onFreePort(
                        output.resolve("erasure-" + ProcessHandle.current().pid()));
        try {
            postgres.start();
            Side few = side(postgres, FEW, SMALL);
            Side many = side(postgres, Comparison.HUB, options.messages());
            for (Side side : List.of(few, many)) {
                turn(side, 0, WARM_UP);
            }
            List<Turn> turns = new ArrayList<>();
            for (int pair = 1; pair <= options.pairs(); pair++) {
                List<Side> order = random.nextBoolean() ? List.of(few, many) : List.of(many, few);
                for (Side side : order) {
                    Turn turn = turn(side, pair, PEOPLE_PER_TURN);
                    Bench.say(
                            "  %d. %-18s %8.0f people/s  p50 %6.2f ms  p99 %6.2f ms"
                                    .formatted(
                                            pair,
                                            side.store().messages() + " messages",
                                            turn.rate(),
                                            turn.latency().p50(),
                                            turn.latency().p99()));
                    turns.add(turn);
                }
            }
            return turns;
        } finally {
            hubs.forEach(HubInTest::close);
            postgres.kill(); // nobody reads its data again
        }
    }

    static List<Comparison> comparisons(List<Turn> turns) {
        return List.of(
                Comparison.of(
                        "time to erase a person",
                        FEW,
                        1.2,
                        false,
                        turns,
                        "erase",
                        turn -> 1 / turn.rate()),
                Comparison.of(
                        "p50 of it",
                        FEW,
                        null,
                        false,
                        turns,
                        "erase",
                        turn -> turn.latency().p50()));
    }

    private static Turn turn(Side side, int pair, int count) throws SQLException {
        if (side.people().size() < count) {
            throw new IllegalStateException("too few people are left; ask for fewer pairs");
        }
        var latency = new Histogram(LONGEST_MICROS, 3);
        Erasure erasure = side.hub().bean(Erasure.class);
        long start = System.nanoTime();
        long now = start;
        for (int i = 0; i < count; i++) {
            erasure.erase(TENANT, side.people().removeLast(), UUID.randomUUID());
            long after = System.nanoTime();
            latency.recordValue(Math.min(LONGEST_MICROS, (after - now) / 1000));
            now = after;
        }
        requireErased(side);
        return new Turn(
                "erase",
                side.name(),
                pair,
                0,
                count / ((now - start) / 1e9),
                Turn.Latency.of(latency),
                count,
                0,
                0,
                0,
                Map.of());
    }

    private static void requireErased(Side side) throws SQLException {
        try (Connection connection = side.store().connect()) {
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            FilledStore.enter(jdbc, List.of(TENANT));
            Long left =
                    jdbc.queryForObject(
                            "select count(*) from erasure_run r where r.finished_at is null"
                                    + " or exists (select 1 from subject s where s.tenant = r.tenant and s.id = r.subject_id)",
                            Long.class);
            if (left > 0) {
                throw new IllegalStateException(left + " people are not erased");
            }
        }
    }

    private Side side(LocalPostgres postgres, String name, int messages) throws SQLException {
        FilledStore store = FilledStore.make(postgres, List.of(TENANT), messages, 10, "nobody");
        HubInTest hub =
                HubInTest.hub()
                        .database(store.url())
                        .with("logging.level.root", "WARN")
                        .with("spring.main.banner-mode", "off")
                        .start();
        hubs.add(hub);
        return new Side(name, store, readable(store, hub.bean(SubjectKeys.class)), hub);
    }

    /**
     * People drawn over the whole store, not the last ones in, and given a key and ciphertexts the
     * hub can open: it reads a person before it forgets them.
     */
    private static List<UUID> readable(FilledStore store, SubjectKeys keys) throws SQLException {
        try (Connection connection = store.connect()) {
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            FilledStore.enter(jdbc, List.of(TENANT));
            List<UUID> people =
                    new ArrayList<>(
                            jdbc.queryForList(
                                    "select id from subject order by md5(id::text || 'x') limit 500",
                                    UUID.class));
            for (UUID person : people) {
                SubjectKeys.NewKey fresh = keys.create(TENANT, person);
                jdbc.update(
                        "update subject_key set wrapped = ? where tenant = ? and subject_id = ?",
                        fresh.wrapped(),
                        TENANT,
                        person);
                jdbc.update(
                        "update address set sealed_address = ? where tenant = ? and subject_id = ?",
                        fresh.key().seal("address", "+4915100000000".getBytes(UTF_8)),
                        TENANT,
                        person);
                jdbc.update(
                        "update message set account = 'closed', sealed_body = ? where tenant = ? and subject_id = ?",
                        fresh.key()
                                .seal(
                                        "message.body",
                                        "{\"providerMessageId\":\"SM1\"}".getBytes(UTF_8)),
                        TENANT,
                        person);
            }
            store.vacuum();
            return people;
        }
    }
}
