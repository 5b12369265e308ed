package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.TwilioForm;

/** People who send pictures, and what becomes of these. */
final class Pictures {

    static final String HOST = "api.twilio.com/";

    private final HttpClient http = HttpClient.newHttpClient();
    private final SpeakingHub at;
    private int people;

    Pictures(SpeakingHub at) {
        this.at = at;
    }

    String newNumber() {
        return "+4915100077%03d".formatted(++people);
    }

    /** Sends a picture; the path its file lies under. */
    String sendsPicture(String number, String text) {
        String sid = "MM" + UUID.randomUUID().toString().replace("-", "");
        String path = "2010-04-01/Accounts/ACf0/Messages/" + sid + "/Media/ME" + sid.substring(2);
        at.post(picture(number, sid, text, path));
        return path;
    }

    TwilioForm onWhatsApp(String number, String text) {
        return TwilioForm.text("SM" + UUID.randomUUID().toString().replace("-", ""), number, text);
    }

    TwilioForm picture(String number, String sid, String text, String path) {
        return at.sms(number, text)
                .with("MessageSid", sid)
                .with("SmsMessageSid", sid)
                .with("SmsSid", sid)
                .with("MessageType", "image")
                .with("NumMedia", "1")
                .with("MediaUrl0", "https://" + HOST + path)
                .with("MediaContentType0", "image/jpeg");
    }

    List<JsonNode> received(String number) {
        return at.hub.crmEvents().stream()
                .map(one -> one.get("event"))
                .filter(event -> event.get("type").asText().equals("jawort.message.received.v1"))
                .filter(event -> event.at("/data/from/address").asText().equals(number))
                .toList();
    }

    JsonNode event(String number) {
        await().until(() -> !received(number).isEmpty());
        JsonNode event = received(number).getFirst();
        assertThat(at.api.violations("/schemas/message-v1.json", event.get("data"))).isEmpty();
        return event;
    }

    JsonNode medium(String number) {
        return event(number).at("/data/content/media/0");
    }

    HttpResponse<byte[]> get(String url) {
        try {
            return http.send(
                    HttpRequest.newBuilder(
                                    URI.create(url.replace("http://localhost:8080", at.hub.url())))
                            .build(),
                    BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    JsonNode state(String id) {
        return ApiClient.json(at.api.call("getMedium", Map.of("id", id), "", ""));
    }

    long rows(String what) {
        return at.hub.sql().queryForObject("select count(*) from " + what, Long.class);
    }

    String object(JsonNode medium) {
        return at.hub
                .sql()
                .queryForObject(
                        "select object_id from media_file where id = ?::uuid",
                        String.class,
                        medium.get("id").asText());
    }
}
