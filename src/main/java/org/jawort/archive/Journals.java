package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jawort.delivery.Attachments;

/**
 * An archive of Internet messages: {@code journal-<number>.zip}, one EML an entry, in the order of
 * their sequences, and the manifest. Until a journal is full its events stand as lines in {@code
 * .state/<number>.jsonl}, what came with them beside it in {@code .state/<number>.media}; {@code
 * <number>.full} is one that takes no more.
 */
final class Journals extends ArchiveWriter {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OPEN = ".jsonl";
    private static final String FULL = ".full";
    private static final long MEGABYTE = 1_000_000;
    private static final int NUMBER = 6;

    private final String tenant;
    private final String destination;
    private final RollLimits limits;
    private final Attachments attachments;

    Journals(
            Path folder,
            String tenant,
            String destination,
            RollLimits limits,
            Attachments attachments,
            Disk disk,
            Instant now)
            throws IOException {
        super(folder, disk);
        this.tenant = tenant;
        this.destination = destination;
        this.limits = limits;
        this.attachments = attachments;
        try {
            for (Path full : files(FULL)) {
                learn(full, line -> {});
            }
            for (Path open : files(OPEN)) {
                resume(open, now);
            }
        } catch (IOException unreadable) {
            close();
            throw unreadable;
        }
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(state)) {
            return files.filter(
                            file ->
                                    file.getFileName()
                                            .toString()
                                            .matches("[0-9]{6,}[.]" + suffix.substring(1)))
                    .sorted(Comparator.comparingLong(Journals::number))
                    .toList();
        }
    }

    private static long number(Path file) {
        return Long.parseLong(file.getFileName().toString().split("[.]", 2)[0]);
    }

    private Path numbered(long number, String suffix) {
        return state.resolve(("%0" + NUMBER + "d%s").formatted(number, suffix));
    }

    /**
     * @throws IOException if it could not be written
     */
    boolean append(JsonNode event, EventIds ids, Instant now) throws IOException {
        return append(ids, file -> line(event, ids, numbered(number(file), ".media"), now), now);
    }

    private byte[] line(JsonNode event, EventIds ids, Path media, Instant now) throws IOException {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("sequence", ids.sequence());
        line.put("id", ids.id().toString());
        line.put("at", now.toString());
        line.set("event", event);
        ArrayNode list = line.putArray("media");
        for (UUID id : Eml.media(event)) {
            keep(id, media).ifPresent(list::add);
        }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Copies what came with a message to the journal, on disk for good; empty if it is not had. */
    private Optional<ObjectNode> keep(UUID id, Path directory) throws IOException {
        Optional<Attachments.Attachment> found = attachments.open(tenant, id);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Attachments.Attachment attachment = found.get()) {
            disk.makeDirectory(directory);
            Path file = directory.resolve(id.toString());
            disk.write(file, out -> attachment.bytes().transferTo(out));
            ObjectNode kept = JsonNodeFactory.instance.objectNode();
            kept.put("id", id.toString());
            kept.put("contentType", attachment.contentType());
            kept.put("name", attachment.name());
            kept.put("size", Files.size(file));
            return Optional.of(kept);
        }
    }

    @Override
    Path next(Instant now) throws IOException {
        List<Path> open = files(OPEN);
        if (!open.isEmpty()) {
            return open.getLast();
        }
        List<Path> full = files(FULL);
        long last = full.isEmpty() ? ArchiveState.read(state).number() : number(full.getLast());
        return numbered(last + 1, OPEN);
    }

    @Override
    boolean isOver(Path file, long lines, long size, Instant since, Instant now) {
        return lines > 0
                && (lines >= limits.messages()
                        || size >= limits.megabytes() * MEGABYTE
                        || !now.isBefore(since.plus(limits.after())));
    }

    @Override
    boolean mayCloseEarly() {
        return true;
    }

    @Override
    long sizeOf(byte[] line) throws IOException {
        long size = line.length;
        for (JsonNode media : JSON.readTree(line).path("media")) {
            size += media.path("size").asLong();
        }
        return size;
    }

    @Override
    void seal(Path file) throws IOException {
        disk.rename(file, numbered(number(file), FULL));
    }

    @Override
    void takesNoMore(Path file) {
        // its name says so
    }

    @Override
    List<Path> sealed(Path open, Instant now) throws IOException {
        return files(FULL);
    }

    @Override
    Instant writtenAt(byte[] line) throws IOException {
        return Instant.parse(JSON.readTree(line).path("at").asText());
    }

    @Override
    void make(Path full) throws IOException {
        long number = number(full);
        ArchiveState before = ArchiveState.read(state);
        Path media = numbered(number, ".media");
        if (before.number() < number) {
            String name = ("journal-%0" + NUMBER + "d.zip").formatted(number);
            ArchiveState[] after = new ArchiveState[1];
            disk.write(
                    folder.resolve(name),
                    out -> after[0] = write(full, media, name, number, before, out));
            after[0].write(state, disk);
        }
        removeMedia(media);
        forget(full);
    }

    private void removeMedia(Path media) throws IOException {
        if (Files.exists(media)) {
            try (Stream<Path> files = Files.list(media)) {
                for (Path file : files.toList()) {
                    disk.delete(file);
                }
            }
            disk.remove(media);
        }
    }

    private ArchiveState write(
            Path full, Path media, String name, long number, ArchiveState before, OutputStream out)
            throws IOException {
        Path manifestPart = numbered(number, ".manifest");
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        zip.setLevel(Deflater.BEST_SPEED); // attachments are compressed already, mostly
        try (OutputStream part = Files.newOutputStream(manifestPart)) {
            OutputStream buffered = new BufferedOutputStream(part, 1 << 16);
            Manifest.Writer manifest =
                    new Manifest.Writer(buffered, tenant, destination, name, before.last());
            LocalDateTime last = null;
            try (LineFile lines = new LineFile(full)) {
                for (LineFile.Place place : lines.bySequence()) {
                    JsonNode line = JSON.readTree(lines.read(place));
                    last =
                            LocalDateTime.ofInstant(
                                    Instant.parse(line.path("at").asText()), ZoneOffset.UTC);
                    manifest.entry(entry(line, media, last, zip));
                }
            }
            String sha256 = manifest.finish(absent(full, before.highest(), manifest.last()), null);
            buffered.flush();
            begin(Manifest.IN_ZIP, last, zip);
            Files.copy(manifestPart, zip);
            zip.closeEntry();
            zip.finish();
            return new ArchiveState(
                    new Manifest.Previous(name, sha256),
                    number,
                    Math.max(before.highest(), manifest.last()));
        } finally {
            disk.delete(manifestPart);
        }
    }

    private Manifest.Entry entry(JsonNode line, Path media, LocalDateTime at, ZipOutputStream zip)
            throws IOException {
        EventIds ids =
                new EventIds(
                        line.path("sequence").asLong(),
                        UUID.fromString(line.path("id").asText()),
                        null);
        String name = "%012d-%s.eml".formatted(ids.sequence(), ids.id());
        begin(name, at, zip);
        List<Eml.Attached> attached = new ArrayList<>();
        line.path("media")
                .forEach(kept -> attached.add(Eml.Attached.of(kept, media, kept.path("id"))));
        long[] size = new long[1];
        DigestOutputStream digest = new DigestOutputStream(new Counted(zip, size), Sha256.digest());
        Eml.of(tenant, line.get("event"), attached).writeTo(digest);
        zip.closeEntry();
        return new Manifest.Entry(name, ids, size[0], digest.getMessageDigest().digest());
    }

    /** The time is written as the archive's, in UTC: the same bytes wherever it is made again. */
    private static void begin(String name, LocalDateTime at, ZipOutputStream zip)
            throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(at);
        zip.putNextEntry(entry);
    }
}
