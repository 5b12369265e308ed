package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jawort.HomeFolder;
import org.jawort.local.DemoTenant;
import org.jawort.proof.Anchor;
import org.jawort.proof.AnchorFolder;
import org.jawort.proof.LedgerTable;
import org.jawort.proof.LedgerVerdict;
import org.jawort.proof.LedgerVerifier;
import org.jawort.retention.DeletionAnchors;
import org.jawort.retention.JournalVerifier;
import org.jawort.store.TenantScope;
import org.jawort.vault.SubjectKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What nightly runs leave of people over the years, one after the other on one hub: each test moves
 * the clock on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndsOfPeriodsIT {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final String OFFICER = "officer-test-key-0123456789abcdef";

    /** Bought something, agreed, and took it back. */
    private static final String ANNA = "+4915200800001";

    /** Never answered. */
    private static final String BERT = "+4915200800002";

    /** Said no. */
    private static final String CARLA = "+4915200800003";

    /** Agreed and stays. */
    private static final String DORA = "+4915200800004";

    /** Agreed, and it ran out. */
    private static final String EMIL = "+4915200800005";

    /** Where random ids of people stay: nothing there says who they were. */
    private static final Set<String> WITHOUT_A_PERSON =
            Set.of("consent_event", "deletion_journal", "deletion_anchor");

    private SpeakingHub at;
    private String agreed;
    private String unanswered;
    private String declined;
    private String stays;
    private String ranOut;
    private UUID anna;
    private UUID letter;
    private Set<String> ids;
    private int year;
    private Instant filled;

    @BeforeAll
    void fill() {
        at =
                SpeakingHub.start(
                        HomeFolder.copy().apiKey("officer", OFFICER, ", restricted: true").path());
        // all of it on one day and in one year, whenever the test runs
        at.hub.clock.moveToNoon(BERLIN);
        year = at.hub.clock.instant().atZone(BERLIN).getYear();
        agreed = at.capture(ANNA);
        unanswered = at.capture(BERT);
        declined = at.capture(CARLA);
        stays = at.capture(DORA);
        ranOut = at.capture(EMIL);
        for (String record : List.of(agreed, unanswered, declined, stays, ranOut)) {
            at.awaitState(record, "PENDING");
        }
        at.says(ANNA, "Ja");
        at.says(DORA, "Ja");
        at.says(EMIL, "Ja");
        at.says(CARLA, "Nein");
        at.awaitState(agreed, "GRANTED");
        at.awaitState(stays, "GRANTED");
        at.awaitState(ranOut, "GRANTED");
        at.awaitState(declined, "DECLINED");
        at.says(ANNA, "Hiermit bestelle ich die Winterreifen");
        at.quiet();
        runsOut(ranOut);
        at.hub.clock.advance(Duration.ofMinutes(5));
        at.clockActs();
        at.awaitState(ranOut, "EXPIRED");
        at.says(ANNA, "STOPP");
        at.awaitState(agreed, "WITHDRAWN");
        at.quiet();
        anna = UUID.fromString(at.subject(agreed));
        letter =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id from message where subject_id = ? and direction = 'inbound' and decision = 'accept'",
                                UUID.class,
                                anna);
        assertThat(
                        at.api
                                .call(
                                        "classifyMessage",
                                        Map.of("id", letter.toString()),
                                        "",
                                        "{\"category\":\"COMMERCIAL_LETTER\",\"source\":\"agent\"}")
                                .statusCode())
                .isEqualTo(200);
        annotate("Es waren Sommerreifen");
        ids = idsOf(anna);
        filled = at.hub.clock.instant();
    }

    @AfterAll
    void stop() {
        at.close();
    }

    @Test
    @Order(1)
    @DisplayName(
            "RET-6, CON-20, CON-21: 30 days after a prompt nobody answered, or with a no, nothing is left of it but the refusal; of"
                    + " a consent that was given and ran out the proof stays; the ledger stays sound")
    void forgetsUnansweredPrompts() {
        laterBy(8);
        at.clockActs();
        at.awaitState(unanswered, "EXPIRED");
        laterBy(21); // the no is 29 days old
        run();
        assertThat(rows("consent_record where id = '" + unanswered + "'")).isEqualTo(1);
        assertThat(salts(declined)).isPositive();

        laterBy(10);
        Map<String, Object> run = run();

        assertThat(deleted(run, "unanswered-prompt")).isEqualTo(2);
        assertThat(rows("consent_record where id = '" + unanswered + "'")).isZero();
        assertThat(salts(unanswered)).isZero();
        assertThat(salts(declined)).isZero();
        assertThat(at.state(declined)).isEqualTo("DECLINED");
        assertThat(
                        rows(
                                "consent_record where id = '%s' and details -> 'prompt' is not null and details ->> 'prompt' is not null"
                                        .formatted(declined)))
                .isZero();
        assertThat(salts(agreed)).isPositive();
        assertThat(salts(ranOut)).as("of a consent that ran out").isPositive();
        assertThat(rows("consent_record where id = '" + ranOut + "'")).isEqualTo(1);
        assertThat(ledger())
                .isInstanceOfSatisfying(
                        LedgerVerdict.Sound.class,
                        sound -> assertThat(sound.erased()).isPositive());
    }

    @Test
    @Order(2)
    @DisplayName(
            "RET-8, RET-7: when the rest of its conversation goes, a letter leaves every list and answer, sealed under another"
                    + " key; nobody is told to delete it, and whoever asks why it is kept is told")
    void restrictsALetter() {
        laterBy(85);
        JsonNode plan = plan();
        Map<String, Object> run = run();
        at.quiet();

        assertThat(plan.at("/counts/restriction/due").intValue()).isEqualTo(1);
        assertThat(plan.at("/counts/restriction/stores/message").intValue()).isEqualTo(1);
        assertThat(deleted(run, "restriction")).isEqualTo(1);
        assertThat(rows("message where subject_id = '" + anna + "'")).isZero();
        assertThat(rows("conversation where subject_id = '" + anna + "'")).isZero();
        assertThat(rows("media where message_id = '" + letter + "'")).isZero();
        assertThat(at.api.call("getMessage", Map.of("id", letter.toString()), "", "").statusCode())
                .isEqualTo(404);
        assertThat(at.api.call("getRetained", Map.of("id", letter.toString()), "", "").statusCode())
                .isEqualTo(403);
        JsonNode read = asOfficer("/retained-messages/" + letter);
        assertThat(read.at("/body/content/text").textValue()).startsWith("Hiermit bestelle ich");
        assertThat(read.at("/annotations/0").textValue()).isEqualTo("Es waren Sommerreifen");
        JsonNode why = explained();
        assertThat(why.at("/items/0/verdict").textValue()).isEqualTo("RESTRICT");
        assertThat(why.at("/items/0/explanation").textValue())
                .startsWith("restricted, kept until 31.12." + (year + 6));
        assertThat(why.at("/items/0/deferred/0/name").textValue()).isEqualTo("conversation-text@1");
        assertThat(why.at("/history/0/category").textValue()).isEqualTo("COMMERCIAL_LETTER");
        assertThat(toldToDelete()).doesNotContain(letter.toString());
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select rule from deletion_journal where event = 'RESTRICTED'",
                                        String.class))
                .containsExactly("commercial-letter@1");
        assertThat(rows("subject_key where key_group = 'retained' and subject_id = '" + anna + "'"))
                .isEqualTo(1);
    }

    @Test
    @Order(3)
    @DisplayName("RET-6: a refusal is known for as long as nobody may ask again, six months")
    void forgetsARefusal() {
        laterBy(50);
        run();
        assertThat(rows("consent_record where id = '" + declined + "'")).isEqualTo(1);

        laterBy(20);
        run();

        assertThat(rows("consent_record where id = '" + declined + "'")).isZero();
    }

    @Test
    @Order(4)
    @DisplayName(
            "RET-6, SEC-4: 24 months after the last of a relationship addresses and key go; the refusal, the proof and the letter"
                    + " stay, each for its period; who still agrees stays")
    void endsARelationship() {
        String agreesStill =
                "select id from subject where id in (select subject_id from consent_record where state = 'GRANTED')";
        at.hub
                .sql()
                .update(
                        "update consent_record set due_at = null, details = details || '{\"validUntil\": \"2099-01-01T00:00:00Z\"}' where id = ?::uuid",
                        stays);
        at.quiet();
        at.hub.clock.moveTo(filled.atZone(BERLIN).plusMonths(24).minusDays(7).toInstant());
        run();
        assertThat(rows("address where subject_id = '" + anna + "'")).isPositive();

        moveTo((year + 3) + "-01-15T12:00:00");
        assertThat(plan().at("/counts/relationship/due").intValue()).isEqualTo(4);
        Map<String, Object> run = run();

        assertThat(deleted(run, "relationship")).isEqualTo(4);
        assertThat(at.hub.sql().queryForList(agreesStill)).hasSize(1);
        assertThat(rows("address")).as("who still agrees").isPositive();
        assertThat(rows("address where subject_id = '" + anna + "'")).isZero();
        assertThat(rows("subject_key where key_group = 'ordinary' and subject_id = '" + anna + "'"))
                .isZero();
        assertThat(rows("suppression where subject_id = '" + anna + "'")).isZero();
        assertThat(rows("suppression_stub where channel = 'sms' and scope = 'ALL'")).isEqualTo(1);
        assertThat(rows("notice_delivery where subject_id = '" + anna + "'")).isPositive();
        JsonNode proof = asOfficer("/consents/" + agreed + "/proof");
        assertThat(proof.get("events").findValuesAsText("sound")).isNotEmpty().containsOnly("true");
        assertThat(proof.toString()).contains("\"Ja\"");
        assertThat(asOfficer("/retained-messages/" + letter).at("/body/content/text").textValue())
                .startsWith("Hiermit bestelle ich");
        anchor();
    }

    @Test
    @Order(5)
    @DisplayName(
            "RET-6, CON-21: three years after the year's end the proof of a consent is gone with its salt, and so are notices; the"
                    + " commitments are verifiable as before")
    void destroysProof() {
        moveTo((year + 3) + "-12-31T23:30:00");
        run();
        assertThat(salts(agreed)).isPositive();
        assertThat(salts(ranOut)).isPositive();
        assertThat(rows("notice_delivery where subject_id = '" + anna + "'")).isPositive();
        anchor();

        moveTo((year + 4) + "-01-01T00:30:00");
        run();

        assertThat(salts(agreed)).isZero();
        assertThat(salts(ranOut)).isZero();
        assertThat(salts(stays)).as("of a consent in force").isPositive();
        assertThat(rows("retained_evidence where subject_id = '" + anna + "'")).isZero();
        assertThat(rows("notice_delivery where subject_id = '" + anna + "'")).isZero();
        assertThat(ledger()).isInstanceOf(LedgerVerdict.Sound.class);
        run();
        assertThat(rows("restricted_proof where subject_id = '" + anna + "'")).isZero();
        assertThat(
                        at.hub
                                .bean(MeterRegistry.class)
                                .get("jawort.suppression.review.due")
                                .tag("tenant", DemoTenant.ID)
                                .gauge()
                                .value())
                .as("refusals that no period ends, to be looked at after three years")
                .isEqualTo(rows("suppression_stub"))
                .isPositive();
    }

    @Test
    @Order(6)
    @DisplayName(
            "RET-13, RET-6: evidence of runs goes after three years from its old end; what stays is a chain, and an anchor tells"
                    + " what it began with")
    void forgetsOldEvidence() {
        anchor();
        assertThat(journal())
                .isInstanceOfSatisfying(
                        JournalVerifier.Verdict.Sound.class,
                        sound -> assertThat(sound.since()).isNull());
        moveTo((year + 6) + "-12-31T22:00:00");

        run();

        assertThat(rows("deletion_journal where position = 1")).isZero();
        assertThat(rows("retention_plan where made_at < '%s'".formatted(years(-3)))).isZero();
        assertThat(rows("retention_run where finished_at < '%s'".formatted(years(-3)))).isZero();
        assertThat(journal())
                .isInstanceOfSatisfying(
                        JournalVerifier.Verdict.Sound.class,
                        sound -> assertThat(sound.since()).hasYear(year + 3));
        at.hub
                .sql()
                .update(
                        "delete from deletion_journal where position = (select min(position) + 1 from deletion_journal)");
        assertThat(journal())
                .isInstanceOfSatisfying(
                        JournalVerifier.Verdict.Broken.class,
                        broken -> assertThat(broken.what()).isEqualTo("missing"));
    }

    private Instant years(int from) {
        return at.hub.clock.instant().atZone(BERLIN).plusYears(from).toInstant();
    }

    @Test
    @Order(7)
    @DisplayName(
            "RET-8, RET-16: on 1 January after its period the letter goes, each recipient hears it with the rule that decided, and"
                    + " no table names the person any more")
    void leavesNothing() {
        assertThat(rows("retained_message where id = '" + letter + "'")).isEqualTo(1);

        moveTo((year + 7) + "-01-01T00:30:00");
        assertThat(plan().at("/counts/commercial-letter/due").intValue()).isEqualTo(1);
        run();
        at.quiet();

        assertThat(rows("retained_message")).isZero();
        await().until(() -> toldToDelete().contains(letter.toString()));
        assertThat(deletions())
                .filteredOn(
                        event -> event.at("/data/messageId").textValue().equals(letter.toString()))
                .isNotEmpty()
                .allSatisfy(
                        event -> {
                            assertThat(event.at("/data/rule").textValue())
                                    .isEqualTo("commercial-letter@1");
                            assertThat(event.at("/data/dataType").textValue())
                                    .isEqualTo("commercial-letter");
                        });
        laterBy(91);
        run();
        assertThat(tablesNaming()).isSubsetOf(WITHOUT_A_PERSON);
        assertThat(rows("subject where id = '" + anna + "'")).isZero();
        assertThat(rows("subject_key where subject_id = '" + anna + "'")).isZero();
    }

    private void runsOut(String record) {
        Instant soon = at.hub.clock.instant().plus(Duration.ofMinutes(1));
        at.hub
                .sql()
                .update(
                        "update consent_record set due_at = ?::timestamptz, details = details || jsonb_build_object('validUntil', ?) where id = ?::uuid",
                        soon.toString(),
                        soon.toString(),
                        record);
    }

    private void annotate(String words) {
        byte[] wrapped =
                at.hub
                        .sql()
                        .queryForObject(
                                "select wrapped from subject_key where subject_id = ? and key_group = 'ordinary'",
                                byte[].class,
                                anna);
        at.hub
                .sql()
                .update(
                        "insert into message_annotation (tenant, id, message_id, subject_id, request_id, sealed_text, created_at)"
                                + " values (?, ?, ?, ?, ?, ?, now())",
                        DemoTenant.ID,
                        UUID.randomUUID(),
                        letter,
                        anna,
                        UUID.randomUUID(),
                        at.hub
                                .bean(SubjectKeys.class)
                                .open(DemoTenant.ID, anna, wrapped)
                                .seal(
                                        "message.annotation",
                                        words.getBytes(StandardCharsets.UTF_8)));
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> run() {
        return at.hub
                .camel()
                .createProducerTemplate()
                .requestBodyAndHeader(
                        "direct:retention-run", DemoTenant.ID, "dryRun", false, Map.class);
    }

    private JsonNode plan() {
        return ApiClient.json(at.api.call("runDeletion", Map.of(), "", "{\"dryRun\":true}"));
    }

    private static long deleted(Map<String, Object> run, String dataType) {
        Map<?, ?> counts = (Map<?, ?>) ((Map<?, ?>) run.get("counts")).get(dataType);
        return ((Number) counts.get("deleted")).longValue();
    }

    private JsonNode explained() {
        return ApiClient.json(
                at.api.as(OFFICER, "explainRetention", Map.of("id", letter.toString()), ""));
    }

    private List<JsonNode> deletions() {
        List<JsonNode> events = new ArrayList<>(at.hub.archived());
        at.hub.crmEvents().forEach(got -> events.add(got.get("event")));
        return events.stream()
                .filter(event -> event.get("type").textValue().equals("jawort.message.deleted.v1"))
                .toList();
    }

    private List<String> toldToDelete() {
        return deletions().stream().map(event -> event.at("/data/messageId").textValue()).toList();
    }

    private JsonNode asOfficer(String path) {
        return ApiClient.json(
                at.hub.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                at.hub.url()
                                                        + "/api/v1/tenants/"
                                                        + DemoTenant.ID
                                                        + path))
                                .header("Authorization", "Bearer " + OFFICER)
                                .build()));
    }

    private long salts(String record) {
        return rows(
                "consent_salt s join consent_event e on e.id = s.event_id where e.record_id = '"
                        + record
                        + "'");
    }

    private long rows(String tableAndCondition) {
        return at.hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }

    private Set<String> idsOf(UUID subject) {
        Set<String> all = new HashSet<>(List.of(subject.toString()));
        for (String query :
                List.of(
                        "select id from message where subject_id = ?",
                        "select id from event where subject_id = ?",
                        "select id from address where subject_id = ?",
                        "select id from conversation where subject_id = ?",
                        "select id from notice_delivery where subject_id = ?",
                        "select id from consent_record where subject_id = ?")) {
            all.addAll(at.hub.sql().queryForList(query, String.class, subject));
        }
        return all;
    }

    /** All tables of the catalogue with a row that names one of the person's ids. */
    private List<String> tablesNaming() {
        List<String> naming = new ArrayList<>();
        for (String table :
                at.hub
                        .sql()
                        .queryForList(
                                "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'tenant'",
                                String.class)) {
            for (String row :
                    at.hub
                            .sql()
                            .queryForList(
                                    "select to_jsonb(t)::text from " + table + " t",
                                    String.class)) {
                if (ids.stream().anyMatch(row::contains)) {
                    naming.add(table);
                    break;
                }
            }
        }
        return naming;
    }

    /** Nothing is in flight while the clock moves: an attempt would have taken months. */
    private void moveTo(String day) {
        at.quiet();
        at.hub.clock.moveTo(berlin(day));
    }

    private void laterBy(int days) {
        at.quiet();
        at.hub.clock.advance(Duration.ofDays(days));
    }

    private void anchor() {
        at.hub.bean(DeletionAnchors.class).anchor(DemoTenant.ID);
        await().untilAsserted(
                        () ->
                                assertThat(anchors())
                                        .extracting(Anchor::position)
                                        .containsAll(
                                                at.hub
                                                        .sql()
                                                        .queryForList(
                                                                "select position from deletion_anchor",
                                                                Long.class)));
    }

    private LedgerVerdict ledger() {
        return scoped(
                () ->
                        new LedgerVerifier(new LedgerTable(at.hub.bean(JdbcTemplate.class)))
                                .verify(DemoTenant.ID, List.of(), done -> {}));
    }

    private JournalVerifier.Verdict journal() {
        return scoped(
                () ->
                        new JournalVerifier(at.hub.bean(JdbcTemplate.class))
                                .verify(DemoTenant.ID, anchors()));
    }

    private List<Anchor> anchors() {
        try {
            AnchorFolder.Found found =
                    new AnchorFolder(at.hub.archive)
                            .of(Anchor.Chain.DELETIONS, DemoTenant.ID, null);
            assertThat(found.forged()).isEmpty();
            return found.signed();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private <T> T scoped(Supplier<T> work) {
        return at.hub.bean(TenantScope.class).call(DemoTenant.ID, work::get);
    }

    private static Instant berlin(String local) {
        return LocalDateTime.parse(local).atZone(BERLIN).toInstant();
    }
}
