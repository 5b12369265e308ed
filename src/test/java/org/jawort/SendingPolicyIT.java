package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.local.FakeMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a tenant decided about its messages, through the whole hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendingPolicyIT {

    private static final String AGENTS = "agents-test-key-0123456789abcdef";
    private static final String CARD = "4111 1111 1111 1111";

    private SendingHub sending;
    private int people;

    @BeforeAll
    void start() throws GeneralSecurityException {
        String sha256 =
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(AGENTS.getBytes(StandardCharsets.UTF_8)));
        HomeFolder home =
                HomeFolder.copy()
                        .change("MARKETING: off", "MARKETING: CONSENT")
                        .change(
                                "templates:                                #",
                                """
                                marketing: { approvedBy: Erika Muster, approvedOn: 2026-11-02 }
                                contentGuard: { words: [Diabet*] }
                                templates:
                                  - id: login-code
                                    purpose: AUTHENTICATION
                                    languages: { de: { text: "Ihr Code ist {1}." } }
                                  - id: winter-tyres
                                    purpose: MARKETING
                                    category: MARKETING
                                    languages:
                                      de:
                                        text: "Winterreifen {1} günstiger"
                                        providers: { twilio: { providerId: HX00000000000000000000000000000008 } }
                                #""")
                        .change("          vonage: { name: auftrag_fertig }\n", "")
                        .change(
                                "apiKeys:\n",
                                "apiKeys:\n  - { id: agents, sha256: \"%s\", human: true }\n"
                                        .formatted(sha256));
        sending = new SendingHub(HubInTest.hub().home(home.path()), true);
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    private String newNumber() {
        return "+4915100002%03d".formatted(++people);
    }

    @Test
    @DisplayName(
            "FLT-8: what holds the number of a card or a word of the tenant's leaves neither at"
                    + " once nor later, and nobody is told what was found")
    void keepsSensitiveContentOutOfTheChat() {
        JsonNode person = sending.person(newNumber());
        String conversation = person.get("conversationId").asText();
        String later =
                sending.sends(
                        SendingHub.reply(conversation, "Karte " + CARD)
                                .replaceFirst(
                                        "\\{",
                                        "{\"sendAt\":\""
                                                + sending.hub
                                                        .clock
                                                        .instant()
                                                        .plus(Duration.ofMinutes(10))
                                                + "\","));

        HttpResponse<String> card =
                sending.post(SendingHub.reply(conversation, "Ihre Karte " + CARD));
        HttpResponse<String> word =
                sending.post(SendingHub.reply(conversation, "Ihre Diabetesberatung"));
        HttpResponse<String> template =
                sending.post(
                        SendingHub.reminder(newNumber())
                                .replaceFirst(
                                        "\"to\":\\{[^}]*}",
                                        "\"to\":{\"conversation\":\"" + conversation + "\"}")
                                .replace("Jana", CARD));
        String fine =
                sending.sends(
                        SendingHub.reply(conversation, "Bis morgen, Ihre 4111")
                                .replaceFirst("\\{", "{\"reference\":\"4111111111111111\","));
        sending.hub.clock.advance(Duration.ofMinutes(11));
        sending.awaitState(later, "denied");

        assertThat(code(card)).isEqualTo("OUT_SENSITIVE_CONTENT");
        assertThat(code(word)).isEqualTo("OUT_SENSITIVE_CONTENT");
        assertThat(code(template)).as("FLT-3: the basis is asked first").isEqualTo("OUT_NO_BASIS");
        assertThat(sending.message(later).get("reason").asText())
                .isEqualTo("OUT_SENSITIVE_CONTENT");
        sending.awaitState(fine, "sent");
        assertThat(sending.got("4111 1111")).isEmpty();
        assertThat(sending.got("Diabetes")).isEmpty();
        String denied = SendingHub.json(card).get("messageId").asText();
        JsonNode why = SendingHub.json(sending.get("/messages/" + denied + "/decision"));
        assertThat(why.at("/decisions/0/checks"))
                .extracting(one -> one.get("check").asText() + " " + one.get("answer").asText())
                .contains("WINDOW PASSED", "CONTENT DENIED");
        assertThat(card.body() + word.body() + why).doesNotContain("4111").doesNotContain("iabet");
    }

    @Test
    @DisplayName(
            "FLT-7: after the window of Messenger a person may answer for seven days, under the"
                    + " provider's tag; a program may not")
    void answersLateOnlyAsAPerson() throws IOException {
        String conversation = writesOnMessenger();
        HttpResponse<String> inTime = answers(AGENTS, conversation, "Sofort, Ihre Agentin");
        FakeMessage early = awaitGot("Sofort, Ihre Agentin");
        sending.hub.clock.advance(Duration.ofDays(3));
        HttpResponse<String> bot = sending.post(SendingHub.reply(conversation, "Hier der Bot"));
        HttpResponse<String> human = answers(AGENTS, conversation, "Hier Ihre Agentin");
        HttpResponse<String> says =
                sending.post(
                        SendingHub.reply(conversation, "Bot")
                                .replaceFirst("\\{", "{\"human\":true,"));
        FakeMessage late = awaitGot("Hier Ihre Agentin");
        sending.hub.clock.advance(Duration.ofDays(5));
        HttpResponse<String> tooLate = answers(AGENTS, conversation, "Zu spaet");

        assertThat(inTime.statusCode()).isEqualTo(202);
        assertThat(human.statusCode()).as(human.body()).isEqualTo(202);
        assertThat(code(bot)).isEqualTo("OUT_NO_OPEN_CONVERSATION");
        assertThat(code(says)).as("nobody says of themselves").isEqualTo("INVALID_BODY");
        assertThat(code(tooLate)).isEqualTo("OUT_NO_OPEN_CONVERSATION");
        assertThat(early.request().at("/messenger/category").asText()).isEqualTo("response");
        assertThat(late.request().at("/messenger/category").asText()).isEqualTo("message_tag");
        assertThat(late.request().at("/messenger/tag").asText()).isEqualTo("HUMAN_AGENT");
        assertThat(sending.got("Hier der Bot")).isEmpty();
        JsonNode why =
                SendingHub.json(
                        sending.get(
                                "/messages/"
                                        + SendingHub.json(human).get("messageId").asText()
                                        + "/decision"));
        assertThat(why.at("/decisions/1/window").asText()).isEqualTo("OPEN");
    }

    @Test
    @DisplayName(
            "FLT-7: on Instagram, where the provider documents no way to say that a person writes,"
                    + " a late answer is denied at once and plainly")
    void deniesALateAnswerThatTheProviderCouldNotTag() throws IOException {
        String conversation = writesOnInstagram();
        HttpResponse<String> inTime = answers(AGENTS, conversation, "Gern, Ihre Agentin");
        awaitGot("Gern, Ihre Agentin");
        sending.hub.clock.advance(Duration.ofDays(3));

        HttpResponse<String> late = answers(AGENTS, conversation, "Leider zu spaet");

        assertThat(inTime.statusCode()).as(inTime.body()).isEqualTo(202);
        assertThat(code(late)).isEqualTo("OUT_TAG_UNSUPPORTED");
        String denied = SendingHub.json(late).get("messageId").asText();
        JsonNode why = SendingHub.json(sending.get("/messages/" + denied + "/decision"));
        assertThat(why.at("/decisions/0/checks").toString())
                .contains("{\"check\":\"WINDOW\",\"answer\":\"DENIED\"}");
        assertThat(sending.got("Leider zu spaet")).isEmpty();
    }

    private String writesOnInstagram() throws IOException {
        JsonNode webhook =
                SendingHub.JSON.readTree(
                        Path.of("mappings/smooch/examples/instagram-image.json").toFile());
        String now = sending.hub.clock.instant().toString();
        ((ObjectNode) webhook.at("/events/0/payload/message/source"))
                .put("originalMessageTimestamp", now);
        int before = sending.received().size();
        byte[] body = webhook.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(sending.hub.post("smooch", "application/json", body).statusCode())
                .isEqualTo(200);
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().at("/data/conversationId").asText();
    }

    @Test
    @DisplayName("FLT-7: WhatsApp has no such window, not even for people")
    void knowsNoLateAnswerOnWhatsApp() {
        JsonNode person = sending.person(newNumber());
        sending.hub.clock.advance(Duration.ofHours(25));

        HttpResponse<String> late =
                answers(AGENTS, person.get("conversationId").asText(), "Spaet, aber doch");

        assertThat(code(late)).isEqualTo("OUT_NO_OPEN_CONVERSATION");
    }

    @Test
    @DisplayName(
            "table 2.2 AUTHENTICATION: within ten minutes of the person's own message, or of what"
                    + " they did elsewhere, with evidence; neither without nor later")
    void authenticatesWhoeverAskedForIt() throws IOException {
        String number = newNumber();
        JsonNode person = writesSms(number);
        JsonNode other = sending.person(newNumber());
        Instant now = sending.hub.clock.instant();

        HttpResponse<String> untriggered = sending.post(code(number, "111111", null));
        HttpResponse<String> strangers =
                sending.post(code(number, "222222", byMessage(other.get("messageId").asText())));
        HttpResponse<String> stale =
                sending.post(code(number, "333333", elsewhere(now.minus(Duration.ofMinutes(10)))));
        HttpResponse<String> future =
                sending.post(code(number, "444444", elsewhere(now.plus(Duration.ofMinutes(2)))));
        HttpResponse<String> unproved =
                sending.post(code(number, "444445", "{\"triggeredAt\":\"" + now + "\"}"));
        HttpResponse<String> heldUp =
                sending.post(code(number, "444446", byMessage(wroteSms(number, now))));
        String chat =
                sending.sends(code(number, "555555", byMessage(person.get("messageId").asText())));
        String web = sending.sends(code(number, "666666", elsewhere(now.minusSeconds(30))));
        String late =
                sending.sends(
                        code(number, "777777", elsewhere(now.minusSeconds(30)))
                                .replaceFirst(
                                        "\\{",
                                        "{\"sendAt\":\""
                                                + now.plus(Duration.ofMinutes(15))
                                                + "\","));
        sending.awaitState(chat, "sent");
        sending.awaitState(web, "sent");
        sending.hub.clock.advance(Duration.ofMinutes(16));
        sending.awaitState(late, "denied");

        assertThat(code(untriggered)).isEqualTo("OUT_AUTH_NOT_TRIGGERED");
        assertThat(code(strangers)).isEqualTo("TRIGGER_UNKNOWN");
        assertThat(code(stale)).isEqualTo("OUT_AUTH_NOT_TRIGGERED");
        assertThat(code(future)).isEqualTo("OUT_AUTH_NOT_TRIGGERED");
        assertThat(code(unproved)).isEqualTo("INVALID_BODY");
        assertThat(code(heldUp)).as("CON-7").isEqualTo("OUT_AUTH_NOT_TRIGGERED");
        assertThat(sending.message(late).get("reason").asText())
                .isEqualTo("OUT_AUTH_NOT_TRIGGERED");
        assertThat(sending.got("555555")).hasSize(1);
        assertThat(sending.got("666666")).hasSize(1);
        assertThat(sending.got("777777")).isEmpty();
        assertThat(sending.got("login-4711")).as("evidence stays here").isEmpty();
        assertThat(sending.message(web).at("/authentication/evidence/reference").asText())
                .isEqualTo("login-4711");
        assertThat(sending.message(chat).at("/authentication/evidence/message"))
                .isEqualTo(person.get("messageId"));
    }

    @Test
    @DisplayName(
            "CON-24: advertising that somebody approved goes to who agreed, and to nobody else")
    void advertisesWithApprovalAndConsent() {
        String number = newNumber();
        UUID subject = UUID.fromString(sending.person(number).get("subjectId").asText());
        String offer =
                SendingHub.reminder(number)
                        .replace("appointment-reminder", "winter-tyres")
                        .replace("\"Jana\",\"24.11.2026\",\"10:30\"", "\"zehn Prozent\"");

        HttpResponse<String> withoutConsent = sending.post(offer);
        sending.grant(number, Purpose.MARKETING);
        sending.awaitInformed(subject);
        String id = sending.sends(offer);

        assertThat(code(withoutConsent)).isEqualTo("OUT_NO_BASIS");
        sending.awaitState(id, "sent");
        assertThat(sending.got("zehn Prozent")).hasSize(1);
    }

    @Test
    void sendsATemplateOverAnAccountWhoseProviderHasItAlsoToWhoTalksOverAnother() {
        String number = newNumber();
        JsonNode person = sending.writes("vonage", number, "Guten Tag");
        sending.grant(
                number,
                "whatsapp",
                Purpose.NOTIFICATION,
                () -> assertThat(sending.webhooks.writes("vonage", number, "Ja")).isEqualTo(200));
        UUID subject = UUID.fromString(person.get("subjectId").asText());
        sending.awaitInformed(subject);

        String there = sending.enqueueTemplate(subject, "order-ready", "vonage").toString();
        String id =
                sending.sends(
                        SendingHub.reminder(number)
                                .replace("appointment-reminder", "order-ready")
                                .replace("\"24.11.2026\",\"10:30\"", "\"W-20815\""));

        sending.awaitState(id, "sent");
        sending.awaitState(there, "failed");
        assertThat(sending.message(there).get("reason").asText()).isEqualTo("unsupported");
        assertThat(sending.got("order-ready")).isEmpty();
        assertThat(sending.message(id).get("account").asText()).isEqualTo("twilio");
        assertThat(sending.got("W-20815"))
                .extracting(FakeMessage::provider)
                .containsExactly("twilio");
        assertThat(
                        sending.hub
                                .sql()
                                .queryForObject(
                                        "select tried::text from outbound where message_id = ?::uuid",
                                        String.class,
                                        id))
                .as("nobody else was asked first")
                .isEqualTo("{}");
    }

    private JsonNode writesSms(String number) {
        int before = sending.received().size();
        TwilioForm form =
                TwilioForm.text(
                                "SM" + UUID.randomUUID().toString().replace("-", ""),
                                number,
                                "Anmelden")
                        .with("From", number)
                        .with("To", "+493023125020");
        assertThat(sending.hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode())
                .isEqualTo(200);
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().get("data");
    }

    /** Of this morning; its webhook was held up till now. */
    private String wroteSms(String number, Instant now) throws IOException {
        int before = sending.received().size();
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                Path.of("mappings/vonage/examples/sms-text.json").toFile());
        webhook.put("message_uuid", UUID.randomUUID().toString());
        webhook.put("from", number.substring(1)).put("text", "Anmelden");
        webhook.put("timestamp", now.minus(Duration.ofHours(5)).toString());
        sending.hub.post("vonage", "application/json", webhook.toString().getBytes());
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().at("/data/messageId").asText();
    }

    /** A Messenger conversation the person opened just now. */
    private String writesOnMessenger() throws IOException {
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                Path.of("mappings/vonage/examples/messenger-text.json").toFile());
        webhook.put("message_uuid", UUID.randomUUID().toString());
        webhook.put(
                "timestamp",
                sending.hub
                        .clock
                        .instant()
                        .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                        .toString());
        int before = sending.received().size();
        assertThat(
                        sending.hub
                                .post(
                                        "vonage",
                                        "application/json",
                                        webhook.toString().getBytes(StandardCharsets.UTF_8))
                                .statusCode())
                .isEqualTo(200);
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().at("/data/conversationId").asText();
    }

    private HttpResponse<String> answers(String key, String conversation, String text) {
        return sending.postAs(
                key,
                "/messages",
                SendingHub.reply(conversation, text),
                UUID.randomUUID().toString());
    }

    private FakeMessage awaitGot(String text) {
        await().untilAsserted(() -> assertThat(sending.got(text)).hasSize(1));
        return sending.got(text).getFirst();
    }

    /**
     * @param trigger JSON, {@code null} for none
     */
    private static String code(String number, String code, String trigger) {
        return """
        {"to":{"channel":"sms","address":"%s","scheme":"phone"},%s
         "content":{"template":{"name":"login-code","language":"de","parameters":["%s"]}}}"""
                .formatted(
                        number, trigger == null ? "" : "\"authentication\":" + trigger + ",", code);
    }

    private static String byMessage(String id) {
        return "{\"message\":\"" + id + "\"}";
    }

    private static String elsewhere(Instant at) {
        return "{\"triggeredAt\":\"%s\",\"evidence\":{\"kind\":\"login\",\"reference\":\"login-4711\"}}"
                .formatted(at);
    }

    private static String code(HttpResponse<String> problem) {
        return SendingHub.json(problem).path("code").asText();
    }
}
