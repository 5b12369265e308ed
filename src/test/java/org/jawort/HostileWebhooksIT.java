package org.jawort;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jawort.intake.WebhookRequest;
import org.jawort.intake.WebhookSeal;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalKafka;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What comes past the gate with ill intent: it gets no further than its place, and costs little.
 */
class HostileWebhooksIT {

    private static final String JSON = "application/json";
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
    @DisplayName("R15: a record that comes again is in quarantine once, and counted once")
    void quarantinesOnceWhatIsReadTwice() {
        long before = quarantined("BAD_JSON");
        double counted = counted("BAD_JSON");
        hub.post("smooch", JSON, "{\"app\":{\"again\":".getBytes(UTF_8));
        HubInTest.await().until(() -> quarantined("BAD_JSON") == before + 1);
        ConsumerRecord<String, byte[]> record =
                TopicRecords.webhooks(hub).stream()
                        .filter(one -> one.key().endsWith("/smooch"))
                        .max(Comparator.comparingLong(ConsumerRecord::offset))
                        .orElseThrow();
        long empty = quarantined("NO_BODY");

        try (var producer = producer()) {
            producer.send(new ProducerRecord<>(record.topic(), record.key(), record.value()));
            producer.send(new ProducerRecord<>(record.topic(), record.key(), record.value()));
        }
        hub.post("smooch", JSON, new byte[0]);

        HubInTest.await().until(() -> quarantined("NO_BODY") == empty + 1);
        assertThat(quarantined("BAD_JSON")).isEqualTo(before + 1);
        assertThat(counted("BAD_JSON")).isEqualTo(counted + 1);
    }

