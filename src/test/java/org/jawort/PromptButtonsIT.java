package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.Prompt;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Prompts at first contact: templates whose buttons answer. One hub, and per provider a tenant that
 * prefers it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PromptButtonsIT {

    private static final Path EXAMPLES = Path.of("mappings");
    private static final String NEWS = "neuigkeiten|HX00000000000000000000000000000009";
    private static final String TERMS = "einwilligung|HX00000000000000000000000000000004";
    private static final String LONG = "long";
    private static final Map<String, String> PREFERRED =
            Map.of(
                    "messagebird", "ratePerSecond: 20, order: 3",
                    "vonage", "ratePerSecond: 30, order: 2",
                    "smooch", "ratePerSecond: 10, order: 4");

    private SendingHub sending;

    @BeforeAll
    void start() throws IOException {
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "MARKETING: off }",
                                "MARKETING: CONSENT }\nmarketing: { approvedBy: Erika Muster, approvedOn: 2026-11-02 }")
                        .change(
                                "consentPrompt: texts/prompt-v1",
                                "consentPrompt: [texts/prompt-v1, texts/news-v1]")
                        .change(
                                "prompt-v1: consent-prompt,",
                                "prompt-v1: consent-prompt, news-v1: news-prompt,")
                        .change(
                                "  - id: privacy-notice\n",
                                newsPrompt() + "  - id: privacy-notice\n");
        Path texts = home.path().resolve("tenants/texts");
        Files.writeString(
                texts.resolve("news-v1.yaml"),
                Files.readString(texts.resolve("prompt-v1.yaml"))
                        .replace("id: prompt", "id: news")
                        .replace("purpose: NOTIFICATION", "purpose: MARKETING")
                        .replace("zu Ihren Terminen, Aufträgen und Fahrzeugen", "mit Neuigkeiten")
                        .replace("your appointments, orders and vehicles", "our news"));
        PREFERRED.forEach(
                (provider, order) ->
                        home.tenant(
                                tenant(provider), order, order.replaceAll("order: .", "order: 0")));
        for (String text : List.of("prompt", "news")) {
            Files.writeString(
                    texts.resolve("long-" + text + "-v1.yaml"),
                    Files.readString(texts.resolve(text + "-v1.yaml"))
                            .replace("id: " + text, "id: long-" + text)
                            .replace(
                                    "Die Einwilligung ist freiwillig",
                                    "Wir erklären es Ihnen gern. ".repeat(40)
                                            + "Die Einwilligung ist freiwillig"));
        }
        home.tenant(
                        tenant(LONG),
                        "consentPrompt: [texts/prompt-v1, texts/news-v1]",
                        "consentPrompt: [texts/long-prompt-v1, texts/long-news-v1]")
                .change(tenant(LONG), "prompt-v1: consent-prompt, news-v1: news-prompt,", "")
                .keepAccounts(tenant(LONG), Set.of("vonage"));
        sending = new SendingHub(HubInTest.hub().home(home.path()), false);
    }

    /** As the prompt that is there, under other names. */
    private static String newsPrompt() throws IOException {
        String demo = Files.readString(Path.of("tenants/autohaus-muster.yaml"));
        return demo.substring(
                        demo.indexOf("  - id: consent-prompt\n"),
                        demo.indexOf("  - id: privacy-notice\n"))
                .replace("consent-prompt", "news-prompt")
                .replace("einwilligung", "neuigkeiten")
                .replaceAll(
                        "\\$\\{TWILIO_CONTENT_PROMPT:[^}]*}", "HX00000000000000000000000000000009");
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    private static String tenant(String provider) {
        return provider.equals("twilio") ? DemoTenant.ID : "muster-" + provider;
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, +4915100010001",
        "messagebird, +4915100010002",
        "vonage, +4915100010003",
        "smooch, +4915100010004"
    })
    @DisplayName(
            "CON-11, T4, T5: whoever never wrote is asked by a template whose buttons each answer"
                    + " for one prompt; two may be open, and a made-up payload answers none")
    void asksByATemplateWhoseButtonsAnswer(String provider, String number) throws IOException {
        String terms = capture(provider, number, "NOTIFICATION");
        String news = capture(provider, number, "MARKETING");
        awaitState(provider, terms, "PENDING");
        awaitState(provider, news, "PENDING");

        List<String> aboutNews = payloads(question(provider, number, NEWS));
        List<String> aboutTerms = payloads(question(provider, number, TERMS));
        press(provider, number, Prompt.newId());
        press(provider, number, aboutNews.getFirst().toLowerCase(java.util.Locale.ROOT));
        sending.hub.awaitQuiet();
        List<String> afterAGuess = List.of(state(provider, terms), state(provider, news));
        press(provider, number, aboutNews.getFirst());
        awaitState(provider, news, "GRANTED");
        String other = state(provider, terms);
        press(provider, number, aboutTerms.getLast());
        awaitState(provider, terms, "DECLINED");

        assertThat(afterAGuess).containsOnly("PENDING");
        assertThat(other).isEqualTo("PENDING");
        assertThat(state(provider, news)).isEqualTo("GRANTED");
        assertThat(aboutNews).hasSize(2).doesNotContainAnyElementsOf(aboutTerms);
        assertThat(history(provider, news)).contains("T4").doesNotContain("T5");
    }

    @Test
    @DisplayName(
            "CON-11: over Twilio, which has no buttons outside templates, a person in a"
                    + " conversation is asked by the template too")
    void asksByTheTemplateInAConversation() throws IOException {
        String number = "+4915100010005";
        sending.person(number);
        assertThat(sending.webhooks.writes("twilio", number, "Anmelden")).isEqualTo(200);

        List<String> payloads = payloads(question("twilio", number, TERMS));
        press("twilio", number, payloads.getFirst());

        await().untilAsserted(
                        () ->
                                assertThat(
                                                sending.events("jawort.consent.changed.v1").stream()
                                                        .map(one -> one.get("data"))
                                                        .filter(
                                                                one ->
                                                                        one.toString()
                                                                                .contains(number))
                                                        .map(one -> one.get("state").asText()))
                                        .contains("GRANTED"));
    }

    @Test
    @DisplayName(
            "CON-11: a question too long to stand beside buttons is asked in words, and so the next"
                    + " waits for its answer")
    void asksOneAfterTheOtherWhereTheWordsLeaveNoRoomForButtons() throws IOException {
        String number = "+4915100010006";
        writes(number, "Guten Tag");
        String terms = capture(LONG, number, "NOTIFICATION");
        awaitState(LONG, terms, "PENDING");
        String news = capture(LONG, number, "MARKETING");
        sending.hub.awaitQuiet();

        List<JsonNode> early = questions("vonage", number, "mit Neuigkeiten");
        writes(number, "Ja");
        awaitState(LONG, terms, "GRANTED");
        awaitState(LONG, news, "PENDING");
        writes(number, "Ja");
        awaitState(LONG, news, "GRANTED");

        assertThat(early).isEmpty();
        assertThat(question("vonage", number, "zu Ihren Terminen").get("message_type").asText())
                .isEqualTo("text");
        assertThat(questions("vonage", number, "mit Neuigkeiten")).hasSize(1);
    }

    /** To the tenant whose texts are long. */
    private void writes(String number, String text) throws IOException {
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                EXAMPLES.resolve("vonage/examples/whatsapp-text.json").toFile());
        webhook.put("message_uuid", UUID.randomUUID().toString()).put("from", number.substring(1));
        webhook.put("timestamp", sending.hub.clock.instant().toString()).put("text", text);
        post(LONG, "vonage", "application/json", webhook.toString().getBytes(UTF_8));
        sending.hub.awaitQuiet();
    }

    /** Agreed to elsewhere; the hub asks on WhatsApp. */
    private String capture(String provider, String number, String purpose) {
        String now = sending.hub.clock.instant().toString();
        ObjectNode body = SendingHub.JSON.createObjectNode();
        body.put("channel", "whatsapp").put("purpose", purpose).put("origin", "elsewhere");
        body.putObject("address").put("address", number).put("scheme", "phone");
        body.put("capturedAt", now).put("textVersion", "web-consent-v3").put("language", "de");
        body.putObject("evidence")
                .put("kind", "form")
                .put("reference", "form-7/1")
                .put("time", now);
        HttpResponse<String> answer =
                sending.hub.send(
                        request(provider, "/consents")
                                .header("Idempotency-Key", UUID.randomUUID().toString())
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body.toString()))
                                .build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return SendingHub.json(answer).get("id").textValue();
    }

    private HttpRequest.Builder request(String provider, String path) {
        return HttpRequest.newBuilder(
                        URI.create(
                                sending.hub.url() + "/api/v1/tenants/" + tenant(provider) + path))
                .header("Authorization", "Bearer " + DemoTenant.API_KEY);
    }

    private JsonNode consent(String provider, String record) {
        return SendingHub.json(sending.hub.send(request(provider, "/consents/" + record).build()));
    }

    private String state(String provider, String record) {
        return consent(provider, record).at("/consent/state").textValue();
    }

    private List<String> history(String provider, String record) {
        return consent(provider, record).get("history").findValuesAsText("transition");
    }

    private void awaitState(String provider, String record, String state) {
        await().untilAsserted(() -> assertThat(state(provider, record)).isEqualTo(state));
    }

    private JsonNode question(String provider, String number, String template) {
        await().until(() -> !questions(provider, number, template).isEmpty());
        assertThat(questions(provider, number, template)).hasSize(1);
        return questions(provider, number, template).getFirst();
    }

    private List<JsonNode> questions(String provider, String number, String template) {
        return sending.fake.messages().stream()
                .filter(one -> one.taken() != null && one.provider().equals(provider))
                .map(FakeMessage::request)
                .filter(one -> one.toString().contains(number.substring(1)))
                .filter(
                        one ->
                                List.of(template.split("[|]")).stream()
                                        .anyMatch(one.toString()::contains))
                .toList();
    }

    /** What the buttons answer, in their order. */
    private static List<String> payloads(JsonNode request) throws IOException {
        if (request.has("ContentVariables")) {
            JsonNode values = SendingHub.JSON.readTree(request.get("ContentVariables").asText());
            return List.of(values.get("1").asText(), values.get("2").asText());
        }
        return request.findValuesAsText("payload");
    }

    /** The person taps, as the provider's own example of it has it. */
    private void press(String provider, String number, String payload) throws IOException {
        byte[] body = pressed(provider, number, payload);
        String type = provider.equals("twilio") ? TwilioForm.TYPE : "application/json";
        post(provider, provider, type, body);
    }

    private void post(String whose, String provider, String type, byte[] body) {
        HttpResponse<String> answer =
                sending.hub.send(
                        sending.hub.signed(tenant(whose), provider, "POST", "", type, body));
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private byte[] pressed(String provider, String number, String payload) throws IOException {
        String id = UUID.randomUUID().toString().replace("-", "");
        String now = sending.hub.clock.instant().toString();
        if (provider.equals("twilio")) {
            return TwilioForm.text("SM" + id, number, "Ja")
                    .with("MessageType", "interactive")
                    .with("ButtonText", "Ja")
                    .with("ButtonPayload", payload)
                    .bytes();
        }
        String example =
                switch (provider) {
                    case "vonage" -> "whatsapp-template-button";
                    case "messagebird" -> "whatsapp-button-reply";
                    default -> "whatsapp-reply-button";
                };
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                EXAMPLES.resolve(provider + "/examples/" + example + ".json")
                                        .toFile());
        switch (provider) {
            case "vonage" -> {
                webhook.put("message_uuid", UUID.randomUUID().toString());
                webhook.put("from", number.substring(1)).put("timestamp", now);
                at(webhook, "/button").put("payload", payload);
            }
            case "messagebird" -> {
                at(webhook, "/contact").put("msisdn", Long.parseLong(number.substring(1)));
                at(webhook, "/message").put("id", id).put("from", number);
                at(webhook, "/message").put("createdDatetime", now).put("updatedDatetime", now);
                at(webhook, "/message/content/interactive/reply").put("id", payload);
            }
            default -> {
                at(webhook, "/events/0").put("id", id.substring(8)).put("createdAt", now);
                at(webhook, "/events/0/payload/message")
                        .put("id", id.substring(0, 24))
                        .put("received", now);
                at(webhook, "/events/0/payload/message/content").put("payload", payload);
                at(webhook, "/events/0/payload/message/source/client").put("externalId", number);
            }
        }
        return webhook.toString().getBytes(UTF_8);
    }

    private static ObjectNode at(JsonNode json, String pointer) {
        return (ObjectNode) json.at(pointer);
    }
}
