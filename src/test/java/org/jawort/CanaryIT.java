package org.jawort;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Words of a person that must stand readable nowhere but at the destinations: sent on every way
 * through the hub, then searched for in every byte it left behind.
 */
class CanaryIT {

    private static final Path SERVERS =
            Path.of("target", "local", "canary-" + ProcessHandle.current().pid());

    /** By what they are; long enough that none turns up by chance. */
    private static final Map<String, String> CANARIES = new LinkedHashMap<>();

    static {
        CANARIES.put("phone number", "4915199887766");
        CANARIES.put("name", "Kanarella Vogelsang");
        CANARIES.put("text", "Kanarienvögel singen im Morgengrauen");
        CANARIES.put("file name", "kanarien-vertrag-4711.pdf");
        CANARIES.put("media URL", "https://media.example/kanarien/8c1f77aa");
        CANARIES.put("location name", "Kanarienplatz Nordseite");
        CANARIES.put("button payload", "kanarien-payload-55aa77");
        CANARIES.put("quarantined text", "Kanarienschwarm im Nebel");
        CANARIES.put("spooled text", "Kanarienflug am Abend");
        CANARIES.put("withdrawal", "bitte keine Kanarien-Nachrichten mehr");
        CANARIES.put("rejected text", "Kanarienfeder ohne Unterschrift");
    }

    @TempDir Path scratch;

