package org.jawort.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jawort.AsyncApi;
import org.jawort.Canaries;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.jawort.LocalS3;
import org.jawort.TwilioForm;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMedia;
import org.jawort.local.LocalKafka;
import org.jawort.retention.Erasure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockRetention;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * One hub with a recipient of every kind and contract; what each of them has, holds and deletes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RecipientsIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final String SECOND_KEY = "second-key-of-the-demo-tenant-0001";

    private final String topic = "muster-events-" + UUID.randomUUID();
    private LocalS3 s3;
    private String vault;
    private String dms;
    private CrmReceiver lean;
    private SpeakingHub at;
    private HubInTest hub;
    private ApiClient api;

    @BeforeAll
    void start() throws Exception {
        s3 = LocalS3.shared();
        vault = s3.newBucket();
        dms = s3.newBucket();
        lean = CrmReceiver.timeless(0, DemoTenant.CRM_SECRET, InstantSource.system()).start();
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", LocalKafka.shared().brokers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        String sha256 =
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256").digest(SECOND_KEY.getBytes()));
        at =
                SpeakingHub.start(
                        HomeFolder.copy()
                                .change("  notice: texts/notice-v1\n", "")
                                .change(", notice-v1: privacy-notice", "")
                                .change(
                                        "apiKeys:\n",
                                        "apiKeys:\n  - { id: second, sha256: \""
                                                + sha256
                                                + "\" }\n")
                                .change(
                                        "    processor: archive-eu\n",
                                        "    processor: archive-eu\n    settings: { keeps: P10Y }\n")
                                .change("destinations:\n", destinations())
                                .path());
        hub = at.hub;
        api = at.api;
    }

    private String destinations() {
        return """
               processors:
                 - { id: data-eu, clearTextTopic: { approvedBy: Erika Muster, approvedOn: 2026-11-20 } }
               destinations:
                 - { id: topic, route: kafka-topic, events: ["*"], consumed: include, profile: full, processor: data-eu,
                     settings: { brokers: "%s", topic: "%s", securityProtocol: PLAINTEXT } }
                 - { id: vault, route: archive-s3, events: ["*"], consumed: include, profile: full, processor: archive-eu,
                     settings: { endpoint: "%s", bucket: %s, prefix: "hub/", accessKeyId: test, secretAccessKey: test } }
                 - { id: dms, route: dms-s3, mapping: destinations/document.jslt, events: [message.*, subject.erased], profile: no-content,
                     processor: dms-eu, settings: { endpoint: "%s", bucket: %s, accessKeyId: test, secretAccessKey: test } }
                 - { id: slim, route: archive-jsonl, events: ["*"], consumed: include, profile: metadata, processor: archive-eu }
                 - { id: lean, route: crm-webhook, events: [message.*], fields: [content.media.contentType, from.scheme], processor: crm-eu,
                     settings: { url: "%s", secret: "%s" } }
               """
                .formatted(
                        LocalKafka.shared().brokers(),
                        topic,
                        s3.url(),
                        vault,
                        s3.url(),
                        dms,
                        lean.url(),
                        DemoTenant.CRM_SECRET);
    }

    @AfterAll
    void stop() {
        at.close();
        lean.close();
    }

    @Test
    @Order(1)
    @DisplayName(
            "GDPR Art. 5(1)(c), RET-11: of canaries in every field of a message each recipient has what its contract lets out and nothing"
                    + " else; what no mapping reads has the archives that get messages as they were received, and nobody besides")
    void letsOutWhatTheContractSays() throws Exception {
        String number = "+" + Canaries.of("phone number");
        writes(
                TwilioForm.text(sid("MM"), number, Canaries.of("file name"))
                        .with("MessageType", "document")
                        .with("NumMedia", "1")
                        .with("MediaContentType0", "application/pdf")
                        .with("MediaUrl0", Canaries.of("media URL"))
                        .with("ProfileName", Canaries.of("name")));
        writes(
                TwilioForm.text(sid("SM"), number, Canaries.of("text"))
                        .with("ProfileName", Canaries.of("name"))
                        .with("ReferralSourceType", "ad")
                        .with("ReferralSourceId", Canaries.of("button payload"))
                        .with("ReferralHeadline", Canaries.of("location name"))
                        .with("OfNoMapping", Canaries.of("rejected text")));
        settled(2);
        writes(TwilioForm.text(sid("SM"), number, "STOP"));
        settled(3);

        assertThat(Canaries.in(records().toString()))
                .contains("phone number", "name", "text", "file name", "media URL");
        assertThat(Canaries.in(objects(vault)))
                .contains(
                        "phone number", "name", "text", "file name", "media URL", "location name");
        assertThat(Canaries.in(objects(dms))).containsExactlyInAnyOrder("phone number", "name");
        assertThat(file("slim")).contains("jawort.consent.changed.v1", "application/pdf");
        assertThat(Canaries.in(file("slim"))).isEmpty();
        assertThat(leanEvents().replaceAll("\\s", ""))
                .contains("application/pdf", "\"scheme\":\"phone\"");
        assertThat(Canaries.in(leanEvents())).isEmpty();
        assertThat(leanEvents()).doesNotContain("direction", "providerMessageId", "channel");
        asReceived();
    }

    private void asReceived() throws Exception {
        assertThat(Canaries.in(objects(vault))).contains("rejected text");
        JsonNode line =
                JSON.readTree(
                        file("archive")
                                .lines()
                                .filter(one -> one.contains("OfNoMapping"))
                                .findFirst()
                                .orElseThrow());
        assertThat(line.at("/data/original/text").asText()).contains("&Body=", "&OfNoMapping=");
        assertThat(line.at("/data/original/contentType").asText())
                .isEqualTo("application/x-www-form-urlencoded");
        assertThat(new AsyncApi().faults(line.toString().getBytes(UTF_8))).isEmpty();
        String others = records() + objects(dms) + file("slim") + leanEvents() + hub.crmEvents();
        assertThat(hub.crmEvents().toString()).contains("providerMessageId");
        assertThat(Canaries.in(others)).contains("text").doesNotContain("rejected text");
        assertThat(others).doesNotContain("\"original\"");
    }

    @Test
    @Order(2)
    @DisplayName("what leaves is as asyncapi.yaml describes it: every record, and every webhook")
    void sendsWhatIsDescribed() throws Exception {
        AsyncApi described = new AsyncApi();

        assertThat(records()).hasSizeGreaterThanOrEqualTo(4);
        for (ConsumerRecord<String, byte[]> record : topicRecords()) {
            assertThat(described.faults(record.value())).isEmpty();
            JsonNode event = JSON.readTree(record.value());
            assertThat(record.key())
                    .isEqualTo(
                            event.at("/data/conversationId")
                                    .asText(event.at("/data/subjectId").asText()));
            assertThat(new String(record.headers().lastHeader("ce_type").value(), UTF_8))
                    .isEqualTo(event.get("type").asText());
        }
        for (JsonNode event : hub.crmEvents()) {
            assertThat(described.faults(event.get("event").toString().getBytes(UTF_8))).isEmpty();
        }
        assertThat(get("/api/asyncapi.yaml")).startsWith("#").contains("asyncapi: 3.0.0");
    }

    @Test
    @Order(3)
    @DisplayName(
            "an object is locked as its rule asks, under ids alone, with the checksum of its bytes and a sidecar where it is a document")
    void storesObjects() throws Exception {
        ObjectVersion message =
                versions(vault, "subjects").stream()
                        .filter(RecipientsIT::isOfAMessage)
                        .findFirst()
                        .orElseThrow();
        HeadObjectResponse head = head(vault, message);
        byte[] bytes =
                s3.client
                        .getObjectAsBytes(get -> get.bucket(vault).key(message.key()))
                        .asByteArray();
        JsonNode event = JSON.readTree(bytes);

        assertThat(message.key())
                .isEqualTo(
                        "hub/autohaus-muster/vault/subjects/%s/%s/%s/%019d-%s.json"
                                .formatted(
                                        event.at("/data/subjectId").asText(),
                                        event.at("/data/conversationId").asText(),
                                        event.at("/data/messageId").asText(),
                                        event.get("sequence").asLong(),
                                        event.get("id").asText()));
        assertThat(lock(vault, message).mode()).isEqualTo(ObjectLockRetentionMode.GOVERNANCE);
        assertThat(lock(vault, message).retainUntilDate())
                .isEqualTo(
                        Instant.parse(event.at("/data/receivedAt").asText())
                                .atZone(BERLIN)
                                .plusDays(90)
                                .toInstant()
                                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
        assertThat(head.metadata()).containsEntry("ce-id", event.get("id").asText());
        assertThat(
                        s3.client
                                .headObject(
                                        request ->
                                                request.bucket(vault)
                                                        .key(message.key())
                                                        .checksumMode("ENABLED"))
                                .checksumSHA256())
                .isEqualTo(
                        Base64.getEncoder()
                                .encodeToString(
                                        MessageDigest.getInstance("SHA-256").digest(bytes)));
        ObjectVersion sidecar =
                versions(dms, "").stream()
                        .filter(one -> one.key().endsWith(".metadata.json"))
                        .findFirst()
                        .orElseThrow();
        JsonNode beside =
                JSON.readTree(
                        s3.client
                                .getObjectAsBytes(get -> get.bucket(dms).key(sidecar.key()))
                                .asByteArray());
        assertThat(beside.at("/object/sha256").asText()).hasSize(64);
        assertThat(beside.at("/event/data/from/address").asText()).startsWith("+49151");
        assertThat(beside.at("/event/data/content").has("text")).isFalse();
        assertThat(lock(dms, sidecar)).isNull();
    }

    @Test
    @Order(4)
    @DisplayName(
            "RET-10: a hold is a legal hold on every object of the message until the last hold is released")
    void holdsObjects() throws Exception {
        writes(TwilioForm.text(sid("SM"), "+4915112300077", "Unter Vorbehalt"));
        settled(4);
        String message = newestMessage();
        String first = held(message);
        String second = held(message);
        await().until(() -> holds(message).equals(List.of(ObjectLockLegalHoldStatus.ON)));

        release(first);
        await().until(() -> file("archive").contains("\"heldByAnother\":true"));
        quiet();
        assertThat(holds(message)).containsExactly(ObjectLockLegalHoldStatus.ON);
        release(second);

        await().until(() -> holds(message).equals(List.of(ObjectLockLegalHoldStatus.OFF)));
        assertThat(file("archive")).contains("jawort.hold.placed.v1", "jawort.hold.released.v1");
        assertThat(objects(dms)).doesNotContain("jawort.hold");
        assertThat(lines("slim", "jawort.hold.placed.v1")).isEqualTo(2);
        for (ConsumerRecord<String, byte[]> record : topicRecords()) {
            assertThat(new AsyncApi().faults(record.value())).isEmpty();
        }
    }

    @Test
    @Order(5)
    @DisplayName(
            "RET-14: an erasure deletes what is not locked, hides what is, and says by when each archive will have; without a rule in the"
                    + " bucket that removes what is hidden, somebody has to")
    void erasesWhatItMayAndTellsOfTheRest() throws Exception {
        writes(TwilioForm.text(sid("SM"), "+4915112300088", "Bitte vergessen"));
        settled(5);
        String subject = subjectOf(newestMessage());

        Map<String, String> told = erase(subject);

        assertThat(told)
                .containsEntry("vault", "MANUAL NO_LIFECYCLE")
                .containsEntry("dms", "DONE null")
                .containsEntry("topic", "DONE null")
                .containsEntry("archive", "EXPIRES_AT ARCHIVE_DUTY");
        assertThat(versions(dms, subject)).isEmpty();
        assertThat(versions(vault, subject)).isNotEmpty().noneMatch(ObjectVersion::isLatest);
        assertThat(objects(vault)).contains("jawort.subject.erased.v1");
        assertThat(until("archive"))
                .isEqualTo(
                        LocalDate.of(
                                        LocalDate.ofInstant(hub.clock.instant(), BERLIN).getYear()
                                                + 11,
                                        1,
                                        1)
                                .atStartOfDay(BERLIN)
                                .toInstant());

        s3.client.putBucketLifecycleConfiguration(
                put ->
                        put.bucket(vault)
                                .lifecycleConfiguration(
                                        all ->
                                                all.rules(
                                                        rule ->
                                                                rule.id("hidden")
                                                                        .status(
                                                                                ExpirationStatus
                                                                                        .ENABLED)
                                                                        .filter(f -> f.prefix(""))
                                                                        .noncurrentVersionExpiration(
                                                                                after ->
                                                                                        after
                                                                                                .noncurrentDays(
                                                                                                        1)))));
        hub.clock.advance(Duration.ofMinutes(11));
        writes(TwilioForm.text(sid("SM"), "+4915112300099", "Bitte auch vergessen"));
        settled(5);
        String message = newestMessage();
        String other = subjectOf(message);
        Instant lock = lock(vault, versions(vault, message).getFirst()).retainUntilDate();

        assertThat(erase(other)).containsEntry("vault", "EXPIRES_AT LOCKED");
        assertThat(until("vault")).isEqualTo(lock);
    }

    @Test
    @Order(6)
    @DisplayName(
            "RET-14: what a run deletes goes for good where its lock is over; where it is not, and in files, it is noted by when it will")
    void deletesWithTheRun() throws Exception {
        String before = newestMessage();
        writes(
                TwilioForm.text(sid("MM"), "+4915112300055", "Rechnung 4711.pdf")
                        .with("MessageType", "document")
                        .with("NumMedia", "1")
                        .with("MediaContentType0", "application/pdf")
                        .with("MediaUrl0", "https://api.twilio.com/2010-04-01/Media/ME1"));
        await().until(() -> !newestMessage().equals(before)); // what was erased may still be there
        quiet();
        String invoice = newestMessage();
        await().until(() -> !versions(vault, "/" + invoice + "/files/").isEmpty());
        quiet(); // what tells of the file has come to the others, too
        assertThat(versions(vault, "/" + invoice + "/files/"))
                .singleElement()
                .satisfies(
                        file ->
                                assertThat(
                                                s3.client
                                                        .getObjectAsBytes(
                                                                get ->
                                                                        get.bucket(vault)
                                                                                .key(file.key()))
                                                        .asByteArray())
                                        .isEqualTo(FakeMedia.bytes()));
        assertThat(versions(dms, "/files/")).as("its contract keeps files back").isEmpty();
        Instant lock = lock(vault, versions(vault, invoice).getFirst()).retainUntilDate();
        assertThat(lock).isAfter(hub.clock.instant().plus(Duration.ofDays(8 * 365)));
        assertThat(
                        api.call(
                                        "classifyMessage",
                                        Map.of("id", invoice),
                                        "",
                                        "{\"category\":\"NONE\",\"source\":\"agent\"}")
                                .statusCode())
                .isEqualTo(200);
        hub.clock.advance(Duration.ofDays(121));
        assertThat(api.call("runDeletion", Map.of(), "", "{\"dryRun\":false}").statusCode())
                .isEqualTo(200);
        assertThat(rows("message")).isZero();
        awaitRun();

        List<Map<String, Object>> tasks =
                hub.sql()
                        .queryForList(
                                "select recipient, done, expires_at, not_supported, manual, until, reason from deletion_task order by recipient");
        assertThat(tasks).extracting(task -> task.get("recipient")).contains("vault", "archive");
        for (Map<String, Object> task : tasks) {
            switch ((String) task.get("recipient")) {
                case "vault" -> {
                    assertThat(task)
                            .containsEntry("expires_at", 1L)
                            .containsEntry("not_supported", 2L)
                            .containsEntry("manual", 0L)
                            .containsEntry("reason", "PART_OF_MESSAGE");
                    assertThat(((java.sql.Timestamp) task.get("until")).toInstant())
                            .isEqualTo(lock);
                    assertThat((Long) task.get("done")).isPositive();
                }
                case "archive" -> assertThat(task).containsEntry("done", 0L);
                case "provider:twilio" -> assertThat(task).containsEntry("manual", 0L);
                default -> assertThat(task).containsEntry("expires_at", 0L);
            }
        }
        assertThat(versions(vault, "/" + invoice + "/"))
                .isNotEmpty()
                .noneMatch(ObjectVersion::isLatest);
        assertThat(objects(dms)).isEmpty();
        assertThat(
                        versions(vault, "subjects").stream()
                                .filter(RecipientsIT::isOfAMessage)
                                .filter(one -> !one.key().contains(invoice))
                                .filter(ObjectVersion::isLatest))
                .as("messages in sight")
                .isEmpty();
        assertThat(lines("archive", "jawort.message.deleted.v1")).isPositive();
    }

    @Test
    @Order(7)
    @DisplayName(
            "RET-6, RET-16: when a relationship has ended, what is about the person and no message goes from a bucket too, or is"
                    + " hidden until its lock is over; only who asks for it is told")
    void forgetsWhoseRelationshipEnded() throws Exception {
        List<ObjectVersion> declared =
                versions(vault, "subjects").stream()
                        .filter(RecipientsIT::isOfAPerson)
                        .filter(ObjectVersion::isLatest)
                        .toList();
        assertThat(objects(vault)).contains("jawort.consent.changed.v1");
        assertThat(declared).isNotEmpty();

        hub.clock.advance(Duration.ofDays(25 * 31));
        assertThat(api.call("runDeletion", Map.of(), "", "{\"dryRun\":false}").statusCode())
                .isEqualTo(200);
        awaitRun();
        quiet();

        assertThat(rows("address")).isZero();
        assertThat(
                        versions(vault, "subjects").stream()
                                .filter(RecipientsIT::isOfAPerson)
                                .filter(ObjectVersion::isLatest))
                .as("in sight")
                .isEmpty();
        assertThat(
                        rows(
                                "delivery d join event e on e.id = d.event_id where e.type = 'jawort.subject.ended.v1'"
                                        + " and d.destination = 'vault' and d.state = 'delivered' and d.answer = 'EXPIRES_AT'"))
                .as("the proof of a consent is locked for its period")
                .isPositive();
        assertThat(lines("archive", "jawort.subject.ended.v1")).isPositive();
        assertThat(leanEvents()).doesNotContain("subject.ended");
        for (ConsumerRecord<String, byte[]> record : topicRecords()) {
            assertThat(new AsyncApi().faults(record.value())).isEmpty();
        }
    }

    private void awaitRun() {
        await().until(
                        () -> {
                            hub.clock.advance(Duration.ofSeconds(1));
                            return rows("retention_run where status <> 'RUNNING'") >= 1
                                    && rows("retention_run where status = 'RUNNING'") == 0;
                        });
    }

    private Map<String, String> erase(String subject) {
        UUID request = UUID.randomUUID();
        hub.bean(Erasure.class).erase(DemoTenant.ID, UUID.fromString(subject), request);
        await().until(
                        () -> {
                            hub.clock.advance(Duration.ofSeconds(1));
                            String tasks = "erasure_task where request = '" + request + "'";
                            return rows(tasks) > 0 // none yet while it waits for what is on its way
                                    && rows(
                                                    tasks
                                                            + " and status = 'RETRY' and recipient not like 'provider:%'")
                                            == 0;
                        });
        Map<String, String> told = new java.util.TreeMap<>();
        hub.sql()
                .queryForList("select * from erasure_task where request = ?", request)
                .forEach(
                        task ->
                                told.put(
                                        (String) task.get("recipient"),
                                        task.get("status") + " " + task.get("reason")));
        return told;
    }

    private Instant until(String recipient) {
        return hub.sql()
                .queryForObject(
                        "select until from erasure_task where recipient = ? and until is not null order by updated_at desc limit 1",
                        java.time.OffsetDateTime.class,
                        recipient)
                .toInstant();
    }

    private static String sid(String kind) {
        return kind + UUID.randomUUID().toString().replace("-", "");
    }

    private void writes(TwilioForm form) {
        assertThat(hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode()).isEqualTo(200);
    }

    private void settled(int messages) {
        await().until(() -> rows("message where direction = 'inbound'") == messages);
        quiet();
    }

    private void quiet() {
        await().untilAsserted(
                        () ->
                                assertThat(
                                                hub.sql()
                                                        .queryForList(
                                                                "select destination, state, attempts, next_attempt_at, last_error from delivery"
                                                                        + " where state in ('pending', 'parked')"))
                                        .isEmpty());
    }

    private long rows(String of) {
        return hub.sql().queryForObject("select count(*) from " + of, Long.class);
    }

    private String newestMessage() {
        return hub.sql()
                .queryForObject(
                        "select id::text from message order by id desc limit 1", String.class);
    }

    private String subjectOf(String message) {
        return hub.sql()
                .queryForObject(
                        "select subject_id::text from message where id = ?::uuid",
                        String.class,
                        message);
    }

    private String held(String message) {
        ObjectNode body = ApiClient.object("{\"reason\":\"Claim 4711\",\"owner\":\"Legal\"}");
        body.put("type", "LEGAL");
        body.put(
                "reviewOn",
                LocalDate.ofInstant(hub.clock.instant(), BERLIN).plusMonths(11).toString());
        body.putArray("items").add(message);
        String id =
                ApiClient.json(api.call("proposeHold", Map.of(), "", body.toString()))
                        .get("id")
                        .textValue();
        second("approveHold", id);
        return id;
    }

    private void release(String hold) {
        assertThat(api.call("releaseHold", Map.of("id", hold), "", "{}").statusCode())
                .isEqualTo(200);
        second("releaseHold", hold);
    }

    private void second(String operation, String hold) {
        var called = ApiClient.operation(operation);
        assertThat(
                        api.send(
                                        called,
                                        ApiClient.path(called, DemoTenant.ID, Map.of("id", hold)),
                                        Map.of(
                                                "Authorization",
                                                "Bearer " + SECOND_KEY,
                                                "Idempotency-Key",
                                                UUID.randomUUID().toString()),
                                        "{}")
                                .statusCode())
                .isEqualTo(200);
    }

    private List<ObjectLockLegalHoldStatus> holds(String message) {
        return versions(vault, "/" + message + "/").stream()
                .filter(version -> version.key().contains("/subjects/")) // no mark of a hold
                .map(this::hold)
                .distinct()
                .toList();
    }

    private HeadObjectResponse head(String bucket, ObjectVersion version) {
        return s3.client.headObject(
                head -> head.bucket(bucket).key(version.key()).versionId(version.versionId()));
    }

    private ObjectLockLegalHoldStatus hold(ObjectVersion version) {
        try {
            return s3.client
                    .getObjectLegalHold(
                            get ->
                                    get.bucket(vault)
                                            .key(version.key())
                                            .versionId(version.versionId()))
                    .legalHold()
                    .status();
        } catch (S3Exception none) {
            assertThat(none.statusCode()).isEqualTo(404);
            return ObjectLockLegalHoldStatus.OFF;
        }
    }

    /** {@code null} if there is none. */
    private ObjectLockRetention lock(String bucket, ObjectVersion version) {
        try {
            return s3.client
                    .getObjectRetention(
                            get ->
                                    get.bucket(bucket)
                                            .key(version.key())
                                            .versionId(version.versionId()))
                    .retention();
        } catch (S3Exception none) {
            assertThat(none.statusCode()).isEqualTo(404);
            return null;
        }
    }

    /** Every version whose key has a part in it. */
    private List<ObjectVersion> versions(String bucket, String part) {
        return s3
                .client
                .listObjectVersionsPaginator(list -> list.bucket(bucket))
                .versions()
                .stream()
                .filter(one -> one.key().contains(part))
                .toList();
    }

    /** Prefix, tenant, destination, subjects, person, conversation, message and name. */
    private static boolean isOfAMessage(ObjectVersion version) {
        return version.key().contains("/subjects/") && version.key().split("/").length == 8;
    }

    /** The same without conversation and message. */
    private static boolean isOfAPerson(ObjectVersion version) {
        return version.key().split("/").length == 6;
    }

    /** Keys, metadata and contents of what is in sight. */
    private String objects(String bucket) {
        StringBuilder all = new StringBuilder();
        versions(bucket, "").stream()
                .filter(ObjectVersion::isLatest) // of one that is hidden, a mark is the latest
                .forEach(
                        version -> {
                            var got =
                                    s3.client.getObjectAsBytes(
                                            get ->
                                                    get.bucket(bucket)
                                                            .key(version.key())
                                                            .versionId(version.versionId()));
                            all.append(version.key())
                                    .append(got.response().metadata())
                                    .append(new String(got.asByteArray(), ISO_8859_1));
                        });
        return all.toString();
    }

    private List<ConsumerRecord<String, byte[]>> topicRecords() {
        try (var consumer =
                new KafkaConsumer<>(
                        Map.<String, Object>of("bootstrap.servers", LocalKafka.shared().brokers()),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            TopicPartition only = new TopicPartition(topic, 0);
            consumer.assign(List.of(only));
            consumer.seekToBeginning(List.of(only));
            long end = consumer.endOffsets(List.of(only)).get(only);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (consumer.position(only) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    private List<String> records() {
        return topicRecords().stream()
                .map(record -> record.headers() + new String(record.value(), ISO_8859_1))
                .toList();
    }

    private String file(String destination) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(hub.archive)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                if (file.toString().contains("/" + destination + "/")) {
                    all.append(new String(Files.readAllBytes(file), ISO_8859_1));
                }
            }
        } catch (NoSuchFileException closedMeanwhile) {
            return file(destination);
        } catch (UncheckedIOException walking) {
            if (walking.getCause() instanceof NoSuchFileException) {
                return file(destination);
            }
            throw walking;
        }
        return all.toString();
    }

    private long lines(String destination, String with) throws IOException {
        return file(destination).lines().filter(line -> line.contains(with)).count();
    }

    private String leanEvents() {
        return get(URI.create(lean.url() + "/events"));
    }

    private String get(String path) {
        return get(URI.create(hub.url() + path));
    }

    private String get(URI of) {
        return hub.send(HttpRequest.newBuilder(of).build()).body();
    }
}