    @Test
    @DisplayName(
            "R9: what another node took for an account this one does not know is held, not dropped")
    void holdsWhatIsForAnAccountItDoesNotKnow() {
        WebhookRequest request =
                new WebhookRequest(
                        "POST",
                        null,
                        null,
                        JSON,
                        Map.of(),
                        "{}".getBytes(UTF_8),
                        hub.clock.instant());
        byte[] sealed = hub.bean(WebhookSeal.class).seal(DemoTenant.ID, "new", request);
        double orphaned = hub.bean(MeterRegistry.class).counter("jawort.webhooks.orphaned").count();

        try (var producer = producer()) {
            String topic = hub.property("jawort.kafka.topics.webhooks");
            producer.send(new ProducerRecord<>(topic, DemoTenant.ID + "/new", sealed));
            for (String nobodys : List.of(DemoTenant.ID + "/other", "ghost/x", "a,b/x", "/x")) {
                producer.send(new ProducerRecord<>(topic, nobodys, sealed));
            }
        }
        arrives("unknown");

        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select account || ' ' || provider || ' ' || state from quarantine where reason = 'UNKNOWN_ACCOUNT'",
                                        String.class))
                .containsExactly("new unknown held");
        assertThat(hub.bean(MeterRegistry.class).counter("jawort.webhooks.orphaned").count())
                .isEqualTo(orphaned + 4);
        assertThat(
                        hub.sql("ghost", "a")
                                .queryForObject(
                                        "select count(*) from sealing_key where tenant in ('ghost', 'a,b', '')",
                                        Long.class))
                .isZero();
    }

    @Test
    @DisplayName("S6: a webhook of very many bad entries is held once, not once for each")
    void holdsAWebhookOfManyBadEntriesOnce() {
        long before = quarantined("ANY");
        String events =
                IntStream.range(0, 2_000)
                        .mapToObj(
                                n ->
                                        "{\"type\":\"conversation:message\",\"id\":\"bad%d\"}"
                                                .formatted(n))
                        .collect(Collectors.joining(","));
        String webhook =
                "{\"app\":{\"id\":\"69a49395db255efaed482b38\"},\"webhook\":{\"id\":\"6912be5b2da8eacdee145d7e\"},\"events\":[%s]}"
                        .formatted(events);

        assertThat(hub.post("smooch", JSON, webhook.getBytes(UTF_8)).statusCode()).isEqualTo(200);
        arrives("bad");
        HubInTest.await().until(() -> quarantined("ANY") > before);

        assertThat(quarantined("ANY")).isEqualTo(before + 1);
    }

    @Test
    @DisplayName(
            "S7: half-sent bodies of strangers hold a bounded part of the memory, and nobody up")
    void isNotFilledByHalfSentBodies() throws IOException {
        List<Socket> strangers = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                strangers.add(twilio(new byte[1 << 20]).allButTheLastByte(hub.url()));
            }
            for (int i = 0; i < 20; i++) {
                posted(text("SMbeside" + i).bytes());
            }
            // 60 MiB do not fit into 16
            Counter refused =
                    hub.bean(MeterRegistry.class)
                            .counter(
                                    "jawort.webhooks.rejected",
                                    "provider",
                                    "twilio",
                                    "reason",
                                    "no_room");
            HubInTest.await().until(() -> refused.count() > 0);
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    @ParameterizedTest
    @DisplayName("a long text comes by GET too, where a number is set to that")
    @ValueSource(strings = {"П", "漢"})
    void takesALongTextByGet(String letter) {
        String sid = "SMget" + UUID.randomUUID();
        String query =
                new String(
                        TwilioForm.text(sid, "+4915100000011", letter.repeat(4_096)).bytes(),
                        UTF_8);

        RawHttp.Answer answer =
                RawHttp.of(hub.signed("twilio", "GET", "?" + query, null, new byte[0]))
                        .send(hub.url());

        assertThat(answer.status()).isEqualTo(200);
        HubInTest.await().until(() -> archived(sid) == 1);
    }

    private static KafkaProducer<String, byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", LocalKafka.shared().brokers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    private static double counted(String reason) {
        return hub
                .bean(MeterRegistry.class)
                .find("jawort.quarantined")
                .tag("reason", reason)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
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
        long began = System.currentTimeMillis(); // the broker's clock
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
        assertThat(TopicRecords.webhooks(hub))
                .filteredOn(kept -> kept.timestamp() >= began)
                .isNotEmpty()
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

    @Test
    @DisplayName("S6: the largest webhook the gate takes arrives, and those after it")
    void takesTheLargestWebhook() {
        String largest = "SMlargest" + UUID.randomUUID();
        int room = Integer.parseInt(hub.property("jawort.intake.max-body-bytes"));
        byte[] body = padded(largest, room);

        assertThat(body).hasSize(room);
        assertThat(hub.post("twilio", TwilioForm.TYPE, body).statusCode()).isEqualTo(200);

        arrives("largest");
        assertThat(archived(largest)).isOne();
        HubInTest.await().until(() -> spooled() == 0);
    }

    @Test
    @DisplayName("S6: what its topic does not take leaves the spool for quarantine, alone")
    void doesNotStopBehindWhatKafkaRefuses() throws Exception {
        List<String> small =
                IntStream.range(0, 4).mapToObj(i -> "SMsmall" + i + UUID.randomUUID()).toList();
        topicTakes(65_536);
        try {
            hub.camel().getRouteController().stopRoute("drain-spool");
            posted(padded("SMlarge1", 80_000));
            posted(text(small.get(0)).bytes());
            posted(text(small.get(1)).bytes());
            posted(padded("SMlarge2", 80_000));
            posted(text(small.get(2)).bytes());
            posted(text(small.get(3)).bytes());
            assertThat(spooled()).isEqualTo(6);

            hub.camel().getRouteController().startRoute("drain-spool");
            arrives("large");

            assertThat(small).allSatisfy(sid -> assertThat(archived(sid)).isOne());
            HubInTest.await().until(() -> spooled() == 0);
            assertThat(quarantined("TOO_LARGE")).isEqualTo(2);
        } finally {
            topicTakes(2 << 20);
        }
    }

    private static void posted(byte[] body) {
        assertThat(hub.post("twilio", TwilioForm.TYPE, body).statusCode()).isEqualTo(200);
    }

    private static byte[] padded(String sid, int bytes) {
        int without = text(sid).with("Padding", "").bytes().length;
        return text(sid).with("Padding", "x".repeat(bytes - without)).bytes();
    }

    private static long spooled() {
        return hub.sql().queryForObject("select count(*) from webhook_spool", Long.class);
    }

    private static void topicTakes(int bytes) throws ExecutionException, InterruptedException {
        ConfigResource topic =
                new ConfigResource(
                        ConfigResource.Type.TOPIC, hub.property("jawort.kafka.topics.webhooks"));
        ConfigEntry limit = new ConfigEntry("max.message.bytes", String.valueOf(bytes));
        try (Admin kafka =
                Admin.create(Map.of("bootstrap.servers", LocalKafka.shared().brokers()))) {
            kafka.incrementalAlterConfigs(
                            Map.of(
                                    topic,
                                    List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            // it is taken down at once, and holds once the broker has read it
            HubInTest.await()
                    .until(
                            () ->
                                    kafka.describeConfigs(List.of(topic))
                                            .all()
                                            .get()
                                            .get(topic)
                                            .get(limit.name())
                                            .value()
                                            .equals(limit.value()));
        }
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
        return new RawHttp("POST", "/webhooks/twilio/autohaus-muster/twilio")
                .header("Content-Type", TwilioForm.TYPE)
                .body(body);
    }

    private static TwilioForm text(String sid) {
        return TwilioForm.text(sid, "+4915100000011", "Guten Tag");
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
}
