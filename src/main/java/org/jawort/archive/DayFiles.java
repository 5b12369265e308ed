package org.jawort.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * An archive of JSON Lines: {@code <day>.jsonl}, one event a line, days in UTC by the time of
 * writing. Of a day that is over: {@code <day>.jsonl.gz} and {@code <day>.manifest.json}.
 */
final class DayFiles extends ArchiveWriter {

    private static final String PLAIN = ".jsonl";

    private final String tenant;
    private final String destination;
    private LocalDate lastOver = LocalDate.MIN; // guarded by the writer's lock

    DayFiles(Path folder, String tenant, String destination, Disk disk) throws IOException {
        super(folder, disk);
        this.tenant = tenant;
        this.destination = destination;
        try {
            for (Path plain : plain()) {
                mend(plain);
                learn(plain, line -> {});
            }
        } catch (IOException unreadable) {
            close();
            throw unreadable;
        }
    }

    @Override
    Path next(Instant now) throws IOException {
        LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC);
        ArchiveState closed = ArchiveState.read(state);
        LocalDate over = lastOver;
        if (closed.last() != null && day(closed.last().file()).isAfter(over)) {
            over = day(closed.last().file());
        }
        if (!day.isAfter(over)) {
            day = over.plusDays(1); // a writer that looked at the clock before, or a clock put back
        }
        return folder.resolve(day + PLAIN);
    }

    @Override
    boolean isOver(Path file, long lines, long size, Instant since, Instant now) {
        return day(file.getFileName().toString())
                .isBefore(LocalDate.ofInstant(now, ZoneOffset.UTC));
    }

    @Override
    boolean mayCloseEarly() {
        return false; // a hub that is started again the same day goes on with it
    }

    @Override
    void seal(Path file) {
        // the day is over
    }

    @Override
    void takesNoMore(Path file) {
        LocalDate day = day(file.getFileName().toString());
        if (day.isAfter(lastOver)) {
            lastOver = day;
        }
    }

    @Override
    List<Path> sealed(Path open, Instant now) throws IOException {
        return plain().stream()
                .filter(file -> !file.equals(open) && isOver(file, 0, 0, now, now))
                .toList();
    }

    private List<Path> plain() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            file ->
                                    file.getFileName()
                                            .toString()
                                            .matches("[0-9]{4}-[0-9]{2}-[0-9]{2}[.]jsonl"))
                    .sorted()
                    .toList();
        }
    }

    private static LocalDate day(String name) {
        return LocalDate.parse(name.substring(0, "2026-11-23".length()));
    }

    @Override
    Instant writtenAt(byte[] line) {
        return null; // the name says the day
    }

    @Override
    void make(Path plain) throws IOException {
        ArchiveState before = ArchiveState.read(state);
        String name = plain.getFileName().toString();
        if (before.hasClosed(name)) {
            forget(plain); // all but this was done before a crash
            return;
        }
        mend(plain);
        String day = name.substring(0, name.length() - PLAIN.length());
        Written[] written = new Written[1];
        disk.write(
                folder.resolve(day + Manifest.SUFFIX),
                out -> written[0] = manifest(plain, name, before, out));
        disk.write(folder.resolve(name + ".gz"), out -> compress(plain, out));
        closed(
                plain,
                new ArchiveState(
                        new Manifest.Previous(name, written[0].sha256()),
                        before.number() + 1,
                        written[0].highest()));
    }

    private record Written(String sha256, long highest) {}

    private Written manifest(Path plain, String name, ArchiveState before, OutputStream out)
            throws IOException {
        Manifest.Writer manifest =
                new Manifest.Writer(out, tenant, destination, name, before.last());
        MessageDigest content = Sha256.digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(plain), content)) {
            Lines.read(
                    in,
                    line ->
                            manifest.entry(
                                    new Manifest.Entry(
                                            null,
                                            EventIds.of(line),
                                            line.length,
                                            Sha256.of(line))));
        }
        String sha256 =
                manifest.finish(
                        absent(plain, before.highest(), manifest.last()),
                        Sha256.hex(content.digest()));
        return new Written(
                sha256,
                manifest.last() == null
                        ? before.highest()
                        : Math.max(before.highest(), manifest.last()));
    }

    private static void compress(Path plain, OutputStream out) throws IOException {
        GZIPOutputStream gzip = new GZIPOutputStream(out, 1 << 16);
        Files.copy(plain, gzip);
        gzip.finish();
    }
}
