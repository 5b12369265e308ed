package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jawort.HubInTest;
import org.jawort.MigratedDatabase;
import org.jawort.tenant.TenantInTest;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("R16: replays of what did not arrive")
class ReplaysIT {

    private static MigratedDatabase database;

    private final SubjectKeys keys =
            new SubjectKeys(
                    new TenantKeys(
                            RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)));
    private DeliveryRows rows;
    private Replays replays;
    private Instant now = DeliveryRows.NOW.plusSeconds(1_000_000);

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
        // An account of every revival by the database itself, which no killed process can spoil.
        database.owner()
                .execute(
                        """
                        create table revival (destination text, sequence bigint, at timestamptz);
                        grant all on revival to public;
                        create function note_revival() returns trigger language plpgsql as $$
                        begin
                          if new.state = 'parked' and old.state in ('dead', 'withheld', 'delivered') then
                            insert into revival values (new.destination, new.sequence, clock_timestamp());
                          end if;
                          return new;
                        end $$;
                        create trigger note_revival after update on delivery for each row execute function note_revival()""");
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @BeforeEach
    void aTenant() {
        database.owner().execute("truncate revival");
        rows = new DeliveryRows(database, keys);
        replays =
                new Replays(
                        database.scope(), database.jdbc(), () -> now, TenantInTest.with(rows.crm));
    }

    private Replays.Replay begin(DeliveryFilter filter, int perSecond) {
        return database.scope()
                .call(
                        rows.tenant,
                        () ->
                                replays.add(
                                        rows.tenant, UUID.randomUUID(), filter, perSecond, "desk"));
    }

    private Replays.Replay state(Replays.Replay replay) {
        return database.scope()
                .call(rows.tenant, () -> replays.find(rows.tenant, replay.id()).orElseThrow());
    }

    private static DeliveryFilter dead() {
        return filter("dead", null, null, null);
    }

    private static DeliveryFilter filter(
            String state, Instant from, Instant before, List<UUID> events) {
        return new DeliveryFilter("crm", state, null, null, null, null, from, before, events);
    }

    private void second() {
        now = now.plusSeconds(1);
        replays.goOn();
    }

    private List<Long> revived() {
        return database.owner()
                .queryForList("select sequence from revival order by at, sequence", Long.class);
    }

    @Test
    void holdsItsRateAndTheOrder() {
        LongStream.rangeClosed(1, 25).forEach(n -> rows.delivery("crm", n, "dead"));

        Replays.Replay replay = begin(dead(), 10);
        replays.goOn();
        assertThat(revived()).as("not before its time").isEmpty();
        second();
        assertThat(revived()).hasSize(10);
        now = now.plusSeconds(60); // nobody looked for a minute
        replays.goOn();
        replays.goOn();
        assertThat(revived()).as("which is not made up for").hasSize(21);
        assertThat(state(replay).replayed()).isEqualTo(21);
        assertThat(state(replay).status()).isEqualTo("running");
        second();

        assertThat(revived()).containsExactlyElementsOf(longs(1, 25));
        assertThat(state(replay))
                .satisfies(
                        done -> {
                            assertThat(done.status()).isEqualTo("done");
                            assertThat(done.matching()).isEqualTo(25);
                            assertThat(done.replayed()).isEqualTo(25);
                            assertThat(done.finishedAt()).isEqualTo(now);
                        });
        assertThat(rows.strings("select distinct state || attempts from delivery"))
                .containsExactly("parked0");
    }

    @Test
    void holdsALowRateAlthoughTheTimerIsNotExact() {
        LongStream.rangeClosed(1, 9).forEach(n -> rows.delivery("crm", n, "dead"));

        begin(dead(), 1);
        for (int tick = 0; tick < 10; tick++) {
            now = now.plusMillis(700);
            replays.goOn();
        }

        assertThat(revived()).hasSize(7);
    }

    @Test
    void takesNothingOutsideTheFilter() {
        rows.delivery("crm", 1, "dead");
        rows.delivery("crm", 2, "withheld");
        rows.delivery("crm", 3, "delivered");
        rows.delivery("crm", 4, "parked");
        rows.about("jawort.consent.changed.v1", "crm", 5, "dead");
        rows.delivery("crm", 6, "dead");
        rows.delivery("crm", 7, "dead");
        rows.delivery("archive", 8, "dead");

        begin(
                new DeliveryFilter(
                        "crm",
                        "dead",
                        null,
                        "jawort.message.deleted.v1",
                        rows.conversation,
                        rows.message,
                        DeliveryRows.NOW.plusSeconds(2),
                        DeliveryRows.NOW.plusSeconds(7),
                        null),
                100);
        second();
        assertThat(revived()).containsExactly(6L);

        begin(filter("withheld", null, null, null), 100);
        second();
        assertThat(revived()).containsExactly(6L, 2L);

        begin(filter("delivered", null, null, List.of(rows.event(3), rows.event(7))), 100);
        second();
        assertThat(revived()).containsExactly(6L, 2L, 3L);
        assertThat(rows.strings("select number || outcome from delivery_attempt"))
                .as("that it was delivered once stays on record")
                .containsExactly("1delivered");
    }

    @Test
    void leavesAloneWhatEndsAfterItWasAskedFor() {
        rows.delivery("crm", 1, "dead");
        rows.delivery("crm", 2, "pending");
        begin(dead(), 1);

        rows.sql(
                "update delivery set state = 'dead', finished_at = ?::timestamptz where sequence = 2",
                now.plusMillis(1).toString());
        second();
        rows.sql(
                "update delivery set state = 'dead', finished_at = ?::timestamptz where sequence = 1",
                now.toString());
        second();
        second();

        assertThat(revived()).containsExactly(1L);
    }

    @Test
    void endsWhereItIsWhenCanceled() {
        LongStream.rangeClosed(1, 9).forEach(n -> rows.delivery("crm", n, "dead"));
        Replays.Replay replay = begin(dead(), 5);
        second();

        boolean canceled =
                database.scope().call(rows.tenant, () -> replays.cancel(rows.tenant, replay.id()));
        second();

        assertThat(canceled).isTrue();
        assertThat(revived()).hasSize(5);
        assertThat(state(replay).status()).isEqualTo("canceled");
        assertThat(
                        database.scope()
                                .<Boolean>call(
                                        rows.tenant,
                                        () -> replays.cancel(rows.tenant, replay.id())))
                .isFalse();
    }

    @Test
    void twoNodesTakeEachOnce() throws Exception {
        LongStream.rangeClosed(1, 300).forEach(n -> rows.delivery("crm", n, "dead"));
        begin(dead(), 20);
        begin(dead(), 20);
        try (var nodes = Executors.newFixedThreadPool(2)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int node = 0; node < 2; node++) {
                Callable<Void> ticks =
                        () -> {
                            for (int tick = 0; tick < 40; tick++) {
                                synchronized (this) {
                                    now = now.plusMillis(250);
                                }
                                replays.goOn();
                            }
                            return null;
                        };
                ends.add(nodes.submit(ticks));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        }

        assertThat(revived()).doesNotHaveDuplicates().hasSize(300);
    }

    @Test
    @DisplayName(
            "R16: killed half-way and started twice, each dead letter is due once, at the rate")
    void takesEachOnceWhenKilledHalfWayAndStartedTwice() throws Exception {
        int all = 2000;
        rows.delivery("crm", 1, "dead");
        rows.sql(
                """
                insert into event (tenant, id, type, subject_id, conversation_id, message_id, created_at, detail)
                select e.tenant, gen_random_uuid(), e.type, e.subject_id, e.conversation_id, e.message_id, e.created_at, e.detail
                  from event e, generate_series(2, ?)""",
                all);
        rows.sql(
                """
                insert into delivery (tenant, destination, event_id, lane, sequence, state, attempts, created_at, finished_at)
                select tenant, 'crm', id, conversation_id, 1 + row_number() over (), 'dead', 8, created_at, created_at
                  from event where id not in (select event_id from delivery)""");
        rows.delivery("archive", 9_999, "dead");
        now = Instant.now();
        int perSecond = 400; // what the first second leaves takes long enough to be killed in
        Replays.Replay replay = begin(dead(), perSecond);

        Process first = process();
        HubInTest.await()
                .pollInterval(Duration.ofMillis(20))
                .until(() -> state(replay).replayed() >= all / 3);
        first.destroyForcibly().waitFor();
        int atKill = revived().size();
        Process second = process();
        Process third = process();
        try {
            HubInTest.await().until(() -> state(replay).status().equals("done"));
        } finally {
            second.destroyForcibly();
            third.destroyForcibly();
        }

        assertThat(atKill).as("the kill was half-way").isLessThan(all);
        assertThat(revived()).containsExactlyInAnyOrderElementsOf(longs(1, all));
        assertThat(state(replay).replayed()).isEqualTo(all);
        assertThat(
                        database.owner()
                                .queryForObject(
                                        "select max(n) from (select count(*) over (order by at range between"
                                                + " interval '1 second' preceding and current row) as n from revival) r",
                                        Long.class))
                .as(
                        "within one second: one that was saved up, the one after, and what a busy machine put off")
                .isLessThanOrEqualTo(3 * perSecond);
    }

    private Process process() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReplayingProcess.class.getName(),
                        database.pool().getJdbcUrl(),
                        rows.tenant,
                        "crm")
                .redirectErrorStream(true)
                .redirectOutput(new File("target/replaying-process.log"))
                .start();
    }

    private static List<Long> longs(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }
}
