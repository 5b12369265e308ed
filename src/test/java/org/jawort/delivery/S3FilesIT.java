package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.LocalS3;
import org.jawort.MigratedDatabase;
import org.jawort.objects.Buckets;
import org.jawort.objects.EventObjects;
import org.jawort.objects.ObjectDuties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectVersion;

/** Files of messages in buckets, beside the objects of their messages. */
@Timeout(120)
class S3FilesIT {

    private static final Instant UNTIL = Instant.parse("2999-01-01T00:00:00Z");
    private static final Instant FILES_UNTIL = Instant.parse("2998-01-01T00:00:00Z");
    private static final UUID PICTURE = UUID.fromString("019ab3c2-7d4e-7c11-9a55-400000000001");
    private static final UUID LATE = UUID.fromString("019ab3c2-7d4e-7c11-9a55-400000000002");
    private static final byte[] BYTES = "bytes of a picture".getBytes(StandardCharsets.UTF_8);

    private static MigratedDatabase database;

    private final LocalS3 s3 = LocalS3.shared();
    private final String bucket = s3.newBucket();
    private byte[] bytes = BYTES;
    private boolean readable = true;
    private DestinationHub hub;

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Optional<Attachments.Attachment> open(UUID id) {
        return readable
                ? Optional.of(
                        new Attachments.Attachment(
                                "image/png",
                                "bild.png",
                                bytes.length,
                                new ByteArrayInputStream(bytes)))
                : Optional.empty();
    }

    private void start(String route, String mapping, String lock) {
        RulePeriods rules = ArchiveS3ContractTest.periods(UNTIL, FILES_UNTIL);
        hub =
                new DestinationHub(
                        Path.of(""),
                        route,
                        mapping,
                        Map.of(
                                "endpoint",
                                s3.url(),
                                "bucket",
                                bucket,
                                "lock",
                                lock,
                                "accessKeyId",
                                "test",
                                "secretAccessKey",
                                "test"),
                        (registry, tenants) -> {
                            Duration patience = Duration.ofSeconds(20);
                            InstantSource clock = InstantSource.system();
                            Buckets buckets = new Buckets(tenants, patience, patience);
                            registry.bind(
                                    "eventObjects",
                                    new EventObjects(
                                            buckets, rules, (tenant, id) -> open(id), clock));
                            registry.bind(
                                    "objectDuties",
                                    new ObjectDuties(
                                            buckets,
                                            new RecipientAnswers(database.scope(), database.jdbc()),
                                            clock));
                        },
                        InstantSource.system());
    }

    /** The first message, with a picture that is there and one that is not yet. */
    private static DestinationEvent message() throws Exception {
        ObjectNode event = DestinationEvent.number(1).json();
        var media = ((ObjectNode) event.at("/data/content")).putArray("media");
        media.add(described(PICTURE));
        media.addObject()
                .put("id", LATE.toString())
                .put("name", "spaeter.png")
                .putObject("unavailable")
                .put("reason", "NOT_FOUND")
                .put("final", false);
        return new DestinationEvent(1, event);
    }

    private static ObjectNode described(UUID id) throws Exception {
        return new ObjectMapper()
                .createObjectNode()
                .put("id", id.toString())
                .put("contentType", "image/png")
                .put("size", BYTES.length)
                .put("sha256", HexFormat.of().formatHex(sha256()));
    }

