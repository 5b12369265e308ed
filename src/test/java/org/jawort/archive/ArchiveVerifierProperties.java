package org.jawort.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jawort.archive.ArchiveFinding.Kind;
import org.jawort.delivery.Attachments;
import org.springframework.util.FileSystemUtils;

/** One fault, planted anywhere in a sound archive, is named: the message, and nothing else. */
class ArchiveVerifierProperties {

    private static final Instant MONDAY = Instant.parse("2026-11-23T10:00:00Z");
    private static final int MESSAGES = 60;
    private static final int PER_FILE = 20;

    private static Path sound;

    /** What is done to a message or file. */
    enum Fault {
        TAKEN_OUT(Kind.MISSING),
        CHANGED(Kind.ALTERED),
        PUT_IN_TWICE(Kind.DOUBLED),
        MOVED(Kind.OUT_OF_ORDER);

        final Kind kind;

        Fault(Kind kind) {
            this.kind = kind;
        }
    }

    /** A message as bytes, by its place. */
    private record Piece(String name, byte[] bytes) {}

    @BeforeContainer
    static void writeArchives() throws IOException {
        sound = Files.createTempDirectory("archives");
        try (DayFiles days = new DayFiles(sound.resolve("days"), "muster", "days", Disk.REAL);
                Journals journals =
                        new Journals(
                                sound.resolve("journals"),
                                "muster",
                                "journals",
                                new RollLimits(1, PER_FILE, Duration.ofHours(1)),
                                Attachments.NONE,
                                Disk.REAL,
                                MONDAY)) {
            for (long sequence = 1; sequence <= MESSAGES; sequence++) {
                Instant now = MONDAY.plus(Duration.ofDays((sequence - 1) / PER_FILE));
                byte[] line = SampleEvents.line(sequence);
                days.append(EventIds.of(line), file -> line, now);
                journals.append(SampleEvents.message(sequence), EventIds.of(line), now);
            }
            days.closeDue(MONDAY.plus(Duration.ofDays(2)));
            journals.closeDue(MONDAY.plus(Duration.ofDays(9)));
        }
        assertThat(verify(sound).findings()).isEmpty();
    }

    @AfterContainer
    static void deleteArchives() throws IOException {
        FileSystemUtils.deleteRecursively(sound);
    }

    @Property(tries = 60)
    @Label("a journal: missing, altered, doubled, out of order")
    void namesTheMessageInAJournal(
            @ForAll Fault fault,
            @ForAll @IntRange(min = 1, max = MESSAGES) int sequence,
            @ForAll @IntRange(min = 1, max = PER_FILE - 1) int distance)
            throws IOException {
        inCopy(
                "journals",
                copy -> {
                    Path file =
                            copy.resolve(
                                    "journal-00000%d.zip".formatted((sequence - 1) / PER_FILE + 1));
                    List<Piece> pieces = unzip(file);
                    plant(fault, pieces, (sequence - 1) % PER_FILE, distance, pieces.size() - 1);
                    zip(pieces, file);

                    assertNamed(copy, fault.kind, file, sequence);
                });
    }

