package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jawort.local.SignedWebhook;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers send: each gets its answer at the gate, and nothing of it is stored. */
class RefusedWebhooksIT {

    private static final String JSON = "application/json";

    private static HubInTest hub;

    @BeforeAll
    static void start() {
        hub = HubInTest.start();
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    @DisplayName(
            "S3: wrong, missing, another account's and doubled signatures: 401, and nothing is stored")
    void refusesEveryOtherSignature() {
        SignedWebhook good =
                hub.signed("twilio", "POST", "", TwilioForm.TYPE, text("SMforged").bytes());
        String signature = good.headers().get("X-Twilio-Signature");
        SignedWebhook other =
                hub.signed(
                        "other", "twilio", "POST", "", TwilioForm.TYPE, text("SMforged").bytes());
        hub.awaitQuiet();
        long before = TopicRecords.webhooks(hub).size();

        List<RawHttp> forged =
                List.of(
                        twilio(good.body()),
                        twilio(good.body()).header("X-Twilio-Signature", ""),
                        twilio(good.body())
                                .header("X-Twilio-Signature", "AAAA" + signature.substring(4)),
                        twilio(good.body())
                                .header(
                                        "X-Twilio-Signature",
                                        other.headers().get("X-Twilio-Signature")),
                        twilio(good.body())
                                .header("X-Twilio-Signature", signature)
                                .header("X-Twilio-Signature", signature),
                        twilio(text("SMforged").with("Body", "anderes").bytes())
                                .header("X-Twilio-Signature", signature),
                        new RawHttp("POST", "/webhooks/smooch/autohaus-muster/smooch")
                                .header("Content-Type", JSON)
                                .header("X-API-Key", "wrong")
                                .body("{}".getBytes(UTF_8)),
                        new RawHttp("POST", "/webhooks/messagebird/autohaus-muster/messagebird")
                                .header("Content-Type", JSON)
                                .body("{}".getBytes(UTF_8)),
                        new RawHttp("POST", "/webhooks/vonage/autohaus-muster/vonage")
                                .header("Content-Type", JSON)
                                .header("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")
                                .body("{}".getBytes(UTF_8)));

        assertThat(forged)
                .allSatisfy(
                        request -> {
                            RawHttp.Answer answer = request.send(hub.url());
                            assertThat(answer.status()).isEqualTo(401);
                            assertThat(answer.body()).isEmpty();
                        });
        assertThat(TopicRecords.webhooks(hub)).hasSize((int) before);
    }

    @ParameterizedTest
    @DisplayName("an unsigned Vonage webhook is asked for again, signed, whatever it holds")
    @ValueSource(
            strings = {"{\"message_uuid\":\"x\"}", "{\"message_uuid\":", "[]", "{\"a\":1,\"a\":2}"})
    void asksForAnUnsignedVonageWebhookAgain(String body) {
        RawHttp.Answer answer =
                new RawHttp("POST", "/webhooks/vonage/autohaus-muster/vonage")
                        .header("Content-Type", JSON)
                        .body(body.getBytes(UTF_8))
                        .send(hub.url());

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsKey("Retry-After");
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("a path that names no account, or names one in disguise: 404")
    @ValueSource(
            strings = {
                "/webhooks/vonage/autohaus-muster/nobody",
                "/webhooks/vonage/nobody/vonage",
                "/webhooks/twilio/autohaus-muster/vonage",
                "/webhooks/vonage/autohaus-muster",
                "/webhooks/vonage/autohaus-muster/vonage/",
                "/webhooks/vonage/autohaus-muster/vonage/x",
                "/webhooks/vonage/autohaus-muster/vonage;x=1",
                "/webhooks/vonage;x=1/autohaus-muster/vonage",
                "/webhooks;x=1/vonage/autohaus-muster/vonage",
                "/%77ebhooks/vonage/autohaus-muster/vonage",
                "/webhooks/vonage/autohaus-muster/%76onage",
                "/webhooks/vonage/x/%2e%2e/autohaus-muster/vonage",
                "/webhooks/vonage/x/../autohaus-muster/vonage",
                "/webhooks/./vonage/autohaus-muster/vonage",
                "//webhooks/vonage/autohaus-muster/vonage",
                "/webhooks//vonage/autohaus-muster/vonage"
            })
    void knowsNoOtherPaths(String path) {
        byte[] body = "{\"message_uuid\":\"x\"}".getBytes(UTF_8);
        SignedWebhook signed = hub.signed("vonage", "POST", "", JSON, body);

        // a Vonage token does not cover the URL: only the path decides
        RawHttp.Answer answer =
                new RawHttp("POST", path)
                        .header("Content-Type", JSON)
                        .header("Authorization", signed.headers().get("Authorization"))
                        .body(body)
                        .send(hub.url());

        assertThat(answer.status()).isEqualTo(404);
        saysNothing(answer);
    }

    @ParameterizedTest
    @DisplayName("A body that breaks off gets no 4xx, which would lose it: 503")
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void asksForAWebhookAgainThatCameInPart(String provider) {
        String contentType = provider.equals("twilio") ? "application/x-www-form-urlencoded" : JSON;

        RawHttp.Answer answer =
                new RawHttp("POST", "/webhooks/" + provider + "/autohaus-muster/" + provider)
                        .header("Content-Type", contentType)
                        .body("{\"message_uuid\":".getBytes(UTF_8))
                        .brokenOff()
                        .send(hub.url());

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsKey("Retry-After");
        saysNothing(answer);
    }

    @ParameterizedTest
    @DisplayName("S8: a method the provider does not use: 405")
    @CsvSource({
        "PUT, twilio",
        "DELETE, twilio",
        "TRACE, twilio",
        "PATCH, twilio",
        "OPTIONS, twilio",
        "HEAD, twilio",
        "GET, smooch",
        "PUT, smooch",
        "BREW, vonage"
    })
    void refusesOtherMethods(String method, String provider) {
        RawHttp.Answer answer =
                new RawHttp(method, "/webhooks/" + provider + "/autohaus-muster/" + provider)
                        .send(hub.url());

        assertThat(answer.status()).isEqualTo(405);
        saysNothing(answer);
    }

    @ParameterizedTest
    @DisplayName("S8: a content type or encoding the provider does not use: 415")
    @CsvSource({
        "twilio, text/plain, ",
        "twilio, multipart/form-data; boundary=b, ",
        "twilio, application/x-java-serialized-object, ",
        "twilio, application/xml, ",
        "twilio, application/x-www-form-urlencoded; charset=utf-16, ",
        "smooch, application/x-www-form-urlencoded, ",
        "smooch, application/json; charset=iso-8859-1, ",
        "smooch, application/json, gzip",
        "smooch, application/json, identity",
        "smooch, , "
    })
    void refusesOtherContent(String provider, String contentType, String encoding) {
        RawHttp bare =
                new RawHttp("POST", "/webhooks/" + provider + "/autohaus-muster/" + provider)
                        .header("X-API-Key", "sunco_demo_webhook_secret_3b7e")
                        .body("{}".getBytes(UTF_8));
        if (contentType != null) {
            bare.header("Content-Type", contentType);
        }
        if (encoding != null) {
            bare.header("Content-Encoding", encoding);
        }
        RawHttp.Answer answer = bare.send(hub.url());

        assertThat(answer.status()).isEqualTo(415);
        saysNothing(answer);
    }

    private static RawHttp twilio(byte[] body) {
        return new RawHttp("POST", "/webhooks/twilio/autohaus-muster/twilio")
                .header("Content-Type", TwilioForm.TYPE)
                .body(body);
    }

    private static TwilioForm text(String sid) {
        return TwilioForm.text(sid, "+4915100000011", "Guten Tag");
    }

    private static void saysNothing(RawHttp.Answer answer) {
        assertThat(answer.body())
                .doesNotContainIgnoringCase("exception", "tomcat", "org.", "at ", "select");
    }
}
