package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jawort.HubInTest;
import org.jawort.TwilioForm;
import org.jawort.local.DemoTenant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApiIT {

    private static final Map<String, String> NONE = Map.of();

    private HubInTest hub;
    private ApiClient api;
    private int people;

    @BeforeAll
    void start() {
        hub = HubInTest.start();
        api = new ApiClient(hub);
    }

    @AfterAll
    void stop() {
        hub.close();
    }

    private String newNumber() {
        return "+4915100000%03d".formatted(++people);
    }

    private static String capture(String number) {
        ObjectNode body = ApiClient.object(ApiClient.operation("captureConsent").example());
        ((ObjectNode) body.get("address")).put("address", number);
        body.put("prompt", "elsewhere");
        return body.toString();
    }

    private JsonNode captured(String number) {
        HttpResponse<String> answer = api.call("captureConsent", NONE, "", capture(number));
        assertThat(answer.statusCode()).isEqualTo(201);
        return ApiClient.json(answer);
    }

    private JsonNode read(String record) {
        return ApiClient.json(api.call("getConsent", Map.of("id", record), "", ""));
    }

    /** A WhatsApp message as Twilio sends it. */
    private void writes(String number, String text) {
        TwilioForm form = TwilioForm.text("SM" + UUID.randomUUID(), number, text);
        assertThat(hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode()).isEqualTo(200);
    }

    private List<JsonNode> consentChanges(String record) {
        return hub.crmEvents().stream()
                .map(received -> received.get("event"))
                .filter(event -> event.path("data").path("record").asText().equals(record))
                .toList();
    }

    @Test
    @DisplayName("T1, T2, T4: captured elsewhere, asked, and granted by the person's own Ja")
    void understandsTheAnswerToAPromptSentByOtherMeans() {
        String number = newNumber();
        String record = captured(number).get("id").textValue();
        HttpResponse<String> prompt =
                api.call(
                        "recordPrompt",
                        Map.of("id", record),
                        "",
                        "{\"language\":\"de\",\"textVersion\":\"prompt-v3\"}");
        assertThat(prompt.statusCode()).isEqualTo(201);
        assertThat(ApiClient.json(prompt).at("/consent/state").textValue()).isEqualTo("PENDING");

        writes(number, "Ja");

        await().untilAsserted(
                        () ->
                                assertThat(read(record).at("/consent/state").textValue())
                                        .isEqualTo("GRANTED"));
        assertThat(read(record).at("/history"))
                .extracting(line -> line.path("transition").asText())
                .containsSequence("T1", "PROMPT_OFFERED", "T2", "T4");
        assertThat(prompt.body()).contains("grantPayload");
        assertThat(read(record).toString())
                .doesNotContain(ApiClient.json(prompt).get("promptId").textValue());
        await().untilAsserted(
                        () ->
                                assertThat(consentChanges(record))
                                        .extracting(e -> e.at("/data/state").textValue())
                                        .containsExactly("REQUESTED", "PENDING", "GRANTED"));
        for (JsonNode event : consentChanges(record)) {
            assertThat(api.violations("/schemas/event-v1.json", event)).isEmpty();
            assertThat(api.violations(event.get("dataschema").textValue(), event.get("data")))
                    .isEmpty();
            assertThat(event.at("/data/address").textValue()).isEqualTo(number);
        }
    }

    @Test
    @DisplayName("T8: a withdrawal by phone ends every purpose of the channel and tells the CRM")
    void withdrawsEveryPurposeOfTheChannel() {
        String number = newNumber();
        String record = captured(number).get("id").textValue();

        HttpResponse<String> answer =
                api.call(
                        "withdrawConsent",
                        Map.of("id", record),
                        "",
                        "{\"route\":\"PHONE\",\"at\":\"" + hub.clock.instant() + "\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(ApiClient.json(answer).get("consents"))
                .extracting(
                        one ->
                                one.get("purpose").textValue()
                                        + " "
                                        + one.get("state").textValue()
                                        + " "
                                        + one.at("/suppressions/0/scope").textValue())
                .containsExactlyInAnyOrder(
                        "SUPPORT_REPLY OBJECTED ALL", "NOTIFICATION WITHDRAWN ALL");
        await().untilAsserted(
                        () ->
                                assertThat(consentChanges(record))
                                        .extracting(e -> e.at("/data/transition").textValue())
                                        .containsExactly("T1", "T8"));
    }

    @Test
    @DisplayName(
            "T1, CON-20: a capture without proof, or older than a refusal, is rejected and kept")
    void rejectsWhatTheTransitionTableForbidsAndKeepsTheAttempt() {
        String number = newNumber();
        String record = captured(number).get("id").textValue();
        api.call(
                "withdrawConsent",
                Map.of("id", record),
                "",
                "{\"route\":\"EMAIL\",\"at\":\"" + hub.clock.instant() + "\"}");
        ObjectNode unproved = ApiClient.object(capture(number));
        ((ObjectNode) unproved.get("evidence")).remove("reference");

        var older = api.call("captureConsent", NONE, "", capture(number));
        var incomplete = api.call("captureConsent", NONE, "", unproved.toString());
        var offered =
                api.call(
                        "recordPrompt",
                        Map.of("id", record),
                        "",
                        "{\"language\":\"de\",\"textVersion\":\"prompt-v3\"}");

        assertThat(List.of(older, incomplete, offered))
                .extracting(
                        answer -> answer.statusCode() + ApiClient.json(answer).get("code").asText())
                .containsExactly(
                        "409REFUSED_SINCE", "409PROOF_INCOMPLETE", "409ILLEGAL_TRANSITION");
        assertThat(read(record).get("history"))
                .extracting(line -> line.get("outcome").asText() + line.get("reason").asText())
                .contains(
                        "rejectedREFUSED_SINCE",
                        "rejectedPROOF_INCOMPLETE",
                        "rejectedILLEGAL_TRANSITION");
    }

    @Test
    @DisplayName(
            "T13, T16, INF-1: no other ground before the notice arrived, no objection to take back")
    void rejectsOtherGroundsThatTheTableForbids() {
        String number = newNumber();
        JsonNode record = captured(number);
        ObjectNode assessment = ApiClient.object(ApiClient.operation("assessInterest").example());
        ((ObjectNode) assessment.get("address")).put("address", number);

        var uninformed = api.call("assessInterest", NONE, "", assessment.toString());
        var notInterest =
                api.call(
                        "recordObjection",
                        Map.of("id", record.get("id").textValue()),
                        "",
                        ApiClient.operation("recordObjection").example());
        var notObjected =
                api.call(
                        "revokeObjection",
                        Map.of("id", record.get("id").textValue()),
                        "",
                        ApiClient.operation("revokeObjection").example());
        var notices =
                api.call(
                        "listSubjectNotices",
                        Map.of("id", record.get("subjectId").textValue()),
                        "",
                        "");

        assertThat(ApiClient.json(uninformed).get("code").textValue()).isEqualTo("NOTICE_MISSING");
        assertThat(ApiClient.json(notInterest).get("code").textValue())
                .as("T14: a consent is withdrawn")
                .isEqualTo("ILLEGAL_TRANSITION");
        assertThat(ApiClient.json(notObjected).get("code").textValue())
                .isEqualTo("ILLEGAL_TRANSITION");
        assertThat(ApiClient.json(notices).get("notices")).isEmpty();
    }

    @Test
    @DisplayName(
            "TEN-1: nobody is blocked or suppressed by an id that is nobody's; a reason is one of a few words")
    void blocksNobodyUnknownById() {
        for (String operation :
                List.of("blockSubject", "unblockSubject", "suppressSubject", "releaseSubject")) {
            ObjectNode body = ApiClient.object(ApiClient.operation(operation).example());
            body.putObject("person").put("subject", ApiClient.NOBODY);

            assertThat(api.call(operation, NONE, "", body.toString()).statusCode())
                    .as(operation)
                    .isEqualTo(404);
        }
        ObjectNode wordy = ApiClient.object(ApiClient.operation("blockSubject").example());
        wordy.put("reason", "Herr Beispiel hat uns beleidigt");
        assertThat(api.call("blockSubject", NONE, "", wordy.toString()).statusCode())
                .isEqualTo(400);
        assertThat(api.call("listSubjectBlocks", NONE, "", "").statusCode()).isEqualTo(404);
    }

    @Test
    @DisplayName("CON-24: a purpose that is switched off is captured for nobody")
    void refusesAPurposeTheTenantDoesNotPursue() {
        ObjectNode body = ApiClient.object(capture(newNumber()));
        body.put("purpose", "MARKETING");

        HttpResponse<String> answer = api.call("captureConsent", NONE, "", body.toString());

        assertThat(ApiClient.json(answer).get("code").textValue())
                .isEqualTo("PURPOSE_NOT_CONFIGURED");
    }

    @Test
    @DisplayName("LOG-1: found by an address in the body, and no answer repeats it")
    void findsAPersonByAddress() {
        String number = newNumber();
        JsonNode record = captured(number);

        var found =
                api.call(
                        "searchConsents",
                        NONE,
                        "",
                        "{\"channel\":\"whatsapp\",\"address\":\"" + number + "\"}");
        var unknown =
                api.call(
                        "searchConsents",
                        NONE,
                        "",
                        "{\"channel\":\"sms\",\"address\":\"" + number + "\"}");
        var ofSubject =
                api.call(
                        "listSubjectConsents",
                        Map.of("id", record.get("subjectId").textValue()),
                        "",
                        "");

        assertThat(ApiClient.json(found)).isEqualTo(ApiClient.json(ofSubject));
        assertThat(ApiClient.json(found).at("/consents/0/id")).isEqualTo(record.get("id"));
        assertThat(found.body()).doesNotContain(number);
        assertThat(ApiClient.json(unknown).get("subjectId").isNull()).isTrue();
    }

    @Test
    @DisplayName("CON-3: who is one person for the CRM has refused for both, and granted for one")
    void joinsWhatEitherRefused() {
        JsonNode one = captured(newNumber());
        JsonNode other = captured(newNumber());
        String evidence =
                "\"evidence\":{\"source\":\"crm\",\"reference\":\"contact-4711\",\"time\":\"2026-11-24T08:00:00Z\"}}";
        api.call(
                "withdrawConsent",
                Map.of("id", other.get("id").textValue()),
                "",
                "{\"route\":\"AGENT\",\"at\":\"" + hub.clock.instant() + "\"}");

        var linked =
                api.call(
                        "linkSubjects",
                        Map.of("id", one.get("subjectId").textValue()),
                        "",
                        "{\"subjectId\":" + other.get("subjectId") + "," + evidence);
        var itself =
                api.call(
                        "linkSubjects",
                        Map.of("id", one.get("subjectId").textValue()),
                        "",
                        "{\"subjectId\":" + one.get("subjectId") + "," + evidence);

        assertThat(linked.statusCode()).as(linked.body()).isEqualTo(200);
        assertThat(ApiClient.json(linked).get("consents"))
                .extracting(record -> record.get("state").textValue())
                .contains("WITHDRAWN")
                .doesNotContain("REQUESTED");
        assertThat(read(one.get("id").textValue()).at("/consent/state").textValue())
                .isEqualTo("WITHDRAWN");
        await().untilAsserted(
                        () ->
                                assertThat(consentChanges(one.get("id").textValue()))
                                        .extracting(e -> e.at("/data/state").textValue())
                                        .contains("WITHDRAWN"));
        assertThat(ApiClient.json(itself).get("code").textValue()).isEqualTo("SAME_SUBJECT");
        Map<String, String> subject = Map.of("id", one.get("subjectId").textValue());
        assertThat(
                        ApiClient.json(api.call("listSubjectLinks", subject, "", ""))
                                .at("/otherSubjectIds/0"))
                .isEqualTo(other.get("subjectId"));
        assertThat(
                        ApiClient.json(api.call("unlinkSubject", subject, "", ""))
                                .get("otherSubjectIds"))
                .isEmpty();
        assertThat(
                        api.call(
                                        "unlinkSubject",
                                        Map.of("id", UUID.randomUUID().toString()),
                                        "",
                                        "")
                                .statusCode())
                .isEqualTo(404);
    }

    @Test
    @DisplayName(
            "CON-3: an address that is somebody's no more ends what was agreed to there; who writes from"
                    + " it next is somebody else, and refusals stay where they were")
    void endsWhatWasAgreedAtALostAddress() {
        String number = newNumber();
        JsonNode agreed = captured(number);
        String record = agreed.get("id").textValue();
        String lost =
                "{\"channel\":\"whatsapp\",\"address\":\"%s\",\"at\":\"%s\",\"evidence\":{\"source\":\"carrier\",\"reference\":\"list-11\",\"time\":\"2026-11-24T08:00:00Z\"}}"
                        .formatted(number, hub.clock.instant());

        var answer = api.call("reportLostAddress", NONE, "", lost);
        var again = api.call("reportLostAddress", NONE, "", lost);
        writes(number, "Guten Tag");

        assertThat(ApiClient.json(answer).at("/consents/0/state").textValue()).isEqualTo("EXPIRED");
        assertThat(ApiClient.json(again).get("subjectId").isNull()).isTrue();
        assertThat(read(record).at("/history"))
                .extracting(line -> line.path("transition").asText())
                .contains("ADDRESS_INVALID");
        String search = "{\"channel\":\"whatsapp\",\"address\":\"" + number + "\"}";
        await().untilAsserted(
                        () ->
                                assertThat(
                                                ApiClient.json(
                                                                api.call(
                                                                        "searchConsents",
                                                                        NONE,
                                                                        "",
                                                                        search))
                                                        .get("subjectId")
                                                        .asText("null"))
                                        .isNotEqualTo("null")
                                        .isNotEqualTo(agreed.get("subjectId").textValue()));
    }

    @Test
    @DisplayName("CON-12: where nothing was nearly a STOP nobody has anything to decide")
    void decidesNothingThatDoesNotWait() {
        JsonNode captured = captured(newNumber());
        String decision =
                "{\"channel\":\"whatsapp\",\"decision\":\"WITHDRAWN\",\"lastAt\":\"2026-11-24T08:00:00Z\",\"decidedBy\":\"Petra Beispiel\"}";

        var nothing =
                api.call(
                        "decidePossibleWithdrawal",
                        Map.of("id", captured.get("subjectId").textValue()),
                        "",
                        decision);
        var nobody = api.call("decidePossibleWithdrawal", NONE, "", decision);

        assertThat(ApiClient.json(nothing).get("code").textValue()).isEqualTo("NOTHING_TO_DECIDE");
        assertThat(nobody.statusCode()).isEqualTo(404);
        assertThat(
                        ApiClient.json(api.call("listPossibleWithdrawals", NONE, "?limit=1", ""))
                                .get("items"))
                .isEmpty();
    }

    @Test
    void takesNoCursorOfAnotherOperation() {
        String ofIds = Cursor.of(UUID.randomUUID()).text();
        String ofNames = new Cursor(UUID.randomUUID(), "whatsapp").text();

        for (String operation : List.of("listPossibleWithdrawals", "listDeliveries")) {
            var other = api.call(operation, NONE, "?after=" + ofIds, "");
            assertThat(ApiClient.json(other).path("code").textValue())
                    .as(operation)
                    .isEqualTo("INVALID_CURSOR");
            assertThat(api.call(operation, NONE, "?after=" + ofNames, "").statusCode())
                    .isEqualTo(200);
        }
        assertThat(api.call("listDeletions", NONE, "?after=" + ofNames, "").statusCode())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @DisplayName("a time that no clock of this century shows is pointed at where it stands")
    @CsvSource(
            delimiter = '|',
            value = {
                "captureConsent | /capturedAt",
                "captureConsent | /evidence/time",
                "assessInterest | /platformPermission/at",
                "sendMessage | /authentication/triggeredAt",
                "proposeHold | /query/from",
                "proposeHold | /query/until",
            })
    void pointsAtAWrongTime(String operation, String pointer) {
        ObjectNode body = ApiClient.object(ApiClient.operation(operation).example());
        if (pointer.startsWith("/platformPermission")) {
            body.putObject("platformPermission").put("kind", "form").put("reference", "f-1");
        }
        if (pointer.startsWith("/authentication")) {
            body.withObject("/authentication/evidence")
                    .put("kind", "login")
                    .put("reference", "l-1");
        }
        int last = pointer.lastIndexOf('/');
        ObjectNode parent = last == 0 ? body : body.withObject(pointer.substring(0, last));
        parent.put(pointer.substring(last + 1), "2150-01-01T00:00:00Z");

        var answer = api.call(operation, NONE, "", body.toString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(ApiClient.json(answer).at("/errors/0/pointer").textValue()).isEqualTo(pointer);
    }

    @Test
    void happensOncePerIdempotencyKey() {
        String body = capture(newNumber());
        String key = UUID.randomUUID().toString();

        var first = api.call("captureConsent", NONE, "", body, key);
        var again = api.call("captureConsent", NONE, "", body, key);
        var other = api.call("captureConsent", NONE, "", capture(newNumber()), key);
        var missing = api.call("captureConsent", NONE, "", body, null);

        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.statusCode()).isEqualTo(201);
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(ApiClient.json(other).get("code").textValue())
                .isEqualTo("IDEMPOTENCY_KEY_REUSED");
        assertThat(ApiClient.json(missing).get("code").textValue())
                .isEqualTo("IDEMPOTENCY_KEY_MISSING");
        String record = ApiClient.json(first).get("id").textValue();
        assertThat(read(record).get("history")).hasSize(1);
    }

    @Test
    @DisplayName("a second request under a key whose first is still running hears 409 at once")
    void tellsThatTheFirstRequestIsStillRunning() {
        String body = capture(newNumber());
        String key = UUID.randomUUID().toString();
        var owner = new DataSourceTransactionManager(hub.sql().getDataSource());
        CompletableFuture<HttpResponse<String>> first = new CompletableFuture<>();

        HttpResponse<String> second =
                new TransactionTemplate(owner)
                        .execute(
                                open -> {
                                    new JdbcTemplate(owner.getDataSource())
                                            .execute("lock table consent_record in exclusive mode");
                                    first.completeAsync(
                                            () -> api.call("captureConsent", NONE, "", body, key));
                                    await().until(this::isAKeyHeld);
                                    return api.call("captureConsent", NONE, "", body, key);
                                });
        HttpResponse<String> done = first.join();
        HttpResponse<String> again = api.call("captureConsent", NONE, "", body, key);

        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(ApiClient.json(second).get("code").textValue())
                .isEqualTo("IDEMPOTENCY_KEY_IN_FLIGHT");
        assertThat(done.statusCode()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(done.body());
        assertThat(read(ApiClient.json(done).get("id").textValue()).get("history")).hasSize(1);
    }

    private boolean isAKeyHeld() {
        return hub.sql()
                .queryForObject(
                        "select exists (select 1 from pg_locks l join pg_database d on d.oid = l.database"
                                + " where d.datname = current_database() and l.locktype = 'advisory')",
                        Boolean.class);
    }

    @Test
    @DisplayName("S17: too many wrong keys within a minute are 429, and never the right one")
    void slowsDownWhoGuessesKeys() {
        var operation = ApiClient.operation("listConversations");
        String path = ApiClient.path(operation, DemoTenant.ID, NONE);
        int allowed = Integer.parseInt(hub.property("jawort.api.failed-keys-per-minute"));
        int wrong = 0;
        HttpResponse<String> answer;

        do {
            answer = api.send(operation, path, Map.of("Authorization", "Bearer wrong"), "");
            wrong++;
        } while (answer.statusCode() == 401 && wrong <= 3 * allowed); // a minute may end meanwhile
        var right = api.call("listConversations", NONE, "", "");
        hub.clock.advance(Duration.ofMinutes(1));
        var later = api.send(operation, path, Map.of("Authorization", "Bearer wrong"), "");

        assertThat(wrong).isGreaterThan(allowed);
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).contains("60");
        assertThat(ApiClient.json(answer).get("code").textValue())
                .isEqualTo("TOO_MANY_FAILED_KEYS");
        assertThat(right.statusCode()).isEqualTo(200);
        assertThat(later.statusCode()).isEqualTo(401);
    }

    @Test
    @DisplayName("S17: tenant files are read again often enough to close a key within a minute")
    void looksForKeysTakenAwayWithinAMinute() {
        assertThat(hub.camel().getRoute("reload-tenants")).isNotNull();
        assertThat(Integer.parseInt(hub.property("jawort.tenants.reload-period-millis")))
                .isLessThanOrEqualTo(30_000);
    }

    @Test
    void pagesThroughConversationsAndReadsWhatWasSaid() {
        String number = newNumber();
        String text = "Wann ist mein Termin? " + number;
        writes(number, text);
        writes(newNumber(), "Noch eine Frage");
        await().until(() -> said().contains(text) && said().contains("Noch eine Frage"));

        JsonNode first = ApiClient.json(api.call("listConversations", NONE, "?limit=1", ""));
        JsonNode second =
                ApiClient.json(
                        api.call(
                                "listConversations",
                                NONE,
                                "?limit=1&after=" + first.get("next").textValue(),
                                ""));

        assertThat(first.get("items")).hasSize(1);
        assertThat(second.at("/items/0/id")).isNotEqualTo(first.at("/items/0/id"));
    }

    private List<String> said() {
        return ApiClient.json(api.call("listConversations", NONE, "?limit=200", ""))
                .get("items")
                .findValuesAsText("id")
                .stream()
                .flatMap(
                        id ->
                                ApiClient.json(api.call("listMessages", Map.of("id", id), "", ""))
                                        .get("items")
                                        .findValuesAsText("text")
                                        .stream())
                .toList();
    }

    @Test
    @DisplayName("R16: a dead letter tells why, and is replayed once, under the same event id")
    void replaysADeadLetterUnderTheSameEventId() {
        hub.crmBehaves("{\"status\":422,\"answer\":\"no such contact: Jana Beispiel\"}");
        String record = captured(newNumber()).get("id").textValue();
        await().until(() -> deadChanges(record).size() == 1);
        String event = deadChanges(record).getFirst();
        hub.crmBehaves("{}");

        var found =
                ApiClient.json(
                                api.call(
                                        "listDeliveries",
                                        NONE,
                                        "?state=dead&status=422&type=jawort.consent.changed.v1&from=2026-01-01T00:00:00Z",
                                        ""))
                        .get("items");
        var why = ApiClient.json(api.call("getDelivery", Map.of("id", event), "", ""));
        long number = why.at("/delivery/sequence").longValue();
        var gap =
                ApiClient.json(
                        api.call("getSequence", NONE, "?from=" + number + "&to=" + number, ""));
        var replayed = api.call("replayDelivery", Map.of("id", event), "", "{}");
        await().untilAsserted(
                        () ->
                                assertThat(consentChanges(record))
                                        .extracting(e -> e.get("id").textValue())
                                        .contains(event));
        await().until(() -> deadChanges(record).isEmpty());
        await().until(() -> replay(replayed).get("status").textValue().equals("done"));
        await().until(
                        () ->
                                ApiClient.json(api.call("getDelivery", Map.of("id", event), "", ""))
                                        .at("/delivery/state")
                                        .textValue()
                                        .equals("delivered"));
        var arrived = ApiClient.json(api.call("getDelivery", Map.of("id", event), "", ""));

        assertThat(found).extracting(d -> d.get("eventId").textValue()).contains(event);
        assertThat(why.at("/attempts/0/status").intValue()).isEqualTo(422);
        assertThat(why.at("/attempts/0/answer").textValue())
                .isEqualTo("no such contact: Jana Beispiel");
        assertThat(gap.at("/missing/0/state").textValue()).isEqualTo("dead");
        assertThat(replayed.statusCode()).isEqualTo(202);
        assertThat(replay(replayed).get("replayed").intValue()).isEqualTo(1);
        assertThat(arrived.get("attempts"))
                .extracting(a -> a.get("outcome").textValue() + a.get("status").intValue())
                .containsExactly("failed422", "delivered204");
    }

    @Test
    @DisplayName("RET-11: a dead letter is given up by a key, what was taken cannot be")
    void givesUpADeadLetter() {
        hub.crmBehaves("{\"status\":422}");
        String record = captured(newNumber()).get("id").textValue();
        await().until(() -> deadChanges(record).size() == 1);
        String event = deadChanges(record).getFirst();
        hub.crmBehaves("{}");
        await().untilAsserted(
                        () ->
                                assertThat(
                                                ApiClient.json(
                                                                api.call(
                                                                        "getDelivery",
                                                                        Map.of(
                                                                                "id",
                                                                                event,
                                                                                "destination",
                                                                                "archive"),
                                                                        "",
                                                                        ""))
                                                        .at("/delivery/state")
                                                        .asText())
                                        .isEqualTo("delivered"));

        var givenUp = api.call("giveUpDelivery", Map.of("id", event), "", "{}");
        var again = api.call("giveUpDelivery", Map.of("id", event), "", "{}");
        var nobodys =
                api.call("giveUpDelivery", Map.of("id", UUID.randomUUID().toString()), "", "{}");
        var taken =
                api.call("giveUpDelivery", Map.of("id", event, "destination", "archive"), "", "{}");

        assertThat(ApiClient.json(givenUp).get("state").textValue()).isEqualTo("withheld");
        assertThat(ApiClient.json(givenUp).get("error").textValue()).isEqualTo("GIVEN_UP");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(nobodys.statusCode()).isEqualTo(404);
        assertThat(ApiClient.json(taken).get("code").textValue()).isEqualTo("DELIVERY_TAKEN");
    }

    @Test
    @DisplayName("R16: a replay asked for twice under one key is one, and can be ended")
    void beginsOneReplayForARequest() {
        hub.crmBehaves("{\"status\":422}");
        String first = captured(newNumber()).get("id").textValue();
        String second = captured(newNumber()).get("id").textValue();
        await().until(() -> deadChanges(first).size() + deadChanges(second).size() == 2);
        hub.crmBehaves("{}");
        String slowly = "{\"destination\":\"crm\",\"state\":\"dead\",\"perSecond\":1}";
        String key = UUID.randomUUID().toString();

        var asked = api.call("replayDeliveries", NONE, "", slowly, key);
        var again = api.call("replayDeliveries", NONE, "", slowly, key);
        var ended = api.call("cancelReplay", replayId(asked), "", "{}");
        var over = api.call("cancelReplay", replayId(asked), "", "{}");
        var rest = api.call("replayDeliveries", NONE, "", slowly.replace(",\"perSecond\":1", ""));
        await().until(() -> deadChanges(first).size() + deadChanges(second).size() == 0);
        var delivered =
                api.call(
                        "replayDeliveries",
                        NONE,
                        "",
                        "{\"destination\":\"crm\",\"state\":\"delivered\"}");
        var nowhere =
                api.call(
                        "replayDeliveries",
                        NONE,
                        "",
                        "{\"destination\":\"nowhere\",\"state\":\"dead\"}");

        assertThat(asked.statusCode()).isEqualTo(202);
        assertThat(again.body()).isEqualTo(asked.body());
        assertThat(ApiClient.json(ended).get("status").textValue()).isEqualTo("canceled");
        assertThat(ApiClient.json(over).get("code").textValue()).isEqualTo("REPLAY_ENDED");
        assertThat(ApiClient.json(rest).get("matching").intValue()).isPositive();
        assertThat(ApiClient.json(api.call("listReplays", NONE, "", "")).get("items"))
                .extracting(one -> one.get("id"))
                .contains(ApiClient.json(asked).get("id"), ApiClient.json(rest).get("id"));
        assertThat(delivered.statusCode()).isEqualTo(400);
        assertThat(nowhere.statusCode()).isEqualTo(404);
    }

    private static Map<String, String> replayId(HttpResponse<String> replay) {
        return Map.of("id", ApiClient.json(replay).get("id").textValue());
    }

    private JsonNode replay(HttpResponse<String> begun) {
        return ApiClient.json(api.call("getReplay", replayId(begun), "", ""));
    }

    @Test
    void stopsADestinationAndLetsItGoOn() {
        Map<String, String> crm = Map.of("destination", "crm");
        JsonNode paused = ApiClient.json(api.call("pauseDestination", crm, "", "{}"));
        assertThat(paused.get("state").textValue()).isEqualTo("paused");
        assertThat(paused.get("changedBy").textValue()).isEqualTo("demo");

        String record = captured(newNumber()).get("id").textValue();
        await().until(() -> backlog() > 0);
        JsonNode again = ApiClient.json(api.call("pauseDestination", crm, "", "{}"));
        assertThat(again.get("history")).hasSize(1);
        assertThat(again.at("/backlog/oldest").isTextual()).isTrue();
        assertThat(consentChanges(record)).isEmpty();

        JsonNode resumed = ApiClient.json(api.call("resumeDestination", crm, "", "{}"));
        assertThat(resumed.get("state").textValue()).isEqualTo("active");
        await().untilAsserted(() -> assertThat(consentChanges(record)).isNotEmpty());
        assertThat(ApiClient.json(api.call("getDestination", crm, "", "")).get("history"))
                .extracting(change -> change.get("change").textValue())
                .containsExactly("resumed", "paused");
        assertThat(
                        api.call("resumeDestination", Map.of("destination", "nobody"), "", "{}")
                                .statusCode())
                .isEqualTo(404);
        assertThat(api.call("getDestination", Map.of("destination", "nobody"), "", "").statusCode())
                .isEqualTo(404);
    }

    private long backlog() {
        JsonNode items = ApiClient.json(api.call("listDestinations", NONE, "", "")).get("items");
        assertThat(items).extracting(one -> one.get("id").textValue()).contains("archive", "crm");
        for (JsonNode one : items) {
            if (one.get("id").textValue().equals("crm")) {
                return one.at("/backlog/waiting").longValue();
            }
        }
        return 0;
    }

    /** Ids of the record's own events that the CRM refused. */
    private List<String> deadChanges(String record) {
        return hub.sql()
                .queryForList(
                        """
                        select d.event_id::text from delivery d
                          join event e on e.tenant = d.tenant and e.id = d.event_id
                          join consent_record r on r.tenant = e.tenant and r.subject_id = e.subject_id
                         where r.id = ?::uuid and e.type = 'jawort.consent.changed.v1'
                           and d.destination = 'crm' and d.state = 'dead'""",
                        String.class,
                        record);
    }

    private JsonNode quarantine() {
        return ApiClient.json(api.call("listQuarantine", NONE, "", "")).get("items");
    }

    @Test
    void replaysQuarantineOnceEach() {
        hub.post("smooch", "application/json", "{broken".getBytes(StandardCharsets.UTF_8));
        await().until(() -> quarantine().size() == 1);
        String id = quarantine().get(0).get("id").textValue();

        var one = api.call("replayQuarantined", Map.of("id", id), "", "{}");
        var twice = api.call("replayQuarantined", Map.of("id", id), "", "{}");
        await().until(() -> quarantine().size() == 2); // still unreadable: a new item
        var rest = api.call("replayQuarantine", NONE, "", "{\"provider\":\"smooch\"}");

        assertThat(ApiClient.json(one).get("replayed").intValue()).isEqualTo(1);
        assertThat(ApiClient.json(twice).get("code").textValue())
                .isEqualTo("QUARANTINE_NOT_REPLAYABLE");
        assertThat(ApiClient.json(rest).get("replayed").intValue()).isEqualTo(1);
        await().until(() -> quarantine().size() == 3);
    }

    @Test
    void countsBeforeItDeletes() {
        var report = api.call("runDeletion", NONE, "", "{\"dryRun\":true}");
        var real = api.call("runDeletion", NONE, "", "{\"dryRun\":false}");
        JsonNode past = ApiClient.json(api.call("listDeletions", NONE, "", "")).get("items");
        var noErasure = api.call("getDeletion", Map.of("id", ApiClient.NOBODY), "", "");
        String plan = ApiClient.json(report).get("plan").textValue();
        var planned =
                api.call(
                        "runDeletion",
                        NONE,
                        "",
                        "{\"dryRun\":false,\"planHash\":\"" + plan + "\"}");
        var twice =
                api.call(
                        "runDeletion",
                        NONE,
                        "",
                        "{\"dryRun\":false,\"planHash\":\"" + plan + "\"}");

        assertThat(ApiClient.json(report).get("dryRun").booleanValue()).isTrue();
        assertThat(noErasure.statusCode()).isEqualTo(404);
        assertThat(api.call("listRetained", NONE, "", "").statusCode()).isEqualTo(403);
        assertThat(api.call("getRetained", Map.of("id", ApiClient.NOBODY), "", "").statusCode())
                .isEqualTo(403);
        assertThat(planned.statusCode()).isEqualTo(200);
        assertThat(ApiClient.json(twice).get("code").textValue()).isEqualTo("PLAN_EXECUTED");
        assertThat(past)
                .extracting(run -> run.get("run"))
                .contains(ApiClient.json(real).get("run"));
    }

    @Test
    @DisplayName(
            "requests to delete leave the pool to the others: of one tenant one runs at a time")
    void deletesOnceAtATime() {
        String key = UUID.randomUUID().toString();
        String dry = "{\"dryRun\":true}";
        var owner = new DataSourceTransactionManager(hub.sql().getDataSource());
        CompletableFuture<HttpResponse<String>> first = new CompletableFuture<>();

        List<HttpResponse<String>> meanwhile =
                new TransactionTemplate(owner)
                        .execute(
                                open -> {
                                    new JdbcTemplate(owner.getDataSource())
                                            .execute("lock table retention_run in exclusive mode");
                                    first.completeAsync(
                                            () -> api.call("runDeletion", NONE, "", dry, key));
                                    await().until(this::waitsForALock);
                                    return List.of(
                                            api.call("runDeletion", NONE, "", dry),
                                            api.call("runDeletion", NONE, "", dry, key));
                                });
        HttpResponse<String> done = first.join();

        assertThat(meanwhile)
                .extracting(answer -> ApiClient.json(answer).get("code").textValue())
                .containsExactly("DELETION_RUNNING", "IDEMPOTENCY_KEY_IN_FLIGHT");
        assertThat(done.statusCode()).isEqualTo(200);
        assertThat(api.call("runDeletion", NONE, "", dry, key).body()).isEqualTo(done.body());
        assertThat(api.call("runDeletion", NONE, "", dry).statusCode()).isEqualTo(200);
    }

    private boolean waitsForALock() {
        return hub.sql()
                .queryForObject(
                        "select exists (select 1 from pg_locks l join pg_database d on d.oid = l.database"
                                + " where d.datname = current_database() and not l.granted)",
                        Boolean.class);
    }

    @Test
    void tellsWhatHeldAtAMoment() {
        JsonNode record = captured(newNumber());
        String subject = record.get("subjectId").textValue();
        String before = hub.clock.instant().minusSeconds(3600).toString();

        var now = api.call("listConsentsAt", NONE, "?subject=" + subject, "");
        var then = api.call("listConsentsAt", NONE, "?at=" + before + "&subject=" + subject, "");
        var ofSubject = api.call("listSubjectConsents", Map.of("id", subject), "?at=" + before, "");
        var proof = api.call("getConsentProof", Map.of("id", record.get("id").textValue()), "", "");
        var ledger = api.call("getLedger", NONE, "", "");

        assertThat(ApiClient.json(now).at("/consents/0/state").textValue()).isEqualTo("REQUESTED");
        assertThat(ApiClient.json(then).get("consents")).isEmpty();
        assertThat(ApiClient.json(ofSubject)).isEqualTo(ApiClient.json(then));
        assertThat(ApiClient.json(proof).get("record_id")).isEqualTo(record.get("id"));
        assertThat(ApiClient.json(ledger).get("chainIndex").longValue()).isPositive();
    }

    @Test
    void servesItsDescriptionAndItsSchemasToEverybody() {
        var description = ApiClient.operation("getDescription");
        var events = ApiClient.operation("getEventDescription");
        var schema = ApiClient.operation("getSchema");

        var yaml = api.send(description, description.path(), Map.of(), "");
        assertThat(api.send(events, events.path(), Map.of(), "").body()).contains("asyncapi: 3");
        var message = api.send(schema, "/schemas/message-v1.json", Map.of(), "");
        var nothing = api.send(schema, "/schemas/nothing.json", Map.of(), "");

        assertThat(yaml.body()).startsWith("openapi: 3.1.0");
        assertThat(ApiClient.json(message).get("$id").textValue())
                .isEqualTo("/schemas/message-v1.json");
        assertThat(nothing.statusCode()).isEqualTo(404);
    }

    @Test
    @DisplayName("2.2: a send nobody agreed to is denied with its reason, and is no message")
    void deniesASendNobodyAgreedTo() {
        HttpResponse<String> denied =
                api.call(
                        "sendMessage",
                        NONE,
                        "",
                        """
                        { "to": { "channel": "whatsapp", "address": "%s", "scheme": "phone" },
                          "content": { "template": { "name": "appointment-reminder", "language": "de",
                                                     "parameters": ["Erika Mustermann", "24.11.2026", "10:30"] } } }"""
                                .formatted(newNumber()));

        assertThat(denied.statusCode()).isEqualTo(409);
        assertThat(ApiClient.json(denied).get("code").textValue()).isEqualTo("OUT_NO_BASIS");
        for (String operation : List.of("getMessage", "cancelMessage", "explainMessage")) {
            assertThat(api.call(operation, Map.of("id", ApiClient.NOBODY), "", "").statusCode())
                    .as(operation)
                    .isEqualTo(404);
        }
    }

    @Test
    void takesARequestOfAPersonThroughItsLife() {
        String number = newNumber();
        captured(number);
        ObjectNode body = ApiClient.object(ApiClient.operation("openRequest").example());
        ((ObjectNode) body.get("person")).put("address", number);
        body.put("type", "RESTRICT").put("receivedAt", hub.clock.instant().toString());
        body.remove("replyChannel");
        var opened = api.call("openRequest", NONE, "", body.toString());
        Map<String, String> id = Map.of("id", ApiClient.json(opened).get("id").textValue());

        var extended = example("extendRequest", id);
        example("addIdentityProof", id);
        var early = api.call("closeRequest", id, "", "{}");
        example("correctRequest", id); // not of this type
        example("decideIdentity", id);
        hub.bean(org.jawort.rights.RequestRuns.class).advance(DemoTenant.ID);
        await().until(
                        () ->
                                ApiClient.json(api.call("getRequest", id, "", ""))
                                        .get("state")
                                        .textValue()
                                        .equals("ANSWERED"));
        example("refuseRequest", id); // too late
        var lifted =
                api.call(
                        "liftRestriction",
                        id,
                        "",
                        "{\"at\":\"" + hub.clock.instant() + "\",\"told\":\"elsewhere\"}");
        String url = ApiClient.json(api.call("renewLink", id, "", "{}")).get("url").textValue();
        String path = url.substring(url.indexOf("/requests/"));
        var page = api.send(ApiClient.operation("lookAtAnswer"), path, Map.of(), "");
        var answer = api.send(ApiClient.operation("collectAnswer"), path, Map.of(), "");
        var again = api.send(ApiClient.operation("collectAnswer"), path, Map.of(), "");
        var listed = api.call("listRequests", NONE, "", "");
        await().until(() -> isClosed(id) && isQuiet());

        assertThat(List.of(extended, lifted, page, answer))
                .extracting(HttpResponse::statusCode)
                .containsOnly(200);
        assertThat(ApiClient.json(early).get("code").textValue()).isEqualTo("REQUEST_STATE");
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(ApiClient.json(listed).get("items")).hasSize(1);
        assertThat(listed.body() + opened.body()).doesNotContain(number);
    }

    /** Nothing is on its way; other tests of this hub leave dead letters. */
    private boolean isQuiet() {
        return hub.sql()
                        .queryForObject(
                                "select count(*) from delivery where state in ('pending', 'parked') and destination not like 'send:%'",
                                Long.class)
                == 0;
    }

    private boolean isClosed(Map<String, String> id) {
        hub.bean(org.jawort.rights.RequestRuns.class).advance(DemoTenant.ID);
        return ApiClient.json(api.call("getRequest", id, "", ""))
                .get("state")
                .textValue()
                .equals("CLOSED");
    }

    private HttpResponse<String> example(String operation, Map<String, String> id) {
        return api.call(operation, id, "", ApiClient.operation(operation).example());
    }

    @Test
    @DisplayName(
            "RET-7, RET-10: a hold by one key has no effect, and is reviewed within twelve months")
    void keepsTheFileOfAHold() {
        String today = hub.clock.instant().toString().substring(0, 10);
        ObjectNode proposal = ApiClient.object(ApiClient.operation("proposeHold").example());
        proposal.put("reviewOn", java.time.LocalDate.parse(today).plusMonths(13).toString());

        var tooLate = api.call("proposeHold", NONE, "", proposal.toString());
        proposal.put("reviewOn", java.time.LocalDate.parse(today).plusMonths(6).toString());
        var proposed = api.call("proposeHold", NONE, "", proposal.toString());
        Map<String, String> hold = Map.of("id", ApiClient.json(proposed).get("id").textValue());
        var approved = api.call("approveHold", hold, "", "{}");
        var reviewed =
                api.call(
                        "reviewHold",
                        hold,
                        "",
                        "{\"reviewOn\":\""
                                + java.time.LocalDate.parse(today).plusMonths(12)
                                + "\"}");
        var released = api.call("releaseHold", hold, "", "{}");
        var again = api.call("releaseHold", hold, "", "{}");

        assertThat(ApiClient.json(tooLate).at("/errors/0/pointer").textValue())
                .isEqualTo("/reviewOn");
        assertThat(ApiClient.json(approved).get("code").textValue()).isEqualTo("HOLD_SAME_KEY");
        assertThat(ApiClient.json(reviewed).at("/hold/reviewedBy").textValue()).isEqualTo("demo");
        assertThat(ApiClient.json(released).at("/hold/state").textValue()).isEqualTo("RELEASED");
        assertThat(ApiClient.json(again).get("code").textValue()).isEqualTo("HOLD_STATE");
        assertThat(ApiClient.json(api.call("listHolds", NONE, "", "")).at("/items/0"))
                .isEqualTo(ApiClient.json(api.call("getHold", hold, "", "")));
        for (String operation :
                List.of(
                        "explainRetention",
                        "classifyMessage",
                        "classifyConversation",
                        "listMessageLabels",
                        "setMessageLabels",
                        "removeMessageLabel",
                        "listConversationLabels",
                        "setConversationLabels",
                        "removeConversationLabel")) {
            assertThat(
                            api.call(
                                            operation,
                                            Map.of("id", ApiClient.NOBODY),
                                            "",
                                            ApiClient.operation(operation).example())
                                    .statusCode())
                    .as(operation)
                    .isEqualTo(404);
        }
        for (String list : List.of("listUnclassified", "listIdleRelationships")) {
            assertThat(ApiClient.json(api.call(list, NONE, "", "")).get("items")).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "RET-11: what archives get is told to keys for it only; nobody is found who is not there")
    void findsNoDocumentOfNobody() {
        String nobody = "{\"subject\":\"" + ApiClient.NOBODY + "\"}";

        assertThat(ApiClient.json(api.call("searchDocuments", NONE, "", nobody)).get("items"))
                .isEmpty();
        assertThat(api.call("getArchiveProcedure", NONE, "", "").statusCode()).isEqualTo(403);
        assertThat(api.call("getArchiveProcedure", NONE, "?version=first", "").statusCode())
                .isEqualTo(400);
    }

    @Test
    @DisplayName("SEC-6: one API key alone changes no key of the tenant")
    void changesNoKeyOnItsOwn() {
        String versions = api.call("listKeys", NONE, "", "").body();
        var proposed =
                api.call(
                        "proposeKeyChange",
                        NONE,
                        "",
                        ApiClient.operation("proposeKeyChange").example());
        Map<String, String> change = Map.of("id", ApiClient.json(proposed).get("id").textValue());
        var approved = api.call("approveKeyChange", change, "", "{}");
        var withdrawn = api.call("withdrawKeyChange", change, "", "{}");

        assertThat(ApiClient.json(approved).get("code").textValue())
                .isEqualTo("KEY_CHANGE_SAME_KEY");
        assertThat(ApiClient.json(withdrawn).get("state").textValue()).isEqualTo("WITHDRAWN");
        assertThat(ApiClient.json(api.call("listKeyChanges", NONE, "", "")).at("/items/0"))
                .isEqualTo(ApiClient.json(api.call("getKeyChange", change, "", "")));
        assertThat(api.call("listKeys", NONE, "", "").body()).isEqualTo(versions);
    }

    @Test
    void tellsOfFilesAndGivesNoneWithoutALink() {
        ApiClient.Operation file = ApiClient.operation("getFile");

        var behind = api.send(file, ApiClient.path(file, DemoTenant.ID, NONE), Map.of(), "");

        assertThat(behind.statusCode()).isEqualTo(404);
        assertThat(ApiClient.json(api.call("listMedia", NONE, "?state=stored", "")).get("items"))
                .isEmpty();
        assertThat(api.call("getMedium", NONE, "", "").statusCode()).isEqualTo(404);
        assertThat(api.call("getRetainedFile", NONE, "", "").statusCode()).isEqualTo(403);
    }

    @Test
    @DisplayName("DSR-10: what no processor signed is not believed")
    void believesNoProcessorThatDoesNotSign() {
        ApiClient.Operation callback = ApiClient.operation("openDsrCallback");

        var told =
                api.send(
                        callback,
                        ApiClient.path(callback, DemoTenant.ID, NONE),
                        Map.of(),
                        callback.example());

        assertThat(told.statusCode()).isEqualTo(403);
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void everyOperationOfTheDescriptionWasCalled() {
        assertThat(api.called())
                .containsAll(ApiClient.operations().stream().map(ApiClient.Operation::id).toList());
    }
}
