package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.jawort.rights.DueDates;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.autoconfigure.web.servlet.WebMvcProperties;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.async.AsyncRequestTimeoutException;

/** Access and portability, from the words in a chat to the package and the end of its link. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RightsCopyIT {

    private static final String NUMBER = "+4915200600001";
    private static final String OTHER = "+4915999888777";
    private static final String RECEIVED = "Wir haben Ihre Anfrage zu Ihren Daten erhalten";

    private SharedHub shared;
    private SpeakingHub at;
    private RightsDesk desk;

    @BeforeAll
    void start() {
        shared = SharedHub.in(HomeFolder.copy()).accounts("twilio").tenants(13).start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    @BeforeEach
    void takeATenant() {
        at = SpeakingHub.of(shared.seat());
        desk = new RightsDesk(at);
    }

    @Test
    @DisplayName(
            "DSR-1, DSR-2, DSR-3, DSR-4, DSR-6, RET-8: \"Auskunft\" in a chat opens a request, the clock runs from"
                    + " receipt, control of the channel is enough, and the copy waits behind a link that opens once")
    void givesACopyToWhoeverAsksInAChat() {
        at.post(
                at.sms(
                                NUMBER,
                                "Meine Freundin ist unter "
                                        + OTHER
                                        + " erreichbar, ich unter "
                                        + NUMBER)
                        .with("ChannelMetadata", "{\"type\":\"sms\",\"carrier\":\"muster\"}"));
        at.quiet();
        isALetterAfterAll();
        keepsALetter();
        String otherName = knownAsWell("+4915200600088");
        at.says(NUMBER, "Auskunft");
        at.says(NUMBER, "Auskunft");
        JsonNode request = desk.ofChat("ACCESS");
        at.awaitSent(NUMBER, RECEIVED);

        String id = request.get("id").textValue();
        assertThat(request.get("channel").textValue()).isEqualTo("sms");
        assertThat(request.get("dueOn").textValue())
                .isEqualTo(
                        DueDates.dueOn(Instant.parse(request.get("receivedAt").textValue()))
                                .toString());
        desk.awaitState(id, "ANSWERED");
        assertThat(desk.states(id))
                .containsExactly("RECEIVED", "IDENTITY_CHECK", "PLANNED", "RUNNING", "ANSWERED");
        assertThat(desk.read(id).get("identityMethod").textValue()).isEqualTo("CONTROL_OF_CHANNEL");
        assertThat(desk.read(id).get("otherSubjectIds"))
                .extracting(JsonNode::textValue)
                .containsExactly(otherName);
        String link = desk.link(NUMBER);
        assertThat(link).doesNotContain(NUMBER.substring(1));

        HttpResponse<byte[]> first = desk.look(link);
        HttpResponse<byte[]> preview = desk.look(link);
        assertThat(List.of(first.statusCode(), preview.statusCode())).containsOnly(200);
        assertThat(text(first))
                .contains("<button>", "bereit bis")
                .doesNotContain(NUMBER)
                .doesNotContain(OTHER);
        assertThat(first.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(first.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        assertSealed(link);

        Map<String, String> files = desk.unpacked(link);
        JsonNode data = ApiClient.json(files.get("data.json"));
        assertThat(files).containsOnlyKeys("data.json", "rights-answer-v1.json", "index.html");
        assertThat(data.at("/messages").findValuesAsText("text"))
                .contains(
                        "Auskunft", "Meine Freundin ist unter […] erreichbar, ich unter " + NUMBER)
                .anyMatch(words -> words.contains("Datenschutz: Verantwortlich ist"));
        assertThat(data.get("messages"))
                .as("what only the law still keeps is named, with its end, and not shown")
                .filteredOn(message -> message.has("withheld"))
                .singleElement()
                .satisfies(
                        message -> {
                            assertThat(message.get("until").textValue())
                                    .isEqualTo("2032-12-31T23:00:00Z");
                            assertThat(message.get("because").textValue()).contains("HGB §257");
                        });
        assertThat(files.toString())
                .contains(NUMBER)
                .as("whoever controls one address has not shown that the other is theirs")
                .doesNotContain(OTHER, "+4915200600088", otherName);
        assertThat(data.at("/originals/0/sent").valueStream())
                .as("also what the hub reads none of")
                .anyMatch(
                        one ->
                                one.get("name").textValue().equals("ChannelMetadata")
                                        && one.get("value").textValue().contains("muster"))
                .anyMatch(
                        one ->
                                one.get("name").textValue().equals("Body")
                                        && one.get("value").textValue().contains("[…]"));
        assertThat(data.at("/classifications/0/category").textValue())
                .isEqualTo("COMMERCIAL_LETTER");
        assertThat(data.at("/classifications/0/source").textValue()).isEqualTo("agent");
        assertThat(files.get("index.html")).contains("ChannelMetadata", "Mitarbeiter");
        assertThat(data.at("/outcome/otherNames").intValue()).isEqualTo(1);
        assertThat(data.at("/addresses/0/address").textValue()).isEqualTo(NUMBER);
        assertThat(data.at("/notices/0/noticeVersion").textValue()).isEqualTo("notice-v1");
        assertThat(data.get("decisions")).isNotEmpty();
        assertThat(data.get("deliveries").findValuesAsText("destination"))
                .contains("crm", "archive", "send:twilio");
        assertThat(data.at("/information/purposes").findValuesAsText("basis"))
                .contains("CONTRACT", "CONSENT");
        assertThat(data.at("/information/retention").findValuesAsText("dataType"))
                .contains("conversation-text", "consent-proof");
        assertThat(files.get("index.html"))
                .startsWith("<!DOCTYPE html>\n<html lang=\"de\">")
                .contains("Auskunft über Ihre Daten", "Aufsichtsbehörde", "Datenschutzhinweise")
                .as("in words: no code, no period and no field's name as a program knows it")
                .doesNotContainPattern("<td>[A-Z]+_[A-Z_]+</td>")
                .doesNotContainPattern("<td>P[0-9]+[DMY]</td>")
                .doesNotContainPattern("<th[^>]*>[^<]*[a-z][A-Z_]");

        assertThat(desk.collect(link).statusCode()).as("once").isEqualTo(404);
        assertThat(desk.look(link).statusCode()).isEqualTo(404);
        desk.awaitState(id, "CLOSED");
        assertThat(desk.read(id).get("downloadedAt").isNull()).isFalse();
    }

    /** The CRM takes another number for the same person's. */
    private String knownAsWell(String number) {
        String other = at.subject(at.capture(number));
        String body =
                "{\"subjectId\":\"%s\",\"evidence\":{\"source\":\"crm\",\"reference\":\"contact-4711\",\"time\":\"2026-11-24T08:00:00Z\"}}"
                        .formatted(other);
        var linked = at.api.call("linkSubjects", Map.of("id", desk.subject(NUMBER)), "", body);
        assertThat(linked.statusCode()).isEqualTo(200);
        return other;
    }

    private void isALetterAfterAll() {
        String message =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id::text from message where direction = 'inbound'",
                                String.class);
        assertThat(
                        at.api
                                .call(
                                        "classifyMessage",
                                        Map.of("id", message),
                                        "",
                                        "{\"category\":\"COMMERCIAL_LETTER\",\"source\":\"agent\"}")
                                .statusCode())
                .isEqualTo(200);
    }

    private void keepsALetter() {
        at.hub
                .sql()
                .update(
                        "insert into retained_message (tenant, id, subject_id, conversation_id, run, account, provider, channel, direction,"
                                + " content_type, category, received_at, kept_until, rule, because, sealed_body, restricted_at)"
                                + " select tenant, gen_random_uuid(), subject_id, gen_random_uuid(), gen_random_uuid(), account, provider,"
                                + " channel, direction, content_type, 'COMMERCIAL_LETTER', received_at, '2033-01-01 00:00 Europe/Berlin', 'commercial-letter@1',"
                                + " 'restricted, kept until 31.12.2032 because HGB §257', '\\x00', received_at"
                                + " from message where direction = 'inbound' order by id limit 1");
    }

    private void assertSealed(String link) {
        String token = link.substring(link.lastIndexOf('/') + 1);
        assertThat(at.hub.sql().queryForList("select * from rights_download").toString())
                .doesNotContain(token);
        for (byte[] piece :
                at.hub.sql().queryForList("select sealed from rights_package", byte[].class)) {
            assertThat(new String(piece, StandardCharsets.ISO_8859_1))
                    .doesNotContain(NUMBER)
                    .doesNotContain("data.json");
        }
        assertThat(at.hub.sql().queryForList("select * from rights_package")).isNotEmpty();
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("DSR-6: a link ends after fourteen days, and with the erasure of the person")
    void endsLinksByTimeAndByErasure() {
        at.says(NUMBER, "Auskunft");
        String id = desk.ofChat("ACCESS").get("id").textValue();
        desk.awaitState(id, "ANSWERED");
        String old = desk.link(NUMBER);
        String wrong = old.substring(0, old.length() - 1) + (old.endsWith("A") ? "B" : "A");

        assertThat(desk.collect(wrong).statusCode()).as("one bit wrong").isEqualTo(404);
        assertThat(desk.collect("/requests/download/nothing").statusCode()).isEqualTo(404);
        at.hub.clock.advance(Duration.ofDays(14).minusMinutes(5));
        assertThat(desk.look(old).statusCode()).isEqualTo(200);
        at.hub.clock.advance(Duration.ofMinutes(10));
        assertThat(desk.collect(old).statusCode()).isEqualTo(404);
        desk.awaitState(id, "CLOSED");
        assertThat(at.hub.sql().queryForList("select * from rights_package")).isEmpty();

        HttpResponse<String> renewed = desk.post("renewLink", id, "{}");
        String link = ApiClient.json(renewed).get("url").textValue();
        link = link.substring(link.indexOf("/requests/"));
        assertThat(desk.look(link).statusCode()).isEqualTo(200);
        at.hub.sql().update("delete from subject_key");
        assertThat(desk.look(link).statusCode()).isEqualTo(404);
        assertThat(desk.collect(link).statusCode()).isEqualTo(404);
    }

    @Test
    @DisplayName("DSR-6: a link whose answer broke off on the way is good for another try")
    void givesAnotherTryWhereTheAnswerBrokeOff() {
        at.says(NUMBER, "Auskunft");
        String id = desk.ofChat("ACCESS").get("id").textValue();
        desk.awaitState(id, "ANSWERED");
        String link = desk.link(NUMBER);
        at.hub.sql().update("update rights_package set position = position + 1");

        assertThat(desk.collect(link).statusCode()).as("a piece is missing").isEqualTo(500);
        assertThat(desk.look(link).statusCode()).isEqualTo(200);
        at.hub.sql().update("update rights_package set position = position - 1");

        assertThat(desk.unpacked(link)).containsKey("data.json");
        assertThat(desk.collect(link).statusCode()).isEqualTo(404);
    }

    @Test
    @DisplayName("DSR-6: what is no link of the hub's is not found, however it is written")
    void findsNothingBehindWhatIsNoLink() {
        assertThat(desk.collect("/requests/download/" + "A".repeat(62) + "==").statusCode())
                .isEqualTo(404);
    }

    @Test
    @DisplayName("DSR-6: an answer may take an hour; where it fails after it began, it breaks off")
    void breaksOffWhatCannotBeWhole() {
        assertThat(at.hub.bean(WebMvcProperties.class).getAsync().getRequestTimeout())
                .isEqualTo(Duration.ofHours(1));
        MockHttpServletResponse begun = new MockHttpServletResponse();
        begun.setCommitted(true);
        var request = new ServletWebRequest(new MockHttpServletRequest(), begun);
        ProblemAnswers problems = at.hub.bean(ProblemAnswers.class);

        assertThatThrownBy(
                        () -> problems.handleException(new AsyncRequestTimeoutException(), request))
                .isInstanceOf(AsyncRequestTimeoutException.class);
        assertThatThrownBy(() -> problems.failure(new IOException("away"), begun))
                .hasMessage("away");
    }

    @Test
    @DisplayName(
            "DSR-5: portability gives what the person provided, on consent or contract, and no more")
    void givesWhatThePersonProvided() {
        at.says(NUMBER, "Meine Kundennummer ist 4711");
        at.awaitSent(NUMBER, "Datenschutz: Verantwortlich ist");
        at.quiet();
        String id = desk.open("PORTABILITY", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        JsonNode data = ApiClient.json(desk.unpacked(desk.link(NUMBER)).get("data.json"));

        assertThat(data.get("messages").findValuesAsText("text"))
                .containsExactly("Meine Kundennummer ist 4711");
        assertThat(data.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly(
                        "schema", "request", "controller", "outcome", "addresses", "messages");
    }

    @Test
    @DisplayName(
            "DSR-2: a mailbox proves nothing about a chat; the proof that was asked for goes with the decision")
    void wantsASecondProofOfWhoWritesAnEmail() {
        at.says(NUMBER, "Guten Tag");
        at.quiet();
        HttpResponse<String> opened =
                desk.tryOpen("ACCESS", "EMAIL", NUMBER, "{\"language\":\"en\"}");
        String id = ApiClient.json(opened).get("id").textValue();
        desk.work();

        assertThat(desk.read(id).get("state").textValue()).isEqualTo("IDENTITY_CHECK");
        HttpResponse<String> byMail =
                desk.post(
                        "decideIdentity",
                        id,
                        "{\"decision\":\"CONFIRMED\",\"method\":\"CONTROL_OF_CHANNEL\",\"channel\":\"sms\"}");
        assertThat(RightsDesk.code(byMail)).isEqualTo("SECOND_PROOF_NEEDED");
        desk.post(
                "addIdentityProof",
                id,
                "{\"kind\":\"customer-number\",\"content\":\"4711 and a birthday\"}");
        assertThat(desk.read(id).get("identity").textValue()).isEqualTo("PROOF_RECEIVED");
        byte[] proof =
                at.hub
                        .sql()
                        .queryForObject("select sealed_proof from rights_request", byte[].class);
        assertThat(new String(proof, StandardCharsets.ISO_8859_1)).doesNotContain("birthday");
        desk.confirm(id);
        assertThat(
                        at.hub
                                .sql()
                                .queryForObject(
                                        "select sealed_proof is null from rights_request",
                                        Boolean.class))
                .isTrue();

        desk.awaitState(id, "ANSWERED");
        assertThat(at.sent(NUMBER, "/requests/download/"))
                .as("the tenant gives the link")
                .isEmpty();
        String url = ApiClient.json(desk.post("renewLink", id, "{}")).get("url").textValue();
        Map<String, String> files = desk.unpacked(url.substring(url.indexOf("/requests/")));
        assertThat(files.get("index.html")).contains("<html lang=\"en\">", "Access to your data");
        assertThat(ApiClient.json(files.get("data.json")).at("/request/coversChannel").isNull())
                .isTrue();
    }

    @Test
    @DisplayName("DSR-2: who does not show who they are is told so, and gets no data")
    void answersWhoIsNotWhoTheySayWithoutData() {
        at.says(NUMBER, "Guten Tag");
        at.quiet();
        String id = desk.open("ACCESS", NUMBER, "{\"receivedAt\":\"2026-11-01T00:00:00Z\"}");

        HttpResponse<String> decided =
                desk.post("decideIdentity", id, "{\"decision\":\"NOT_CONFIRMED\"}");
        String url = ApiClient.json(desk.post("renewLink", id, "{}")).get("url").textValue();
        JsonNode data =
                ApiClient.json(
                        desk.unpacked(url.substring(url.indexOf("/requests/"))).get("data.json"));

        assertThat(ApiClient.json(decided).get("state").textValue()).isEqualTo("ANSWERED");
        assertThat(data.at("/outcome/refused/0/because").textValue())
                .isEqualTo("IDENTITY_NOT_SHOWN");
        assertThat(data.has("messages")).isFalse();
        assertThat(data.has("information")).as("who received data of that person").isFalse();
        assertThat(
                        RightsDesk.code(
                                desk.post(
                                        "decideIdentity", id, "{\"decision\":\"NOT_CONFIRMED\"}")))
                .isEqualTo("REQUEST_STATE");
    }

    @Test
    @DisplayName(
            "DSR-2, RET-4: a proof about which nobody decides is gone four weeks after the request was due")
    void dropsAProofNobodyDecidesAbout() {
        at.says(NUMBER, "Guten Tag");
        at.quiet();
        String id = desk.open("ACCESS", NUMBER, "{}");
        desk.post("addIdentityProof", id, "{\"kind\":\"customer-number\",\"content\":\"4711\"}");
        at.hub.clock.moveTo(
                DueDates.endOf(LocalDate.parse(desk.read(id).get("dueOn").textValue()))
                        .plus(Duration.ofDays(27)));
        desk.work();
        assertThat(proofs()).isEqualTo(1);

        at.hub.clock.advance(Duration.ofDays(1));
        desk.work();

        assertThat(proofs()).isZero();
        assertThat(desk.read(id).get("identity").textValue()).isEqualTo("OPEN");
        assertThat(desk.read(id).get("steps").findValuesAsText("reason")).contains("PROOF_DROPPED");
    }

    private int proofs() {
        return at.hub
                .sql()
                .queryForObject(
                        "select count(*) from rights_request where sealed_proof is not null",
                        Integer.class);
    }

    @Test
    @DisplayName(
            "DSR-1: reminded at 50 and 80 percent and once it is late; two months more, once, in the first month")
    void remindsAndExtends() {
        at.says(NUMBER, "Guten Tag");
        at.quiet();
        String id = desk.open("ACCESS", NUMBER, "{}");
        String late = desk.open("PORTABILITY", NUMBER, "{}");
        Instant received = Instant.parse(desk.read(late).get("receivedAt").textValue());
        LocalDate due = LocalDate.parse(desk.read(late).get("dueOn").textValue());
        desk.work();
        // a minute more, as the other was opened a moment before
        at.hub.clock.moveTo(DueDates.share(received, due, 50).plusSeconds(60));
        desk.work();
        desk.work();
        HttpResponse<String> extended =
                desk.post(
                        "extendRequest",
                        id,
                        "{\"months\":2,\"reason\":\"COMPLEXITY\",\"words\":\"viele Jahre\"}");
        HttpResponse<String> again =
                desk.post(
                        "extendRequest",
                        id,
                        "{\"months\":1,\"reason\":\"COMPLEXITY\",\"words\":\"noch mehr\"}");
        at.awaitSent(NUMBER, "viele Jahre");
        at.hub.clock.moveTo(DueDates.share(received, due, 80).plusSeconds(60));
        desk.work();
        at.hub.clock.moveTo(DueDates.endOf(due).plus(Duration.ofDays(9)));
        desk.work();
        // a week on, and half of the three months is over whatever days they have
        at.hub.clock.advance(Duration.ofDays(11));
        desk.work();
        HttpResponse<String> tooLate =
                desk.post(
                        "extendRequest",
                        late,
                        "{\"months\":1,\"reason\":\"COMPLEXITY\",\"words\":\"zu spät\"}");

        JsonNode request = ApiClient.json(extended);
        assertThat(extended.statusCode()).as(extended.body()).isEqualTo(200);
        assertThat(request.get("dueOn").textValue())
                .isEqualTo(
                        DueDates.dueOn(Instant.parse(request.get("receivedAt").textValue()), 2)
                                .toString());
        assertThat(RightsDesk.code(again)).isEqualTo("EXTENSION_TOO_LONG");
        assertThat(RightsDesk.code(tooLate)).isEqualTo("EXTENSION_TOO_LATE");
        org.jawort.HubInTest.await()
                .untilAsserted(
                        () ->
                                assertThat(causes(late))
                                        .as("once it is late, each week")
                                        .startsWith(
                                                "state", "reminder-50", "reminder-80", "overdue")
                                        .hasSizeGreaterThan(4)
                                        .endsWith("overdue"));
        org.jawort.HubInTest.await()
                .untilAsserted(
                        () ->
                                assertThat(causes(id))
                                        .as("half of the month, and of the three")
                                        .containsExactly(
                                                "state", "reminder-50", "extended", "reminder-50"));
    }

    @Test
    @DisplayName(
            "DSR-6: where the message with the link may not leave, the tenant is told, and can give a new link by other means")
    void tellsTheTenantOfWhomItCannotTell() {
        desk.channel = "whatsapp";
        at.post(org.jawort.TwilioForm.text("SM" + java.util.UUID.randomUUID(), NUMBER, "Hallo"));
        at.quiet();
        at.hub.clock.advance(Duration.ofHours(25));
        String id = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        org.jawort.HubInTest.await()
                .until(() -> desk.read(id).get("replyState").textValue().equals("denied"));
        at.hub.clock.advance(Duration.ofMinutes(10));
        desk.work();

        org.jawort.HubInTest.await()
                .untilAsserted(() -> assertThat(causes(id)).endsWith("not-told"));
        String url = ApiClient.json(desk.post("renewLink", id, "{}")).get("url").textValue();
        assertThat(desk.unpacked(url.substring(url.indexOf("/requests/")))).isNotEmpty();
    }

    @Test
    @DisplayName("DSR-3: one that fails is tried again later and keeps no other from its turn")
    void oneFailureHidesNoOther() {
        at.says(NUMBER, "Guten Tag");
        at.quiet();
        String broken = desk.open("RECTIFY", NUMBER, "{\"name\":\"Erika\"}");
        String sound = desk.open("ACCESS", NUMBER, "{}");
        at.hub
                .sql()
                .update(
                        "update rights_request set sealed_asked = '\\x00' where id = ?::uuid",
                        broken);
        desk.confirm(broken);
        desk.confirm(sound);
        desk.awaitState(sound, "ANSWERED");

        JsonNode failed = desk.read(broken);
        assertThat(failed.get("state").asText()).isEqualTo("RUNNING");
        assertThat(failed.get("failures").asInt()).isEqualTo(1);
        assertThat(failed.get("lastError").asText()).doesNotContain(NUMBER);
        at.hub
                .sql()
                .update("update rights_request set sealed_asked = null where id = ?::uuid", broken);
        at.hub.clock.advance(Duration.ofHours(1));
        desk.awaitState(broken, "ANSWERED");
    }

    private List<String> causes(String id) {
        return desk.events("request.changed").stream()
                .map(event -> event.get("data"))
                .filter(data -> data.get("requestId").asText().equals(id))
                .map(data -> data.get("cause").textValue())
                .toList();
    }
}
