package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMessage;
import org.jawort.proof.LedgerTable;
import org.jawort.proof.LedgerVerdict;
import org.jawort.proof.LedgerVerifier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one person lives through, over each provider: signed webhooks in, the provider's send API
 * out, everything else through the API. The provider is the account preferred for sending, so that
 * it carries the first contact too.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoryIT {

    private static final String NUMBER = "+4915200300001";
    private static final String THANKS = "Danke, Sie haben eingewilligt";
    private static final String ANSWER = "Sehr gern, bis dann.";
    private static final String STOPPED = "Sie sind abgemeldet";

    /** The order of the account in the tenant file. */
    private static final Map<String, String> ORDER =
            Map.of("twilio", "1", "vonage", "2", "messagebird", "3", "smooch", "4");

    private static final String PROMPT = "consent-prompt";
    private static final String REMINDER = "appointment-reminder";

    private SharedHub shared;

    @BeforeAll
    void start() {
        SharedHub.Builder builder = SharedHub.in(HomeFolder.copy()).tenants(1);
        ORDER.forEach(
                (provider, order) ->
                        builder.tenant(provider, "order: " + order + " }", "order: 0 }"));
        shared = builder.start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    @DisplayName("TST-2: from the form on the web to the proof")
    void fromTheFormOnTheWebToTheProof(String provider) {
        SpeakingHub at = SpeakingHub.telling(shared.seat(provider));
        String record = at.captureOnTheWeb(NUMBER);
        FakeMessage prompt = isAsked(at, provider, record);
        agrees(at, prompt, record);
        String informedBy = wasInformed(at, prompt, record);
        JsonNode reminder = isReminded(at, provider, record);
        writesAndIsAnswered(at, reminder, prompt);
        stops(at, prompt, record);
        isRemindedNoMore(at);
        isProven(at, record, prompt, informedBy);

        assertThat(at.fake.messages())
                .as("prompt, confirmation, reminder, answer, end: nothing else, nowhere else")
                .hasSize(5)
                .allSatisfy(sent -> assertThat(sent.provider()).isEqualTo(provider))
                .allSatisfy(sent -> assertThat(sent.taken()).isNotNull());
    }

    @Test
    @DisplayName("Who is known to two providers is reached by the number, over either")
    void reachesByTheNumberWhoeverKnowsThePerson() {
        SpeakingHub at = SpeakingHub.telling(shared.seat());
        String record = at.captureOnTheWeb(NUMBER);
        agrees(at, isAsked(at, "twilio", record), record);
        assertThat(at.webhooks.writes("smooch", NUMBER, "Guten Tag")).isEqualTo(200);
        await().untilAsserted(() -> assertThat(received(at)).hasSize(1));
        at.hub.sql().update("update conversation set closed_at = now() where account = 'smooch'");

        HttpResponse<String> taken =
                at.send(
                        """
                        {"to":{"subject":"%s","channel":"whatsapp"},
                         "content":{"template":{"name":"appointment-reminder","language":"de",
                          "parameters":["Erika Mustermann","27.11.2026","10:30"]}}}"""
                                .formatted(at.subject(record)));

        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
        at.awaitDelivered(ApiClient.json(taken).get("messageId").textValue());
        FakeMessage reminder = at.fake.messages().getLast();
        assertThat(reminder.provider()).isEqualTo("twilio");
        assertThat(reminder.taken().to()).isEqualTo("whatsapp:" + NUMBER);
    }

    /** T1, T2. */
    private static FakeMessage isAsked(SpeakingHub at, String provider, String record) {
        at.awaitState(record, "PENDING");
        at.quiet();

        FakeMessage prompt = onlyNew(at, 0);
        assertThat(prompt.request().toString()).contains(registered(provider, PROMPT));
        assertThat(prompt.taken().to()).contains(NUMBER.substring(1));
        return prompt;
    }

    /** T4: granted, and one confirmation. */
    private static void agrees(SpeakingHub at, FakeMessage prompt, String record) {
        assertThat(at.fake.reply(prompt.id(), "Ja")).isEqualTo(200);
        at.awaitState(record, "GRANTED");
        at.quiet();

        FakeMessage confirmation = onlyNew(at, 1);
        assertThat(confirmation.request().toString()).contains(THANKS, "STOPP");
        assertThat(at.transitions(record)).containsSubsequence("T1", "PROMPT_OFFERED", "T2", "T4");
    }

    /** INF-3: by the prompt that embeds the notice; the provider said that it arrived. */
    private static String wasInformed(SpeakingHub at, FakeMessage prompt, String record) {
        JsonNode notices = at.notices(at.subject(record), null);
        assertThat(notices).hasSize(1);
        JsonNode notice = notices.get(0);
        String message = notice.get("messageId").textValue();
        at.awaitDelivered(message);
        notice = at.notices(at.subject(record), null).get(0);

        assertThat(notice.get("noticeVersion").textValue()).isEqualTo("notice-v1");
        assertThat(notice.get("textVersion").textValue()).isEqualTo("prompt-v1");
        assertThat(notice.get("template").textValue()).isEqualTo(PROMPT);
        assertThat(notice.get("deliveredAt").isTextual()).isTrue();
        assertThat(toldDelivered(at, message)).isEqualTo(prompt.id());
        return message;
    }

    /** FLT-1: allowed, explained, delivered. */
    private static JsonNode isReminded(SpeakingHub at, String provider, String record) {
        HttpResponse<String> taken = at.remind(NUMBER);
        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
        String message = ApiClient.json(taken).get("messageId").textValue();
        at.awaitDelivered(message);
        at.quiet();

        FakeMessage reminder = onlyNew(at, 2);
        assertThat(reminder.request().toString())
                .contains(registered(provider, REMINDER), "27.11.2026");
        assertThat(at.message(message).get("state").textValue()).isEqualTo("sent");
        assertThat(at.message(message).get("account").textValue()).isEqualTo(provider);
        assertThat(toldDelivered(at, message)).isEqualTo(reminder.id());
        JsonNode decisions = at.explained(message).get("decisions");
        assertThat(decisions)
                .extracting(one -> one.get("stage").asText() + " " + one.get("reason").asText())
                .containsExactly("request OUT_OK", "send OUT_OK");
        JsonNode counted = decisions.get(1);
        assertThat(counted.get("record").textValue()).isEqualTo(record);
        assertThat(counted.get("consentState").textValue()).isEqualTo("GRANTED");
        assertThat(counted.get("textVersion").textValue()).isEqualTo("prompt-v1");
        assertThat(counted.get("checks"))
                .extracting(one -> one.get("answer").asText())
                .containsOnly("PASSED");
        assertThat(decisions.toString()).doesNotContain(NUMBER.substring(1), "Erika");
        return at.message(message);
    }

    private static void writesAndIsAnswered(SpeakingHub at, JsonNode reminder, FakeMessage prompt) {
        assertThat(at.fake.reply(prompt.id(), "Ich komme um halb elf.")).isEqualTo(200);
        await().untilAsserted(() -> assertThat(received(at)).hasSize(1));
        JsonNode written = received(at).getFirst();
        String answer =
                "{\"to\":{\"conversation\":\"%s\"},\"content\":{\"type\":\"text\",\"text\":\"%s\"}}"
                        .formatted(written.get("conversationId").textValue(), ANSWER);

        HttpResponse<String> taken = at.send(answer);

        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
        at.awaitDelivered(ApiClient.json(taken).get("messageId").textValue());
        at.quiet();
        assertThat(onlyNew(at, 3).request().toString()).contains(ANSWER);
        assertThat(written.get("account")).isEqualTo(reminder.get("account"));
        assertThat(written.get("conversationId"))
                .as("one conversation, whoever wrote first")
                .isEqualTo(reminder.get("conversationId"));
        assertThat(written.at("/content/text").textValue()).isEqualTo("Ich komme um halb elf.");
        assertThat(written.at("/consent/reason").textValue()).isEqualTo("IN_OK");
    }

    /** T8. */
    private static void stops(SpeakingHub at, FakeMessage prompt, String record) {
        assertThat(at.fake.reply(prompt.id(), "Stopp")).isEqualTo(200);
        at.awaitState(record, "WITHDRAWN");
        at.quiet();

        assertThat(onlyNew(at, 4).request().toString()).contains(STOPPED);
        assertThat(at.read(record).at("/consent/suppressions/0/source").textValue())
                .isEqualTo("SUBJECT");
    }

    /** FLT-4. */
    private static void isRemindedNoMore(SpeakingHub at) {
        HttpResponse<String> denied = at.remind(NUMBER);
        at.quiet();

        assertThat(denied.statusCode()).isEqualTo(409);
        assertThat(ApiClient.json(denied).get("code").textValue()).isEqualTo("OUT_SUPPRESSED");
        JsonNode explained = at.explained(ApiClient.json(denied).get("messageId").textValue());
        assertThat(explained.get("state").textValue()).isEqualTo("denied");
        assertThat(explained.at("/decisions/0/checks"))
                .extracting(one -> one.get("check").asText() + " " + one.get("answer").asText())
                .contains("SUPPRESSION DENIED", "BASIS NOT_ASKED");
        assertThat(at.fake.messages()).hasSize(5);
    }

    /** CON-20. */
    private static void isProven(
            SpeakingHub at, String record, FakeMessage prompt, String informedBy) {
        JsonNode proof =
                ApiClient.json(at.api.call("getConsentProof", Map.of("id", record), "", ""));

        assertThat(proof.get("event_state").textValue()).isEqualTo("WITHDRAWN");
        assertThat(proof.get("events"))
                .extracting(
                        event ->
                                event.get("event_type").textValue()
                                        + " "
                                        + event.get("event_state").textValue()
                                        + " "
                                        + event.at("/extension/matchedRule").textValue())
                .containsExactly(
                        "CAPTURED REQUESTED ELSEWHERE",
                        "PROMPT_OFFERED REQUESTED null",
                        "PROMPT_ACCEPTED PENDING null",
                        "YES GRANTED WORD",
                        "USED GRANTED null",
                        "STOP WITHDRAWN STOP_WORD");
        assertThat(proof.get("events"))
                .allSatisfy(
                        event -> assertThat(event.at("/extension/sound").booleanValue()).isTrue());
        JsonNode declared = proof.get("declaration");
        assertThat(declared.at("/collection_method/kind").textValue()).isEqualTo("form");
        assertThat(declared.at("/rawReply/text").textValue()).isEqualTo("Ja");
        assertThat(declared.get("promptMessageId").textValue()).isEqualTo(informedBy);
        assertThat(declared.get("promptProviderMessageId").textValue()).isEqualTo(prompt.id());
        assertThat(proof.toString()).doesNotContain(NUMBER.substring(1));
        assertThat(page(at, record, "de"))
                .contains("lang=\"de\"", "Nachweis der Einwilligung", "eingewilligt (GRANTED)")
                .contains("Autohaus Muster GmbH: Dürfen wir Ihnen über WhatsApp Nachrichten")
                .doesNotContain(NUMBER.substring(1));
        assertThat(page(at, record, "en"))
                .contains("lang=\"en\"", "Proof of consent", "(GRANTED)", "(WITHDRAWN)")
                .doesNotContain(NUMBER.substring(1));
        LedgerVerdict ledger =
                new LedgerVerifier(new LedgerTable(at.hub.sql()))
                        .verify(at.hub.tenant, List.of(), done -> {});
        assertThat(ledger).isInstanceOf(LedgerVerdict.Sound.class);
        assertThat(((LedgerVerdict.Sound) ledger).entries()).isGreaterThanOrEqualTo(5);
    }

    private static String page(SpeakingHub at, String record, String language) {
        var operation = ApiClient.operation("getConsentProof");
        HttpResponse<String> page =
                at.api.send(
                        operation,
                        ApiClient.path(operation, at.hub.tenant, Map.of("id", record))
                                + "?lang="
                                + language,
                        Map.of(
                                "Authorization",
                                "Bearer " + DemoTenant.API_KEY,
                                "Accept",
                                "text/html"),
                        "");
        assertThat(page.statusCode()).isEqualTo(200);
        return page.body();
    }

    /** The message after those known: there is exactly one. */
    private static FakeMessage onlyNew(SpeakingHub at, int known) {
        await().untilAsserted(() -> assertThat(at.fake.messages()).hasSize(known + 1));
        return at.fake.messages().getLast();
    }

    /** What the provider knows a template by. */
    private static String registered(String provider, String template) {
        boolean prompt = template.equals(PROMPT);
        return provider.equals("twilio")
                ? "HX0000000000000000000000000000000" + (prompt ? "4" : "1")
                : prompt ? "einwilligung" : "termin_erinnerung";
    }

    private static List<JsonNode> received(SpeakingHub at) {
        return told(at, "jawort.message.received.v1");
    }

    /** The provider's id of a message the CRM heard to be delivered. */
    private static String toldDelivered(SpeakingHub at, String message) {
        await().untilAsserted(() -> assertThat(delivered(at, message)).hasSize(1));
        return delivered(at, message).getFirst().get("providerMessageId").textValue();
    }

    private static List<JsonNode> delivered(SpeakingHub at, String message) {
        return told(at, "jawort.message.status.v1").stream()
                .filter(data -> data.path("messageId").asText().equals(message))
                .filter(data -> data.get("status").textValue().equals("delivered"))
                .toList();
    }

    private static List<JsonNode> told(SpeakingHub at, String type) {
        return at.hub.crmEvents().stream()
                .map(one -> one.get("event"))
                .filter(event -> event.get("type").textValue().equals(type))
                .map(event -> event.get("data"))
                .toList();
    }
}
