package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jawort.local.FakeMessage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Somebody is asked two things at once. */
class TwoPromptsIT {

    private static final String NUMBER = "+4915100008001";

    private static HomeFolder home() throws IOException {
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "MARKETING: off }",
                                "MARKETING: CONSENT }\nmarketing: { approvedBy: Erika Muster, approvedOn: 2026-11-02 }")
                        .change(
                                "consentPrompt: texts/prompt-v1",
                                "consentPrompt: [texts/prompt-v1, texts/news-v1]");
        Path texts = home.path().resolve("tenants/texts");
        Files.writeString(
                texts.resolve("news-v1.yaml"),
                Files.readString(texts.resolve("prompt-v1.yaml"))
                        .replace("id: prompt", "id: news")
                        .replace("purpose: NOTIFICATION", "purpose: MARKETING")
                        .replace("zu Ihren Terminen, Aufträgen und Fahrzeugen", "mit Neuigkeiten")
                        .replace("your appointments, orders and vehicles", "our news"));
        return home;
    }

    @Test
    @DisplayName(
            "CON-11: with two prompts open a Ja grants neither; asked again with buttons,"
                    + " the one that is pressed grants the right one")
    void asksWithButtonsWhereAWordWouldNotSayWhich() throws IOException {
        try (var sending = new SendingHub(HubInTest.hub().home(home().path()), false)) {
            sending.writes("vonage", NUMBER, "Guten Tag");
            String terms = pending(sending, "NOTIFICATION", "prompt-v1");
            String news = pending(sending, "MARKETING", "news-v1");

            assertThat(sending.webhooks.writes("vonage", NUMBER, "Ja")).isEqualTo(200);
            await().until(() -> questions(sending).size() == 2);
            sending.hub.awaitQuiet();
            List<String> afterTheWord = List.of(state(sending, terms), state(sending, news));
            press(sending, question(sending, "Neuigkeiten"), 0);
            await().untilAsserted(() -> assertThat(state(sending, news)).isEqualTo("GRANTED"));
            String untouched = state(sending, terms);
            press(sending, question(sending, "Terminen"), 1);
            await().untilAsserted(() -> assertThat(state(sending, terms)).isEqualTo("DECLINED"));

            assertThat(afterTheWord).containsOnly("PENDING");
            assertThat(untouched).isEqualTo("PENDING");
            assertThat(state(sending, news)).isEqualTo("GRANTED");
            assertThat(questions(sending)).hasSize(2);
        }
    }

    /** Agreed to elsewhere, and asked by the tenant's own means. */
    private static String pending(SendingHub sending, String purpose, String text) {
        String now = sending.hub.clock.instant().toString();
        ObjectNode body = SendingHub.JSON.createObjectNode();
        body.put("channel", "whatsapp").put("purpose", purpose).put("prompt", "elsewhere");
        body.putObject("address").put("address", NUMBER).put("scheme", "phone");
        body.put("origin", "elsewhere").put("capturedAt", now);
        body.put("textVersion", "web-consent-v3").put("language", "de");
        body.putObject("evidence")
                .put("kind", "form")
                .put("reference", "form-7/1")
                .put("time", now);
        String record = created(sending, "/consents", body.toString()).get("id").textValue();
        created(
                sending,
                "/consents/" + record + "/prompts",
                "{\"language\":\"de\",\"textVersion\":\"%s\",\"sentAt\":\"%s\"}"
                        .formatted(text, now));
        assertThat(state(sending, record)).isEqualTo("PENDING");
        return record;
    }

    private static JsonNode created(SendingHub sending, String path, String body) {
        HttpResponse<String> answer = sending.post(path, body, UUID.randomUUID().toString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return SendingHub.json(answer);
    }

    private static String state(SendingHub sending, String record) {
        return SendingHub.json(sending.get("/consents/" + record)).at("/consent/state").textValue();
    }

    private static List<FakeMessage> questions(SendingHub sending) {
        return sending.got("Dürfen wir Ihnen").stream()
                .filter(one -> one.request().toString().contains("\"reply\""))
                .toList();
    }

    private static FakeMessage question(SendingHub sending, String words) {
        return questions(sending).stream()
                .filter(one -> one.request().toString().contains(words))
                .findFirst()
                .orElseThrow();
    }

    /** The person taps on a button of a message. */
    private static void press(SendingHub sending, FakeMessage question, int button)
            throws IOException {
        JsonNode pressed = question.request().findValues("reply").get(button);
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                Path.of("mappings/vonage/examples/whatsapp-reply-button.json")
                                        .toFile());
        webhook.put("message_uuid", UUID.randomUUID().toString());
        webhook.put("from", NUMBER.substring(1));
        webhook.put("timestamp", sending.hub.clock.instant().toString());
        webhook.set("reply", pressed);
        assertThat(
                        sending.hub
                                .post("vonage", "application/json", webhook.toString().getBytes())
                                .statusCode())
                .isEqualTo(200);
    }
}
