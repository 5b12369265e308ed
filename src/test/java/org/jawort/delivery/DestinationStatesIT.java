package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.camel.CamelExecutionException;
import org.jawort.MigratedDatabase;
import org.jawort.delivery.DestinationHealth.Leave;
import org.jawort.mapping.MappingFailed;
import org.jawort.mapping.RepositoryMappings;
import org.jawort.tenant.Destination;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The deliver route, its wake-up and its watch, with the state of the destination in PostgreSQL.
 */
@DisplayName("A destination that fails, is gone, or was stopped")
@Timeout(60)
class DestinationStatesIT {

    private static final UUID ERIKA = new UUID(1, 1);
    private static final DestinationUnavailable DOWN =
            new DestinationUnavailable("HTTP 503", 503, null);
    private static final List<Duration> WAITS =
            List.of(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1),
                    Duration.ofHours(6),
                    Duration.ofHours(24),
                    Duration.ofHours(24),
                    Duration.ofHours(24),
                    Duration.ofHours(24));

    private static MigratedDatabase database;

    private DeliverRoute hub;

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @BeforeEach
    void start() {
        hub = new DeliverRoute(database);
    }

    @AfterEach
    void stop() {
        database.owner().execute("drop trigger if exists failing on delivery");
        hub.close();
    }

    @Test
    @DisplayName(
            "R13: five days of failures: the schedule to the second, three warnings, one alert, no more calls")
    void givesUpOnADestinationThatIsDeadForFiveDays() throws Exception {
        hub.always = DOWN;
        hub.arrives(1, ERIKA);
        List<Duration> waits = new ArrayList<>();
        List<Duration> told = new ArrayList<>();

        for (Instant end = DeliverRoute.START.plus(Duration.ofDays(6)); hub.now.isBefore(end); ) {
            Instant due = hub.due(1);
            Instant tick = hub.now.plus(Duration.ofHours(1));
            if (due != null && waits.size() < hub.calls.size()) {
                waits.add(Duration.between(hub.now, due));
            }
            hub.now = due != null && due.isBefore(tick) ? due : tick;
            hub.wake();
            int before = hub.history().size();
            hub.watch.run();
            hub.watch.run(); // as a second node would
            if (hub.history().size() > before) {
                told.add(Duration.between(DeliverRoute.START, hub.now));
            }
        }

        assertThat(waits).containsExactlyElementsOf(WAITS);
        assertThat(hub.calls).hasSize(11);
        assertThat(hub.rows()).containsExactly("1 dead attempts=11 status=503");
        assertThat(hub.history())
                .containsExactly(
                        "failing 50", "failing 70", "failing 90", "disabled FAILED_TOO_LONG");
        for (int i = 0; i < 4; i++) {
            assertThat(told.get(i))
                    .isBetween(
                            Duration.ofHours(120 * List.of(50, 70, 90, 100).get(i) / 100),
                            Duration.ofHours(120 * List.of(50, 70, 90, 100).get(i) / 100 + 1));
        }
        assertThat(hub.counted("jawort.destination.disabled")).isEqualTo(1);
        assertThat(hub.view().state()).isEqualTo("disabled");

        hub.arrives(2, ERIKA);
        hub.advance(Duration.ofDays(30));
        assertThat(hub.wake()).isZero();
        hub.watch.run();

        assertThat(hub.calls).hasSize(11);
        assertThat(hub.rows()).contains("2 parked attempts=0 status=null");
        assertThat(hub.history()).hasSize(4);
    }

    @Test
    @DisplayName(
            "R2: what is pending and on no topic any more, as in a restored database, is published again, in its place")
    void publishesAgainWhatNoRecordComesFor() throws Exception {
        hub.pending(1, ERIKA);
        hub.pending(2, ERIKA);
        hub.advance(Duration.ofMinutes(61));
        hub.arrives(3, ERIKA);

        assertThat(hub.wake()).as("an attempt may be under way on another node").isZero();
        assertThat(hub.due(1)).isEqualTo(hub.now.plus(Duration.ofMinutes(5)));
        for (int minutes = 0; minutes < 12; minutes++) {
            hub.advance(Duration.ofSeconds(30));
            hub.wake();
        }

        assertThat(hub.calls).containsExactly(1L, 2L, 3L);
        assertThat(hub.rows()).hasSize(3).allMatch(row -> row.contains(" delivered attempts=1 "));
        assertThat(hub.counted("jawort.deliveries.republished")).isEqualTo(2);
    }

    @Test
    @DisplayName("R3: a record that is only late is taken as ever, and the second one is an echo")
    void deliversOnceWhatWasOnlyLate() throws Exception {
        hub.pending(1, ERIKA);
        hub.advance(Duration.ofMinutes(61));
        hub.wake();

        hub.take(List.of(hub.record(1, ERIKA, 0)));
        hub.advance(Duration.ofMinutes(6));
        hub.wake();
        hub.take(List.of(hub.record(1, ERIKA, 0)));

        assertThat(hub.calls).containsExactly(1L);
        assertThat(hub.rows()).containsExactly("1 delivered attempts=1 status=null");
    }

    @Test
    void leavesToItsTopicWhatIsPendingForLess() throws Exception {
        hub.pending(1, ERIKA);
        hub.advance(Duration.ofMinutes(59));

        hub.wake();

        assertThat(hub.rows()).containsExactly("1 pending attempts=0 status=null");
    }

    @Test
    @DisplayName("R11: what a mapping stops at is that event's fault, and not the destination's")
    void blamesNoDestinationForAMappingThatStops() throws Exception {
        hub.always =
                catchThrowableOfType(
                        MappingFailed.class, () -> RepositoryMappings.ALL.map("acme", null));

        for (int sequence = 1; sequence <= 25; sequence++) {
            hub.arrives(sequence, ERIKA);
        }

        assertThat(hub.calls).as("nobody waits, and no breaker opens").hasSize(25);
        assertThat(hub.rows()).hasSize(25).allMatch(row -> row.contains(" dead attempts=1 "));
        hub.watch.run();
        assertThat(hub.view().state()).isEqualTo("active");
        assertThat(hub.history()).isEmpty();
    }

    @Test
    @DisplayName("R13: with jitter each wait is what is scheduled and at most a fifth more")
    void keepsTheScheduleWithinItsJitter() throws Exception {
        Random random = new Random(42);
        try (DeliverRoute jittered =
                new DeliverRoute(
                        database,
                        "t-" + UUID.randomUUID().toString().substring(0, 8),
                        () -> random)) {
            jittered.always = DOWN;
            jittered.arrives(1, ERIKA);

            for (Duration wait : WAITS) {
                Duration waits = Duration.between(jittered.now, jittered.due(1));
                assertThat(waits).isBetween(wait, wait.plus(wait.dividedBy(5)));
                jittered.now = jittered.due(1).minusMillis(1);
                assertThat(jittered.wake()).isZero();
                jittered.advance(Duration.ofMillis(1));
                assertThat(jittered.wake()).isEqualTo(1);
            }

            assertThat(jittered.rows()).containsExactly("1 dead attempts=11 status=503");
        }
    }

    @Test
    void forgetsAFailureNobodyTriesAgain() throws Exception {
        hub.answers.put(1L, DOWN);
        hub.arrives(1, ERIKA);
        hub.advance(Duration.ofHours(31));

        hub.watch.run();
        hub.advance(Duration.ofDays(5));
        hub.watch.run();

        assertThat(hub.history()).isEmpty();
        assertThat(hub.view().failingSince()).isNull();
        assertThat(hub.view().state()).isEqualTo("active");
    }

    @Test
    @DisplayName(
            "R14: while the breaker is open one delivery tries, the others wait and count no attempt")
    void probesWithOneDeliveryWhileTheOthersWait() throws Exception {
        hub.always = DOWN;
        for (int i = 1; i <= 10; i++) {
            hub.arrives(i, new UUID(9, i));
        }
        assertThat(hub.calls).hasSize(10);

        hub.arrives(11, new UUID(9, 11));
        hub.advance(Duration.ofMillis(4999));
        assertThat(hub.wake()).isZero();
        assertThat(hub.calls).hasSize(10);
        assertThat(hub.view().breaker().state()).isEqualTo("open");
        assertThat(hub.rows()).contains("11 parked attempts=0 status=null");

        hub.advance(Duration.ofMillis(1));
        assertThat(hub.view().breaker().state()).isEqualTo("half-open");
        assertThat(hub.wake()).isEqualTo(1);
        assertThat(hub.calls).as("the probe").hasSize(11);

        hub.advance(Duration.ofSeconds(9));
        assertThat(hub.wake()).as("spared twice as long").isZero();
        hub.always = null;
        hub.advance(Duration.ofSeconds(1));
        assertThat(hub.wake()).isEqualTo(1);
        assertThat(hub.calls).as("the second probe").hasSize(12);
        assertThat(hub.view().breaker().state()).isEqualTo("closed");

        hub.advance(Duration.ofMinutes(1));
        hub.wake();
        assertThat(hub.rows()).hasSize(11).allMatch(row -> row.contains(" delivered "));
    }

    @Test
    @DisplayName(
            "R14: of a batch that comes while the breaker may close, one is tried, and the rest after it")
    void triesTheRestOfABatchOnceTheProbeWasDelivered() throws Exception {
        hub.always = DOWN;
        for (int i = 1; i <= 10; i++) {
            hub.arrives(i, new UUID(9, i));
        }
        hub.advance(Duration.ofSeconds(5));
        List<DeliveryRecord> batch = new ArrayList<>();
        for (int i = 11; i <= 14; i++) {
            hub.pending(i, new UUID(9, i));
            batch.add(hub.record(i, new UUID(9, i), 0));
        }

        hub.take(batch);
        assertThat(hub.calls).as("one probe").hasSize(11);
        assertThat(hub.rows().subList(10, 14))
                .containsExactly(
                        "11 parked attempts=1 status=503",
                        "12 parked attempts=0 status=null",
                        "13 parked attempts=0 status=null",
                        "14 parked attempts=0 status=null");

        hub.always = null;
        hub.advance(Duration.ofSeconds(10));
        hub.take(batch.subList(1, 4));
        assertThat(hub.calls).endsWith(12L, 13L, 14L);
    }

    @Test
    @DisplayName("R14: one failure behind a good probe is a failure like any other")
    void closesAfterAGoodProbeWhateverOneOfTheOthersIsAnswered() throws Exception {
        hub.always = DOWN;
        for (int i = 1; i <= 10; i++) {
            hub.arrives(i, new UUID(9, i));
        }
        hub.advance(Duration.ofSeconds(5));
        hub.always = null;
        hub.answers.put(13L, DOWN);
        List<DeliveryRecord> batch = new ArrayList<>();
        for (int i = 11; i <= 14; i++) {
            hub.pending(i, ERIKA);
            batch.add(hub.record(i, ERIKA, 0));
        }

        hub.take(batch);

        assertThat(hub.view().breaker().state()).isEqualTo("closed");
        assertThat(hub.rows().subList(10, 14))
                .containsExactly(
                        "11 delivered attempts=1 status=null",
                        "12 delivered attempts=1 status=null",
                        "13 parked attempts=1 status=503",
                        "14 parked attempts=0 status=null");

        hub.always = DOWN;
        hub.advance(Duration.ofSeconds(5));
        for (int i = 15; i <= 24; i++) {
            hub.arrives(i, new UUID(9, i));
        }
        assertThat(hub.view().breaker().state()).as("ten in a row").isEqualTo("open");
        hub.advance(Duration.ofSeconds(5));
        assertThat(hub.view().breaker().state())
                .as("for as long as at first")
                .isEqualTo("half-open");
    }

    @Test
    @DisplayName("R14: of several nodes one probes, and what one learned the others know")
    void sharesTheBreakerBetweenNodes() throws Exception {
        hub.always = DOWN;
        for (int i = 1; i <= 10; i++) {
            hub.arrives(i, new UUID(9, i));
        }
        Destination crm =
                new Destination(
                        hub.tenant,
                        "crm",
                        "crm-webhook",
                        null,
                        List.of("*"),
                        false,
                        null,
                        Map.of());
        Breakers other =
                new Breakers(
                        database.scope(),
                        new ConditionRows(database.jdbc()),
                        () -> hub.now,
                        hub.meters);

        assertThat(begin(other, crm).leave()).isEqualTo(Leave.NONE);
        hub.advance(Duration.ofSeconds(5));
        DestinationHealth probing = begin(other, crm);
        assertThat(probing.leave()).isEqualTo(Leave.PROBE);
        assertThat(begin(hub.breakers, crm).leave()).isEqualTo(Leave.NONE);

        other.end(crm, probing); // it found nothing to try: the next may
        hub.take(List.of(hub.record(11, ERIKA, 7))); // nor does this one, whose record is an echo
        assertThat(begin(hub.breakers, crm).leave()).isEqualTo(Leave.PROBE);
        hub.advance(Duration.ofMinutes(2)); // that node was killed
        assertThat(begin(other, crm).leave()).isEqualTo(Leave.PROBE);
    }

    @Test
    @DisplayName("R11: who asks to be left alone for a while is not called at all until then")
    void callsNobodyBeforeRetryAfter() throws Exception {
        hub.answers.put(1L, new DestinationUnavailable("HTTP 429", 429, Duration.ofSeconds(30)));
        hub.arrives(1, ERIKA);
        hub.answers.clear();

        hub.arrives(2, new UUID(9, 2));
        hub.advance(Duration.ofMillis(29_999));
        assertThat(hub.wake()).isZero();
        assertThat(hub.calls).containsExactly(1L);

        hub.advance(Duration.ofMillis(1));
        hub.wake();
        hub.wake();
        assertThat(hub.calls).hasSize(3);
        assertThat(hub.rows()).allMatch(row -> row.contains(" delivered "));
    }

    @Test
    @DisplayName(
            "R11: 410 disables with one alert; what came waits and is sent, in order, once it is resumed")
    void disablesADestinationThatIsGone() throws Exception {
        hub.always = new DestinationGone("HTTP 410", 410);
        hub.arrives(1, ERIKA);
        hub.arrives(2, ERIKA);
        hub.arrives(3, new UUID(9, 3));
        hub.advance(Duration.ofDays(2));

        assertThat(hub.wake()).isZero();
        hub.watch.run();
        assertThat(hub.calls).containsExactly(1L);
        assertThat(hub.rows())
                .containsExactly(
                        "1 parked attempts=1 status=410",
                        "2 parked attempts=0 status=null",
                        "3 parked attempts=0 status=null");
        assertThat(hub.history()).containsExactly("disabled GONE");
        assertThat(hub.counted("jawort.destination.disabled")).isEqualTo(1);
        assertThat(
                        hub.meters
                                .get("jawort.destination.state")
                                .tag("state", "disabled")
                                .gauge()
                                .value())
                .isEqualTo(1);
        assertThat(hub.view().backlog().waiting()).isEqualTo(3);

        hub.always = null;
        hub.resume();
        hub.wake();
        assertThat(hub.calls).containsExactly(1L, 1L, 2L, 3L);
        assertThat(hub.rows()).allMatch(row -> row.contains(" delivered "));
        assertThat(hub.history()).containsExactly("disabled GONE", "resumed REQUESTED");
    }

    @Test
    void callsNoPausedDestinationAlsoAfterARestart() throws Exception {
        hub.pause();
        hub.arrives(1, ERIKA);
        hub.arrives(2, ERIKA);

        try (DeliverRoute next = new DeliverRoute(database, hub.tenant, () -> () -> 0L)) {
            next.arrives(3, ERIKA);
            next.advance(Duration.ofDays(30));
            assertThat(next.wake()).isZero();
            assertThat(next.calls).isEmpty();
            assertThat(next.view().changedBy()).isEqualTo("demo");

            next.resume();
            next.wake();
            assertThat(next.calls).containsExactly(1L, 2L, 3L);
        }
        assertThat(hub.calls).isEmpty();
        assertThat(hub.history()).containsExactly("paused REQUESTED", "resumed REQUESTED");
    }

    @Test
    void stopsInTheMiddleOfABatchWhenItIsPausedElsewhere() throws Exception {
        Destination crm =
                new Destination(
                        hub.tenant,
                        "crm",
                        "crm-webhook",
                        null,
                        List.of("*"),
                        false,
                        null,
                        Map.of());
        DestinationHealth batch = begin(hub.breakers, crm);
        assertThat(batch.mayTry()).isTrue();

        hub.pause();
        hub.watch.run();

        assertThat(batch.mayTry()).isFalse();
        assertThat(batch.untried().error()).isEqualTo("destination is stopped");
    }

    @Test
    void triesNothingOverAnAccountThatIsPaused() {
        Destination account =
                new Destination(
                        hub.tenant,
                        Destination.SEND + "wa",
                        "send-message",
                        null,
                        List.of(),
                        false,
                        null,
                        Map.of());
        DestinationHealth batch = begin(hub.breakers, account);
        assertThat(batch.mayTry()).isTrue();

        database.scope()
                .run(
                        hub.tenant,
                        () ->
                                new ConditionRows(database.jdbc())
                                        .pause(hub.tenant, account.id(), "demo", hub.now));

        assertThat(begin(hub.breakers, account).mayTry()).isFalse();
        hub.watch.run();
        assertThat(batch.mayTry()).as("the batch under way").isFalse();
        assertThat(batch.untried().nextAttemptAt()).isEqualTo(hub.now);
    }

    @Test
    @DisplayName("R29: what the last failure was decides, whatever came before it")
    void followsTheLastFailure() throws Exception {
        hub.answers.put(1L, new IOException("connection reset"));
        hub.arrives(1, ERIKA);
        hub.pending(2, ERIKA);
        hub.take(List.of(hub.record(2, ERIKA, 0)));
        assertThat(hub.rows())
                .containsExactly(
                        "1 parked attempts=1 status=null", "2 parked attempts=0 status=null");

        hub.answers.put(1L, new DestinationRefused("HTTP 422", 422));
        hub.now = hub.due(1);
        hub.wake();

        assertThat(hub.calls).containsExactly(1L, 1L, 2L);
        assertThat(hub.rows())
                .containsExactly(
                        "1 dead attempts=2 status=422", "2 delivered attempts=1 status=null");
    }

    @Test
    @DisplayName(
            "R15: with the store down nothing is committed; afterwards there is one dead letter")
    void makesOneDeadLetterThoughTheStoreWasDown() throws Exception {
        hub.answers.put(1L, new DestinationRefused("HTTP 422", 422));
        hub.pending(1, ERIKA);
        database.owner()
                .execute(
                        """
                        create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'down'; end $$;
                        create trigger failing before update on delivery for each row execute function refuse()""");

        assertThatThrownBy(() -> hub.take(List.of(hub.record(1, ERIKA, 0))))
                .isInstanceOf(CamelExecutionException.class);
        assertThat(hub.commits).isEmpty();
        assertThat(hub.rows()).containsExactly("1 pending attempts=0 status=null");

        database.owner().execute("drop trigger failing on delivery");
        hub.take(List.of(hub.record(1, ERIKA, 0)));
        hub.take(List.of(hub.record(1, ERIKA, 0)));

        assertThat(hub.commits).hasSize(2);
        assertThat(hub.rows()).containsExactly("1 dead attempts=1 status=422");
        assertThat(hub.calls).hasSize(2);
    }

    private DestinationHealth begin(Breakers breakers, Destination destination) {
        return database.scope().call(destination.tenant(), () -> breakers.begin(destination));
    }
}