    private static byte[] sha256() throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(BYTES);
    }

    /** Another event about the message. */
    private static DestinationEvent about(String type, long sequence, String data)
            throws Exception {
        ObjectNode event = DestinationEvent.number(sequence).json();
        JsonNode first = DestinationEvent.number(1).json();
        event.put("type", type);
        ObjectNode told = (ObjectNode) new ObjectMapper().readTree("{" + data + "}");
        for (String id : List.of("messageId", "conversationId", "subjectId")) {
            told.set(id, first.at("/data/" + id));
        }
        event.set("data", told);
        return new DestinationEvent(sequence, event);
    }

    private static String folder(String destinationRoot) throws Exception {
        JsonNode data = message().json().get("data");
        return destinationRoot
                + "subjects/%s/%s/%s/"
                        .formatted(
                                data.get("subjectId").asText(),
                                data.get("conversationId").asText(),
                                data.get("messageId").asText());
    }

    private static String folder() throws Exception {
        return folder(DestinationHub.TENANT + "/" + DestinationHub.DESTINATION + "/");
    }

    /** Of what is in sight. */
    private List<String> keys() {
        return s3.client.listObjectVersions(list -> list.bucket(bucket)).versions().stream()
                .filter(ObjectVersion::isLatest) // of one that is hidden, a mark is the latest
                .map(ObjectVersion::key)
                .toList();
    }

    private byte[] object(String key) {
        return s3.client.getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArray();
    }

    @Test
    @DisplayName(
            "C4, S13: a file is an object beside its message, under ids alone, whole and locked")
    void putsTheFileBesideTheMessage() throws Exception {
        start("archive-s3", "destinations/canonical.jslt", "COMPLIANCE");

        assertThat(hub.attempt(message())).isEmpty();

        String file = folder() + "files/" + PICTURE;
        assertThat(keys()).hasSize(2).contains(file);
        assertThat(object(file)).isEqualTo(BYTES);
        var head =
                s3.client.headObject(
                        request -> request.bucket(bucket).key(file).checksumMode("ENABLED"));
        assertThat(head.contentType()).isEqualTo("image/png");
        assertThat(head.checksumSHA256()).isEqualTo(Base64.getEncoder().encodeToString(sha256()));
        var lock = s3.client.getObjectRetention(get -> get.bucket(bucket).key(file)).retention();
        assertThat(lock.modeAsString()).isEqualTo("COMPLIANCE");
        assertThat(lock.retainUntilDate())
                .as("as long as its own rule asks")
                .isEqualTo(FILES_UNTIL);
        String message =
                keys().stream().filter(key -> key.endsWith(".json")).findFirst().orElseThrow();
        assertThat(s3.client.headObject(request -> request.bucket(bucket).key(message)).metadata())
                .containsEntry("files", PICTURE.toString());
    }

    @Test
    void doesNotSendAgainWhatStandsThere() throws Exception {
        start("archive-s3", "destinations/canonical.jslt", "COMPLIANCE");
        hub.attempt(message());
        bytes = "something else now".getBytes(StandardCharsets.UTF_8);

        assertThat(hub.attempt(message())).isEmpty();

        assertThat(object(folder() + "files/" + PICTURE)).isEqualTo(BYTES);
        assertThat(s3.client.listObjectVersions(list -> list.bucket(bucket)).versions()).hasSize(2);
    }

    @Test
    void writesNoMessageWhoseFileDidNotArriveWhole() throws Exception {
        start("archive-s3", "destinations/canonical.jslt", "COMPLIANCE");
        bytes = "bytes of a pixture".getBytes(StandardCharsets.UTF_8);

        assertThat(hub.attempt(message())).isPresent();

        assertThat(keys()).isEmpty();
    }

    @Test
    void putsALateFileBesideItsMessage() throws Exception {
        start("archive-s3", "destinations/canonical.jslt", "COMPLIANCE");
        hub.attempt(message());

        String late = "\"content\": { \"media\": [" + described(LATE) + "] }";
        assertThat(hub.attempt(about("jawort.media.stored.v1", 2, late))).isEmpty();

        assertThat(keys()).hasSize(4).contains(folder() + "files/" + LATE);
    }

    @Test
    void saysInTheSidecarWhereTheFilesOfADocumentAre() throws Exception {
        start("dms-s3", "destinations/document.jslt", "none");

        assertThat(hub.attempt(message())).isEmpty();

        String file = folder() + "files/" + PICTURE;
        assertThat(keys()).hasSize(3).contains(file);
        String sidecar =
                keys().stream()
                        .filter(key -> key.endsWith(".metadata.json"))
                        .findFirst()
                        .orElseThrow();
        JsonNode files = new ObjectMapper().readTree(object(sidecar)).get("files");
        assertThat(files).hasSize(1);
        assertThat(files.at("/0/id").asText()).isEqualTo(PICTURE.toString());
        assertThat(files.at("/0/key").asText()).isEqualTo(file);
        assertThat(files.at("/0/sha256").asText()).isEqualTo(HexFormat.of().formatHex(sha256()));
        assertThat(files.at("/0/lockedUntil").isNull()).isTrue();
    }

    @Test
    void namesNoFileThatMayNotBeReadAnyMore() throws Exception {
        start("dms-s3", "destinations/document.jslt", "none");
        readable = false;

        assertThat(hub.attempt(message())).isEmpty();

        assertThat(keys()).hasSize(2).noneMatch(key -> key.contains("/files/"));
    }

    @Test
    @DisplayName(
            "RET-10, RET-14: holds and deletions reach the files, those of media the files alone")
    void holdsAndDeletesFiles() throws Exception {
        start("archive-s3", "destinations/canonical.jslt", "GOVERNANCE");
        hub.attempt(message());
        String folder = folder();
        String file = folder + "files/" + PICTURE;

        hub.attempt(about("jawort.hold.placed.v1", 2, "\"hold\": \"1\""));
        assertThat(hold(file)).isEqualTo(ObjectLockLegalHoldStatus.ON);
        hub.attempt(about("jawort.hold.released.v1", 3, "\"heldByAnother\": false"));
        assertThat(hold(file)).isEqualTo(ObjectLockLegalHoldStatus.OFF);

        DestinationEvent deleted = about("jawort.message.deleted.v1", 4, "\"dataType\": \"media\"");
        assertThat(hub.attempt(deleted)).isEmpty();
        assertThat(keys()).doesNotContain(file).anyMatch(key -> key.startsWith(folder));
    }

    @Test
    @DisplayName("RET-10: a hold that somebody else put on an object is theirs to lift")
    void liftsNoHoldOfSomebodyElse() throws Exception {
        start("archive-s3", "destinations/canonical.jslt", "GOVERNANCE");
        hub.attempt(message());
        String theirs = folder() + "files/" + PICTURE;
        String other =
                keys().stream().filter(key -> key.endsWith(".json")).findFirst().orElseThrow();
        s3.client.putObjectLegalHold(
                put ->
                        put.bucket(bucket)
                                .key(theirs)
                                .legalHold(hold -> hold.status(ObjectLockLegalHoldStatus.ON)));

        for (int time = 0; time < 2; time++) {
            hub.attempt(about("jawort.hold.placed.v1", 2 + 2 * time, "\"hold\": \"1\""));
            assertThat(hold(theirs)).isEqualTo(ObjectLockLegalHoldStatus.ON);
            assertThat(hold(other)).isEqualTo(ObjectLockLegalHoldStatus.ON);
            hub.attempt(about("jawort.hold.released.v1", 3 + 2 * time, "\"heldByAnother\": false"));

            assertThat(hold(theirs)).isEqualTo(ObjectLockLegalHoldStatus.ON);
            assertThat(hold(other)).isEqualTo(ObjectLockLegalHoldStatus.OFF);
        }
    }

    @Test
    @DisplayName("RET-14: what is not locked is gone for good")
    void deletesFilesForGood() throws Exception {
        start("dms-s3", "destinations/document.jslt", "none");
        hub.attempt(message());

        hub.attempt(about("jawort.message.deleted.v1", 2, "\"dataType\": \"media\""));
        assertThat(s3.client.listObjectVersions(list -> list.bucket(bucket)).versions())
                .hasSize(2)
                .noneMatch(version -> version.key().contains("/files/"));
        hub.attempt(message());
        hub.attempt(about("jawort.message.deleted.v1", 3, "\"dataType\": \"conversation-text\""));
        assertThat(s3.client.listObjectVersions(list -> list.bucket(bucket)).versions()).isEmpty();
    }

    private ObjectLockLegalHoldStatus hold(String key) throws IOException {
        return s3.client
                .getObjectLegalHold(get -> get.bucket(bucket).key(key))
                .legalHold()
                .status();
    }
}
