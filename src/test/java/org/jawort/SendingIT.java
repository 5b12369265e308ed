package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.local.FakeBehaviour;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages through the whole hub to providers that behave as their documentation says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendingIT {

    private static final String TELEGRAM_USER = "693ad04ab572101301210c63";

    private SendingHub sending;
    private int people;

    @BeforeAll
    void start() {
        sending = new SendingHub(HubInTest.hub(), true);
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    @AfterEach
    void behaveAgain() {
        sending.fake.behave();
    }

    private String newNumber() {
        return "+4915100001%03d".formatted(++people);
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void repliesOverTheAccountTheConversationIsHeldOver(String provider) {
        JsonNode inbound = sending.writes(provider, newNumber(), "Wann ist mein Termin?");
        String text = "Morgen um zehn, " + provider;

        String id = sending.sends(SendingHub.reply(inbound.get("conversationId").asText(), text));

        sending.awaitState(id, "sent");
        assertThat(sending.got(text))
                .singleElement()
                .satisfies(one -> assertThat(one.provider()).isEqualTo(provider));
        await().untilAsserted(
                        () ->
                                assertThat(sending.events("jawort.message.sent.v1"))
                                        .filteredOn(
                                                event ->
                                                        event.at("/data/messageId")
                                                                .asText()
                                                                .equals(id))
                                        .singleElement()
                                        .satisfies(
                                                event -> {
                                                    assertThat(
                                                                    event.at("/data/content/text")
                                                                            .asText())
                                                            .isEqualTo(text);
                                                    assertThat(event.at("/data/account").asText())
                                                            .isEqualTo(provider);
                                                    assertThat(
                                                                    event.at("/data/consent/reason")
                                                                            .asText())
                                                            .isEqualTo("OUT_OK");
                                                }));
        await().untilAsserted(
                        () ->
                                assertThat(sending.message(id).get("statuses"))
                                        .extracting(one -> one.get("status").asText())
                                        .contains("delivered"));
    }

    @Test
    void holdsWhatGoesOverAnAccountThatIsPausedAndSendsItInOrderOnceItIsResumed() {
        String conversation =
                sending.writes("vonage", newNumber(), "Ist jemand da?")
                        .get("conversationId")
                        .asText();
        // the notice of the first contact goes over the account, too
        await().until(() -> account("").at("/backlog/waiting").asInt() == 0);
        assertThat(account("/pause").get("state").asText()).isEqualTo("paused");
        List<String> ids =
                List.of("Ja.", "Gleich.", "Jetzt.").stream()
                        .map(
                                text ->
                                        sending.sends(
                                                SendingHub.reply(
                                                        conversation, text + " angehalten")))
                        .toList();
        await().until(() -> account("").at("/backlog/waiting").asInt() == 3);

        assertThat(sending.got("angehalten")).isEmpty();
        assertThat(ids).allSatisfy(id -> assertThat(state(id)).isEqualTo("queued"));
        assertThat(SendingHub.json(sending.get("/destinations")).get("items"))
                .filteredOn(one -> one.get("state").asText().equals("paused"))
                .singleElement()
                .satisfies(one -> assertThat(one.get("id").asText()).isEqualTo("send:vonage"));

        assertThat(account("/resume").get("state").asText()).isEqualTo("active");
        ids.forEach(id -> sending.awaitState(id, "sent"));
        assertThat(sending.got("angehalten"))
                .extracting(one -> one.request().at("/text").asText())
                .containsExactly("Ja. angehalten", "Gleich. angehalten", "Jetzt. angehalten");
        assertThat(account("").get("history"))
                .extracting(change -> change.get("change").asText())
                .containsExactly("resumed", "paused");
    }

    private String state(String id) {
        return sending.message(id).get("state").asText();
    }

    /** How the account is, after {@code /pause} or {@code /resume} if that is asked for. */
    private JsonNode account(String change) {
        String path = "/destinations/send:vonage" + change;
        HttpResponse<String> answer =
                change.isEmpty()
                        ? sending.get(path)
                        : sending.post(path, "{}", UUID.randomUUID().toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return SendingHub.json(answer);
    }

    @Test
    @DisplayName(
            "FLT-1, FLT-5, INF-1: no consent, then sent; each told and explained; who answers a prompt that embeds the notice is informed")
    void sendsANotificationOnceThePersonAgreedAndWasInformed() {
        String number = newNumber();
        sending.fake.callsBack(sending.webhooks, false);
        JsonNode person = sending.person(number);
        UUID subject = UUID.fromString(person.get("subjectId").asText());

        HttpResponse<String> withoutConsent = sending.post(SendingHub.reminder(number));
        sending.grant(number);
        sending.fake.callsBack(sending.webhooks, true);
        String id = sending.sends(SendingHub.reminder(number));

        assertThat(code(withoutConsent)).isEqualTo("OUT_NO_BASIS");
        sending.awaitState(id, "sent");
        assertThat(sending.message(id).get("reference").asText()).isEqualTo("appointment-4711");
        assertThat(sending.got("ContentSid"))
                .last()
                .satisfies(
                        one ->
                                assertThat(one.request().get("ContentVariables").asText())
                                        .contains("24.11.2026"));
        assertThat(sending.got("appointment-4711")).isEmpty();
        JsonNode explained = SendingHub.json(sending.get("/messages/" + id + "/decision"));
        assertThat(explained.get("decisions"))
                .extracting(one -> one.get("stage").asText() + " " + one.get("reason").asText())
                .containsExactly("request OUT_OK", "send OUT_OK");
        JsonNode counted = explained.at("/decisions/1");
        assertThat(counted.get("consentState").asText()).isEqualTo("GRANTED");
        assertThat(counted.get("textVersion").asText()).isEqualTo("prompt-v1");
        assertThat(counted.get("checks"))
                .extracting(one -> one.get("answer").asText())
                .containsOnly("PASSED");
        assertThat(counted.toString()).doesNotContain(number).doesNotContain("Jana");
        String denied = SendingHub.json(withoutConsent).get("messageId").asText();
        JsonNode why = SendingHub.json(sending.get("/messages/" + denied + "/decision"));
        assertThat(why.at("/decisions/0/checks"))
                .extracting(one -> one.get("check").asText() + " " + one.get("answer").asText())
                .contains("BASIS DENIED", "NOTICE NOT_ASKED", "WINDOW NOT_ASKED");
        await().untilAsserted(() -> assertThat(errorsTold(denied)).containsExactly("OUT_NO_BASIS"));
        String lastUsed =
                sending.hub
                        .sql()
                        .queryForObject(
                                "select details ->> 'lastUsedAt' from consent_record where subject_id = ? and purpose = 'NOTIFICATION'",
                                String.class,
                                subject);
        assertThat(lastUsed).as("T12: a use starts the validity anew").isNotNull();
    }

    @Test
    @DisplayName(
            "FLT-4: after a STOP nothing proactive leaves, and no reply to what came before it")
    void sendsNothingAfterAStop() {
        String number = newNumber();
        JsonNode person = sending.person(number);
        sending.grant(number);
        sending.webhooks.writes("twilio", number, "STOP");
        await().until(() -> suppressions(person) > 0);

        HttpResponse<String> notification = sending.post(SendingHub.reminder(number));
        HttpResponse<String> reply =
                sending.post(SendingHub.reply(person.get("conversationId").asText(), "Doch noch"));

        assertThat(code(notification)).isEqualTo("OUT_SUPPRESSED");
        assertThat(code(reply)).isEqualTo("OUT_SUPPRESSED");
        assertThat(sending.got("Doch noch")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    @DisplayName("CON-7, FLT-4: the STOP itself is no message newer than the STOP")
    void repliesToNobodyWhoseLastWordWasStop(String provider) {
        String number = newNumber();
        JsonNode person = sending.writes(provider, number, "Guten Tag");
        sending.webhooks.writes(provider, number, "STOP");
        await().until(() -> suppressions(person) > 0);

        HttpResponse<String> reply =
                sending.post(SendingHub.reply(person.get("conversationId").asText(), "Doch noch"));

        assertThat(code(reply)).isEqualTo("OUT_SUPPRESSED");
    }

    @Test
    @DisplayName("CON-4: without template and conversation nothing says what a message is for")
    void takesThePurposeFromNobodyButTemplateAndConversation() {
        String number = newNumber();
        sending.person(number);
        String to =
                "{\"to\":{\"channel\":\"whatsapp\",\"address\":\""
                        + number
                        + "\",\"scheme\":\"phone\"},";

        HttpResponse<String> free =
                sending.post(to + "\"content\":{\"type\":\"text\",\"text\":\"Werbung\"}}");
        HttpResponse<String> purpose =
                sending.post(
                        to
                                + "\"purpose\":\"SUPPORT_REPLY\",\"content\":{\"type\":\"text\",\"text\":\"Werbung\"}}");
        HttpResponse<String> unknown =
                sending.post(
                        to
                                + "\"content\":{\"template\":{\"name\":\"nobody\",\"language\":\"de\"}}}");

        assertThat(code(free)).isEqualTo("OUT_UNKNOWN");
        assertThat(code(purpose)).isEqualTo("INVALID_BODY");
        assertThat(code(unknown)).isEqualTo("TEMPLATE_UNKNOWN");
    }

    @Test
    void sendsOncePerIdempotencyKey() {
        JsonNode person = sending.person(newNumber());
        String body = SendingHub.reply(person.get("conversationId").asText(), "Genau einmal");

        HttpResponse<String> first = sending.post("/messages", body, "key-once-1");
        HttpResponse<String> again = sending.post("/messages", body, "key-once-1");

        assertThat(again.body()).isEqualTo(first.body());
        sending.awaitState(SendingHub.json(first).get("messageId").asText(), "sent");
        sending.hub.awaitQuiet();
        assertThat(sending.got("Genau einmal")).hasSize(1);
    }

    @Test
    void waitsAsLongAsTheProviderAsksAndSendsThen() {
        JsonNode person = sending.person(newNumber());
        sending.fake.behave(new FakeBehaviour(null, "Geduld", 429, null, 1, null, null, 1));

        String id =
                sending.sends(SendingHub.reply(person.get("conversationId").asText(), "Geduld"));

        sending.awaitState(id, "sent");
        assertThat(sending.got("Geduld"))
                .extracting(one -> one.answered())
                .containsExactly(429, 201);
        assertThat(sending.got("Geduld")).extracting(one -> one.provider()).containsOnly("twilio");
    }

    @Test
    @DisplayName("R25: accepted and no answer: unknown, never sent again, settled by its status")
    void settlesAMessageWhoseAnswerWasLostByItsStatus() {
        JsonNode person = sending.person(newNumber());
        sending.fake.behave(
                new FakeBehaviour(null, "Verschollen", null, null, null, null, "hang", null));

        String id =
                sending.sends(
                        SendingHub.reply(person.get("conversationId").asText(), "Verschollen"));
        sending.awaitState(id, "unknown");
        String told = sending.message(id).at("/statuses/0/status").asText();
        sending.hub.clock.advance(Duration.ofMinutes(10));
        sending.hub.awaitQuiet();
        sending.fake.status(sending.got("Verschollen").getFirst().id(), "delivered", null);
        sending.awaitState(id, "sent");

        assertThat(told).isEqualTo("unknown");
        assertThat(sending.got("Verschollen")).hasSize(1);
        await().untilAsserted(
                        () ->
                                assertThat(sending.events("jawort.message.sent.v1"))
                                        .filteredOn(
                                                e -> e.at("/data/messageId").asText().equals(id))
                                        .hasSize(1));
    }

    @Test
    @DisplayName("T9: the provider says that the person opted out: failed, and blocked from now on")
    void takesAnOptOutFromTheAnswer() {
        JsonNode person = sending.person(newNumber());
        sending.fake.behave(
                new FakeBehaviour(null, "Gesperrt", null, "21610", null, null, null, null));

        String id =
                sending.sends(SendingHub.reply(person.get("conversationId").asText(), "Gesperrt"));
        sending.awaitState(id, "failed");
        HttpResponse<String> next =
                sending.post(SendingHub.reply(person.get("conversationId").asText(), "Noch eins"));

        assertThat(sending.message(id).get("reason").asText()).isEqualTo("recipient_opted_out");
        assertThat(code(next)).isEqualTo("OUT_SUPPRESSED");
        String source =
                sending.hub
                        .sql()
                        .queryForObject(
                                "select source from suppression where subject_id = ?::uuid",
                                String.class,
                                person.get("subjectId").asText());
        assertThat(source).isEqualTo("PROVIDER");
        await().untilAsserted(
                        () ->
                                assertThat(sending.events("jawort.consent.changed.v1"))
                                        .extracting(e -> e.at("/data/transition").asText())
                                        .contains("T9"));
    }

    @Test
    void reachesWhoHasNoNumberInTheProvidersConversationAlsoAfterIdleWeeks() throws Exception {
        UUID subject = UUID.fromString(writesOnTelegram("Guten Tag").get("subjectId").asText());
        sending.grant(
                TELEGRAM_USER, "telegram", "opaque", Purpose.NOTIFICATION, () -> telegram("Ja"));
        sending.awaitInformed(subject);
        sending.hub.clock.advance(Duration.ofDays(31));
        try (var route = sending.hub.camel().createProducerTemplate()) {
            route.requestBodyAndHeader(
                    "direct:retention-run", sending.hub.tenant, "dryRun", false, Map.class);
        }
        assertThat(openConversations(subject)).isZero();

        String id =
                sending.sends(
                        SendingHub.reminder(TELEGRAM_USER)
                                .replace("whatsapp", "telegram")
                                .replace("phone", "opaque")
                                .replace("Jana", "Ben"));

        sending.awaitState(id, "sent");
        assertThat(sending.got("Guten Tag Ben"))
                .extracting(one -> one.provider() + " " + one.path())
                .containsExactly(
                        "smooch /v2/apps/69a49395db255efaed482b38/conversations/697cac97fd52f3188630f9f9/messages");
    }

    private long openConversations(UUID subject) {
        return sending.hub
                .sql()
                .queryForObject(
                        "select count(*) from conversation where subject_id = ? and closed_at is null",
                        Long.class,
                        subject);
    }

    private JsonNode writesOnTelegram(String text) {
        int before = sending.received().size();
        telegram(text);
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().get("data");
    }

    /** Over the provider that gives nobody's Telegram id away. */
    private void telegram(String text) {
        try {
            JsonNode webhook =
                    SendingHub.JSON.readTree(
                            Path.of("mappings/smooch/examples/telegram-text.json").toFile());
            ObjectNode event = (ObjectNode) webhook.at("/events/0");
            String now = sending.hub.clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
            event.put("id", UUID.randomUUID().toString()).put("createdAt", now);
            ObjectNode message = (ObjectNode) event.at("/payload/message");
            message.put("id", UUID.randomUUID().toString()).put("received", now);
            ((ObjectNode) message.get("content")).put("text", text);
            ((ObjectNode) message.get("source")).put("originalMessageTimestamp", now);
            sending.hub.post("smooch", "application/json", webhook.toString().getBytes(UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    @DisplayName("FLT-1: a scheduled message is decided about when its time has come")
    void decidesAboutAScheduledMessageWhenItIsDue() {
        JsonNode person = sending.person(newNumber());
        String conversation = person.get("conversationId").asText();
        String soon =
                sending.sends(scheduled(SendingHub.reply(conversation, "In einer Stunde"), 1));
        String late = sending.sends(scheduled(SendingHub.reply(conversation, "Zu spaet"), 48));
        String never = sending.sends(scheduled(SendingHub.reply(conversation, "Doch nicht"), 1));
        assertThat(sending.delete("/messages/" + never).statusCode()).isEqualTo(200);
        assertThat(sending.message(soon).get("state").asText()).isEqualTo("scheduled");

        sending.hub.clock.advance(Duration.ofHours(2));
        sending.awaitState(soon, "sent");
        sending.hub.clock.advance(Duration.ofHours(48));
        sending.awaitState(late, "denied");

        assertThat(sending.message(late).get("reason").asText())
                .isEqualTo("OUT_NO_OPEN_CONVERSATION");
        await().untilAsserted(
                        () ->
                                assertThat(errorsTold(late))
                                        .containsExactly("OUT_NO_OPEN_CONVERSATION"));
        assertThat(sending.message(never).get("state").asText()).isEqualTo("canceled");
        assertThat(sending.got("Doch nicht")).isEmpty();
        assertThat(sending.got("Zu spaet")).isEmpty();
        assertThat(code(sending.delete("/messages/" + soon))).isEqualTo("MESSAGE_NOT_CANCELABLE");
    }

    @Test
    void sendsOverTheNextAccountWhatTheFirstCannotCarry() {
        JsonNode person = sending.person(newNumber());
        String buttons =
                "{\"to\":{\"conversation\":\"%s\"},\"content\":{\"type\":\"buttons\",\"text\":\"Passt zehn Uhr?\",\"buttons\":[{\"payload\":\"j\",\"title\":\"Gern\"}]}}"
                        .formatted(person.get("conversationId").asText());

        String id = sending.sends(buttons);

        sending.awaitState(id, "sent");
        JsonNode message = sending.message(id);
        assertThat(message.get("account").asText()).as("the same number").isEqualTo("vonage");
        assertThat(message.get("conversationId")).isEqualTo(person.get("conversationId"));
    }

    @Test
    void sendsOverTheFirstAccountLaterWhatItFailedInPassingAndTheNextCannotCarry() {
        JsonNode person = sending.writes("vonage", newNumber(), "Guten Tag");
        sending.fake.behave(new FakeBehaviour("vonage", "elf Uhr", 503, null, null, null, null, 1));
        String buttons =
                "{\"to\":{\"conversation\":\"%s\"},\"content\":{\"type\":\"buttons\",\"text\":\"Passt elf Uhr?\",\"buttons\":[{\"payload\":\"j\",\"title\":\"Gern\"}]}}"
                        .formatted(person.get("conversationId").asText());

        String id = sending.sends(buttons);
        await().until(() -> triedBy(id).equals("{vonage,twilio}"));
        String waiting = state(id);
        sending.hub.clock.advance(Duration.ofSeconds(7)); // five, and up to a fifth more

        sending.awaitState(id, "sent");
        assertThat(waiting).isEqualTo("queued");
        assertThat(sending.message(id).get("account").asText()).isEqualTo("vonage");
        assertThat(sending.got("elf Uhr"))
                .extracting(one -> one.provider() + " " + one.answered())
                .containsExactly("vonage 503", "vonage 202");
    }

    private String triedBy(String message) {
        return sending.hub
                .sql()
                .queryForObject(
                        "select tried::text from outbound where message_id = ?::uuid",
                        String.class,
                        message);
    }

    private String scheduled(String body, int hours) {
        return body.replaceFirst(
                "\\{",
                "{\"sendAt\":\""
                        + sending.hub.clock.instant().plus(Duration.ofHours(hours))
                        + "\",");
    }

    private long suppressions(JsonNode person) {
        return sending.hub
                .sql()
                .queryForObject(
                        "select count(*) from suppression where subject_id = ?::uuid and since is not null",
                        Long.class,
                        person.get("subjectId").asText());
    }

    private List<String> errorsTold(String message) {
        return sending.events("jawort.message.status.v1").stream()
                .filter(event -> event.at("/data/messageId").asText().equals(message))
                .filter(event -> event.at("/data/status").asText().equals("failed"))
                .map(event -> event.at("/data/error/code").asText())
                .toList();
    }

    private static String code(HttpResponse<String> answer) {
        return SendingHub.json(answer).path("code").asText(answer.body());
    }
}
