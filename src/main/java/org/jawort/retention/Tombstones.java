package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.delivery.JournalFile;

/**
 * Random ids of what was deleted, in files outside the database, so that a restored backup can be
 * told what it must not bring back (RET-15): {@code <directory>/<tenant>/<day>.<node>.jsonl}, days
 * in UTC. A line is on disk before the deletion commits. Whether a batch of a nightly run did
 * commit says the line that {@link #over} adds; until then its lines count for nothing, because
 * what they name may still be there, untold to anybody, and under a hold by now.
 */
public final class Tombstones {

    /**
     * @param store table, or {@code subject} for a whole person
     * @param request of the erasure, {@code null} for other stores
     * @param run the nightly run, {@code null} if none or settled since
     * @param lastActive of people whose relationship ended, when they last had to do with the
     *     tenant: a restored backup may not know all of that; empty for other stores
     */
    record Stone(
            Instant at,
            String store,
            UUID request,
            UUID run,
            List<UUID> ids,
            Map<UUID, Instant> lastActive) {

        /** When somebody of it was last active, at the latest. */
        Instant lastActive(UUID subject) {
            return lastActive.getOrDefault(subject, at);
        }
    }

    /** In place of a store: the run of this line is over. */
    private static final String RUN = "run";

    /**
     * One backup cycle of 35 days longer than the oldest backup may be old: whoever restores the
     * last day's has the stones for it.
     */
    static final Period KEPT = Period.ofDays(70);

    /** A file with how many write to it at present: the fields are guarded by the whole. */
    private static final class OpenFile {
        final JournalFile file;
        int writers;

        OpenFile(JournalFile file) {
            this.file = file;
        }
    }

    private static final int AT_ONCE = 1000;
    private static final int MOST_OPEN = 16;

    private final Path directory;
    private final String node;
    private final Map<Path, OpenFile> open = new HashMap<>(); // guarded by this

    /**
     * @param node a name no other node writes under
     */
    public Tombstones(Path directory, String node) {
        this.directory = directory;
        this.node = node;
    }

    /**
     * Returns once the ids are on disk.
     *
     * @throws UncheckedIOException if they cannot be: then nothing may be deleted
     */
    void write(String tenant, Stone stone) {
        for (int from = 0; from < stone.ids().size(); from += AT_ONCE) {
            ObjectNode line = line(stone.store(), stone.run(), stone.at());
            if (stone.request() != null) {
                line.put("request", stone.request().toString());
            }
            ArrayNode list = line.putArray("ids");
            List<UUID> some =
                    stone.ids().subList(from, Math.min(from + AT_ONCE, stone.ids().size()));
            some.forEach(id -> list.add(id.toString()));
            if (!stone.lastActive().isEmpty()) {
                ObjectNode times = line.putObject("lastActive");
                some.forEach(id -> times.put(id.toString(), stone.lastActive(id).toString()));
            }
            append(tenant, stone.at(), line);
        }
    }

    /**
     * All of a run is committed and on the database's disk.
     *
     * @param counts whether its lines count from now on; if not, what of them is true was written
     *     once more without the run
     */
    void over(String tenant, UUID run, boolean counts, Instant now) {
        append(tenant, now, line(RUN, run, now).put("counts", counts));
    }

