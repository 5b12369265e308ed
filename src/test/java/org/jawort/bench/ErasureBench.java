package org.jawort.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jawort.custody.SubjectKeyring;
import org.jawort.local.LocalPostgres;
import org.jawort.store.TenantScope;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What erasing one person costs as the store grows: one with as many messages as any other, in a
 * store of 10⁴ messages and in a large one, on one server, taking turns.
 */
final class ErasureBench {

    static final String FEW = "10000 messages";

    private static final String TENANT = "bench";
    private static final int SMALL = 10_000;
    private static final int WARM_UP = 20;
    private static final int PEOPLE_PER_TURN = 40;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);

    /** Erases one person, whatever that takes; in a transaction of its own. */
    @FunctionalInterface
    interface Erasing {
        void erase(String tenant, UUID subject);
    }

    private record Side(String name, FilledStore store, List<UUID> people, Erasing erasing) {}

    private final BenchOptions options;
    private final Path output;
    private final Random random;

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

    private static Turn turn(Side side, int pair, int count) {
        if (side.people().size() < count) {
            throw new IllegalStateException("too few people are left; ask for fewer pairs");
        }
        var latency = new Histogram(LONGEST_MICROS, 3);
        long start = System.nanoTime();
        long now = start;
        for (int i = 0; i < count; i++) {
            side.erasing().erase(TENANT, side.people().removeLast());
            long after = System.nanoTime();
            latency.recordValue(Math.min(LONGEST_MICROS, (after - now) / 1000));
            now = after;
        }
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

    private Side side(LocalPostgres postgres, String name, int messages) throws SQLException {
        FilledStore store = FilledStore.make(postgres, List.of(TENANT), messages, 10, "nobody");
        Connection connection = store.connect();
        var source = new SingleConnectionDataSource(connection, true);
        var jdbc = new JdbcTemplate(source);
        var scope =
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(source)), jdbc);
        // drawn over the whole store, not the last ones in
        List<UUID> people =
                scope.call(
                        TENANT,
                        () ->
                                new ArrayList<>(
                                        jdbc.queryForList(
                                                "select id from subject order by md5(id::text || 'x') limit 500",
                                                UUID.class)));
        return new Side(name, store, people, new Direct(scope, jdbc));
    }

    /** The store's part of an erasure: the key is shredded, then every row of the person goes. */
    private static final class Direct implements Erasing {

        private static final List<String> ROWS =
                List.of(
                        "delete from delivery d using event e where e.tenant = ? and e.subject_id = ?"
                                + " and d.tenant = e.tenant and d.event_id = e.id",
                        "delete from event where tenant = ? and subject_id = ?",
                        "delete from media d using message m where m.tenant = ? and m.subject_id = ?"
                                + " and d.tenant = m.tenant and d.message_id = m.id",
                        "delete from message where tenant = ? and subject_id = ?",
                        "delete from message_status where tenant = ? and subject_id = ?",
                        "delete from conversation where tenant = ? and subject_id = ?",
                        "delete from address where tenant = ? and subject_id = ?",
                        "delete from subject where tenant = ? and id = ?");

        private final TenantScope scope;
        private final JdbcTemplate jdbc;
        private final SubjectKeyring keyring;

        Direct(TenantScope scope, JdbcTemplate jdbc) {
            this.scope = scope;
            this.jdbc = jdbc;
            byte[] root = new byte[32];
            this.keyring =
                    new SubjectKeyring(
                            jdbc,
                            new SubjectKeys(
                                    new TenantKeys(
                                            RootKey.of(
                                                    java.util.Base64.getEncoder()
                                                            .encodeToString(root),
                                                    null))),
                            Instant::now);
        }

        @Override
        public void erase(String tenant, UUID subject) {
            scope.run(
                    tenant,
                    () -> {
                        if (!keyring.shred(tenant, subject)) {
                            throw new IllegalStateException("nobody to erase");
                        }
                        ROWS.forEach(sql -> jdbc.update(sql, tenant, subject));
                    });
        }
    }
}
