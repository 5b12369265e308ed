package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jawort.HubInTest;
import org.jawort.MigratedDatabase;
import org.jawort.delivery.Attempt.Outcome;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("A file that comes after its message")
@Timeout(60)
class LateFilesIT {

    private static final String RECEIVED = "jawort.message.received.v1";

    private static MigratedDatabase database;

    private final SubjectKeys keys =
            new SubjectKeys(
                    new TenantKeys(
                            RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)));
    private final UUID file = UUID.randomUUID();
    private DeliveryRows rows;
    private LateFiles late;
    private DeliveryStore store;

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @BeforeEach
    void aMessageWithAFile() {
        rows = new DeliveryRows(database, keys);
        late =
                new LateFiles(
                        database.jdbc(),
                        new Outbox(database.jdbc()),
                        new Tenants(Map.of(rows.tenant, tenant("crm", "archive", "dms"))));
        store =
                new DeliveryStore(
                        database.scope(),
                        database.jdbc(),
                        keys,
                        new EventComposer(new ObjectMapper(), (t, type) -> type),
                        (tenant, messages) -> Map.of(),
                        late);
        rows.sql(
                "insert into media_file (tenant, id, message_id, subject_id, account, state, running, created_at, updated_at)"
                        + " values (?, ?, ?, ?, 'wa', 'waiting', true, now(), now())",
                rows.tenant,
                file,
                rows.message,
                rows.person);
    }

    private Tenant tenant(String... destinations) {
        TenantInTest tenant = TenantInTest.of(rows.tenant);
        for (String id : destinations) {
            tenant.destination(rows.destination(id));
        }
        return tenant.build();
    }

    /** Inside the caller's transaction. */
    private void fileComes() {
        database.jdbc()
                .update(
                        "update media_file set state = 'stored', running = false where tenant = ? and id = ?",
                        rows.tenant,
                        file);
        late.stored(rows.tenant, rows.message, file, DeliveryRows.NOW);
    }

    private void fileComesNow() {
        database.scope().run(rows.tenant, this::fileComes);
    }

    /** An attempt that went out without the file. */
    private LaneGroup.Result lacking(int attempts, Outcome outcome) {
        ObjectNode event = new ObjectMapper().createObjectNode();
        event.putObject("data")
                .putObject("content")
                .putArray("media")
                .addObject()
                .put("id", file.toString())
                .putObject("unavailable")
                .put("reason", "NOT_FOUND")
                .put("final", false);
        Attempt attempt =
                new Attempt(
                        rows.event(1),
                        rows.conversation,
                        1,
                        attempts,
                        false,
                        RECEIVED,
                        rows.message,
                        () -> event,
                        null,
                        null);
        return new LaneGroup.Result(
                attempt,
                outcome,
                new Attempt.Made(DeliveryRows.NOW, 3, 200, null),
                LateFiles.lacking(attempt, event));
    }

    private void ends(int attempts, Outcome outcome) {
        store.record(rows.crm, List.of(lacking(attempts, outcome)), DeliveryRows.NOW);
    }

    private static Outcome parked() {
        return new Outcome.Parked(DeliveryRows.NOW.plusSeconds(5), true, 503, "HTTP 503");
    }

    /** Destinations that are told, in order; one that is told twice stands there twice. */
    private List<String> told() {
        return rows.strings(
                "select d.destination from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id"
                        + " where e.type = 'jawort.media.stored.v1' and e.conversation_id is not null"
                        + " and d.lane = e.conversation_id order by d.destination");
    }

    private void given(String destination, String state) {
        rows.about(RECEIVED, destination, 1, state);
    }

    @Test
    void isToldToThoseWhoWereGivenTheMessageWithoutIt() {
        given("crm", "delivered");
        given("archive", "parked"); // tried once, and perhaps taken
        given("dms", "pending"); // gets it with the message

        fileComesNow();

        assertThat(told()).containsExactly("archive", "crm");
    }

    @Test
    void isNotToldWhereNobodyWasGivenTheMessage() {
        given("crm", "dead");
        given("archive", "withheld");
        given("dms", "pending");
        rows.about("jawort.message.status.v1", "dms", 2, "delivered");

        fileComesNow();

        assertThat(told()).isEmpty();
        assertThat(rows.strings("select type from event where type like 'jawort.media%'"))
                .isEmpty();
    }

    @Test
    void isToldWhenTheAttemptThatWasUnderWayEnds() {
        given("crm", "pending");
        fileComesNow();
        assertThat(told()).isEmpty();

        ends(0, new Outcome.Delivered());

        assertThat(told()).containsExactly("crm");
    }

    @Test
    void isToldAlsoWhenTheAttemptThatWasUnderWayNeverEnded() {
        given("archive", "parked");
        underWay("archive");

        fileComesNow(); // the hub is killed; the next attempt has the file, and finds the message
        // taken

        assertThat(told()).containsExactly("archive");
    }

    @Test
    void isToldOnceWhenAnAttemptThatWasWokenEndsAfterwards() {
        given("crm", "parked");
        underWay("crm");

        fileComesNow();
        ends(0, new Outcome.Delivered());

        assertThat(told()).containsExactly("crm");
    }

    @Test
    void isNotToldToWhoStillWaitsForIt() {
        given("crm", "parked");
        rows.sql("update delivery set attempts = 0, next_attempt_at = now()");

        fileComesNow();

        assertThat(told()).isEmpty();
    }

    /** The first attempt, after the delivery waited for the file. */
    private void underWay(String destination) {
        int woken =
                rows.sql(
                        "update delivery set attempts = 0, next_attempt_at = now(), leased_until = now() where destination = ?",
                        destination);
        assertThat(woken).isEqualTo(1);
    }

    @Test
    void isToldOnceHoweverOftenItIsTried() {
        given("crm", "pending");
        fileComesNow();

        ends(0, parked());
        ends(1, new Outcome.Delivered());

        assertThat(told()).containsExactly("crm");
    }

    @Test
    void isToldOnceWhenItCameBetweenTwoAttempts() {
        given("crm", "pending");

        ends(0, parked());
        fileComesNow();
        ends(1, new Outcome.Delivered());

        assertThat(told()).containsExactly("crm");
    }

    @Test
    void isNotToldToWhoRefusedTheMessage() {
        given("crm", "pending");
        fileComesNow();

        ends(0, new Outcome.Dead(422, "HTTP 422"));

        assertThat(told()).isEmpty();
    }

    @Test
    void isToldOnceWhenItComesWhileAnAttemptEnds() throws Exception {
        given("crm", "pending");

        CompletableFuture<Void> end =
                database.scope()
                        .call(
                                rows.tenant,
                                () -> {
                                    fileComes();
                                    var ending =
                                            CompletableFuture.runAsync(
                                                    () -> ends(0, new Outcome.Delivered()));
                                    awaitOneThatWaits();
                                    return ending;
                                });
        end.get(20, TimeUnit.SECONDS);

        assertThat(told()).containsExactly("crm");
    }

    @Test
    void isToldOnceWhenAnAttemptEndsWhileItComes() throws Exception {
        given("crm", "pending");

        CompletableFuture<Void> coming =
                database.scope()
                        .call(
                                rows.tenant,
                                () -> {
                                    database.jdbc()
                                            .update(
                                                    "update delivery set state = 'delivered', attempts = 1 where tenant = ? and destination = 'crm'",
                                                    rows.tenant);
                                    late.ended(
                                            rows.crm,
                                            List.of(lacking(0, new Outcome.Delivered())),
                                            DeliveryRows.NOW);
                                    var stored = CompletableFuture.runAsync(this::fileComesNow);
                                    awaitOneThatWaits();
                                    return stored;
                                });
        coming.get(20, TimeUnit.SECONDS);

        assertThat(told()).containsExactly("crm");
    }

    private static void awaitOneThatWaits() {
        HubInTest.await()
                .until(
                        () ->
                                database.owner()
                                                .queryForObject(
                                                        "select count(*) from pg_locks l where not granted and l.locktype = 'transactionid'",
                                                        Long.class)
                                        > 0);
    }
}