    private static ObjectNode line(String store, UUID run, Instant at) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("at", at.toString());
        line.put("store", store);
        if (run != null) {
            line.put("run", run.toString());
        }
        return line;
    }

    private void append(String tenant, Instant at, ObjectNode line) {
        LocalDate day = LocalDate.ofInstant(at, ZoneOffset.UTC);
        Path path = directory.resolve(tenant).resolve(day + "." + node + ".jsonl");
        try {
            OpenFile mine = take(path);
            try {
                mine.file.append(line.toString().getBytes(StandardCharsets.UTF_8));
            } finally {
                giveBack(mine);
            }
        } catch (IOException unwritable) {
            close(path);
            throw new UncheckedIOException(unwritable);
        }
    }

    private synchronized OpenFile take(Path path) throws IOException {
        OpenFile file = open.get(path);
        if (file == null) {
            closeIdle();
            file = new OpenFile(JournalFile.open(path));
            open.put(path, file);
        }
        file.writers++;
        return file;
    }

    private synchronized void giveBack(OpenFile file) {
        file.writers--;
    }

    /** Makes room for one more file. */
    private void closeIdle() {
        if (open.size() >= MOST_OPEN) {
            List<Path> idle =
                    open.keySet().stream().filter(path -> open.get(path).writers == 0).toList();
            idle.forEach(this::close);
        }
    }

    private synchronized void close(Path path) {
        OpenFile closed = open.remove(path);
        if (closed != null) {
            closed.file.close();
        }
    }

    /** Closes all files; what was written is on disk already. */
    public synchronized void close() {
        List.copyOf(open.keySet()).forEach(this::close);
    }

    /**
     * What was about to be deleted of a tenant after an instant, in order within each file.
     *
     * @param deleted all that was deleted for sure
     * @param open by run what it may have deleted
     * @param damaged file and line of what cannot be read and was acknowledged
     * @param ended runs that deleted something, all of it on the database's disk
     */
    record Found(
            List<Stone> deleted,
            Map<UUID, List<Stone>> open,
            List<String> damaged,
            Set<UUID> ended) {}

    Found since(String tenant, Instant after) {
        Map<UUID, Boolean> over = new HashMap<>();
        List<Stone> stones = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        LocalDate first = LocalDate.ofInstant(after, ZoneOffset.UTC);
        for (Path file : files(directory.resolve(tenant))) {
            if (!day(file).isBefore(first)) {
                TombstoneLines.read(file, damaged::add)
                        .forEach(
                                line -> {
                                    Stone stone = read(line);
                                    if (stone.store().equals(RUN)) {
                                        // that all was committed is true, whatever a node
                                        // that started just then did with it
                                        over.merge(
                                                stone.run(),
                                                line.get("counts").booleanValue(),
                                                Boolean::logicalOr);
                                    } else if (stone.at().isAfter(after)) {
                                        stones.add(stone);
                                    }
                                });
            }
        }
        Map<UUID, List<Stone>> open = new LinkedHashMap<>();
        List<Stone> deleted = new ArrayList<>();
        for (Stone stone : stones) {
            if (stone.run() == null || over.getOrDefault(stone.run(), false)) {
                deleted.add(stone);
            } else if (!over.containsKey(stone.run())) {
                open.computeIfAbsent(stone.run(), run -> new ArrayList<>()).add(stone);
            }
        }
        over.values().removeIf(counts -> !counts);
        return new Found(deleted, open, damaged, over.keySet());
    }

    /** Removes the files no backup can need any more. */
    void forget(String tenant, Instant now) {
        LocalDate oldest = LocalDate.ofInstant(now, ZoneOffset.UTC).minus(KEPT);
        for (Path file : files(directory.resolve(tenant))) {
            if (day(file).isBefore(oldest)) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException stillThere) {
                    throw new UncheckedIOException(stillThere);
                }
            }
        }
    }

    /** Those of a tenant's folder. */
    static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            file ->
                                    file.getFileName()
                                            .toString()
                                            .matches("\\d{4}-\\d\\d-\\d\\d\\..*\\.jsonl"))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static LocalDate day(Path file) {
        return LocalDate.parse(file.getFileName().toString().substring(0, "2026-11-26".length()));
    }

    private static Stone read(JsonNode json) {
        List<UUID> ids = new ArrayList<>();
        json.path("ids").forEach(id -> ids.add(UUID.fromString(id.textValue())));
        Map<UUID, Instant> lastActive = new HashMap<>();
        json.path("lastActive")
                .properties()
                .forEach(
                        one ->
                                lastActive.put(
                                        UUID.fromString(one.getKey()),
                                        Instant.parse(one.getValue().textValue())));
        return new Stone(
                Instant.parse(json.get("at").textValue()),
                json.get("store").textValue(),
                uuid(json, "request"),
                uuid(json, "run"),
                ids,
                lastActive);
    }

    private static UUID uuid(JsonNode json, String field) {
        return json.has(field) ? UUID.fromString(json.get(field).textValue()) : null;
    }
}
