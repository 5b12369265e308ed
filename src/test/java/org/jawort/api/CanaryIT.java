package org.jawort.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.Canaries;
import org.jawort.ColdBackup;
import org.jawort.HomeFolder;
import org.jawort.LocalS3;
import org.jawort.RawHttp;
import org.jawort.TwilioForm;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeMedia;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;
import org.jawort.media.MediaReader;
import org.jawort.retention.Erasure;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Words of a person that must stand readable nowhere but at the destinations, and after an erasure
 * nowhere at all: sent on every way through the hub, then searched for in every byte it left
 * behind, and once more, with all keys there are, after the erasure and the restore of a backup.
 * The bytes of a file are among them: in the store of the hub, at the archive, in the copy for the
 * person.
 */
class CanaryIT {

    private static final Path SERVERS =
            Path.of("target", "local", "canary-" + ProcessHandle.current().pid());

    private static final String NUMBER = "+" + Canaries.of("phone number");
    private static final String OFFICER = "officer-test-key-0123456789abcdef";

    /** What stands in the one message a hold keeps. */
    private static final Set<String> HELD = Set.of("phone number", "name", "text");

    /** What values are sealed for; each opens under its own name only. */
    private static final List<String> FIELDS =
            List.of(
                    "address",
                    "consent.evidence",
                    "event.data",
                    "label.value",
                    "media",
                    "message.annotation",
                    "message.body",
                    "message.labels",
                    "message.original",
                    "outbound.reference",
                    "rights.asked",
                    "rights.proof");

    private static final Set<String> BYTES = Set.of("media bytes", "raw media bytes");
    private static final String FILE =
            "api.twilio.com/2010-04-01/Accounts/ACf0/Messages/MMcanary11/Media/MEcanary11";

    @TempDir Path scratch;

    private final List<Path> logs = new ArrayList<>();
    private final LocalS3 s3 = LocalS3.shared();
    private SpeakingHub at;
    private RightsDesk desk;
    private Map<String, String> held;
    private String hold;

    @Test
    @DisplayName(
            "S19, LOG-1, SEC-3, RET-10, RET-15, RET-16: no canary in database, topics, logs or metrics, in any spelling; after"
                    + " erasure and restore none in any answer or under any key, but for the message a hold keeps, which the"
                    + " answer to the person names")
    void leavesNoWordOfAPersonReadable() throws IOException {
        LocalKafka kafka = LocalKafka.onFreePorts(SERVERS.resolve("kafka")).endWithJvm().start();
        LocalPostgres postgres =
                LocalPostgres.onFreePort(SERVERS.resolve("postgres")).endWithJvm().start();
        String database = postgres.newDatabase();
        String vault = s3.newBucket();
        Path home =
                HomeFolder.copy()
                        .apiKey("officer", OFFICER, ", restricted: true")
                        .change(
                                "destinations:\n",
                                """
                                destinations:
                                  - { id: vault, route: archive-s3, events: ["*"], consumed: include, profile: full, processor: archive-eu,
                                      settings: { endpoint: "%s", bucket: %s, accessKeyId: test, secretAccessKey: test } }
                                """
                                        .formatted(s3.url(), vault))
                        .path();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintStream(printed, true));
        System.setErr(new PrintStream(printed, true));
        String link;
        String metrics;
        try (SpeakingHub hub = start(home, database, kafka)) {
            everyWay(kafka);
            isHeld();
            link = isExported();
            metrics = metrics();
            // it went through at all: the archive, which is meant to have it, has it
            assertThat(canaries(at.hub.archived().toString()))
                    .contains("phone number", "name", "text", "file name", "spooled text");
            await().untilAsserted(() -> assertThat(inBucket(vault)).containsAll(BYTES));
            assertThat(inFiles()).isEqualTo(BYTES);
            assertThat(decrypted())
                    .contains("phone number", "name", "text", "file name", "media URL")
                    .contains("location name", "button payload", "withdrawal", "spooled text");
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        kafka.stop();
        ColdBackup backup =
                ColdBackup.take(postgres, SERVERS.resolve("postgres"), SERVERS.resolve("backup"));
        Files.write(scratch.resolve("stdout"), printed.toByteArray());
        Files.writeString(scratch.resolve("metrics"), metrics);
        List<Path> left = new ArrayList<>(files(SERVERS.resolve("backup")));
        left.addAll(files(SERVERS.resolve("kafka")));
        left.addAll(files(scratch));
        left.addAll(logs);
        assertThat(metrics).contains("jawort_deliveries");
        assertThat(Canaries.found(left)).isEmpty();

        kafka.start();
        try (SpeakingHub hub = start(home, database, kafka)) {
            isErased(link);
        }
        backup.restore();
        try (SpeakingHub hub = start(home, database, kafka)) {
            nothingComesBackButWhatIsHeld();
            isGoneOnceTheHoldIsReleased();
        }
        assertThat(Canaries.found(logs)).isEmpty();
    }

