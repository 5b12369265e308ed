package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.jawort.KafkaRecords;
import org.jawort.MigratedDatabase;
import org.jawort.mapping.RepositoryMappings;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code routes/pipeline/deliver.camel.yaml} as it is, on a real database; the consumer is replaced
 * by batches of the test's making, and the destination's route by one that answers as it is told.
 */
@DisplayName("The deliver route: what it tries, what it writes down, and when it commits")
@Timeout(60)
class DeliverRouteIT {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final UUID ERIKA = new UUID(1, 1);
    private static final UUID JANA = new UUID(1, 2);
    private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
    private static final int BATCH_BYTES = 2_000;

    private static MigratedDatabase database;

    /** What happened, in order: {@code tried 1}, {@code committed 0/2 …}. */
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    private final CommittedOffsets offsets =
            new CommittedOffsets(
                    (partition, offset) ->
                            log.add(
                                    "committed "
                                            + partition
                                            + "/"
                                            + offset
                                            + " after "
                                            + states()));

    private final List<JsonNode> sent = Collections.synchronizedList(new ArrayList<>());
    private final Map<Long, RuntimeException> answers = new HashMap<>();
    private final CamelContext camel = new DefaultCamelContext();
    private Destination crm;
    private SubjectKey personsKey;
    private final String tenant = "t-" + UUID.randomUUID().toString().substring(0, 8);
    private final SubjectKeys keys =
            new SubjectKeys(
                    new TenantKeys(
                            RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)));

    /** The name the route knows. */
    public static final class Offsets {
        public void commit(Exchange exchange) {
            KafkaRecords.commit(exchange);
        }
    }

    /** The destination: remembers what it got and answers as the test wants. */
    public final class Crm {
        public void answer(Exchange exchange) throws Exception {
            JsonNode event =
                    new ObjectMapper().readTree(exchange.getMessage().getBody(byte[].class));
            long sequence = event.get("sequence").asLong();
            log.add("tried " + sequence);
            sent.add(event);
            assertThat(exchange.getProperty("jawort.event.id"))
                    .isEqualTo(event.get("id").textValue());
            assertThat(exchange.getMessage().getHeaders()).containsOnlyKeys("Content-Type");
            if (answers.containsKey(sequence)) {
                throw answers.get(sequence);
            }
        }
    }

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @BeforeEach
    void startTheRoute() throws Exception {
        crm =
                new Destination(
                        tenant,
                        "crm",
                        "crm-webhook",
                        "destinations/canonical.jslt",
                        List.of("*"),
                        false,
                        null,
                        Map.of());
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        DeliverRoute.start(
                camel,
                crm,
                new Deliveries(
                        TenantInTest.with(crm),
                        DeliverRoute.store(database, TenantInTest.with(crm)),
                        new Breakers(
                                database.scope(),
                                new ConditionRows(database.jdbc()),
                                () -> NOW,
                                meters),
                        new RetrySchedule(DeliverRouteIT::noJitter),
                        Map.of(crm.mapping(), RepositoryMappings.ALL.compile(crm.mapping())),
                        () -> NOW,
                        meters,
                        4,
                        BATCH_BYTES),
                new Deadline(camel.createProducerTemplate(), 4, () -> NOW, meters, new Alarms()),
                new Crm(),
                new Offsets(),
                meters);
    }

    @AfterEach
    void stopTheRoute() {
        database.owner().execute("drop trigger if exists failing on delivery");
        camel.stop();
    }

    @Test
    void sendsTheShapedEventAndWritesDownThatItWasDelivered() throws Exception {
        pending(1, ERIKA);

        take(record(0, 7, ERIKA, 1));

        assertThat(log).containsExactly("tried 1", "committed 0/7 after delivered:1");
        assertThat(rows()).containsExactly("1 delivered attempts=1 status=null next=null");
        assertThat(sent.getFirst().get("id").textValue()).isEqualTo(event(1).toString());
        assertThat(sent.getFirst().at("/data/rule").textValue()).isEqualTo("conversation-text@3");
    }

    @Test
    void keepsTheOrderOfALaneWhateverTheOrderOfTheRecords() throws Exception {
        pending(1, ERIKA);
        pending(2, ERIKA);
        pending(3, ERIKA);

        take(record(0, 7, ERIKA, 3), record(0, 8, ERIKA, 1), record(0, 9, ERIKA, 2));

        assertThat(log).startsWith("tried 1", "tried 2", "tried 3");
    }

    @Test
    @DisplayName("R10: what may pass is parked, and its lane behind it; other lanes go on")
    void parksADeliveryThatMayPassLater() throws Exception {
        pending(1, ERIKA);
        pending(2, JANA);
        pending(3, ERIKA);
        answers.put(1L, new DestinationUnavailable("HTTP 503", 503, null));

        take(record(0, 7, ERIKA, 1), record(1, 4, JANA, 2), record(0, 8, ERIKA, 3));

        assertThat(log).contains("tried 1", "tried 2").doesNotContain("tried 3");
        assertThat(rows())
                .containsExactly(
                        "1 parked attempts=1 status=503 next=" + NOW.plus(FIRST_WAIT),
                        "2 delivered attempts=1 status=null next=null",
                        "3 parked attempts=0 status=null next=" + NOW.plus(FIRST_WAIT));
        assertThat(committed()).containsExactlyInAnyOrder("0/8", "1/4");
    }

    @Test
    @DisplayName("R11: the destination's own Retry-After is waited for")
    void parksUntilTheDestinationWantsToBeAsked() throws Exception {
        pending(1, ERIKA);
        answers.put(1L, new DestinationUnavailable("HTTP 429", 429, Duration.ofSeconds(30)));

        take(record(0, 7, ERIKA, 1));

        assertThat(rows())
                .containsExactly("1 parked attempts=1 status=429 next=" + NOW.plusSeconds(30));
    }

    @Test
    void parksAfterAFailureNobodyForesaw() throws Exception {
        pending(1, ERIKA);
        answers.put(1L, new IllegalStateException("+4915100000011 is broken"));

        take(record(0, 7, ERIKA, 1));

        assertThat(rows())
                .containsExactly("1 parked attempts=1 status=null next=" + NOW.plus(FIRST_WAIT));
        assertThat(column("last_error"))
                .singleElement()
                .asString()
                .startsWith("IllegalStateException")
                .doesNotContain("+49");
        assertThat(committed()).containsExactly("0/7");
    }

    @Test
    void makesADeadLetterOfWhatIsRefusedAndGoesOnBehindIt() throws Exception {
        pending(1, ERIKA);
        pending(2, ERIKA);
        answers.put(1L, new DestinationRefused("HTTP 422", 422));

        take(record(0, 7, ERIKA, 1), record(0, 8, ERIKA, 2));

        assertThat(log).startsWith("tried 1", "tried 2");
        assertThat(rows())
                .containsExactly(
                        "1 dead attempts=1 status=422 next=null",
                        "2 delivered attempts=1 status=null next=null");
    }

    @Test
    @DisplayName("R13: the eleventh failure is the last")
    void makesADeadLetterWhenTheScheduleIsOver() throws Exception {
        pending(1, ERIKA);
        set(1, "attempts = 10");
        answers.put(1L, new DestinationUnavailable("HTTP 503", 503, null));

        take(record(0, 7, ERIKA, 1, 10));

        assertThat(rows()).containsExactly("1 dead attempts=11 status=503 next=null");
    }

    @Test
    @DisplayName("R10: a lane waits behind a delivery that was parked earlier, untried")
    void waitsBehindADeliveryParkedEarlier() throws Exception {
        pending(1, ERIKA);
        set(1, "state = 'parked', attempts = 2, next_attempt_at = '2026-11-23T10:02:00Z'");
        pending(2, ERIKA);
        pending(3, JANA);

        take(record(0, 7, ERIKA, 2), record(0, 8, JANA, 3));

        assertThat(log).contains("tried 3").doesNotContain("tried 1", "tried 2");
        assertThat(rows())
                .containsExactly(
                        "1 parked attempts=2 status=null next=2026-11-23T10:02:00Z",
                        "2 parked attempts=0 status=null next=2026-11-23T10:02:00Z",
                        "3 delivered attempts=1 status=null next=null");
        assertThat(committed()).containsExactly("0/8");
    }

    @Test
    void wakesAParkedLaneInItsOrder() throws Exception {
        pending(1, ERIKA);
        set(1, "state = 'parked', attempts = 1, next_attempt_at = '2026-11-23T10:00:00Z'");
        pending(2, ERIKA);
        set(2, "state = 'parked', next_attempt_at = '2026-11-23T10:00:00Z'");

        take(record(0, 7, ERIKA, 2), record(0, 8, ERIKA, 1, 1));

        assertThat(log).startsWith("tried 1", "tried 2");
        assertThat(rows())
                .containsExactly(
                        "1 delivered attempts=2 status=null next=null",
                        "2 delivered attempts=1 status=null next=null");
    }

    @Test
    @DisplayName("R10: what parked behind a woken delivery is due as soon as that one is done")
    void releasesALaneWhenTheDeliveryAheadIsDone() throws Exception {
        Instant lease = NOW.plusSeconds(60);
        pending(1, ERIKA);
        set(1, "state = 'parked', next_attempt_at = '" + lease + "'"); // woken, on its way
        pending(2, ERIKA);
        pending(3, JANA);
        set(3, "state = 'parked', attempts = 2, next_attempt_at = '2026-11-23T10:02:00Z'");

        take(record(0, 7, ERIKA, 2));
        take(record(0, 8, ERIKA, 1));

        assertThat(rows())
                .containsExactly(
                        "1 delivered attempts=1 status=null next=null",
                        "2 parked attempts=0 status=null next=" + NOW,
                        "3 parked attempts=2 status=null next=2026-11-23T10:02:00Z");
    }

    @Test
    @DisplayName("R10: nothing overtakes a delivery that is parked between two of a batch")
    void stopsAtADeliveryParkedInBetween() throws Exception {
        pending(1, ERIKA);
        set(1, "state = 'parked', next_attempt_at = '2026-11-23T10:01:00Z'"); // woken
        pending(2, ERIKA);
        set(
                2,
                "state = 'parked', next_attempt_at = '2026-11-23T10:01:30Z', last_error = 'behind an earlier delivery'");
        pending(3, ERIKA);

        take(record(0, 7, ERIKA, 1), record(0, 8, ERIKA, 3));

        assertThat(log).contains("tried 1").doesNotContain("tried 3");
        assertThat(rows())
                .containsExactly(
                        "1 delivered attempts=1 status=null next=null",
                        "2 parked attempts=0 status=null next=" + NOW,
                        "3 parked attempts=0 status=null next=" + NOW);
    }

    @Test
    @DisplayName("what waits for its files, or for its own next attempt, is not hurried by others")
    void leavesWhatWaitsForItsOwnTimeWaiting() throws Exception {
        pending(1, ERIKA);
        set(1, "state = 'parked', next_attempt_at = '2026-11-23T10:01:00Z'"); // woken
        pending(2, ERIKA);
        set(2, "state = 'parked', next_attempt_at = '2026-11-23T10:00:09Z'");
        pending(3, ERIKA);
        set(
                3,
                "state = 'parked', attempts = 5, next_attempt_at = '2026-11-23T11:00:00Z', last_error = 'HTTP 503'");

        take(record(0, 7, ERIKA, 1));

        assertThat(rows())
                .containsExactly(
                        "1 delivered attempts=1 status=null next=null",
                        "2 parked attempts=0 status=null next=2026-11-23T10:00:09Z",
                        "3 parked attempts=5 status=null next=2026-11-23T11:00:00Z");
    }

    @Test
    @DisplayName("R2: a delivery that is stored and on no topic yet is not overtaken")
    void waitsBehindADeliveryThatIsNotPublishedYet() throws Exception {
        pending(1, ERIKA);
        pending(2, ERIKA);
        pending(3, JANA);

        take(record(0, 7, ERIKA, 2), record(0, 8, JANA, 3));

        assertThat(log).contains("tried 3").doesNotContain("tried 2");
        assertThat(rows())
                .contains("2 parked attempts=0 status=null next=" + NOW.plusSeconds(2))
                .contains("1 pending attempts=0 status=null next=null");

        take(record(0, 9, ERIKA, 1), record(0, 10, ERIKA, 2));

        assertThat(log).containsSubsequence("tried 1", "tried 2");
    }

    @Test
    void keepsALaneParkedBehindAWokenDeliveryThatFailsAgain() throws Exception {
        pending(1, ERIKA);
        set(1, "state = 'parked', next_attempt_at = '2026-11-23T10:01:00Z'");
        pending(2, ERIKA);
        answers.put(1L, new DestinationUnavailable("HTTP 429", 429, Duration.ofSeconds(30)));

        take(record(0, 7, ERIKA, 2));
        take(record(0, 8, ERIKA, 1));

        assertThat(rows())
                .containsExactly(
                        "1 parked attempts=1 status=429 next=" + NOW.plusSeconds(30),
                        "2 parked attempts=0 status=null next=2026-11-23T10:01:00Z");
    }

    @Test
    void triesNothingTwiceForARecordThatComesAgain() throws Exception {
        pending(1, ERIKA);
        pending(2, ERIKA);
        set(2, "attempts = 3");

        take(record(0, 7, ERIKA, 1));
        take(record(0, 7, ERIKA, 1), record(0, 8, ERIKA, 2, 2)); // the row is at attempt 3

        assertThat(log)
                .containsExactly(
                        "tried 1",
                        "committed 0/7 after delivered:1 pending:1",
                        "committed 0/8 after delivered:1 pending:1");
    }

    @Test
    void skipsWhatIsNotItsOwnAndCommitsIt() throws Exception {
        pending(1, ERIKA);

        take(
                record(0, 7, "crm/" + ERIKA, body(1, 0)),
                record(0, 8, ERIKA.toString(), "{\"event\":\"broken\"}"),
                record(0, 9, null, body(1, 0)));

        assertThat(log).containsExactly("committed 0/9 after pending:1");
    }

    @Test
    @DisplayName("S20: what belongs to a destroyed key is withheld, and nothing waits for it")
    void withholdsWhatNoKeyOpensAnyMore() throws Exception {
        UUID subject = UUID.randomUUID();
        byte[] sealed =
                keys.create(tenant, subject)
                        .key()
                        .seal("event.data", "{\"state\":\"GRANTED\"}".getBytes(UTF_8));
        database.scope()
                .run(
                        tenant,
                        () ->
                                database.jdbc()
                                        .update(
                                                "insert into subject (tenant, id, created_at) values (?, ?, now())",
                                                tenant,
                                                subject));
        pending(1, ERIKA, "jawort.consent.changed.v1", subject, sealed);
        pending(2, ERIKA);

        take(record(0, 7, ERIKA, 1), record(0, 8, ERIKA, 2));

        assertThat(log).contains("tried 2").doesNotContain("tried 1");
        assertThat(rows())
                .containsExactly(
                        "1 withheld attempts=0 status=null next=null",
                        "2 delivered attempts=1 status=null next=null");
        assertThat(column("last_error")).containsExactly("KEY_DESTROYED", null);
    }

    @Test
    @DisplayName(
            "R27: of a batch that is too large for memory, one part after the other is, in order; it is committed once")
    void worksOffALargeBatchPieceByPiece() throws Exception {
        UUID person = personWithAKey();
        for (int sequence = 1; sequence <= 5; sequence++) {
            large(sequence, person);
        }
        answers.put(4L, new DestinationUnavailable("HTTP 503", 503, null));

        take(
                record(0, 7, ERIKA, 5),
                record(0, 8, ERIKA, 4),
                record(0, 9, ERIKA, 3),
                record(0, 10, ERIKA, 2),
                record(0, 11, ERIKA, 1));

        assertThat(log)
                .containsExactly(
                        "tried 1",
                        "tried 2",
                        "tried 3",
                        "tried 4",
                        "committed 0/11 after delivered:3 parked:2");
        assertThat(rows()).contains("5 parked attempts=0 status=null next=" + NOW.plus(FIRST_WAIT));
    }

    @Test
    @DisplayName("R27: no more is read than may be in memory, and one event whatever its size")
    void readsAsMuchAsMayBeInMemory() {
        UUID person = personWithAKey();
        for (int sequence = 1; sequence <= 5; sequence++) {
            large(sequence, person);
        }
        DeliveryStore store = DeliverRoute.store(database, TenantInTest.with(crm));
        List<DeliveryRecord> records =
                Stream.of(3, 1, 2, 2, 4)
                        .map(n -> new DeliveryRecord(tenant, "crm", ERIKA, event(n), 0))
                        .toList();

        DeliveryReader.Loaded some = DeliverRoute.load(database, store, crm, records, BATCH_BYTES);
        DeliveryReader.Loaded one = DeliverRoute.load(database, store, crm, some.left(), 1);

        assertThat(some.attempts()).extracting(Attempt::sequence).containsExactly(1L, 2L);
        assertThat(some.left())
                .extracting(DeliveryRecord::event)
                .containsExactly(event(3), event(4));
        assertThat(one.attempts()).extracting(Attempt::sequence).containsExactly(3L);
        assertThat(DeliverRoute.load(database, store, crm, records, 1 << 20).left()).isEmpty();
    }

    private UUID personWithAKey() {
        UUID person = UUID.randomUUID();
        SubjectKeys.NewKey key = keys.create(tenant, person);
        personsKey = key.key();
        database.scope()
                .run(
                        tenant,
                        () -> {
                            database.jdbc()
                                    .update(
                                            "insert into subject (tenant, id, created_at) values (?, ?, now())",
                                            tenant,
                                            person);
                            database.jdbc()
                                    .update(
                                            "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at)"
                                                    + " values (?, ?, 'ordinary', ?, now())",
                                            tenant,
                                            person,
                                            key.wrapped());
                        });
        return person;
    }

    /** A good thousand bytes once sealed: the second is the last that is begun within the cap. */
    private void large(long sequence, UUID person) {
        byte[] data = ("{\"state\":\"" + "x".repeat(1_100) + "\"}").getBytes(UTF_8);
        pending(
                sequence,
                ERIKA,
                "jawort.consent.changed.v1",
                person,
                personsKey.seal("event.data", data));
    }

    @Test
    @DisplayName("R3: what cannot be written down is not committed, and comes again with its id")
    void commitsNothingWhenTheOutcomeCannotBeWrittenDown() throws Exception {
        pending(1, ERIKA);
        failUpdates(Integer.MAX_VALUE);

        assertThatThrownBy(() -> take(record(0, 7, ERIKA, 1)))
                .isInstanceOf(CamelExecutionException.class);

        assertThat(log).containsExactly("tried 1");
        assertThat(rows()).containsExactly("1 pending attempts=0 status=null next=null");
        database.owner().execute("drop trigger failing on delivery");
        take(record(0, 7, ERIKA, 1));
        assertThat(log).containsExactly("tried 1", "tried 1", "committed 0/7 after delivered:1");
        assertThat(sent.get(1)).isEqualTo(sent.get(0));
    }

    @Test
    @DisplayName(
            "R15: a dead letter that cannot be stored is not committed, and is one dead letter later")
    void commitsNothingWhenADeadLetterCannotBeStored() throws Exception {
        pending(1, ERIKA);
        answers.put(1L, new DestinationRefused("HTTP 410", 410));
        failUpdates(Integer.MAX_VALUE);

        assertThatThrownBy(() -> take(record(0, 7, ERIKA, 1)))
                .isInstanceOf(CamelExecutionException.class);

        assertThat(committed()).isEmpty();
        assertThat(rows()).containsExactly("1 pending attempts=0 status=null next=null");
        assertThat(strings("select outcome from delivery_attempt")).isEmpty();
        database.owner().execute("drop trigger failing on delivery");
        take(record(0, 7, ERIKA, 1));
        take(record(0, 7, ERIKA, 1));
        assertThat(log)
                .containsExactly(
                        "tried 1",
                        "tried 1",
                        "committed 0/7 after dead:1",
                        "committed 0/7 after dead:1");
        assertThat(rows()).containsExactly("1 dead attempts=1 status=410 next=null");
        assertThat(strings("select concat_ws(' ', number, outcome, status) from delivery_attempt"))
                .containsExactly("1 failed 410");
    }

    @Test
    void asksTheDestinationOnceThoughWritingDownTakesTwoTries() throws Exception {
        pending(1, ERIKA);
        failUpdates(1);

        take(record(0, 7, ERIKA, 1));

        assertThat(log).containsExactly("tried 1", "committed 0/7 after delivered:1");
    }

    private static RandomGenerator noJitter() {
        return () -> 0L;
    }

    /** Makes the next updates of a delivery fail; tries are counted beyond their rollback. */
    private static void failUpdates(int times) {
        database.owner()
                .execute(
                        """
                        create sequence if not exists failing_tries;
                        alter sequence failing_tries restart;
                        grant usage on sequence failing_tries to public;
                        create or replace function fail_tries() returns trigger language plpgsql as
                        $$ begin if nextval('failing_tries') <= %d then raise 'no'; end if; return new; end $$;
                        create trigger failing before update on delivery for each row execute function fail_tries()"""
                                .formatted(times));
    }

    private void pending(long sequence, UUID lane) {
        pending(sequence, lane, "jawort.message.deleted.v1", null, null);
    }

    private void pending(long sequence, UUID lane, String type, UUID subject, byte[] sealed) {
        database.scope()
                .run(
                        tenant,
                        () -> {
                            database.jdbc()
                                    .update(
                                            "insert into event (tenant, id, type, subject_id, conversation_id, created_at, detail, sealed_data)"
                                                    + " values (?, ?, ?, ?, ?, now(), ?::jsonb, ?)",
                                            tenant,
                                            event(sequence),
                                            type,
                                            subject,
                                            lane,
                                            sealed == null
                                                    ? "{\"rule\":\"conversation-text@3\"}"
                                                    : null,
                                            sealed);
                            database.jdbc()
                                    .update(
                                            "insert into delivery (tenant, destination, event_id, lane, sequence, state, created_at)"
                                                    + " values (?, 'crm', ?, ?, ?, 'pending', now())",
                                            tenant,
                                            event(sequence),
                                            lane,
                                            sequence);
                        });
    }

    private void set(long sequence, String columns) {
        database.scope()
                .run(
                        tenant,
                        () ->
                                database.jdbc()
                                        .update(
                                                "update delivery set "
                                                        + columns
                                                        + " where tenant = ? and sequence = ?",
                                                tenant,
                                                sequence));
    }

    private UUID event(long sequence) {
        return new UUID(tenant.hashCode(), sequence);
    }

    private String body(long sequence, int attempt) {
        return "{\"event\":\"%s\",\"attempt\":%d}".formatted(event(sequence), attempt);
    }

    private Exchange record(int partition, long offset, UUID lane, long sequence) {
        return record(partition, offset, lane, sequence, 0);
    }

    private Exchange record(int partition, long offset, UUID lane, long sequence, int attempt) {
        return record(partition, offset, lane.toString(), body(sequence, attempt));
    }

    private Exchange record(int partition, long offset, String key, String body) {
        return ExchangeBuilder.anExchange(camel)
                .withHeader(KafkaConstants.TOPIC, "deliveries")
                .withHeader(KafkaConstants.PARTITION, partition)
                .withHeader(KafkaConstants.KEY, key)
                .withHeader(KafkaConstants.MANUAL_COMMIT, offsets.of(partition, offset))
                .withBody(body.getBytes(UTF_8))
                .build();
    }

    private void take(Exchange... records) throws Exception {
        try (var consumer = camel.createProducerTemplate()) {
            consumer.sendBody("direct:batch", List.of(records));
        }
    }

    private List<String> committed() {
        return log.stream()
                .filter(line -> line.startsWith("committed"))
                .map(line -> line.split(" ")[1])
                .toList();
    }

    /** How many deliveries are in which state, as stored. */
    private String states() {
        return String.join(
                " ",
                strings(
                        "select state || ':' || count(*) from delivery group by state order by state"));
    }

    private List<String> rows() {
        return strings(
                """
                select format('%s %s attempts=%s status=%s next=%s', sequence, state, attempts, coalesce(last_status::text, 'null'),
                              coalesce(to_char(next_attempt_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'null'))
                  from delivery order by sequence""");
    }

    private List<String> column(String name) {
        return strings("select " + name + " from delivery order by sequence");
    }

    private List<String> strings(String query) {
        return database.scope()
                .call(tenant, () -> database.jdbc().queryForList(query, String.class));
    }
}
