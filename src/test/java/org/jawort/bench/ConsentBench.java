package org.jawort.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.flywaydb.core.Flyway;
import org.jawort.consent.Basis;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRules;
import org.jawort.consent.OutboundAttempt;
import org.jawort.consent.OutboundFilter;
import org.jawort.consent.Purpose;
import org.jawort.local.LocalPostgres;
import org.jawort.message.Channel;
import org.jawort.store.TenantScope;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What a decision costs as the ledger grows: a person's records and overlays are locked and loaded,
 * and the outbound filter decides, as before each send. Two databases on one server, of few and of
 * many subjects, take turns.
 */
final class ConsentBench {

    static final String FEW = "1000 subjects";

    private static final String TENANT = "bench";
    private static final int SMALL = 1_000;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);
    private static final int WARM_UP_SECONDS = 5;

    private final BenchOptions options;
    private final Path output;
    private final Random random;

    /** A filled ledger and a connection of its own, as the role the hub works under. */
    private record Filled(String name, int subjects, TenantScope scope, ConsentLedger ledger) {}

    ConsentBench(BenchOptions options, Path output, Random random) {
        this.options = options;
        this.output = output;
        this.random = random;
    }

    List<Turn> run() throws Exception {
        LocalPostgres postgres =
                LocalPostgres.onFreePort(
                        output.resolve("consent-" + ProcessHandle.current().pid()));
        try {
            postgres.start();
            Filled few = fill(postgres, FEW, SMALL);
            Filled many = fill(postgres, Comparison.HUB, options.subjects());
            for (Filled filled : List.of(few, many)) {
                turn(filled, 0, WARM_UP_SECONDS);
            }
            List<Turn> turns = new ArrayList<>();
            for (int pair = 1; pair <= options.pairs(); pair++) {
                List<Filled> order = random.nextBoolean() ? List.of(few, many) : List.of(many, few);
                for (Filled filled : order) {
                    Turn turn = turn(filled, pair, options.seconds());
                    Bench.say(
                            "  %d. %-16s %8.0f decisions/s  p50 %6.3f ms  p99 %6.3f ms"
                                    .formatted(
                                            pair,
                                            filled.subjects() + " subjects",
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
                        "time of a decision",
                        FEW,
                        1.2,
                        false,
                        turns,
                        "decide",
                        turn -> 1 / turn.rate()),
                Comparison.of(
                        "p99 of a decision",
                        FEW,
                        null,
                        false,
                        turns,
                        "decide",
                        turn -> turn.latency().p99()));
    }

    private Turn turn(Filled filled, int pair, int seconds) {
        var latency = new Histogram(LONGEST_MICROS, 3);
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        long now = start;
        long decided = 0;
        while (now < end) {
            decide(filled, random.nextInt(filled.subjects()) + 1);
            long after = System.nanoTime();
            latency.recordValue(Math.min(LONGEST_MICROS, (after - now) / 1000));
            now = after;
            decided++;
        }
        return new Turn(
                "decide",
                filled.name(),
                pair,
                0,
                decided / ((now - start) / 1e9),
                Turn.Latency.of(latency),
                decided,
                0,
                0,
                0,
                Map.of());
    }

    private void decide(Filled filled, int number) {
        var person = new Person(TENANT, id("subject", number));
        var decision =
                filled.scope()
                        .call(
                                TENANT,
                                () -> {
                                    var book = filled.ledger().load(List.of(person));
                                    var record =
                                            book.record(
                                                    person,
                                                    Channel.WHATSAPP,
                                                    Purpose.NOTIFICATION,
                                                    Basis.CONSENT);
                                    return OutboundFilter.decide(
                                            new OutboundAttempt(
                                                    Purpose.NOTIFICATION,
                                                    Channel.WHATSAPP,
                                                    record.addressId(),
                                                    record,
                                                    book.overlays(person, Channel.WHATSAPP),
                                                    new OutboundAttempt.Gates(
                                                            true, true, true, true, false, true,
                                                            false),
                                                    new ChannelWindow.WithoutConversation(),
                                                    null,
                                                    null,
                                                    null,
                                                    false,
                                                    false,
                                                    false),
                                            ConsentRules.DEFAULT,
                                            Instant.now());
                                });
        if (decision.isAllowed() == (number % 10 == 0)) {
            throw new IllegalStateException("a decision that nobody expected: " + decision);
        }
    }

    /** Every tenth person has said stop. */
    private static Filled fill(LocalPostgres postgres, String name, int subjects)
            throws java.sql.SQLException {
        long started = System.nanoTime();
        String url = postgres.newDatabase();
        Flyway.configure()
                .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                .load()
                .migrate();
        Connection connection =
                DriverManager.getConnection(
                        url, LocalPostgres.APP_USER, LocalPostgres.APP_PASSWORD);
        var source = new SingleConnectionDataSource(connection, true);
        var jdbc = new JdbcTemplate(source);
        var scope =
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(source)), jdbc);
        scope.run(
                TENANT,
                () -> {
                    jdbc.update(
                            "insert into subject (tenant, id, created_at)"
                                    + " select 'bench', md5('subject' || n)::uuid, now() from generate_series(1, ?) n",
                            subjects);
                    jdbc.update(
                            """
                            insert into consent_record (tenant, id, subject_id, channel, purpose, state, details, updated_at)
                            select 'bench', md5('record' || n)::uuid, md5('subject' || n)::uuid, 'whatsapp', 'NOTIFICATION', 'GRANTED',
                                   jsonb_build_object('id', md5('record' || n)::uuid, 'subject', md5('subject' || n)::uuid,
                                     'channel', 'WHATSAPP', 'purpose', 'NOTIFICATION', 'basis', 'CONSENT', 'state', 'GRANTED',
                                     'since', '2026-01-01T00:00:00Z', 'addressId', md5('address' || n)::uuid,
                                     'grantedAt', '2026-01-01T00:00:00Z', 'validUntil', '2099-01-01T00:00:00Z', 'reconsent', false),
                                   now()
                              from generate_series(1, ?) n""",
                            subjects);
                    jdbc.update(
                            """
                            insert into suppression (tenant, id, subject_id, channel, scope, source, since)
                            select 'bench', md5('suppression' || n)::uuid, md5('subject' || n)::uuid, 'whatsapp', 'ALL', 'SUBJECT', now()
                              from generate_series(1, ?) n where n % 10 = 0""",
                            subjects);
                });
        // or the first readers would do what autovacuum does in the quiet of a long life
        jdbc.execute("vacuum (analyze) subject");
        jdbc.execute("vacuum (analyze) consent_record");
        jdbc.execute("vacuum (analyze) suppression");
        Bench.say(
                "filled a ledger of %d subjects in %d s"
                        .formatted(
                                subjects,
                                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started)));
        return new Filled(name, subjects, scope, new ConsentLedger(jdbc, null));
    }

    /** As {@code md5(…)::uuid} in the database. */
    private static UUID id(String kind, int number) {
        try {
            byte[] hash =
                    java.security.MessageDigest.getInstance("MD5")
                            .digest((kind + number).getBytes(StandardCharsets.US_ASCII));
            var bits = java.nio.ByteBuffer.wrap(hash);
            return new UUID(bits.getLong(), bits.getLong());
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
