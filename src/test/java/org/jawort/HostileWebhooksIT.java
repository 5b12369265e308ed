package org.jawort;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jawort.local.LocalKafka;
import org.jawort.local.SignedWebhook;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers send: each gets its answer, none gets further, none costs much. */
class HostileWebhooksIT {

    private static final String JSON = "application/json";
    private static final String TWILIO = "/webhooks/twilio/autohaus-muster/twilio";
    private static final String SMOOCH = "/webhooks/smooch/autohaus-muster/smooch";
    private static final String ELSEWHERE = "elsewhere-" + UUID.randomUUID();

    private static HubInTest hub;

    @BeforeAll
    static void start() throws ExecutionException, InterruptedException {
        hub = HubInTest.start();
        try (Admin kafka =
                Admin.create(Map.of("bootstrap.servers", LocalKafka.shared().brokers()))) {
            kafka.createTopics(List.of(new NewTopic(ELSEWHERE, 1, (short) 1))).all().get();
        }
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @ParameterizedTest
    @DisplayName(
            "S5, R9: what is authentic and unreadable is taken and quarantined, and the next goes on")
    @CsvSource({
        "smooch, application/json, '{\"app\":{\"id\":\"69a49395', BAD_JSON",
        "smooch, application/json, '', NO_BODY",
        "messagebird, application/x-www-form-urlencoded, 'id=%zz&message=%4', BAD_FORM",
        "vonage, application/json, '{\"message_uuid\":', BAD_JSON",
        "smooch, application/json, '{\"app\":1e999}', BAD_NUMBER",
        "smooch, application/json, '{\"app\":1,\"app\":2}', BAD_JSON",
        "messagebird, application/json, '[]', ANY"
    })
    void quarantinesWhatIsAuthenticButUnreadable(
            String provider, String contentType, String body, String reason) {
        long before = quarantined(reason);

        RawHttp.Answer answer =
                RawHttp.of(hub.signed(provider, "POST", "", contentType, body.getBytes(UTF_8)))
                        .send(hub.url());

        assertThat(answer.status()).isEqualTo(200);
        HubInTest.await().until(() -> quarantined(reason) == before + 1);
        arrives("smooch".equals(provider) ? "twilio" : provider);
    }

    @Test
    @DisplayName("S5: bytes that are no UTF-8 are quarantined as they came")
    void quarantinesBytesThatAreNoText() {
        long before = quarantined("BAD_UTF8");
        byte[] body = "{\"app\":\"\u00e9\"}".getBytes(ISO_8859_1);

        assertThat(hub.post("smooch", JSON, body).statusCode()).isEqualTo(200);
        assertThat(
                        hub.post(
                                        "messagebird",
                                        TwilioForm.TYPE,
                                        "id=a&message=%C3%28".getBytes(UTF_8))
                                .statusCode())
                .isEqualTo(200);

        HubInTest.await().until(() -> quarantined("BAD_UTF8") == before + 2);
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
        long before = recordsOfWebhooks().size();

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
                        new RawHttp("POST", SMOOCH)
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
        assertThat(recordsOfWebhooks()).hasSize((int) before);
    }

    @Test
    @DisplayName("an unsigned Vonage webhook is asked for again, signed")
    void asksForAnUnsignedVonageWebhookAgain() {
        RawHttp.Answer answer =
                new RawHttp("POST", "/webhooks/vonage/autohaus-muster/vonage")
                        .header("Content-Type", JSON)
                        .body("{\"message_uuid\":\"x\"}".getBytes(UTF_8))
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

    @Test
    @DisplayName("S1, S2: names that steer Camel, Kafka or identity are data like any other")
    void isNotSteeredByNames() {
        List<String> names =
                List.of(
                        "CamelHttpUri",
                        "CAmelHttpUri",
                        "CamelKafkaOverrideTopic",
                        "kafka.OVERRIDE_TOPIC",
                        "kafka.KEY",
                        "CamelKafkaKey",
                        "Authorization",
                        "X-Tenant",
                        "X-Tenant-Id",
                        "breadcrumbId",
                        "CamelFileName");
        TwilioForm form = text("SMsteered");
        StringBuilder query = new StringBuilder("?a=b");
        for (String name : names) {
            form.with(name, ELSEWHERE);
            query.append('&').append(name).append('=').append(ELSEWHERE);
        }
        RawHttp request =
                RawHttp.of(
                        hub.signed(
                                "twilio", "POST", query.toString(), TwilioForm.TYPE, form.bytes()));
        names.forEach(name -> request.header(name, ELSEWHERE));

        RawHttp.Answer answer = request.send(hub.url());

        assertThat(answer.status()).isEqualTo(200);
        HubInTest.await().until(() -> archived("SMsteered") == 1);
        assertThat(TopicRecords.of(LocalKafka.shared(), ELSEWHERE)).isEmpty();
        assertThat(recordsOfWebhooks())
                .allMatch(kept -> kept.key().matches("autohaus-muster/[a-z]+"))
                .allMatch(kept -> kept.headers().toArray().length == 0);
        assertThat(hub.crmEvents())
                .allMatch(got -> got.at("/event/tenant").asText().equals("autohaus-muster"))
                .noneMatch(got -> got.get("headers").toString().contains(ELSEWHERE));
    }

    @Test
    @DisplayName("S6: size, compression and depth cost an answer, not memory")
    void staysSmallUnderLargeRequests() throws IOException {
        largeRequests();
        hub.awaitQuiet();
        long before = heapInUse();

        for (int round = 0; round < 3; round++) {
            largeRequests();
        }
        hub.awaitQuiet();

        HubInTest.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(heapInUse() - before).isLessThan(10L << 20));
    }

    private void largeRequests() throws IOException {
        byte[] megabyte = new byte[1 << 20];
        assertThat(twilio(megabyte).times(60).send(hub.url()).status()).isEqualTo(413);
        assertThat(twilio(megabyte).times(60).chunked().send(hub.url()).status()).isEqualTo(413);
        assertThat(
                        twilio(gzip(megabyte, 50))
                                .header("Content-Encoding", "gzip")
                                .send(hub.url())
                                .status())
                .isEqualTo(415);
        long before = quarantined("TOO_DEEP");
        byte[] deep = ("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000)).getBytes(UTF_8);
        assertThat(hub.post("smooch", JSON, deep).statusCode()).isEqualTo(200);
        HubInTest.await().until(() -> quarantined("TOO_DEEP") == before + 1);
        String wide =
                IntStream.range(0, 70_000)
                        .mapToObj(i -> "\"k" + i + "\":1")
                        .reduce(
                                new StringBuilder("{\"a\":1"),
                                (all, one) -> all.append(',').append(one),
                                StringBuilder::append)
                        .append('}')
                        .toString();
        assertThat(hub.post("smooch", JSON, wide.getBytes(UTF_8)).statusCode()).isEqualTo(200);
    }

    private static byte[] gzip(byte[] block, int times) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            for (int i = 0; i < times; i++) {
                out.write(block);
            }
        }
        return packed.toByteArray();
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static RawHttp twilio(byte[] body) {
        return new RawHttp("POST", TWILIO).header("Content-Type", TwilioForm.TYPE).body(body);
    }

    private static TwilioForm text(String sid) {
        return TwilioForm.text(sid, "+4915100000011", "Guten Tag");
    }

    private static void saysNothing(RawHttp.Answer answer) {
        assertThat(answer.body())
                .doesNotContainIgnoringCase("exception", "tomcat", "org.", "at ", "select");
    }

    /** The pipeline is not held up by what lies in quarantine. */
    private static void arrives(String after) {
        String sid = "SM" + after + UUID.randomUUID();
        assertThat(hub.post("twilio", TwilioForm.TYPE, text(sid).bytes()).statusCode())
                .isEqualTo(200);
        HubInTest.await().until(() -> archived(sid) == 1);
    }

    private static long archived(String sid) {
        return hub.archived().stream()
                .filter(event -> event.at("/data/providerMessageId").asText().equals(sid))
                .count();
    }

    private static long quarantined(String reason) {
        return hub.sql()
                .queryForObject(
                        "select count(*) from quarantine where reason = ? or ? = 'ANY'",
                        Long.class,
                        reason,
                        reason);
    }

    private static List<ConsumerRecord<String, byte[]>> recordsOfWebhooks() {
        return TopicRecords.of(LocalKafka.shared(), hub.property("jawort.kafka.topics.webhooks"));
    }
}
