package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrmReceiverTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:11:12Z");
    private static final String HOSTILE =
            """
            {"type":"jawort.message.received.v1","sequence":"7","data":{"channel":"<b>sms</b>","content":{"text":"<script>alert('x')</script>\\"&"},"consent":{"decision":"accept","reason":"IN_OK"}}}""";

    private final CrmReceiver crm = new CrmReceiver(0, DemoTenant.CRM_SECRET, () -> NOW);
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() {
        crm.start();
    }

    @AfterEach
    void stop() {
        http.close();
        crm.close();
    }

    @Test
    void keepsEventsInOrderOfArrivalWithTheirHeaders() throws Exception {
        deliver("{\"n\":1}", NOW);
        deliver("{\"n\":2}", NOW);

        JsonNode events = events();

        assertThat(events.findValuesAsText("n")).containsExactly("1", "2");
        assertThat(events.get(0).at("/signature").asText()).isEqualTo("valid");
        assertThat(events.get(0).at("/receivedAt").asText()).isEqualTo("2026-11-23T10:11:12Z");
        assertThat(events.get(0).at("/headers/webhook-id").asText()).isEqualTo("evt-1");
    }

    @ParameterizedTest
    @ValueSource(longs = {-300, 0, 300})
    void acceptsATimestampUpToFiveMinutesAway(long seconds) throws Exception {
        assertThat(deliver("{}", NOW.plusSeconds(seconds)).statusCode()).isEqualTo(204);
        assertThat(events().at("/0/signature").asText()).isEqualTo("valid");
    }

    @ParameterizedTest
    @ValueSource(longs = {-301, 301})
    void refusesATimestampFurtherAwayAndStillKeepsTheEvent(long seconds) throws Exception {
        assertThat(deliver("{}", NOW.plusSeconds(seconds)).statusCode()).isEqualTo(401);
        assertThat(events().at("/0/signature").asText()).isEqualTo("invalid");
    }

    @Test
    @DisplayName("beside a clock that is moved the age of a signature does not count; the key does")
    void takesASignatureOfAnyAgeWhereTheClockIsMoved() throws Exception {
        String longAgo = String.valueOf(NOW.minus(Duration.ofDays(3653)).getEpochSecond());
        try (var timeless = CrmReceiver.timeless(0, DemoTenant.CRM_SECRET, () -> NOW).start()) {
            String genuine = sign("evt-1", longAgo, "{}");
            String forged = sign("evt-2", longAgo, "{}");

            assertThat(post(timeless, "{}", longAgo, genuine).statusCode()).isEqualTo(204);
            assertThat(post(timeless, "{}", longAgo, forged).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void refusesABodyOtherThanTheSignedOne() throws Exception {
        String timestamp = String.valueOf(NOW.getEpochSecond());

        var answer = post("{\"n\":2}", timestamp, sign("evt-1", timestamp, "{\"n\":1}"));

        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void acceptsWhenOneOfSeveralSignaturesIsRight() throws Exception {
        String timestamp = String.valueOf(NOW.getEpochSecond());

        var answer = post("{}", timestamp, "v1a,xyz v1,AAAA " + sign("evt-1", timestamp, "{}"));

        assertThat(answer.statusCode()).isEqualTo(204);
    }

    @Test
    void refusesWhatIsNotSigned() throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create(crm.url()))
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build();

        assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(401);
    }

    @Test
    void agreesWithTheVectorOfTheSpecification() {
        var check = new StandardWebhookCheck("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        boolean accepted =
                check.accepts(
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        "1614265330",
                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                        "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8),
                        Instant.ofEpochSecond(1614265330));

        assertThat(accepted).isTrue();
    }

    @Test
    void failsForAsManyEventsAsToldAndIsThenNormal() throws Exception {
        send("PUT", "/behaviour", "{\"status\":503,\"retryAfterSeconds\":30,\"times\":2}");

        var first = deliver("{}", NOW);
        var second = deliver("{}", NOW);
        var third = deliver("{}", NOW);

        assertThat(first.statusCode()).isEqualTo(503);
        assertThat(first.headers().firstValue("Retry-After")).contains("30");
        assertThat(second.statusCode()).isEqualTo(503);
        assertThat(third.statusCode()).isEqualTo(204);
        assertThat(events()).hasSize(3);
        assertThat(send("GET", "/count", "").body()).contains("\"received\":3", "\"refused\":2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "DELETE"})
    void isNormalAgainWhenTold(String how) throws Exception {
        send("PUT", "/behaviour", "{\"status\":500}");

        send(
                how.equals("DELETE") ? "DELETE" : "PUT",
                "/behaviour",
                how.equals("DELETE") ? "" : how);

        assertThat(deliver("{}", NOW).statusCode()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"staus\":503}",
                "{\"status\":99}",
                "{\"status\":\"503\"}",
                "{\"times\":0}",
                "[]",
                "null",
                "",
                "{} {}",
                "{\"delayMillis\":1.5}"
            })
    void refusesABehaviourItDoesNotUnderstandAndKeepsTheOldOne(String json) throws Exception {
        send("PUT", "/behaviour", "{\"status\":418}");

        var answer = send("PUT", "/behaviour", json);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(deliver("{}", NOW).statusCode()).isEqualTo(418);
    }

    @Test
    void forgetsWhenTold() throws Exception {
        deliver("{}", NOW);

        send("DELETE", "/events", "");

        assertThat(events()).isEmpty();
    }

    @Test
    void keepsABodyThatIsNotJsonAsText() throws Exception {
        deliver("not json", NOW);

        assertThat(events().at("/0/event").asText()).isEqualTo("not json");
    }

    @Test
    void showsHostileTextAsTextOnThePage() throws Exception {
        deliver(HOSTILE, NOW);

        String page = page();

        assertThat(page)
                .contains(
                        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;",
                        "&lt;b&gt;sms&lt;/b&gt;")
                .contains("accept IN_OK", "jawort.message.received.v1")
                .doesNotContain("<script>", "<b>");
    }

    @Test
    void showsWhoWroteWhatChangedAndWhatItAnswered() throws Exception {
        crm.beside("http://localhost:1/");
        deliver(
                """
                { "type": "jawort.message.received.v1", "data": { "direction": "inbound", "conversationId": "01a20adb-8d8b-75ec-9ded-a19015a1a6fd",
                  "from": { "name": "Jana Beispiel", "address": "+4915100000011" }, "to": { "address": "+493023125010" },
                  "content": { "type": "text", "text": "Hallo" } } }""",
                NOW);
        send("PUT", "/behaviour", "{\"status\":503,\"times\":1}");
        deliver(
                """
                { "type": "jawort.consent.changed.v1", "data": { "purpose": "NOTIFICATION", "previousState": "NONE", "state": "WITHDRAWN",
                  "transition": "T8", "address": "+4915112345678" } }""",
                NOW);

        String page = page();

        assertThat(page)
                .contains("Jana Beispiel +4915100000011 → +493023125010", "…15a1a6fd")
                .contains("NOTIFICATION: NONE → WITHDRAWN (T8)", "+4915112345678")
                .contains("<td class=\"\">consent.changed</td>")
                .contains("<td class=\"valid\">204</td>", "<td class=\"invalid\">503</td>")
                .contains("<a href=\"http://localhost:1/\">");
        assertThat(events().at("/1/answered").asInt()).isEqualTo(503);
    }

    @Test
    void forbidsInlineScriptsOnThePage() throws Exception {
        var answer = http.send(root(), HttpResponse.BodyHandlers.ofString());

        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("script-src 'self'");
        assertThat(answer.body()).doesNotContain("onclick", "javascript:");
    }

    private HttpResponse<String> deliver(String body, Instant signedAt) throws Exception {
        String timestamp = String.valueOf(signedAt.getEpochSecond());
        return post(body, timestamp, sign("evt-1", timestamp, body));
    }

    private HttpResponse<String> post(String body, String timestamp, String signatures)
            throws Exception {
        return post(crm, body, timestamp, signatures);
    }

    private HttpResponse<String> post(
            CrmReceiver receiver, String body, String timestamp, String signatures)
            throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create(receiver.url()))
                        .header("webhook-id", "evt-1")
                        .header("webhook-timestamp", timestamp)
                        .header("webhook-signature", signatures)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create(crm.url() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode events() throws Exception {
        return new ObjectMapper().readTree(send("GET", "/events", "").body());
    }

    private String page() throws Exception {
        return http.send(root(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private HttpRequest root() {
        return HttpRequest.newBuilder(URI.create(crm.url().replace("/crm", "/"))).build();
    }

    private static String sign(String id, String timestamp, String body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        byte[] key = Base64.getDecoder().decode(DemoTenant.CRM_SECRET.substring("whsec_".length()));
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        byte[] signature =
                mac.doFinal((id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8));
        return "v1," + Base64.getEncoder().encodeToString(signature);
    }
}
