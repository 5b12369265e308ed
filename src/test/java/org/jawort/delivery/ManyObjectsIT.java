package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jawort.MigratedDatabase;
import org.jawort.delivery.StubbornServer.Answer;
import org.jawort.delivery.StubbornServer.Request;
import org.jawort.objects.Buckets;
import org.jawort.objects.EventObjects;
import org.jawort.objects.ObjectDuties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A person with more objects in a bucket than one attempt can ask about. The bucket takes 50 ms for
 * each request, by the hub's clock.
 */
@Timeout(120)
class ManyObjectsIT {

    private static final Instant LOCKED_UNTIL = Instant.parse("2999-01-01T00:00:00Z");
    private static final Duration LATENCY = Duration.ofMillis(50);
    private static final int LOCKED = 400;
    private static final String SUBJECT = "019ab3c2-7d4e-7c11-9a55-00000000abcd";
    private static final String PLACE =
            DestinationHub.TENANT + "/" + DestinationHub.DESTINATION + "/";

    private static MigratedDatabase database;

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-23T10:00:00Z"));

    /** By key, whether it is locked. */
    private final Map<String, Boolean> objects = new TreeMap<>();

    private final List<String> hidden = new ArrayList<>();
    private final List<String> askedAbout = new ArrayList<>();
    private StubbornServer bucket;
    private DestinationHub hub;

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void closeTheDatabase() {
        database.close();
    }

    @BeforeEach
    void start() {
        for (int n = 0; n <= LOCKED; n++) {
            objects.put("%ssubjects/%s/%05d.json".formatted(PLACE, SUBJECT, n), n < LOCKED);
        }
        bucket = new StubbornServer(this::answer);
        hub =
                new DestinationHub(
                        Path.of(""),
                        "archive-s3",
                        "destinations/canonical.jslt",
                        Map.of(
                                "endpoint",
                                bucket.url(),
                                "bucket",
                                "vault",
                                "lock",
                                "COMPLIANCE",
                                "accessKeyId",
                                "test",
                                "secretAccessKey",
                                "test"),
                        (registry, tenants) -> {
                            Duration patience = Duration.ofSeconds(20);
                            InstantSource clock = now::get;
                            Buckets buckets = new Buckets(tenants, patience, patience);
                            registry.bind(
                                    "eventObjects",
                                    new EventObjects(
                                            buckets,
                                            ArchiveS3ContractTest.periods(
                                                    LOCKED_UNTIL, LOCKED_UNTIL),
                                            Attachments.NONE,
                                            clock));
                            registry.bind(
                                    "objectDuties",
                                    new ObjectDuties(
                                            buckets,
                                            new RecipientAnswers(database.scope(), database.jdbc()),
                                            clock));
                        },
                        InstantSource.system());
        hub.endsAfter(Duration.ofMinutes(2)); // of the machine's time, which here is another
    }

    @AfterEach
    void stop() {
        hub.close();
        bucket.close();
    }

    private Answer answer(Request request) {
        now.updateAndGet(before -> before.plus(LATENCY));
        String target = request.target().replace("%2F", "/");
        String key = target.replaceFirst("^/vault/?", "").replaceFirst("[?].*$", "");
        boolean isLocked = !objects.containsKey(key) || objects.get(key);
        if (target.contains("versions")) {
            return xml(list());
        }
        if (target.contains("lifecycle")) {
            return xml(
                    "<LifecycleConfiguration><Rule><ID>1</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>"
                            + "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"
                            + "</Rule></LifecycleConfiguration>");
        }
        if (target.contains("retention") && isLocked) {
            askedAbout.add(key);
            return xml(
                    "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>"
                            + LOCKED_UNTIL
                            + "</RetainUntilDate></Retention>");
        }
        if (target.contains("retention") || target.contains("legal-hold")) {
            return Answer.status(404);
        }
        if (request.method().equals("DELETE") && target.contains("versionId")) {
            objects.remove(key);
            return Answer.status(204);
        }
        if (request.method().equals("DELETE")) {
            hidden.add(key);
            return Answer.status(204);
        }
        return Answer.status(200);
    }

    private static Answer xml(String body) {
        return new Answer.Http(200, Map.of("Content-Type", "application/xml"), body);
    }

    private String list() {
        StringBuilder list =
                new StringBuilder(
                        "<ListVersionsResult><Name>vault</Name><IsTruncated>false</IsTruncated>");
        objects.keySet()
                .forEach(
                        key ->
                                list.append(
                                        "<Version><Key>%s</Key><VersionId>v1</VersionId><IsLatest>%s</IsLatest></Version>"
                                                .formatted(key, !hidden.contains(key))));
        hidden.forEach(
                key ->
                        list.append(
                                "<DeleteMarker><Key>%s</Key><VersionId>m1</VersionId><IsLatest>true</IsLatest></DeleteMarker>"
                                        .formatted(key)));
        return list.append("</ListVersionsResult>").toString();
    }

    private static DestinationEvent erased() throws Exception {
        ObjectNode event = DestinationEvent.number(1).json();
        event.put("type", "jawort.subject.erased.v1");
        event.set(
                "data", new ObjectMapper().readTree("{\"subjectId\": \"%s\"}".formatted(SUBJECT)));
        return new DestinationEvent(1, event);
    }

    private static void stored(DestinationEvent event) {
        sql(
                "insert into event (tenant, id, type, created_at, detail) values (?, ?, 'jawort.subject.erased.v1', now(), '{}')",
                DestinationHub.TENANT,
                event.id());
        sql(
                "insert into delivery (tenant, destination, event_id, lane, sequence, state, attempts, created_at)"
                        + " values (?, ?, ?, ?, 1, 'pending', 0, now())",
                DestinationHub.TENANT,
                DestinationHub.DESTINATION,
                event.id(),
                event.id());
    }

    private static void sql(String statement, Object... values) {
        database.scope()
                .run(DestinationHub.TENANT, () -> database.jdbc().update(statement, values));
    }

    private static Map<String, Object> answered() {
        return database.scope()
                .call(
                        DestinationHub.TENANT,
                        () ->
                                database.jdbc()
                                        .queryForMap(
                                                "select answer, answer_reason from delivery where destination = '"
                                                        + DestinationHub.DESTINATION
                                                        + "'"));
    }

    @Test
    @DisplayName(
            "RET-14: an erasure goes on where its time was over, and asks about no object twice")
    void goesOnWhereTheAttemptBeforeStopped() throws Exception {
        DestinationEvent event = erased();
        stored(event);
        int attempts = 0;

        for (boolean over = false; !over; ) {
            Instant began = now.get();
            Optional<Throwable> failure = hub.attempt(event);
            over = failure.isEmpty();
            attempts++;

            assertThat(attempts).isLessThan(20);
            assertThat(Duration.between(began, now.get())).isLessThan(Duration.ofSeconds(20));
            failure.ifPresent(one -> assertThat(one).isInstanceOf(DeliveryPostponed.class));
        }

        assertThat(hidden).hasSize(LOCKED).doesNotHaveDuplicates();
        assertThat(askedAbout.stream().filter(key -> key.contains("subjects/")))
                .hasSize(LOCKED)
                .doesNotHaveDuplicates();
        assertThat(objects).as("the one that is not locked, at the end").hasSize(LOCKED);
        assertThat(answered())
                .containsEntry("answer", "EXPIRES_AT")
                .containsEntry("answer_reason", "LOCKED");
    }
}
