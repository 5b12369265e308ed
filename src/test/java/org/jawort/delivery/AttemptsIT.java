package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.jawort.delivery.Attempt.Made;
import org.jawort.delivery.Attempt.Outcome;
import org.jawort.delivery.DeliveryLedger.Missing;
import org.jawort.tenant.Tenants;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What is on record of attempts, and of numbers that did not arrive")
class AttemptsIT {

    private static final String QUOTE = "no contact +4915100000011 Erika Mustermann";

    private static MigratedDatabase database;

    private final SubjectKeys keys =
            new SubjectKeys(
                    new TenantKeys(
                            RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)));
    private DeliveryStore store;
    private DeliveryRows rows;

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @BeforeEach
    void aMessage() {
        store =
                new DeliveryStore(
                        database.scope(),
                        database.jdbc(),
                        keys,
                        new EventComposer(new ObjectMapper(), (t, type) -> type),
                        (tenant, messages) -> Map.of(),
                        new LateFiles(
                                database.jdbc(),
                                new Outbox(database.jdbc()),
                                new Tenants(Map.of())));
        rows = new DeliveryRows(database, keys);
    }

    private void attempt(int made, Outcome outcome, Integer status, String answer) {
        store.record(rows.crm, List.of(result(made, outcome, status, answer)), DeliveryRows.NOW);
    }

    private LaneGroup.Result result(int made, Outcome outcome, Integer status, String answer) {
        Attempt attempt =
                DeliverRoute.load(
                                database,
                                store,
                                rows.crm,
                                List.of(
                                        new DeliveryRecord(
                                                rows.tenant,
                                                "crm",
                                                rows.conversation,
                                                rows.event(1),
                                                made)),
                                1 << 20)
                        .attempts()
                        .getFirst();
        return new LaneGroup.Result(
                attempt,
                outcome,
                new Made(
                        DeliveryRows.NOW.minusMillis(31),
                        31,
                        status,
                        answer == null ? null : answer.getBytes(UTF_8)),
                List.of());
    }

    private static Outcome parked() {
        return new Outcome.Parked(DeliveryRows.NOW.plusSeconds(5), true, 503, "HTTP 503");
    }

    private List<AttemptHistory.Made> history(boolean opensRestricted) {
        return database.scope()
                .call(
                        rows.tenant,
                        () ->
                                new AttemptHistory(database.jdbc(), keys)
                                        .of(rows.tenant, "crm", rows.event(1), opensRestricted));
    }

    private long count(String table) {
        return Long.parseLong(rows.strings("select count(*) from " + table).getFirst());
    }

    @Test
    void makesNoRowOfAFirstAttemptThatWasTakenWithoutAWord() {
        rows.delivery("crm", 1, "pending");

        attempt(0, new Outcome.Delivered(), 204, null);

        assertThat(count("delivery_attempt")).isZero();
        assertThat(history(false))
                .containsExactly(
                        new AttemptHistory.Made(
                                1,
                                DeliveryRows.NOW.minusMillis(31),
                                31,
                                "delivered",
                                204,
                                null,
                                null,
                                null));
    }

    @Test
    @DisplayName(
            "S19, SEC-3: every attempt is kept, and what was answered lies under the person's key")
    void keepsEveryAttemptWithItsAnswerSealed() {
        rows.delivery("crm", 1, "pending");

        attempt(0, parked(), 503, QUOTE);
        attempt(1, parked(), 503, null);
        attempt(2, new Outcome.Delivered(), 200, "{\"id\":7}");

        assertThat(history(false))
                .extracting(
                        AttemptHistory.Made::number,
                        AttemptHistory.Made::outcome,
                        AttemptHistory.Made::status,
                        AttemptHistory.Made::error,
                        AttemptHistory.Made::answer)
                .containsExactly(
                        tuple(1, "failed", 503, "HTTP 503", QUOTE),
                        tuple(2, "failed", 503, "HTTP 503", null),
                        tuple(3, "delivered", 200, null, "{\"id\":7}"));
        assertThat(rows.strings("select t::text from delivery_attempt t"))
                .hasSize(3)
                .noneMatch(row -> row.contains("Erika"));
        String sealed =
                "select encode(sealed_answer, 'escape') from delivery_attempt where sealed_answer is not null";
        assertThat(rows.strings(sealed)).hasSize(2).noneMatch(text -> text.contains("Erika"));
    }

    @Test
    void countsAnAttemptThatSomebodyElseSettledMeanwhileForNothing() {
        rows.delivery("crm", 1, "pending");
        LaneGroup.Result slow = result(0, new Outcome.Delivered(), 200, QUOTE);
        rows.sql("delete from delivery where tenant = ?", rows.tenant);

        store.record(rows.crm, List.of(slow), DeliveryRows.NOW);

        assertThat(count("delivery_attempt")).as("of an erased person nothing comes back").isZero();
    }

    @Test
    @DisplayName("whatever deletes the message takes along what was answered to it")
    void forgetsTheAnswerWithTheMessage() {
        rows.delivery("crm", 1, "pending");
        attempt(0, parked(), 503, QUOTE);

        rows.sql("delete from message where tenant = ? and id = ?", rows.tenant, rows.message);

        assertThat(history(true))
                .singleElement()
                .satisfies(
                        made -> {
                            assertThat(made.status()).isEqualTo(503);
                            assertThat(made.answer()).isNull();
                            assertThat(made.answerWithheld()).isNull();
                        });
        assertThat(count("delivery_attempt where sealed_answer is not null")).isZero();
    }

    @Test
    @DisplayName("RET-6: nor is kept what is answered to a message that was deleted meanwhile")
    void keepsNoAnswerToAMessageThatIsGone() {
        rows.delivery("crm", 1, "pending");
        LaneGroup.Result slow = result(0, parked(), 503, QUOTE);
        rows.sql("delete from message where tenant = ? and id = ?", rows.tenant, rows.message);

        store.record(rows.crm, List.of(slow), DeliveryRows.NOW);

        assertThat(count("delivery_attempt")).isEqualTo(1);
        assertThat(count("delivery_attempt where sealed_answer is not null")).isZero();
    }

    @Test
    @DisplayName("S20: who is restricted, being erased or erased is not quoted")
    void showsNoAnswerAboutWhomItMustNotShow() {
        rows.delivery("crm", 1, "pending");
        attempt(0, parked(), 503, QUOTE);

        rows.sql("update subject set restricted_at = now() where tenant = ?", rows.tenant);
        var restricted = history(false).getFirst();
        var officer = history(true).getFirst();
        rows.sql("update subject set erasing_at = now() where tenant = ?", rows.tenant);
        var erasing = history(true).getFirst();
        rows.sql(
                "update subject set erasing_at = null, restricted_at = null where tenant = ?",
                rows.tenant);
        rows.sql("delete from subject_key where tenant = ?", rows.tenant);
        var shredded = history(true).getFirst();

        assertThat(List.of(restricted, erasing, shredded))
                .allMatch(made -> made.answer() == null)
                .extracting(AttemptHistory.Made::answerWithheld)
                .containsExactly("RESTRICTED", "ERASURE_RUNNING", "KEY_DESTROYED");
        assertThat(officer.answer()).isEqualTo(QUOTE);
    }

    @Test
    @DisplayName("a receiver can tell of each number why it is missing")
    void tellsOfEachNumberWhyItIsMissing() {
        rows.delivery("crm", 1, "delivered");
        rows.delivery("crm", 2, "withheld");
        rows.delivery("crm", 3, "withheld");
        rows.delivery("crm", 4, "dead");
        rows.delivery("crm", 5, "pending");
        rows.delivery("archive", 6, "delivered"); // another destination's number
        rows.delivery("crm", 7, "parked");
        rows.sql("update delivery set last_error = 'RESTRICTED' where state = 'withheld'");
        rows.sql("update delivery set last_error = 'HTTP 410' where state = 'dead'");
        rows.sql(
                "insert into destination_sequence (tenant, destination, last) values (?, 'crm', 7)",
                rows.tenant);

        var all = sequence(1, 10_000);

        assertThat(all.last()).isEqualTo(7);
        assertThat(all.missing())
                .containsExactly(
                        new Missing(2, 3, "withheld", "RESTRICTED"),
                        new Missing(4, 4, "dead", "HTTP 410"),
                        new Missing(5, 5, "waiting", null),
                        new Missing(6, 6, "deleted", null),
                        new Missing(7, 7, "waiting", null));
        assertThat(sequence(3, 3).missing())
                .containsExactly(new Missing(3, 3, "withheld", "RESTRICTED"));
        assertThat(sequence(8, 9).missing()).isEmpty();
    }

    private DeliveryLedger.Sequence sequence(long from, long to) {
        return database.scope()
                .call(
                        rows.tenant,
                        () ->
                                new DeliveryLedger(database.jdbc())
                                        .sequence(rows.tenant, "crm", from, to));
    }

    @Test
    void filtersByEveryTrait() {
        rows.delivery("crm", 1, "delivered");
        rows.about("jawort.message.received.v1", "crm", 2, "dead");
        rows.delivery("archive", 2, "dead");
        rows.sql(
                "update delivery set last_status = 410 where destination = 'crm' and state = 'dead'");
        var any = new DeliveryFilter(null, null, null, null, null, null, null, null, null);
        UUID nobody = UUID.randomUUID();

        Map<DeliveryFilter, Integer> found =
                Map.of(
                        any,
                        3,
                        filter("crm", null, null, null, null, null),
                        2,
                        filter(null, "dead", null, null, null, null),
                        2,
                        filter(null, null, 410, null, null, null),
                        1,
                        filter(null, null, null, "jawort.message.received.v1", null, null),
                        2,
                        filter(null, null, null, null, rows.conversation, null),
                        3,
                        filter(null, null, null, null, nobody, null),
                        0,
                        filter(null, null, null, null, null, rows.message),
                        3,
                        filter(null, null, null, null, null, nobody),
                        0);

        found.forEach((filter, count) -> assertThat(page(filter)).as("%s", filter).hasSize(count));
        var second =
                new DeliveryFilter(
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        DeliveryRows.NOW.plusSeconds(2),
                        DeliveryRows.NOW.plusSeconds(3),
                        null);
        assertThat(page(second)).extracting(DeliveryLedger.Entry::sequence).containsExactly(2L, 2L);
    }

    private static DeliveryFilter filter(
            String destination,
            String state,
            Integer status,
            String type,
            UUID conversation,
            UUID message) {
        return new DeliveryFilter(
                destination, state, status, type, conversation, message, null, null, null);
    }

    private List<DeliveryLedger.Entry> page(DeliveryFilter filter) {
        return database.scope()
                .call(
                        rows.tenant,
                        () ->
                                new DeliveryLedger(database.jdbc())
                                        .page(rows.tenant, filter, null, 10)
                                        .entries());
    }

    @Test
    @DisplayName("a page looks through so many deliveries, and says where the next goes on")
    void looksThroughOnlySoMuchAtOnce() {
        for (int sequence = 1; sequence <= 5; sequence++) {
            rows.delivery("crm", sequence, sequence == 1 ? "dead" : "delivered");
        }
        rows.sql("update delivery set last_status = 500 where sequence = 1");
        DeliveryFilter failed = filter(null, null, 500, null, null, null);
        DeliveryFilter late =
                new DeliveryFilter(
                        null,
                        null,
                        500,
                        null,
                        null,
                        null,
                        DeliveryRows.NOW.plus(Duration.ofDays(2)),
                        null,
                        null);

        assertThat(walked(failed)).containsExactly(List.of(), List.of(), List.of(1L));
        assertThat(walked(filter("crm", "dead", null, null, null, null)))
                .as("found by an index")
                .containsExactly(List.of(1L));
        assertThat(walked(late)).as("made before").containsExactly(List.of());
        assertThat(walked(filter(null, null, null, null, null, null)))
                .containsExactly(List.of(5L, 4L), List.of(3L, 2L), List.of(1L));
    }

    /** The sequences of page after page that looks through two deliveries. */
    private List<List<Long>> walked(DeliveryFilter filter) {
        DeliveryLedger ledger = new DeliveryLedger(database.jdbc(), 2);
        List<List<Long>> pages = new ArrayList<>();
        DeliveryLedger.Place after = null;
        do {
            DeliveryLedger.Place from = after;
            DeliveryLedger.Found found =
                    database.scope()
                            .call(rows.tenant, () -> ledger.page(rows.tenant, filter, from, 10));
            pages.add(found.entries().stream().map(DeliveryLedger.Entry::sequence).toList());
            after = found.goesOn();
        } while (after != null);
        return pages;
    }
}