    @Test
    @DisplayName(
            "S19, LOG-1, SEC-3: no canary in database, topics, logs or metrics, in any spelling")
    void leavesNoWordOfAPersonReadable() throws IOException {
        LocalKafka kafka = LocalKafka.onFreePorts(SERVERS.resolve("kafka")).endWithJvm().start();
        LocalPostgres postgres =
                LocalPostgres.onFreePort(SERVERS.resolve("postgres")).endWithJvm().start();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintStream(printed, true));
        System.setErr(new PrintStream(printed, true));
        String metrics;
        Path log;
        List<String> seen;
        try (HubInTest hub =
                HubInTest.hub()
                        .kafka(kafka)
                        .postgres(postgres)
                        .with("jawort.spool.drain-period-millis", "200")
                        .start()) {
            log = hub.log;
            everyWay(hub, kafka);
            metrics =
                    hub.send(
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            hub.managementUrl()
                                                                    + "/actuator/prometheus"))
                                            .build())
                            .body();
            seen = hub.archived().stream().map(Object::toString).toList();
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        postgres.stop();
        kafka.stop();
        Files.write(scratch.resolve("stdout"), printed.toByteArray());
        Files.writeString(scratch.resolve("metrics"), metrics);

        List<Path> left = new ArrayList<>(files(SERVERS));
        left.addAll(files(scratch));
        left.add(log);

        assertThat(metrics).contains("jawort_deliveries");
        assertThat(found(left)).isEmpty();
        // it went through at all: the archive, which is meant to have it, has it
        for (String canary : List.of("phone number", "name", "text", "file name", "spooled text")) {
            assertThat(seen).anyMatch(line -> line.contains(CANARIES.get(canary)));
        }
    }

    @Test
    @DisplayName("the search finds a planted canary in each spelling")
    void findsWhatIsPlanted() throws IOException {
        for (Map.Entry<String, String> canary : CANARIES.entrySet()) {
            for (byte[] spelling : spellings(canary.getValue())) {
                Path planted = scratch.resolve("planted");
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                bytes.write(new byte[70_000]);
                bytes.write(spelling);
                bytes.write(new byte[70_000]);
                Files.write(planted, bytes.toByteArray());

                assertThat(found(List.of(planted))).isNotEmpty();
            }
        }
        Path shifted = scratch.resolve("planted");
        for (int shift = 0; shift < 3; shift++) {
            String within = "x".repeat(shift) + CANARIES.get("text") + "y";
            Files.writeString(shifted, Base64.getEncoder().encodeToString(within.getBytes(UTF_8)));

            assertThat(found(List.of(shifted))).isNotEmpty();
        }
    }

    private static void everyWay(HubInTest hub, LocalKafka kafka) {
        String number = "+" + CANARIES.get("phone number");
        String name = CANARIES.get("name");
        TwilioForm success =
                TwilioForm.text("SMcanary1", number, CANARIES.get("text"))
                        .with("ProfileName", name);
        accepted(hub, success);
        accepted(
                hub,
                TwilioForm.text("SMcanary2", number, CANARIES.get("file name"))
                        .with("ProfileName", name)
                        .with("MessageType", "document")
                        .with("NumMedia", "1")
                        .with("MediaUrl0", CANARIES.get("media URL"))
                        .with("MediaContentType0", "application/pdf"));
        accepted(
                hub,
                TwilioForm.text("SMcanary3", number, "")
                        .with("MessageType", "location")
                        .with("Latitude", "53.55")
                        .with("Longitude", "9.99")
                        .with("Label", CANARIES.get("location name"))
                        .with("Address", CANARIES.get("location name")));
        accepted(
                hub,
                TwilioForm.text("SMcanary4", number, "Termin")
                        .with("MessageType", "button")
                        .with("ButtonText", "Termin")
                        .with("ButtonPayload", CANARIES.get("button payload")));
        accepted(hub, TwilioForm.text("SMcanary5", number, CANARIES.get("withdrawal")));
        accepted(hub, TwilioForm.text("SMcanary6", number, "Stopp").with("ProfileName", name));
        hub.awaitQuiet();

        hub.crmBehaves("{\"status\": 500}");
        accepted(hub, TwilioForm.text("SMcanary7", number, CANARIES.get("text")));
        hub.crmBehaves("{\"status\": 400}");
        accepted(hub, TwilioForm.text("SMcanary8", number, CANARIES.get("text")));
        hub.awaitQuiet();
        hub.crmBehaves("{}");

        String broken = "{\"text\":\"" + CANARIES.get("quarantined text") + "\"";
        assertThat(hub.post("smooch", "application/json", broken.getBytes(UTF_8)).statusCode())
                .isEqualTo(200);
        assertThat(
                        hub.post("messagebird", "application/json", (broken + "}").getBytes(UTF_8))
                                .statusCode())
                .isEqualTo(200);
        new RawHttp(
                        "POST",
                        "/webhooks/twilio/autohaus-muster/twilio?x=" + CANARIES.get("media URL"))
                .header("Content-Type", TwilioForm.TYPE)
                .header("X-Twilio-Signature", CANARIES.get("button payload"))
                .body(TwilioForm.text("SMcanary9", number, CANARIES.get("rejected text")).bytes())
                .send(hub.url());
        new RawHttp("POST", "/webhooks/twilio/" + CANARIES.get("button payload") + "/x")
                .send(hub.url());

        kafka.stop();
        accepted(hub, TwilioForm.text("SMcanary10", number, CANARIES.get("spooled text")));
        kafka.start();
        hub.awaitQuiet();
    }

    private static void accepted(HubInTest hub, TwilioForm form) {
        assertThat(hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode()).isEqualTo(200);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    /** Which canary stands in which file. A file is looked at in one piece. */
    private static Set<String> found(List<Path> files) throws IOException {
        Map<String, List<String>> wanted = new LinkedHashMap<>();
        for (Map.Entry<String, String> canary : CANARIES.entrySet()) {
            wanted.put(
                    canary.getKey(),
                    spellings(canary.getValue()).stream()
                            .map(spelling -> new String(spelling, ISO_8859_1))
                            .toList());
        }
        Set<String> found = new LinkedHashSet<>();
        for (Path file : files) {
            String content = new String(Files.readAllBytes(file), ISO_8859_1);
            for (Map.Entry<String, List<String>> canary : wanted.entrySet()) {
                if (canary.getValue().stream().anyMatch(content::contains)) {
                    found.add(canary.getKey() + " in " + file);
                }
            }
        }
        return found;
    }

    private static List<byte[]> spellings(String canary) {
        List<byte[]> spellings = new ArrayList<>();
        byte[] utf8 = canary.getBytes(UTF_8);
        spellings.add(utf8);
        spellings.add(canary.getBytes(ISO_8859_1));
        spellings.add(canary.getBytes(UTF_16LE));
        spellings.add(canary.getBytes(UTF_16BE));
        StringBuilder escaped = new StringBuilder();
        for (char c : canary.toCharArray()) {
            escaped.append(c < 128 ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        spellings.add(escaped.toString().getBytes(UTF_8));
        spellings.add(canary.replace("/", "\\/").getBytes(UTF_8));
        String percent = URLEncoder.encode(canary, UTF_8);
        spellings.add(percent.getBytes(UTF_8));
        spellings.add(percent.replace("+", "%20").getBytes(UTF_8));
        spellings.add(HexFormat.of().formatHex(utf8).getBytes(UTF_8));
        spellings.add(HexFormat.of().withUpperCase().formatHex(utf8).getBytes(UTF_8));
        // Base64 of a text depends on what stands before it: three ways, without the edges
        for (int shift = 0; shift < 3; shift++) {
            byte[] padded = new byte[shift + utf8.length];
            System.arraycopy(utf8, 0, padded, shift, utf8.length);
            int from = shift == 0 ? 0 : 4;
            int to = padded.length / 3 * 4;
            spellings.add(
                    Base64.getEncoder().encodeToString(padded).substring(from, to).getBytes(UTF_8));
            spellings.add(
                    Base64.getUrlEncoder()
                            .encodeToString(padded)
                            .substring(from, to)
                            .getBytes(UTF_8));
        }
        return spellings;
    }
}
