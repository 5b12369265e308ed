package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.jawort.retention.Erasure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The tenant's own block list and suppressions, from the API to what is taken and sent. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenantActsIT {

    private static final String NUMBER = "+4915200700001";
    private static final String OTHER = "+4915200700002";
    private static final String NOTICE = "Datenschutz: Verantwortlich ist";

    private SharedHub shared;
    private SpeakingHub at;

    @BeforeAll
    void start() {
        // one more than tests: one of them is about another tenant's person
        shared = SharedHub.in(HomeFolder.copy()).accounts("twilio").tenants(11).start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    @BeforeEach
    void takeATenant() {
        at = SpeakingHub.telling(shared.seat());
    }

    @Test
    @DisplayName(
            "IN_DROP_BLOCKED: of whoever is blocked nothing is taken but the count, no window opens; STOP and the words"
                    + " of a request are heard; taken off the list they are heard again, and who did what when is kept")
    void dropsWhatTheBlockedWrite() {
        String record = granted(NUMBER);
        String subject = at.subject(record);
        String before = conversation(subject);
        at.hub.clock.advance(Duration.ofMinutes(1));

        JsonNode blocked =
                done(
                        "blockSubject",
                        "{\"person\":{\"subject\":\"" + subject + "\"},\"reason\":\"SPAM\"}");
        JsonNode again = done("blockSubject", by(NUMBER, ",\"reason\":\"FRAUD\""));
        says(NUMBER, "Kauft bei mir");

        assertThat(again).isEqualTo(blocked);
        assertThat(blocked.at("/blocked/reason").textValue()).isEqualTo("SPAM");
        assertThat(at.read(record).at("/consent/blocked").booleanValue()).isTrue();
        assertThat(dropped()).isEqualTo(1);
        assertThat(received("Kauft bei mir")).isZero();
        assertThat(reasons(subject)).containsExactly("IN_CONSENT_YES");
        assertThat(conversation(subject)).isEqualTo(before);

        says(NUMBER, "Auskunft");
        says(NUMBER, "STOPP");
        at.awaitState(record, "WITHDRAWN");
        assertThat(reasons(subject)).contains("IN_DSR", "IN_STOP");
        assertThat(dropped()).isEqualTo(1);

        done("unblockSubject", by(NUMBER, ""));
        done("unblockSubject", by(NUMBER, ""));
        says(NUMBER, "Guten Tag");

        await().until(() -> received("Guten Tag") == 1);
        assertThat(blocks(subject).get("blocked").isNull()).isTrue();
        assertThat(blocks(subject).get("history"))
                .extracting(
                        one -> one.get("act").asText(),
                        one -> one.get("reason").asText(),
                        one -> one.get("by").asText())
                .containsExactly(
                        tuple("BLOCKED", "SPAM", "demo"), tuple("UNBLOCKED", "null", "demo"));
        assertThat(at.read(record).get("history").findValuesAsText("event"))
                .containsSubsequence("BLOCKED", "UNBLOCKED");
    }

    @Test
    @DisplayName(
            "IN_DROP_BLOCKED: who is blocked before they ever wrote is told nothing and has no conversation")
    void blocksSomebodyUnknown() {
        JsonNode nobody = done("unblockSubject", by(NUMBER, ""));
        assertThat(nobody.get("subjectId").isNull()).isTrue();
        assertThat(rows("subject")).isZero();

        JsonNode blocked = done("blockSubject", by(NUMBER, ",\"reason\":\"THREAT\""));
        says(NUMBER, "Guten Tag");

        assertThat(dropped()).isEqualTo(1);
        assertThat(List.of(rows("subject"), rows("message"), rows("conversation"), rows("event")))
                .containsExactly(1L, 0L, 0L, 0L);
        assertThat(at.sent(NUMBER, NOTICE)).isEmpty();
        assertThat(blocked.at("/blocked/by").textValue()).isEqualTo("demo");
    }

    @Test
    @DisplayName(
            "IN_DROP_BLOCKED, CON-3: blocked under one name is blocked under all, until they are apart or one is erased")
    void blocksAllNames() {
        String record = granted(NUMBER);
        String other = granted(OTHER);
        link(record, other);

        done("blockSubject", by(NUMBER, ",\"reason\":\"HARASSMENT\""));
        says(OTHER, "Hallo");
        assertThat(dropped()).isEqualTo(1);
        assertThat(blocks(at.subject(other)).at("/blocked/reason").textValue())
                .isEqualTo("HARASSMENT");

        at.api.call("unlinkSubject", Map.of("id", at.subject(other)), "", "");
        says(OTHER, "Hallo");
        await().until(() -> received("Hallo") == 1);
        link(record, other);

        done("unblockSubject", by(OTHER, ""));
        says(NUMBER, "Hallo");
        await().until(() -> received("Hallo") == 2);
        assertThat(dropped()).isEqualTo(1);

        done("blockSubject", by(NUMBER, ",\"reason\":\"SPAM\""));
        erase(at.subject(record));
        says(OTHER, "Hallo");
        assertThat(dropped()).as("under the name that is left").isEqualTo(2);
        assertThat(blocks(at.subject(other)).at("/blocked/reason").isNull()).isTrue();
    }

    @Test
    @DisplayName(
            "IN_DROP_BLOCKED: a block decides nothing about what is sent, and what is dropped opens no window")
    void leavesSendingToSuppressions() {
        granted(NUMBER);
        done("blockSubject", by(NUMBER, ",\"reason\":\"OTHER\""));

        assertThat(at.send(reply("Ihre Rechnung")).statusCode()).isEqualTo(202);
        at.hub.clock.advance(Duration.ofHours(30));
        says(NUMBER, "Hallo");

        assertThat(dropped()).isEqualTo(1);
        assertThat(denied(reply("Noch etwas"))).isEqualTo("OUT_NO_OPEN_CONVERSATION");
        assertThat(at.remind(NUMBER).statusCode()).isEqualTo(202);
    }

    @Test
    @DisplayName(
            "FLT-3, FLT-4, T10: what the tenant suppresses is denied, also what waits; neither Ja nor START lifts it, an"
                    + " answer to what came since passes; consents stay, and once lifted it goes again")
    void suppressesUntilTheTenantLifts() {
        String record = granted(NUMBER);
        String tomorrow = sent(reminder(Duration.ofHours(20)));
        at.hub.clock.advance(Duration.ofMinutes(1));

        JsonNode suppressed = suppress(NUMBER, "ALL");
        JsonNode again = suppress(NUMBER, "ALL");

        assertThat(again).isEqualTo(suppressed);
        assertThat(suppressed.get("suppressions")).hasSize(1);
        assertThat(at.read(record).at("/consent/suppressions/0/source").textValue())
                .isEqualTo("TENANT");
        assertThat(denied(reminder(null))).isEqualTo("OUT_SUPPRESSED");
        assertThat(denied(reply("Noch etwas"))).isEqualTo("OUT_SUPPRESSED");

        at.hub.clock.advance(Duration.ofMinutes(1));
        says(NUMBER, "START");
        says(NUMBER, "Ja");
        assertThat(denied(reminder(null))).isEqualTo("OUT_SUPPRESSED");
        assertThat(at.send(reply("Gern")).statusCode()).isEqualTo(202);
        at.hub.clock.advance(Duration.ofHours(21));
        await().untilAsserted(
                        () ->
                                assertThat(at.message(tomorrow).get("reason").asText())
                                        .isEqualTo("OUT_SUPPRESSED"));
        assertThat(at.state(record)).isEqualTo("GRANTED");

        JsonNode lifted = done("releaseSubject", suppression(NUMBER, "ALL"));
        JsonNode liftedAgain = done("releaseSubject", suppression(NUMBER, "ALL"));

        assertThat(at.remind(NUMBER).statusCode()).isEqualTo(202);
        assertThat(liftedAgain).isEqualTo(lifted);
        assertThat(lifted.get("suppressions")).isEmpty();
        assertThat(lifted.get("history"))
                .extracting(
                        one -> one.get("act").asText(),
                        one -> one.get("channel").asText(),
                        one -> one.get("reason").asText())
                .containsExactly(
                        tuple("SUPPRESSED", "whatsapp", "DISPUTE"),
                        tuple("RELEASED", "whatsapp", "null"));
        assertThat(at.transitions(record))
                .containsSubsequence("T4", "TENANT_SUPPRESSED", "TENANT_RELEASED");
    }

    @Test
    @DisplayName(
            "T8, FLT-4: who withdraws one purpose under a suppression of the tenant's has withdrawn that one: an answer to what they"
                    + " wrote since still goes")
    void isNoWithdrawalOfEverything() {
        String record = granted(NUMBER);
        suppress(NUMBER, "ALL");
        at.hub.clock.advance(Duration.ofMinutes(1));
        says(NUMBER, "Wann kommt meine Antwort?");
        String answer =
                sent(reply("Gleich").replace("{\"to\"", sendAt(Duration.ofHours(1)) + "\"to\""));
        String reminder = sent(reminder(Duration.ofHours(1)));

        var withdrawn =
                at.api.call(
                        "withdrawConsent",
                        Map.of("id", record),
                        "",
                        "{\"route\":\"PHONE\",\"purposes\":[\"NOTIFICATION\"],\"at\":\""
                                + at.hub.clock.instant()
                                + "\"}");
        assertThat(withdrawn.statusCode()).as(withdrawn.body()).isEqualTo(200);

        assertThat(at.message(reminder).get("state").textValue()).isEqualTo("canceled");
        assertThat(at.message(answer).get("state").textValue()).isEqualTo("scheduled");
        at.hub.clock.advance(Duration.ofMinutes(61));
        at.awaitSent(NUMBER, "Gleich");
    }

    @Test
    @DisplayName(
            "FLT-4, CON-3: one of advertising alone lets notifications go; linked, both names have it, and it is lifted under either")
    void suppressesAdvertisingAlone() {
        String record = granted(NUMBER);
        String other = granted(OTHER);
        JsonNode suppressed = suppress(OTHER, "MARKETING");

        link(record, other);

        assertThat(suppressed.at("/suppressions/0/scope").textValue()).isEqualTo("MARKETING");
        assertThat(at.remind(NUMBER).statusCode()).isEqualTo(202);
        assertThat(List.of(at.state(record), at.state(other))).containsOnly("GRANTED");
        assertThat(blocks(at.subject(record)).get("suppressions")).hasSize(1);
        done("releaseSubject", suppression(NUMBER, "MARKETING"));
        assertThat(blocks(at.subject(record)).get("suppressions")).isEmpty();
        assertThat(blocks(at.subject(other)).get("suppressions")).isEmpty();
    }

    @Test
    @DisplayName(
            "T15, SEC-4, RET-16: after an erasure a keyed hash alone says what the tenant had blocked; who comes back is"
                    + " dropped, and what was suppressed is still the tenant's to lift")
    void outlivesAnErasureAsAStub() {
        String subject = at.subject(granted(NUMBER));
        suppress(NUMBER, "ALL");
        done("blockSubject", by(NUMBER, ",\"reason\":\"SPAM\""));

        erase(subject);

        assertThat(rows("tenant_act")).isZero();
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select 1 from subject where id = ?::uuid and blocked_at is not null",
                                        subject))
                .isEmpty();
        assertThat(stubs()).containsExactlyInAnyOrder("BLOCKED", "TENANT_ALL");
        says(NUMBER, "Da bin ich wieder");
        assertThat(dropped()).isEqualTo(1);
        assertThat(stubs()).isEmpty();
        JsonNode back = done("unblockSubject", by(NUMBER, ""));
        assertThat(back.get("subjectId").textValue()).isNotEqualTo(subject);
        assertThat(back.at("/suppressions/0/source").textValue()).isEqualTo("TENANT");
        assertThat(back.get("history").findValuesAsText("act"))
                .containsExactly("BLOCKED", "UNBLOCKED");
        assertThat(denied(reminder(null))).isEqualTo("OUT_SUPPRESSED");
        assertThat(done("releaseSubject", suppression(NUMBER, "ALL")).get("suppressions"))
                .isEmpty();
    }

    @Test
    @DisplayName(
            "SEC-4: what is left of somebody erased is lifted by the address, and nobody is made")
    void liftsWhatIsLeft() {
        String subject = at.subject(granted(NUMBER));
        suppress(NUMBER, "MARKETING");
        done("blockSubject", by(NUMBER, ",\"reason\":\"SPAM\""));
        erase(subject);
        long people = rows("subject");

        done("releaseSubject", suppression(NUMBER, "ALL"));
        done("unblockSubject", by(OTHER, ""));
        assertThat(stubs()).hasSize(2);
        JsonNode lifted = done("unblockSubject", by(NUMBER, ""));
        done("releaseSubject", suppression(NUMBER, "MARKETING"));

        assertThat(stubs()).isEmpty();
        assertThat(rows("subject")).isEqualTo(people);
        assertThat(lifted.get("subjectId").isNull()).isTrue();
        var erased =
                at.api.call(
                        "blockSubject",
                        Map.of(),
                        "",
                        "{\"person\":{\"subject\":\"" + subject + "\"},\"reason\":\"SPAM\"}");
        assertThat(ApiClient.json(erased).get("code").textValue()).isEqualTo("SUBJECT_ERASED");
    }

    @Test
    @DisplayName(
            "TEN-1: another tenant's person cannot be blocked, suppressed or looked at; DSR-4: whoever asks is told")
    void knowsNobodyOfAnotherTenant() {
        String subject = at.subject(granted(NUMBER));
        done("blockSubject", by(NUMBER, ",\"reason\":\"SPAM\""));
        SpeakingHub theirs = SpeakingHub.of(shared.seat());
        String person = "{\"person\":{\"subject\":\"" + subject + "\"}";

        var answers =
                List.of(
                        theirs.api.call(
                                "blockSubject", Map.of(), "", person + ",\"reason\":\"SPAM\"}"),
                        theirs.api.call("unblockSubject", Map.of(), "", person + "}"),
                        theirs.api.call(
                                "suppressSubject",
                                Map.of(),
                                "",
                                person
                                        + ",\"channel\":\"sms\",\"scope\":\"ALL\",\"reason\":\"OTHER\"}"),
                        theirs.api.call(
                                "releaseSubject",
                                Map.of(),
                                "",
                                person + ",\"channel\":\"sms\",\"scope\":\"ALL\"}"),
                        theirs.api.call("listSubjectBlocks", Map.of("id", subject), "", ""));

        assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(404);
        assertThat(blocks(subject).at("/blocked/reason").textValue()).isEqualTo("SPAM");
        assertThat(told()).contains("BLOCKED");
    }

    /** What an answer to this person says of what the tenant did. */
    private String told() {
        RightsDesk desk = new RightsDesk(at);
        desk.channel = "whatsapp";
        String id = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        return ApiClient.json(desk.unpacked(desk.link(NUMBER)).get("data.json"))
                .get("tenantActs")
                .toString();
    }

    private String granted(String number) {
        String record = at.captureOnTheWeb(number);
        at.awaitState(record, "PENDING");
        at.quiet();
        says(number, "Ja");
        at.awaitState(record, "GRANTED");
        at.quiet();
        return record;
    }

    /** On WhatsApp. */
    private void says(String number, String text) {
        assertThat(at.webhooks.writes("twilio", number, text)).isEqualTo(200);
        at.quiet();
    }

    private void erase(String subject) {
        at.hub
                .bean(Erasure.class)
                .erase(at.hub.tenant, UUID.fromString(subject), UUID.randomUUID());
    }

    private JsonNode done(String operation, String body) {
        HttpResponse<String> answer = at.api.call(operation, Map.of(), "", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ApiClient.json(answer);
    }

    private static String by(String number, String more) {
        return "{\"person\":{\"channel\":\"whatsapp\",\"address\":{\"address\":\"%s\",\"scheme\":\"phone\"}}%s}"
                .formatted(number, more);
    }

    private static String suppression(String number, String scope) {
        return by(number, ",\"channel\":\"whatsapp\",\"scope\":\"" + scope + "\"");
    }

    private JsonNode suppress(String number, String scope) {
        return done(
                "suppressSubject",
                by(
                        number,
                        ",\"channel\":\"whatsapp\",\"reason\":\"DISPUTE\",\"scope\":\""
                                + scope
                                + "\""));
    }

    private JsonNode blocks(String subject) {
        return ApiClient.json(at.api.call("listSubjectBlocks", Map.of("id", subject), "", ""));
    }

    private void link(String one, String other) {
        String body =
                "{\"subjectId\":\"%s\",\"evidence\":{\"source\":\"crm\",\"reference\":\"contact-4711\",\"time\":\"2026-11-24T08:00:00Z\"}}"
                        .formatted(at.subject(other));
        var answer = at.api.call("linkSubjects", Map.of("id", at.subject(one)), "", body);
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    /** In the only conversation there is. */
    private String reply(String text) {
        UUID conversation =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id from conversation where tenant = ?",
                                UUID.class,
                                at.hub.tenant);
        return "{\"to\":{\"conversation\":\"%s\"},\"content\":{\"type\":\"text\",\"text\":\"%s\"}}"
                .formatted(conversation, text);
    }

    private String reminder(Duration later) {
        return """
        {"to":{"channel":"whatsapp","address":"%s","scheme":"phone"},%s
         "content":{"template":{"name":"appointment-reminder","language":"de",
          "parameters":["Erika Mustermann","27.11.2026","10:30"]}}}"""
                .formatted(NUMBER, later == null ? "" : sendAt(later).substring(1));
    }

    /** The beginning of a request to send later. */
    private String sendAt(Duration later) {
        return "{\"sendAt\":\"" + at.hub.clock.instant().plus(later) + "\",";
    }

    private String sent(String message) {
        HttpResponse<String> answer = at.send(message);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return ApiClient.json(answer).get("messageId").textValue();
    }

    private String denied(String message) {
        HttpResponse<String> answer = at.send(message);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
        return ApiClient.json(answer).get("code").textValue();
    }

    /** At the CRM. */
    private long received(String text) {
        return at.hub.crmEvents().stream()
                .filter(one -> one.at("/event/data/content/text").asText().equals(text))
                .count();
    }

    private double dropped() {
        return at
                .hub
                .bean(MeterRegistry.class)
                .find("jawort.entries")
                .tag("tenant", at.hub.tenant)
                .tag("outcome", "IN_DROP_BLOCKED")
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** The row of the only one there is. */
    private String conversation(String subject) {
        return at.hub
                .sql()
                .queryForObject(
                        "select to_jsonb(c)::text from conversation c where subject_id = ?::uuid",
                        String.class,
                        subject);
    }

    private List<String> reasons(String subject) {
        return at.hub
                .sql()
                .queryForList(
                        "select reason from message where subject_id = ?::uuid and direction = 'inbound'",
                        String.class,
                        subject);
    }

    private List<String> stubs() {
        return at.hub
                .sql()
                .queryForList(
                        "select scope from suppression_stub where tenant = ?",
                        String.class,
                        at.hub.tenant);
    }

    private long rows(String table) {
        return at.hub
                .sql()
                .queryForObject(
                        "select count(*) from " + table + " where tenant = ?",
                        Long.class,
                        at.hub.tenant);
    }
}