    @Property(tries = 60)
    @Label("a closed day: missing, altered, doubled, out of order")
    void namesTheLineOfAClosedDay(
            @ForAll Fault fault,
            @ForAll @IntRange(min = 1, max = 2 * PER_FILE) int sequence,
            @ForAll @IntRange(min = 1, max = PER_FILE - 1) int distance)
            throws IOException {
        inCopy(
                "days",
                copy -> {
                    int day = 23 + (sequence - 1) / PER_FILE;
                    Path file = copy.resolve("2026-11-%d.jsonl.gz".formatted(day));
                    List<Piece> lines = new ArrayList<>();
                    Lines.read(file, line -> lines.add(new Piece("", line)));
                    plant(fault, lines, (sequence - 1) % PER_FILE, distance, lines.size());
                    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
                        write(lines, out);
                    }

                    assertNamed(
                            copy,
                            fault.kind,
                            copy.resolve("2026-11-%d.jsonl".formatted(day)),
                            sequence);
                });
    }

    @Property(tries = 60)
    @Label(
            "the open day, with the hub's notes and without: missing, altered, doubled, out of order")
    void namesTheLineOfTheOpenDay(
            @ForAll Fault fault,
            @ForAll @IntRange(min = 2 * PER_FILE + 1, max = MESSAGES - 1) int sequence,
            @ForAll boolean notes)
            throws IOException {
        if (!notes && fault == Fault.CHANGED) {
            return; // nothing tells before the day is closed
        }
        inCopy(
                "days",
                copy -> {
                    Path file = copy.resolve("2026-11-25.jsonl");
                    List<Piece> lines = new ArrayList<>();
                    Lines.read(file, line -> lines.add(new Piece("", line)));
                    // to before or behind the next one of its conversation
                    plant(fault, lines, (sequence - 1) % PER_FILE, 4, lines.size());
                    try (OutputStream out = Files.newOutputStream(file)) {
                        write(lines, out);
                    }
                    if (!notes) {
                        FileSystemUtils.deleteRecursively(copy.resolve(".state"));
                    }

                    ArchiveVerifier.Report report = verify(copy);
                    boolean isNoted = notes && fault == Fault.MOVED; // or replayed, who knows
                    List<ArchiveFinding> findings = isNoted ? report.notes() : report.findings();

                    assertThat(isNoted ? report.findings() : report.notes()).isEmpty();
                    assertThat(findings)
                            .isNotEmpty()
                            .allMatch(finding -> finding.kind() == fault.kind);
                    assertThat(findings).hasSize(1);
                    if (fault != Fault.MOVED) { // of two that changed places either was moved
                        assertThat(findings.getFirst().toString()).contains("sequence " + sequence);
                    }
                });
    }

    @Property(tries = 20)
    @Label("a file that is gone, the last too")
    void namesTheFileThatIsGone(@ForAll @IntRange(min = 1, max = 3) int number) throws IOException {
        inCopy(
                "journals",
                copy -> {
                    Files.delete(copy.resolve("journal-00000%d.zip".formatted(number)));

                    assertThat(verify(copy).findings())
                            .anySatisfy(
                                    finding -> {
                                        assertThat(finding.kind()).isEqualTo(Kind.MISSING);
                                        assertThat(finding.place())
                                                .isEqualTo("journal-00000%d.zip".formatted(number));
                                    });
                });
    }

    @Example
    @Label("an archive of which nothing is left but the hub's notes, beside another")
    void namesAnArchiveThatWasEmptied() throws IOException {
        for (String emptied : List.of("days", "journals")) {
            inCopy(
                    ".",
                    copy -> {
                        try (var files = Files.list(copy.resolve(emptied))) {
                            for (Path file : files.filter(Files::isRegularFile).toList()) {
                                Files.delete(file);
                            }
                        }

                        assertThat(verify(copy).findings())
                                .allMatch(finding -> finding.kind() == Kind.MISSING)
                                .allMatch(finding -> finding.place().startsWith(emptied))
                                .anyMatch(
                                        finding ->
                                                finding.toString()
                                                        .contains(
                                                                "sequences 1 to 60: missing: the hub wrote it"))
                                .hasSize(2); // and the file that the hub closed last
                    });
        }
    }

    @Example
    @Label("a journal without a manifest, also the last of a copy and one that nobody wrote")
    void namesAJournalWithoutAManifest() throws IOException {
        inCopy(
                "journals",
                copy -> {
                    FileSystemUtils.deleteRecursively(copy.resolve(".state"));
                    List<Piece> pieces = unzip(copy.resolve("journal-000003.zip"));
                    pieces.removeLast();
                    plant(Fault.CHANGED, pieces, 7, 0, pieces.size());
                    zip(pieces, copy.resolve("journal-000003.zip"));
                    String invented = "000000000062-00000000-0000-0000-0000-000000000009.eml";
                    zip(
                            List.of(new Piece(invented, new byte[] {'x'})),
                            copy.resolve("journal-000099.zip"));

                    assertThat(verify(copy).findings())
                            .allMatch(finding -> finding.kind() == Kind.MISSING)
                            .extracting(ArchiveFinding::place)
                            .contains("journal-000003.zip", "journal-000099.zip");
                });
    }

    @Example
    @Label("a plain file that somebody put beside the compressed one")
    void namesALineFileBesideAClosedDay() throws IOException {
        inCopy(
                "days",
                copy -> {
                    Path plain = copy.resolve("2026-11-23.jsonl");
                    List<Piece> lines = new ArrayList<>();
                    Lines.read(
                            copy.resolve("2026-11-23.jsonl.gz"),
                            line -> lines.add(new Piece("", line)));
                    try (OutputStream out = Files.newOutputStream(plain)) {
                        write(lines, out); // as it is until a closed day's lines are removed
                    }
                    assertThat(verify(copy).findings()).isEmpty();

                    plant(Fault.CHANGED, lines, 7, 0, lines.size());
                    try (OutputStream out = Files.newOutputStream(plain)) {
                        write(lines, out);
                    }

                    assertThat(verify(copy).findings())
                            .singleElement()
                            .extracting(ArchiveFinding::kind, ArchiveFinding::place)
                            .containsExactly(Kind.ADDED, "2026-11-23.jsonl");
                });
    }

    @Property(tries = 40)
    @Label("any one bit of a file")
    void noticesAnyBit(
            @ForAll @IntRange(min = 0, max = 5) int which,
            @ForAll @IntRange(min = 0, max = 1_000_000) int at,
            @ForAll @IntRange(min = 0, max = 7) int bit)
            throws IOException {
        inCopy(
                which < 3 ? "journals" : "days",
                copy -> {
                    Path file =
                            List.of(
                                            "journal-000001.zip",
                                            "journal-000002.zip",
                                            "journal-000003.zip",
                                            "2026-11-23.manifest.json",
                                            "2026-11-24.manifest.json",
                                            "2026-11-25.jsonl")
                                    .stream()
                                    .map(copy::resolve)
                                    .toList()
                                    .get(which);
                    byte[] bytes = Files.readAllBytes(file);
                    if (which < 3 && isBesideContent(bytes, at % bytes.length)) {
                        return;
                    }
                    bytes[at % bytes.length] ^= (byte) (1 << bit);
                    Files.write(file, bytes);

                    assertThat(verify(copy).findings())
                            .as(
                                    "bit %d of byte %d of %s",
                                    bit, at % bytes.length, file.getFileName())
                            .isNotEmpty();
                });
    }

    /**
     * What a ZIP holds beside names and bytes of its entries: times, attributes, the second copy of
     * a header.
     */
    private static boolean isBesideContent(byte[] zip, int at) {
        return headerOf(zip, at) >= 0;
    }

    /** Where the header begins that this byte is part of; -1 if it is content. */
    private static int headerOf(byte[] zip, int at) {
        for (int start = at; start >= Math.max(0, at - 120); start--) {
            if (zip[start] == 'P'
                    && start + 3 < zip.length
                    && zip[start + 1] == 'K'
                    && zip[start + 2] < 9) {
                return start;
            }
        }
        return -1;
    }

    private static void plant(
            Fault fault, List<Piece> pieces, int index, int distance, int movable) {
        Piece piece = pieces.get(index);
        switch (fault) {
            case TAKEN_OUT -> pieces.remove(index);
            case CHANGED -> {
                byte[] bytes = piece.bytes().clone();
                String text = new String(bytes, StandardCharsets.ISO_8859_1);
                int at = text.indexOf("SM00");
                bytes[at + 1] = 'X';
                pieces.set(index, new Piece(piece.name(), bytes));
            }
            case PUT_IN_TWICE -> {
                String name = piece.name().isEmpty() ? "" : "copy-" + piece.name();
                pieces.add((index + distance) % movable, new Piece(name, piece.bytes()));
            }
            case MOVED -> {
                pieces.remove(index);
                int to = index + distance <= movable - 1 ? index + distance : index - distance;
                pieces.add(Math.max(0, to == index ? 0 : to), piece);
            }
        }
    }

    private static void assertNamed(Path copy, Kind kind, Path file, int sequence)
            throws IOException {
        List<ArchiveFinding> findings = verify(copy).findings();
        if (kind == Kind.OUT_OF_ORDER && !findings.toString().contains("sequence " + sequence)) {
            // two that changed places: either may be the one that was moved
            assertThat(findings).singleElement().extracting(ArchiveFinding::kind).isEqualTo(kind);
            return;
        }
        assertThat(findings).hasSize(1);
        assertThat(findings.getFirst().kind()).isEqualTo(kind);
        assertThat(findings.getFirst().place()).isEqualTo(copy.relativize(file).toString());
        assertThat(findings.getFirst().toString()).contains("(sequence " + sequence);
    }

    /** Works on files. */
    private interface OnCopy {
        void accept(Path copy) throws IOException;
    }

    private static void inCopy(String archive, OnCopy work) throws IOException {
        Path copy = Files.createTempDirectory("copy");
        try {
            FileSystemUtils.copyRecursively(sound.resolve(archive), copy);
            work.accept(copy);
        } finally {
            FileSystemUtils.deleteRecursively(copy);
        }
    }

    private static ArchiveVerifier.Report verify(Path folder) throws IOException {
        return new ArchiveVerifier(folder, null, done -> {}).verify();
    }

    private static List<Piece> unzip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<Piece> pieces = new ArrayList<>();
            for (ZipEntry entry : Collections.list(zip.entries())) {
                pieces.add(new Piece(entry.getName(), zip.getInputStream(entry).readAllBytes()));
            }
            return pieces;
        }
    }

    private static void zip(List<Piece> pieces, Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Piece piece : pieces) {
                zip.putNextEntry(new ZipEntry(piece.name()));
                zip.write(piece.bytes());
                zip.closeEntry();
            }
        }
        Files.write(file, bytes.toByteArray());
    }

    private static void write(List<Piece> lines, OutputStream out) {
        try {
            for (Piece line : lines) {
                out.write(line.bytes());
                out.write('\n');
            }
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
