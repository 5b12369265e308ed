package org.jawort.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

@DisplayName("Archives in folders: nothing lost, nothing twice, whenever the machine stops")
class ArchiveWriterTest {

    private static final Instant MONDAY = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant TUESDAY = MONDAY.plus(Duration.ofDays(1));
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path archive;

    private long acknowledged;

    private final Writers days = Writers.days(this::folder);
    private final Writers journals = Writers.journals(this::folder);

    private Path folder() {
        return archive.resolve("autohaus-muster/archive");
    }

    @Test
    void closesADayWithAManifestThoughNothingIsWrittenAfterwards() throws IOException {
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 3, MONDAY);
            assertThat(writer.closeDue(MONDAY)).isZero();
            assertThat(folder().resolve("2026-11-23.jsonl")).exists();

            assertThat(writer.closeDue(TUESDAY)).isEqualTo(1);
        }

        assertThat(names(folder()))
                .containsExactly(".state", "2026-11-23.jsonl.gz", "2026-11-23.manifest.json");
        JsonNode manifest = JSON.readTree(folder().resolve("2026-11-23.manifest.json").toFile());
        assertThat(manifest.path("count").asInt()).isEqualTo(3);
        assertThat(manifest.path("firstSequence").asInt()).isEqualTo(1);
        assertThat(manifest.path("lastSequence").asInt()).isEqualTo(3);
        assertThat(manifest.path("previous").isNull()).isTrue();
        byte[] plain;
        try (var gzip =
                new GZIPInputStream(
                        Files.newInputStream(folder().resolve("2026-11-23.jsonl.gz")))) {
            plain = gzip.readAllBytes();
        }
        assertThat(manifest.path("sha256").asText()).isEqualTo(Sha256.hex(Sha256.of(plain)));
        assertThat(report().findings()).isEmpty();
    }

    @Test
    void closesAJournalByNumberOfMessagesAndByTime() throws IOException {
        try (ArchiveWriter writer = journals.open(Disk.REAL)) {
            append(journals, writer, 1, 7, MONDAY);
            assertThat(writer.closeDue(MONDAY)).isEqualTo(1);
            assertThat(writer.closeDue(MONDAY.plusSeconds(3599))).isZero();

            assertThat(writer.closeDue(MONDAY.plusSeconds(3600))).isEqualTo(1);
        }

        assertThat(names(folder()))
                .containsExactly(".state", "journal-000001.zip", "journal-000002.zip");
        assertThat(sequencesInZips()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(report().findings()).isEmpty();
        assertThat(report().sums()).singleElement().asString().contains("7 messages in 2 files");
    }

    @Test
    @DisplayName(
            "RET-11: a hub that ends leaves a journal, not lines that no other hub looks for, and goes on behind it if it comes back")
    void closesTheOpenJournalWhenTheHubEnds() throws IOException {
        Archives ends = hub("archive-journal");
        deliver(event -> ends.message(event, "autohaus-muster", "archive"), 1, 3);
        ends.close();

        assertThat(names(folder())).containsExactly(".state", "journal-000001.zip");
        assertThat(report().findings()).isEmpty();

        Archives again = hub("archive-journal");
        deliver(event -> again.message(event, "autohaus-muster", "archive"), 2, 5); // two twice
        again.close();
        hub("archive-journal").close();

        assertThat(names(folder()))
                .containsExactly(".state", "journal-000001.zip", "journal-000002.zip");
        assertThat(sequencesInZips()).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(report().findings()).isEmpty();
    }

    @Test
    void goesOnWithTheDayWhenTheHubComesBack() throws IOException {
        for (int start = 0; start < 2; start++) {
            Archives hub = hub("archive-jsonl");
            deliver(event -> hub.line(event, "autohaus-muster", "archive"), 1 + start, 2 + start);
            hub.close();
        }

        assertThat(names(folder())).containsExactly(".state", "2026-11-23.jsonl");
        assertThat(Files.readAllLines(folder().resolve("2026-11-23.jsonl"))).hasSize(3);
    }

    /** What archives are in the hub. */
    private Archives hub(String route) {
        return new Archives(
                archive,
                TenantInTest.with(
                        new Destination(
                                "autohaus-muster",
                                "archive",
                                route,
                                null,
                                List.of("*"),
                                true,
                                null,
                                Map.of())),
                Attachments.NONE,
                () -> MONDAY);
    }

    private static void deliver(Consumer<Exchange> archive, long from, long to) {
        for (long sequence = from; sequence <= to; sequence++) {
            DefaultExchange exchange = new DefaultExchange(new DefaultCamelContext());
            exchange.getMessage().setBody(SampleEvents.line(sequence));
            archive.accept(exchange);
        }
    }

    @Test
    @DisplayName("R3: a delivery that comes again is not written again, however late")
    void writesADeliveryOnce() throws IOException {
        for (Writers writers : List.of(days, journals)) {
            try (ArchiveWriter writer = writers.open(Disk.REAL)) {
                append(writers, writer, 1, 6, MONDAY);
            }
            try (ArchiveWriter writer = writers.open(Disk.REAL)) {
                append(writers, writer, 1, 6, MONDAY);
                writer.closeDue(TUESDAY);
                append(writers, writer, 1, 6, TUESDAY);
                append(writers, writer, 7, 7, TUESDAY);
                writer.closeDue(TUESDAY.plus(Duration.ofDays(1)));
            }
            try (ArchiveWriter writer = writers.open(Disk.REAL)) {
                append(writers, writer, 1, 7, TUESDAY.plus(Duration.ofDays(2)));
            }

            assertThat(report().findings()).as(writers.toString()).isEmpty();
            assertThat(report().messages()).isEqualTo(7);
            FileSystemUtils.deleteRecursively(archive);
        }
    }

    @Test
    void writesAnotherEventOfTheSameSequence() throws IOException {
        ObjectNode after = SampleEvents.message(2);
        after.put("id", new UUID(6, 6).toString()); // a database restored to before that sequence
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 3, MONDAY);

            byte[] line = SampleEvents.bytes(after);
            writer.append(EventIds.of(line), file -> line, MONDAY);
        }

        assertThat(Files.readAllLines(folder().resolve("2026-11-23.jsonl"))).hasSize(4);
        assertThat(report().findings())
                .anySatisfy(
                        finding ->
                                assertThat(finding.kind()).isEqualTo(ArchiveFinding.Kind.DOUBLED));
    }

    @Test
    @DisplayName(
            "R1: a line cut off by a crash was not acknowledged, and is written when it comes again")
    void writesAgainWhatWasCutOff() throws IOException {
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 2, MONDAY);
        }
        byte[] third = SampleEvents.line(3);
        Files.write(
                folder().resolve("2026-11-23.jsonl"),
                java.util.Arrays.copyOf(third, third.length - 1),
                StandardOpenOption.APPEND);

        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 3, 3, MONDAY);
            writer.closeDue(TUESDAY);
        }

        assertThat(report().findings()).isEmpty();
        assertThat(report().messages()).isEqualTo(3);
    }

    @Test
    @DisplayName(
            "R28: stopped at any step of writing and closing, it goes on without loss or duplicate")
    void survivesStoppingAtEveryStep() throws IOException {
        for (Writers writers : List.of(days, journals)) {
            int steps = 0;
            for (boolean stopped = true; stopped; steps++) {
                acknowledged = 0;
                stopped = stopAfter(steps, writers);
                if (Files.exists(archive)) {
                    assertThat(report().findings()).as("seen after %d steps", steps).isEmpty();
                }

                try (ArchiveWriter writer = writers.open(Disk.REAL)) {
                    append(writers, writer, acknowledged + 1, 12, TUESDAY);
                    writer.closeDue(TUESDAY.plus(Duration.ofDays(3)));
                    writer.closeDue(TUESDAY.plus(Duration.ofDays(3)));
                }

                ArchiveVerifier.Report report = report();
                assertThat(report.findings()).as("stopped after %d steps", steps).isEmpty();
                assertThat(report.messages()).as("stopped after %d steps", steps).isEqualTo(12);
                try (Stream<Path> rest = Files.walk(folder())) {
                    assertThat(rest.map(file -> file.getFileName().toString()))
                            .as("stopped after %d steps", steps)
                            .noneMatch(name -> name.matches(".*[.](jsonl|full|media|absent)"));
                }
                FileSystemUtils.deleteRecursively(archive);
            }
            assertThat(steps).isGreaterThan(15);
        }
    }

    /** Writes and closes until the disk stops; every append that returned is acknowledged. */
    private boolean stopAfter(int steps, Writers writers) throws IOException {
        ArchiveWriter writer = null;
        try {
            writer = writers.open(new StoppingDisk(steps));
            append(writers, writer, 1, 4, MONDAY);
            writer.closeDue(MONDAY);
            append(writers, writer, 5, 12, MONDAY.plusSeconds(60));
            writer.closeDue(TUESDAY);
            return false;
        } catch (IOException stopped) {
            return true;
        } finally {
            if (writer != null) {
                writer.close();
            }
        }
    }

    @Test
    @DisplayName("R28: a closed file has its name only when its bytes are on disk")
    void forcesBytesBeforeTheNameAndTheNameAfterwards() throws IOException {
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 3, MONDAY);
        }
        StoppingDisk disk = new StoppingDisk(Integer.MAX_VALUE);
        try (ArchiveWriter writer = days.open(disk)) {
            disk.log.clear();
            writer.closeDue(TUESDAY);
        }

        assertThat(disk.log)
                .containsSubsequence(
                        "open .2026-11-23.manifest.json.tmp",
                        "move to 2026-11-23.manifest.json",
                        "open archive",
                        "open .2026-11-23.jsonl.gz.tmp",
                        "move to 2026-11-23.jsonl.gz",
                        "open archive",
                        "move to closed.json",
                        "open .state",
                        "delete 2026-11-23.jsonl",
                        "open archive");
    }

    @Test
    void makesTheSameJournalAgainIfItWasTakenAwayBeforeItWasNoted() throws IOException {
        try (ArchiveWriter writer = journals.open(Disk.REAL)) {
            append(journals, writer, 1, 6, MONDAY);
        }
        Path state = folder().resolve(".state");
        Path copy = archive.resolve("copy");
        FileSystemUtils.copyRecursively(state, copy);
        byte[] first = closedJournal();
        FileSystemUtils.deleteRecursively(folder());
        FileSystemUtils.copyRecursively(copy, state);

        byte[] second = closedJournal();

        assertThat(second).isEqualTo(first);
    }

    @Test
    @DisplayName("R28: what was closed before a crash stays the same, though a message comes late")
    void changesNoClosedFileForWhatCameMeanwhile() throws IOException {
        for (Writers writers : List.of(days, journals)) {
            StoppingDisk disk = new StoppingDisk(Integer.MAX_VALUE);
            disk.meanwhile = to -> stopBefore("closed.json", to);
            try (ArchiveWriter writer = writers.open(disk)) {
                append(writers, writer, 1, 2, MONDAY);
                append(writers, writer, 4, 6, MONDAY);
                assertThatThrownBy(() -> writer.closeDue(TUESDAY)).isInstanceOf(IOException.class);
            }
            Map<String, String> closed = hashes();

            try (ArchiveWriter writer = writers.open(Disk.REAL)) {
                append(writers, writer, 3, 3, TUESDAY);
                writer.closeDue(TUESDAY.plus(Duration.ofDays(1)));
            }

            assertThat(closed).isNotEmpty();
            assertThat(hashes()).containsAllEntriesOf(closed);
            assertThat(report().findings()).as(writers.toString()).isEmpty();
            assertThat(report().messages()).isEqualTo(6);
            FileSystemUtils.deleteRecursively(archive);
        }
    }

    private static void stopBefore(String name, Path file) throws IOException {
        if (file.endsWith(name)) {
            throw new IOException("the machine stopped");
        }
    }

    /** Of all files that an archive may take. */
    private Map<String, String> hashes() throws IOException {
        Map<String, String> hashes = new HashMap<>();
        for (String name : names(folder())) {
            if (name.matches(".*[.](zip|json|gz)")) {
                hashes.put(name, Sha256.hex(Sha256.of(Files.readAllBytes(folder().resolve(name)))));
            }
        }
        return hashes;
    }

    private byte[] closedJournal() throws IOException {
        try (ArchiveWriter writer = journals.open(Disk.REAL)) {
            writer.closeDue(MONDAY);
        }
        return Files.readAllBytes(folder().resolve("journal-000001.zip"));
    }

    @Test
    void refusesASecondWriter() throws IOException {
        try (ArchiveWriter first = days.open(Disk.REAL)) {
            assertThatThrownBy(() -> days.open(Disk.REAL)).isInstanceOf(IOException.class);
            append(days, first, 1, 1, MONDAY);
        }
    }

    @Test
    @DisplayName(
            "A writer that looked at the clock before midnight does not write into a day being closed")
    void writesNothingIntoADayThatIsBeingClosed() throws IOException {
        boolean[] late = {false};
        ArchiveWriter[] writer = new ArchiveWriter[1];
        StoppingDisk disk = new StoppingDisk(Integer.MAX_VALUE);
        disk.meanwhile =
                to -> {
                    if (to.toString().endsWith(".gz") && !late[0]) {
                        late[0] = true;
                        days.append(writer[0], 3, MONDAY);
                    }
                };
        writer[0] = days.open(disk);
        append(days, writer[0], 1, 2, MONDAY);

        writer[0].closeDue(TUESDAY);
        writer[0].close();

        assertThat(late[0]).isTrue();
        assertThat(Files.readAllLines(folder().resolve("2026-11-24.jsonl"))).hasSize(1);
        assertThat(report().findings()).isEmpty();
        assertThat(report().messages()).isEqualTo(3);
    }

    @Test
    void goesOnWithTheNextDayWhenTheClockIsPutBack() throws IOException {
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 2, MONDAY);
            writer.closeDue(TUESDAY);

            append(days, writer, 3, 3, MONDAY);
        }

        assertThat(Files.readAllLines(folder().resolve("2026-11-24.jsonl"))).hasSize(1);
    }

    @Test
    @DisplayName(
            "RET-11: what came after its day was closed is missed when its line is taken out of the next one")
    void missesWhatCameLate() throws IOException {
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 4, MONDAY);
            append(days, writer, 6, 10, MONDAY);
            writer.closeDue(TUESDAY);
            append(days, writer, 5, 5, TUESDAY);
            append(days, writer, 11, 11, TUESDAY);
        }
        assertThat(report().findings()).isEmpty();

        Files.write(folder().resolve("2026-11-24.jsonl"), withEnd(SampleEvents.line(11)));

        assertThat(report().findings())
                .singleElement()
                .asString()
                .contains("sequence 5: missing: the hub wrote it");
    }

    @Test
    @DisplayName("what a hub writes while its archive is verified is not taken for missing")
    void findsNothingWrongWithWhatIsWrittenMeanwhile() throws IOException {
        try (ArchiveWriter writer = journals.open(Disk.REAL)) {
            append(journals, writer, 1, 5, MONDAY);

            ArchiveVerifier.Report report =
                    new ArchiveVerifier(archive, null, read -> appendAfter(read, 5, writer), 1)
                            .verify();

            assertThat(folder().resolve(".state/000002.jsonl")).exists();
            assertThat(report.findings()).isEmpty();
            assertThat(report.messages()).isEqualTo(5);
        }
        assertThat(report().messages()).isEqualTo(6);
    }

    /** Into the next journal, as one of five messages is full. */
    private void appendAfter(long read, long last, ArchiveWriter writer) {
        try {
            if (read == last) {
                append(journals, writer, last + 1, last + 1, MONDAY);
            }
        } catch (IOException unwritable) {
            throw new java.io.UncheckedIOException(unwritable);
        }
    }

    @Test
    @DisplayName("a dead letter that is replayed stands behind its conversation, which is noted")
    void notesWhatWasReplayed() throws IOException {
        try (ArchiveWriter writer = days.open(Disk.REAL)) {
            append(days, writer, 1, 4, MONDAY);
            append(days, writer, 9, 9, MONDAY); // of the conversation of 1 and 5, as 13 is
            append(days, writer, 13, 13, MONDAY);
            append(days, writer, 5, 5, MONDAY);

            assertThat(report().findings()).isEmpty();
            assertThat(report().notes())
                    .singleElement()
                    .asString()
                    .contains("sequence 5", "out of order");
            writer.closeDue(TUESDAY);
        }
        assertThat(report().findings()).isEmpty();
        assertThat(report().notes()).isEmpty();
    }

    private static byte[] withEnd(byte[] line) {
        byte[] ended = java.util.Arrays.copyOf(line, line.length + 1);
        ended[line.length] = '\n';
        return ended;
    }

    private void append(Writers writers, ArchiveWriter writer, long from, long to, Instant now)
            throws IOException {
        for (long sequence : LongStream.rangeClosed(from, to).toArray()) {
            writers.append(writer, sequence, now);
            acknowledged = sequence;
        }
    }

    private ArchiveVerifier.Report report() throws IOException {
        return new ArchiveVerifier(archive, null, done -> {}).verify();
    }

    private List<Long> sequencesInZips() throws IOException {
        return names(folder()).stream()
                .filter(name -> name.endsWith(".zip"))
                .flatMap(
                        name ->
                                ArchiveFile.journal(folder().resolve(name), () -> {})
                                        .found()
                                        .stream())
                .map(message -> message.ids().sequence())
                .toList();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
