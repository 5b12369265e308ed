package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jawort.mapping.Mappings;
import org.jawort.mapping.WebhookDocument;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FakeProviderTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<String, Map<String, String>> CREDENTIALS =
            DemoTenant.sending(name -> null);

    /** A webhook as the hub would see it. */
    private record Called(
            String method, URI uri, String contentType, byte[] body, boolean signed) {}

    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<Called> calls = new LinkedBlockingQueue<>();
    private final FakeProvider fake =
            new FakeProvider(0, CREDENTIALS, InstantSource.system()).start();
    private HttpServer hub;

    @BeforeEach
    void startAHub() throws IOException {
        hub = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        hub.createContext("/", this::called);
        hub.start();
    }

    @AfterEach
    void stop() {
        hub.stop(0);
        fake.close();
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, whatsapp-text, delivered",
        "vonage, whatsapp-text, delivered",
        "vonage, legacy-sms-text, delivered",
        "messagebird, classic-whatsapp-text, delivered",
        "messagebird, classic-sms-text-by-number, delivered",
        "smooch, whatsapp-text, user",
        "smooch, first-contact-template, user"
    })
    void tellsTheHubWhatBecameOfAMessage(String provider, String example, String word)
            throws Exception {
        callBack(false);
        String id = send(provider, example);

        int answer = fake.status(id, word, null);

        assertThat(answer).isEqualTo(200);
        Called webhook = calls.poll(10, TimeUnit.SECONDS);
        JsonNode status = mapped(provider, webhook);
        assertThat(webhook.signed()).isTrue();
        assertThat(status.path("kind").asText()).isEqualTo("status");
        assertThat(status.path("status").asText()).isEqualTo("delivered");
        assertThat(status.path("providerMessageId").asText()).isEqualTo(id);
        if (!provider.equals("smooch")) { // which says nothing of ours in a status
            assertThat(status.path("clientRef").asText())
                    .isEqualTo("019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, 63016, window_closed",
        "vonage, 1340, window_closed",
        "messagebird, 470, window_closed"
    })
    void tellsTheHubOfAFailure(String provider, String code, String word) throws Exception {
        callBack(false);
        String id =
                send(
                        provider,
                        provider.equals("messagebird") ? "classic-whatsapp-text" : "whatsapp-text");

        fake.status(id, provider.equals("vonage") ? "rejected" : "failed", code);

        JsonNode status = mapped(provider, calls.poll(10, TimeUnit.SECONDS));
        assertThat(status.path("status").asText()).isEqualTo("failed");
        assertThat(status.at("/error/code").asText()).isEqualTo(word);
    }

    @Test
    void tellsByItselfThatAMessageWasDelivered() throws Exception {
        callBack(true);

        send("twilio", "whatsapp-text");

        assertThat(mapped("twilio", calls.poll(10, TimeUnit.SECONDS)).path("status").asText())
                .isEqualTo("sent");
        assertThat(mapped("twilio", calls.poll(10, TimeUnit.SECONDS)).path("status").asText())
                .isEqualTo("delivered");
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "vonage"})
    void letsThePersonAnswer(String provider) throws Exception {
        callBack(false);
        String id = send(provider, "whatsapp-text");

        fake.reply(id, "Ja");

        JsonNode message = mapped(provider, calls.poll(10, TimeUnit.SECONDS));
        assertThat(message.path("kind").asText()).isEqualTo("message");
        assertThat(message.at("/content/text").asText()).isEqualTo("Ja");
        assertThat(message.at("/from/address").asText()).isEqualTo("+4915112345678");
    }

    @Test
    void keepsWhatItGotAndShowsIt() throws Exception {
        send("twilio", "whatsapp-text");
        HttpResponse<String> unauthorized =
                http.send(
                        HttpRequest.newBuilder(
                                        URI.create(fake.url("twilio") + "/2010-04-01/Accounts/x"))
                                .POST(HttpRequest.BodyPublishers.ofString("To=%2B49"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        String sent = get("/sent");
        String page = get("/");

        assertThat(unauthorized.statusCode()).isEqualTo(401);
        assertThat(unauthorized.body()).contains("20003");
        assertThat(JSON.readTree(sent)).hasSize(2);
        assertThat(sent).contains("whatsapp:+4915112345678").doesNotContain("Basic ");
        assertThat(page).contains("Fake providers", "2 of 2 messages", "whatsapp:+4915112345678");
        assertThat(request("DELETE", "/sent", "").statusCode()).isEqualTo(204);
        assertThat(get("/sent")).isEqualTo("[]");
    }

    @Test
    void showsTheWordsWithTheirLinksAndWhatItTold() throws Exception {
        callBack(false);
        fake.beside("http://localhost:1/");
        String id = send("twilio", "whatsapp-text");
        fake.status(id, "delivered", null);

        String page = get("/");

        assertThat(page)
                .contains("<td class=\"\">whatsapp</td>", "→ whatsapp:+4915112345678")
                .contains("delivered → 200", "<a href=\"http://localhost:1/\">");
        assertThat(
                        FakeProviderPage.render(
                                List.of(
                                        new FakeMessage(
                                                Instant.EPOCH,
                                                "vonage",
                                                "/v1/messages",
                                                Map.of(),
                                                JSON.readTree(
                                                        "{\"text\":\"<b> Ihre Antwort: https://hub.example/requests/download/abc?x=1&y=2.\"}"),
                                                202,
                                                null)),
                                Map.of(),
                                null))
                .contains(
                        "&lt;b&gt; Ihre Antwort: <a href=\"https://hub.example/requests/download/abc?x=1&amp;y=2\"")
                .doesNotContain("<b>");
    }

    @Test
    void behavesAsItIsTold() throws Exception {
        request(
                "PUT",
                "/behaviour",
                "{\"provider\":\"twilio\",\"contains\":\"4915112345678\",\"code\":\"21610\",\"times\":1}");

        HttpResponse<String> refused = post("twilio", "whatsapp-text");
        HttpResponse<String> taken = post("twilio", "whatsapp-text");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(refused.body()).path("code").asInt()).isEqualTo(21610);
        assertThat(taken.statusCode()).isEqualTo(201);
        assertThat(request("PUT", "/behaviour", "{\"then\":\"explode\"}").statusCode())
                .isEqualTo(400);
    }

    private void callBack(boolean telling) {
        String url = "http://localhost:" + hub.getAddress().getPort();
        fake.callsBack(
                new FakeWebhooks(
                        Path.of("mappings").toAbsolutePath(),
                        "https://hub.example",
                        url,
                        name -> null,
                        InstantSource.system(),
                        http),
                telling);
    }

    /** Sends what the example expects to be sent, and gives the provider's id for it. */
    private String send(String provider, String example) throws Exception {
        HttpResponse<String> answer = post(provider, example);
        assertThat(answer.statusCode()).isBetween(200, 202);
        return fake.messages().getLast().taken().id();
    }

    private HttpResponse<String> post(String provider, String example) throws Exception {
        JsonNode expected =
                JSON.readTree(
                        Files.readString(
                                Path.of(
                                        "mappings",
                                        provider,
                                        "examples",
                                        "send-" + example + ".expected.json")));
        boolean form = expected.get("contentType").asText().equals("form");
        String body = expected.get("body").toString();
        if (form) {
            StringBuilder pairs = new StringBuilder();
            expected.get("body")
                    .properties()
                    .forEach(
                            field ->
                                    pairs.append(field.getKey())
                                            .append('=')
                                            .append(FakeTwilio.encoded(field.getValue().asText()))
                                            .append('&'));
            body =
                    pairs
                            + "api_key="
                            + CREDENTIALS.get("vonage").get("apiKey")
                            + "&api_secret="
                            + CREDENTIALS.get("vonage").get("apiSecret");
            if (provider.equals("twilio")) {
                body = pairs.substring(0, pairs.length() - 1);
            }
        }
        return http.send(
                HttpRequest.newBuilder(
                                URI.create(fake.url(provider) + expected.get("path").asText()))
                        .header(
                                "Content-Type",
                                form ? "application/x-www-form-urlencoded" : "application/json")
                        .header("Authorization", authorization(provider))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String authorization(String provider) {
        Map<String, String> credentials = CREDENTIALS.get(provider);
        String pair =
                switch (provider) {
                    case "twilio" ->
                            credentials.get("accountSid") + ":" + credentials.get("authToken");
                    case "vonage" -> credentials.get("apiKey") + ":" + credentials.get("apiSecret");
                    case "smooch" -> credentials.get("keyId") + ":" + credentials.get("keySecret");
                    default -> null;
                };
        return pair == null
                ? "AccessKey " + credentials.get("accessKey")
                : "Basic " + Base64.getEncoder().encodeToString(pair.getBytes());
    }

    private HttpResponse<String> request(String method, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(fake.url() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String get(String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(fake.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void called(HttpExchange exchange) throws IOException {
        try (exchange) {
            var headers = exchange.getRequestHeaders();
            boolean signed =
                    List.of(
                                    "X-Twilio-Signature",
                                    "MessageBird-Signature-JWT",
                                    "Authorization",
                                    "X-API-Key")
                            .stream()
                            .anyMatch(headers::containsKey);
            byte[] body = exchange.getRequestBody().readAllBytes();
            calls.add(
                    new Called(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI(),
                            headers.getFirst("Content-Type"),
                            body,
                            signed || new String(body).contains("\"sig\"")));
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static JsonNode mapped(String provider, Called webhook) {
        assertThat(webhook.uri().getPath())
                .isEqualTo("/webhooks/" + provider + "/autohaus-muster/" + provider);
        return new Mappings(Path.of("mappings"))
                .map(
                        provider,
                        WebhookDocument.of(
                                provider,
                                DemoTenant.ID,
                                provider,
                                List.of(
                                        new org.jawort.tenant.Account.AccountChannel(
                                                org.jawort.message.Channel.WHATSAPP,
                                                "+4915200000090",
                                                "c9bcb59080a3dcda503b77f0f8b7e872")),
                                webhook.method(),
                                webhook.contentType(),
                                webhook.uri().getRawQuery(),
                                Map.of(),
                                webhook.body(),
                                java.time.Instant.now()))
                .entries()
                .getFirst();
    }
}
