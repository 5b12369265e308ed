package org.jawort.retention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Whether the tombstones at hand are those of the database, all of them: database and directory
 * know each other by a random id, and each when it was last in use. What is missing would come back
 * to life with a restored backup, unheard (RET-15). The directory's own is {@code
 * <directory>/<tenant>/directory.json}: {@code id} and {@code usedAt}.
 */
final class TombstoneDirectory {

    private static final Logger LOG = LoggerFactory.getLogger(TombstoneDirectory.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "directory.json";

    /** Nodes write at their own pace. */
    private static final Duration MARGIN = Duration.ofDays(1);

    /** Where one who knows what it means goes on all the same. */
    private static final String OVERRIDE =
            "; or start once with JAWORT_TOMBSTONES_ACCEPT_LOSS=true, and what was deleted since the backup may be back";

    private record Mark(UUID id, Instant usedAt) {}

    private static final class Unreadable extends RuntimeException {

        Unreadable(Path file) {
            super(file + " cannot be read");
        }
    }

    private final Path directory;
    private final boolean acceptLoss;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;

    /**
     * @param acceptLoss whether to warn only
     */
    TombstoneDirectory(Path directory, boolean acceptLoss, TenantScope scope, JdbcTemplate jdbc) {
        this.directory = directory;
        this.acceptLoss = acceptLoss;
        this.scope = scope;
        this.jdbc = jdbc;
    }

    /**
     * @throws IllegalStateException if tombstones that the database needs are not there, or not any
     *     more; says what to do
     */
    void require(String tenant, Instant now) {
        problem(tenant, now)
                .ifPresent(
                        problem -> {
                            String told = "tombstones of tenant %s: %s".formatted(tenant, problem);
                            if (!acceptLoss) {
                                throw new IllegalStateException(told + OVERRIDE);
                            }
                            LOG.warn("restore.loss.accepted {}", told);
                        });
    }

    boolean acceptsLoss() {
        return acceptLoss;
    }

    private Optional<String> problem(String tenant, Instant now) {
        Optional<Mark> database = scope.call(tenant, () -> database(tenant));
        Optional<Mark> found;
        try {
            found = read(tenant);
        } catch (Unreadable damaged) {
            return Optional.of(damaged.getMessage() + "; put it back as the hub wrote it");
        }
        if (database.isEmpty()) {
            return found.isPresent() ? Optional.empty() : lacksLast(tenant, now);
        }
        Mark known = database.get();
        if (found.isEmpty()) {
            return Optional.of(
                    "%s has no %s, and the database was used with one until %s: this is another directory, or an empty one; set JAWORT_TOMBSTONES_DIR to the one the hub wrote to"
                            .formatted(directory.resolve(tenant), FILE, known.usedAt()));
        }
        if (!found.get().id().equals(known.id())) {
            return Optional.of(
                    "%s belongs to another database; set JAWORT_TOMBSTONES_DIR to the one the hub wrote to"
                            .formatted(directory.resolve(tenant)));
        }
        boolean isTooOld =
                known.usedAt()
                        .plus(Duration.ofDays(Tombstones.KEPT.getDays()))
                        .minus(MARGIN)
                        .isBefore(found.get().usedAt());
        return isTooOld
                ? Optional.of(
                        "the database was restored from a backup of %s, tombstones are kept for %d days, and those in %s were last written to on %s: what was deleted in between is not known any more; restore a younger backup"
                                .formatted(
                                        known.usedAt(),
                                        Tombstones.KEPT.getDays(),
                                        directory.resolve(tenant),
                                        found.get().usedAt()))
                : Optional.empty();
    }

    /** Of a database from before it knew its directory: what it deleted last must be there. */
    private Optional<String> lacksLast(String tenant, Instant now) {
        return scope.call(tenant, () -> lastErased(tenant, now))
                .filter(at -> !hasFileSince(tenant, at))
                .map(
                        at ->
                                "the database deleted something on %s, and %s has nothing of that day nor later; set JAWORT_TOMBSTONES_DIR to the directory the hub wrote to"
                                        .formatted(at, directory.resolve(tenant)));
    }

    /** When tombstones were last written that are not over, as the journal knows. */
    private Optional<Instant> lastErased(String tenant, Instant now) {
        return Bulk.query(
                        jdbc,
                        "select to_time from deletion_journal where tenant = ? and kind <> 'RESTORE'"
                                + " and (event = 'SHREDDED' or event = 'DELETED' and store in ('conversation-text', 'relationship'))"
                                + " and to_time >= ? order by position desc limit 1",
                        row -> Bulk.instant(row, "to_time"),
                        Column.one(tenant),
                        Column.one(
                                now.minus(Duration.ofDays(Tombstones.KEPT.getDays())).plus(MARGIN)))
                .stream()
                .findFirst();
    }

    private boolean hasFileSince(String tenant, Instant at) {
        LocalDate day = LocalDate.ofInstant(at.minus(MARGIN), ZoneOffset.UTC);
        return Tombstones.files(directory.resolve(tenant)).stream()
                .anyMatch(file -> !Tombstones.day(file).isBefore(day));
    }

    /**
     * From now on the two belong together, and both know that they were in use. One node at a time,
     * and the directory first: whoever starts meanwhile never finds the database alone.
     */
    void used(String tenant, Instant now) {
        scope.run(
                tenant,
                () -> {
                    jdbc.query(
                            "select pg_advisory_xact_lock(hashtextextended('tombstone directory ' || ?, 0))",
                            row -> {},
                            tenant);
                    UUID id =
                            readable(tenant)
                                    .or(() -> database(tenant))
                                    .map(Mark::id)
                                    .orElseGet(UUID::randomUUID);
                    write(tenant, new Mark(id, now));
                    jdbc.update(
                            "insert into tombstone_directory (tenant, id, used_at) values (?, ?, ?)"
                                    + " on conflict (tenant) do update set id = excluded.id, used_at = excluded.used_at",
                            tenant,
                            id,
                            Bulk.timestamp(now));
                });
    }

    private Optional<Mark> database(String tenant) {
        return Bulk.query(
                        jdbc,
                        "select id, used_at from tombstone_directory where tenant = ?",
                        row ->
                                new Mark(
                                        row.getObject("id", UUID.class),
                                        Bulk.instant(row, "used_at")),
                        Column.one(tenant))
                .stream()
                .findFirst();
    }

    private Optional<Mark> read(String tenant) {
        Path file = directory.resolve(tenant).resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            return Optional.of(
                    new Mark(
                            UUID.fromString(json.path("id").asText()),
                            Instant.parse(json.path("usedAt").asText())));
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException damaged) {
            throw new Unreadable(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Who goes on with a file that cannot be read gets another. */
    private Optional<Mark> readable(String tenant) {
        try {
            return read(tenant);
        } catch (Unreadable acknowledged) {
            return Optional.empty();
        }
    }

    private void write(String tenant, Mark mark) {
        Path folder = directory.resolve(tenant);
        String json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("id", mark.id().toString())
                        .put("usedAt", mark.usedAt().toString())
                        .toString();
        try {
            Files.createDirectories(folder);
            // of this node alone, and as readable as the tombstones beside it
            Path fresh = folder.resolve("." + UUID.randomUUID() + ".tmp");
            try {
                try (FileChannel out =
                        FileChannel.open(
                                fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    out.write(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
                    out.force(true); // or an empty one may be left after a power cut
                }
                Files.move(fresh, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    /** Lines of tombstones that nobody can read are as good as missing. */
    static String damaged(List<String> places) {
        return "tombstones that cannot be read: "
                + String.join(", ", places)
                + "; put back the file as the hub wrote it"
                + OVERRIDE;
    }
}