    private SpeakingHub start(Path home, String database, LocalKafka kafka) {
        at =
                SpeakingHub.start(
                        home,
                        settings ->
                                settings.kafka(kafka)
                                        .database(database)
                                        .with("jawort.spool.drain-period-millis", "200")
                                        .with("jawort.media.period-millis", "200")
                                        .with("jawort.media.disposal-period-millis", "200")
                                        .with(
                                                "JAWORT_TOMBSTONES_DIR",
                                                scratch.resolve("stones").toString()));
        desk = new RightsDesk(at);
        desk.channel = "whatsapp";
        logs.add(at.hub.log);
        return at;
    }

    private String metrics() {
        return at.hub
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(at.hub.managementUrl() + "/actuator/prometheus"))
                                .build())
                .body();
    }

    private void everyWay(LocalKafka kafka) {
        String name = Canaries.of("name");
        accepted(text("SMcanary1", "text").with("ProfileName", name));
        accepted(
                text("SMcanary2", "file name")
                        .with("ProfileName", name)
                        .with("MessageType", "document")
                        .with("NumMedia", "1")
                        .with("MediaUrl0", Canaries.of("media URL"))
                        .with("MediaContentType0", "application/pdf"));
        accepted(
                TwilioForm.text("SMcanary3", NUMBER, "")
                        .with("MessageType", "location")
                        .with("Latitude", "53.55")
                        .with("Longitude", "9.99")
                        .with("Label", Canaries.of("location name"))
                        .with("Address", Canaries.of("location name")));
        accepted(
                TwilioForm.text("SMcanary4", NUMBER, "Termin")
                        .with("MessageType", "button")
                        .with("ButtonText", "Termin")
                        .with("ButtonPayload", Canaries.of("button payload")));
        accepted(text("SMcanary5", "withdrawal"));
        accepted(TwilioForm.text("SMcanary6", NUMBER, "Stopp").with("ProfileName", name));
        at.quiet();

        await().until(() -> at.hub.undelivered() == 0);
        at.hub.crmBehaves("{\"status\": 400}");
        accepted(text("SMcanary7", "text"));
        isSent("MMcanary11");
        await().until(
                        () ->
                                count(
                                                "delivery d join event e on e.id = d.event_id join media_file f on f.message_id = e.message_id"
                                                        + " where d.destination = 'crm' and d.state = 'dead' and f.state = 'stored'")
                                        > 0);
        at.hub.crmBehaves("{\"status\": 500}");
        accepted(text("SMcanary8", "text"));
        await().until(() -> atCrm("parked") > 0);
        at.hub.crmBehaves("{}");

        String broken =
                "{\"from\":\"%s\",\"text\":\"%s\""
                        .formatted(Canaries.of("phone number"), Canaries.of("quarantined text"));
        for (Map.Entry<String, String> body :
                Map.of("smooch", broken, "messagebird", broken + "}").entrySet()) {
            assertThat(
                            at.hub
                                    .post(
                                            body.getKey(),
                                            "application/json",
                                            body.getValue().getBytes(UTF_8))
                                    .statusCode())
                    .isEqualTo(200);
        }
        new RawHttp("POST", "/webhooks/twilio/autohaus-muster/twilio?x=" + Canaries.of("media URL"))
                .header("Content-Type", TwilioForm.TYPE)
                .header("X-Twilio-Signature", Canaries.of("button payload"))
                .body(text("SMcanary9", "rejected text").bytes())
                .send(at.hub.url());
        new RawHttp("POST", "/webhooks/twilio/" + Canaries.of("button payload") + "/x")
                .send(at.hub.url());

        kafka.stop();
        accepted(text("SMcanary10", "spooled text"));
        kafka.start();
        at.quiet();
        assertThat(count("quarantine")).isEqualTo(2);
    }

    /** A document whose bytes are canaries. */
    private void isSent(String sid) {
        at.fake.media().behave(FILE, FakeMedia.answering(200, Canaries.document()));
        accepted(
                TwilioForm.text(sid, NUMBER, "")
                        .with("MessageType", "document")
                        .with("NumMedia", "1")
                        .with("MediaUrl0", "https://" + FILE)
                        .with("MediaContentType0", "application/pdf"));
    }

    /** Which canaries stand in the files the hub can open, with whichever key. */
    private Set<String> inFiles() {
        MediaReader reader = at.hub.bean(MediaReader.class);
        Set<String> seen = new LinkedHashSet<>();
        for (UUID file : at.hub.sql().queryForList("select id from media_file", UUID.class)) {
            for (var open :
                    List.of(
                            reader.openAnyway(DemoTenant.ID, file),
                            reader.openRetained(DemoTenant.ID, file))) {
                open.ifPresent(
                        one -> {
                            try (var content = one.content()) {
                                seen.addAll(
                                        Canaries.in(
                                                new String(content.readAllBytes(), ISO_8859_1)));
                            } catch (IOException changed) {
                                throw new UncheckedIOException(changed);
                            }
                        });
            }
        }
        return seen;
    }

    /** Which canaries stand in the objects of a bucket. */
    private Set<String> inBucket(String bucket) {
        Set<String> seen = new LinkedHashSet<>();
        s3.client
                .listObjectsV2Paginator(list -> list.bucket(bucket))
                .contents()
                .forEach(
                        object ->
                                seen.addAll(
                                        Canaries.in(
                                                new String(
                                                        s3.client
                                                                .getObjectAsBytes(
                                                                        get ->
                                                                                get.bucket(bucket)
                                                                                        .key(
                                                                                                object
                                                                                                        .key()))
                                                                .asByteArray(),
                                                        ISO_8859_1))));
        return seen;
    }

    private long atCrm(String state) {
        return count("delivery where destination = 'crm' and state = '" + state + "'");
    }

    private static TwilioForm text(String sid, String canary) {
        return TwilioForm.text(sid, NUMBER, Canaries.of(canary));
    }

    private void accepted(TwilioForm form) {
        at.post(form);
    }

    /** The first message is needed for a claim. */
    private void isHeld() {
        held =
                Map.of(
                        "id",
                        at.hub
                                .sql()
                                .queryForObject(
                                        "select id::text from message where direction = 'inbound' order by id limit 1",
                                        String.class));
        ObjectNode proposal =
                ApiClient.object(
                        "{\"type\":\"LEGAL\",\"reason\":\"Claim 4711\",\"owner\":\"Legal\"}");
        proposal.put(
                "reviewOn",
                LocalDate.ofInstant(at.hub.clock.instant(), ZoneOffset.UTC)
                        .plusMonths(6)
                        .toString());
        proposal.putArray("items").add(held.get("id"));
        var proposed = at.api.call("proposeHold", Map.of(), "", proposal.toString());
        assertThat(proposed.statusCode()).as(proposed.body()).isEqualTo(201);
        hold = ApiClient.json(proposed).get("id").textValue();
        assertThat(at.api.as(OFFICER, "approveHold", Map.of("id", hold), "{}").statusCode())
                .isEqualTo(200);
    }

    /** A copy waits behind a link: all of it lies in the store once more. */
    private String isExported() {
        String id = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        assertThat(count("rights_package")).isPositive();
        return desk.link(NUMBER);
    }

    private void isErased(String link) {
        assertThat(canaries(desk.unpacked(link).toString()))
                .contains("phone number", "name", "text", "file name", "media URL", "withdrawal")
                .contains("media bytes");
        String copied = desk.ofChat("ACCESS").get("id").textValue();
        desk.awaitState(copied, "CLOSED");
        String id = desk.open("ERASE", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        await().until(() -> count("erasure_run where finished_at is not null") == 1);

        Map<String, String> answer = desk.unpacked(desk.link(NUMBER));
        JsonNode kept = ApiClient.json(answer.get("data.json")).at("/outcome/kept");
        assertThat(kept.findValuesAsText("dataType"))
                .startsWith("conversation-text")
                .contains("consent-proof", "suppression-stub", "address-hash", "request-file")
                .doesNotContain("media");
        assertThat(kept.at("/0/count").intValue()).isEqualTo(1);
        assertThat(kept.at("/0/until").isNull()).as("as long as the hold lasts").isTrue();
        assertThat(kept.at("/0/because").textValue()).contains("held by " + hold);
        assertThat(answer.get("index.html"))
                .contains("für ein laufendes rechtliches Verfahren vorerst aufbewahrt");
        assertThat(canaries(answer.toString())).isEmpty();
        assertThat(inFiles()).isEmpty();
        await().until(() -> count("media_piece") == 0);
        assertThat(count("quarantine")).isZero();
    }

    private void nothingComesBackButWhatIsHeld() {
        at.quiet();
        assertThat(everyList()).isEmpty();
        assertThat(canaries(metrics())).isEmpty();
        assertThat(canaries(at.hub.crmEvents().toString())).isEmpty();
        assertThat(canaries(at.hub.archived().toString())).isEmpty();
        assertThat(count("quarantine")).isZero();
        assertThat(count("rights_package")).isZero();
        assertThat(decrypted()).isEqualTo(HELD);
        assertThat(inFiles()).as("the backup had the file").isEmpty();
        await().until(() -> count("media_piece") == 0);
        assertThat(at.api.call("getMessage", held, "", "").statusCode()).isEqualTo(404);
        assertThat(at.api.call("getRetained", held, "", "").statusCode()).isEqualTo(403);
        assertThat(canaries(at.api.as(OFFICER, "getRetained", held, "").body())).isEqualTo(HELD);
        JsonNode explained =
                ApiClient.json(at.api.as(OFFICER, "explainRetention", held, "")).at("/items/0");
        assertThat(explained.get("verdict").textValue()).isEqualTo("HELD");
        assertThat(explained.at("/holds/0").textValue()).isEqualTo(hold);

        int links = at.sent(NUMBER, "/requests/download/").size();
        accepted(TwilioForm.text("SM" + UUID.randomUUID(), NUMBER, "Auskunft"));
        await().until(() -> count("rights_request where source = 'CHAT'") == 1);
        String id =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id::text from rights_request where source = 'CHAT'",
                                String.class);
        desk.awaitState(id, "ANSWERED");
        assertThat(canaries(desk.unpacked(desk.link(NUMBER)).toString()))
                .as("DSR-2: by whoever has the number now")
                .containsExactly("phone number");

        String proven = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(proven);
        desk.awaitState(proven, "ANSWERED");
        await().until(() -> at.sent(NUMBER, "/requests/download/").size() == links + 2);
        Map<String, String> copy = desk.unpacked(desk.link(NUMBER));
        assertThat(canaries(copy.toString())).isEqualTo(HELD);
        JsonNode data = ApiClient.json(copy.get("data.json"));
        assertThat(data.at("/outcome/kept/0/because").textValue()).contains("held by " + hold);
        assertThat(data.at("/retained/0/messageId").textValue()).isEqualTo(held.get("id"));
    }

    /** By two people, and with the next run. */
    private void isGoneOnceTheHoldIsReleased() {
        at.quiet();
        Map<String, String> id = Map.of("id", hold);
        assertThat(at.api.call("releaseHold", id, "", "{}").statusCode()).isEqualTo(200);
        runs();
        assertThat(count("retained_message")).isEqualTo(1);
        var released = at.api.as(OFFICER, "releaseHold", id, "{}");
        assertThat(ApiClient.json(released).at("/hold/state").textValue()).isEqualTo("RELEASED");
        runs();
        assertThat(count("retained_message")).isZero();
    }

    private void runs() {
        assertThat(at.api.call("runDeletion", Map.of(), "", "{\"dryRun\":false}").statusCode())
                .isEqualTo(200);
    }

    /** Which canaries stand in what the API lists, to whichever key. */
    private Set<String> everyList() {
        Set<String> seen = new LinkedHashSet<>();
        for (ApiClient.Operation operation : ApiClient.keyed()) {
            if (operation.method().equals("GET") && !operation.path().contains("{id}")) {
                for (String key : List.of(DemoTenant.API_KEY, OFFICER)) {
                    String path =
                            ApiClient.path(operation, DemoTenant.ID, Map.of())
                                    + operation.requiredQuery();
                    seen.addAll(
                            canaries(
                                    at.api
                                            .send(
                                                    operation,
                                                    path,
                                                    Map.of("Authorization", "Bearer " + key),
                                                    "")
                                            .body()));
                }
            }
        }
        return seen;
    }

    /** Which canaries come to light with every key of every person, tried on every value. */
    private Set<String> decrypted() {
        SubjectKeys keys = at.hub.bean(SubjectKeys.class);
        List<SubjectKey> all =
                at.hub
                        .sql()
                        .query(
                                "select subject_id, key_group, wrapped from subject_key",
                                (row, n) ->
                                        keys.open(
                                                DemoTenant.ID,
                                                row.getObject(1, UUID.class),
                                                row.getString(2),
                                                row.getBytes(3)));
        Set<String> seen = new LinkedHashSet<>();
        for (byte[] value : values()) {
            for (SubjectKey key : all) {
                for (String field : FIELDS) {
                    try {
                        seen.addAll(Canaries.in(new String(key.open(field, value), ISO_8859_1)));
                    } catch (Undecipherable another) {
                        // the key or the field of another value
                    }
                }
            }
        }
        return seen;
    }

    /** Every binary value of every table of a tenant. */
    private List<byte[]> values() {
        List<byte[]> values = new ArrayList<>();
        at.hub
                .sql()
                .query(
                        """
                        select format('select encode(%s, ''base64'') from %I%s', case when udt_name = '_bytea' then 'v' else quote_ident(column_name) end,
                                      table_name, case when udt_name = '_bytea' then format(', unnest(%I) as v', column_name) else '' end)
                          from information_schema.columns
                         where table_schema = 'public' and udt_name in ('bytea', '_bytea')""",
                        (row, n) -> row.getString(1))
                .forEach(
                        query ->
                                at.hub.sql().queryForList(query, String.class).stream()
                                        .filter(java.util.Objects::nonNull)
                                        .map(value -> Base64.getMimeDecoder().decode(value))
                                        .forEach(values::add));
        return values;
    }

    private static Set<String> canaries(String text) {
        return Canaries.in(new String(text.getBytes(UTF_8), ISO_8859_1));
    }

    private long count(String tableAndCondition) {
        return at.hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    @DisplayName(
            "S13, SEC-3, RET-16: where files lie in a bucket no byte of them is readable there, and with their person they go from it")
    void leavesNoByteOfAFileReadableInABucket() {
        String bucket = "media-" + UUID.randomUUID();
        s3.client.createBucket(create -> create.bucket(bucket));
        at =
                SpeakingHub.start(
                        HomeFolder.copy().path(),
                        settings ->
                                settings.with("jawort.media.store", "s3")
                                        .with("jawort.media.s3.endpoint", s3.url())
                                        .with("jawort.media.s3.region", "eu-central-1")
                                        .with("jawort.media.s3.bucket", bucket)
                                        .with("jawort.media.s3.access-key", "test")
                                        .with("jawort.media.s3.secret-key", "test")
                                        .with("jawort.media.s3.path-style", "true")
                                        .with("jawort.media.period-millis", "200")
                                        .with("jawort.media.disposal-period-millis", "200"));
        try (SpeakingHub hub = at) {
            isSent("MMcanary11");
            await().until(() -> count("media_file where state = 'stored'") == 1);
            at.quiet();

            assertThat(inFiles()).isEqualTo(BYTES);
            assertThat(objects(bucket)).isPositive();
            assertThat(inBucket(bucket)).isEmpty();
            hub.hub
                    .bean(Erasure.class)
                    .erase(
                            DemoTenant.ID,
                            hub.hub.sql().queryForObject("select id from subject", UUID.class),
                            UUID.randomUUID());
            await().until(() -> objects(bucket) == 0);
            assertThat(inFiles()).isEmpty();
        }
    }

    private long objects(String bucket) {
        return s3.client.listObjectsV2(list -> list.bucket(bucket)).keyCount();
    }

    @Test
    @DisplayName("the search finds a planted canary in each spelling")
    void findsWhatIsPlanted() throws IOException {
        for (String canary : Canaries.CANARIES.values()) {
            for (byte[] spelling : Canaries.spellings(canary)) {
                Path planted = scratch.resolve("planted");
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                bytes.write(new byte[70_000]);
                bytes.write(spelling);
                bytes.write(new byte[70_000]);
                Files.write(planted, bytes.toByteArray());

                assertThat(Canaries.found(List.of(planted))).isNotEmpty();
            }
        }
        Path shifted = scratch.resolve("planted");
        for (int shift = 0; shift < 3; shift++) {
            String within = "x".repeat(shift) + Canaries.of("text") + "y";
            Files.writeString(shifted, Base64.getEncoder().encodeToString(within.getBytes(UTF_8)));

            assertThat(Canaries.found(List.of(shifted))).isNotEmpty();
        }
    }
}
