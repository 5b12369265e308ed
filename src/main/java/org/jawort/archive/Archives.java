package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.DestinationUnavailable;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The archives that are folders: {@code <directory>/<tenant>/<destination>}, day files of route
 * {@code archive-jsonl} and journals of route {@code archive-journal}. Registered as {@code
 * archives}.
 */
public final class Archives {

    static final String DAYS = "archive-jsonl";
    static final String JOURNAL = "archive-journal";

    /** Of the time that a hub has to end in, as long as the next journal may be begun. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Archives.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final Tenants tenants;
    private final Attachments attachments;
    private final InstantSource clock;
    private final Disk disk;
    private final ConcurrentMap<Path, Folder> folders = new ConcurrentHashMap<>();

    /** Opened by whoever needs it first, which may take long and hinders nobody at another. */
    private static final class Folder {
        final ReentrantLock opening = new ReentrantLock();
        volatile ArchiveWriter writer;
    }

    /**
     * @throws IllegalArgumentException if a setting of a destination cannot be used
     */
    public Archives(Path directory, Tenants tenants, Attachments attachments, InstantSource clock) {
        this(directory, tenants, attachments, clock, Disk.REAL);
    }

    Archives(
            Path directory,
            Tenants tenants,
            Attachments attachments,
            InstantSource clock,
            Disk disk) {
        this.directory = directory;
        this.tenants = tenants;
        this.attachments = attachments;
        this.clock = clock;
        this.disk = disk;
        for (Tenant tenant : tenants.all()) {
            tenant.destinations().values().forEach(ArchiveSettings::check);
        }
    }

    /**
     * Returns once the event is on disk as a line of the day.
     *
     * @throws DestinationUnavailable if it could not be written
     */
    public void line(Exchange exchange, String tenant, String destination) {
        byte[] line = exchange.getMessage().getBody(byte[].class);
        try {
            writer(tenant, destination).append(EventIds.of(line), file -> line, clock.instant());
        } catch (IOException unwritable) {
            throw unavailable(unwritable);
        }
    }

    /**
     * Returns once the event, and what the hub has of its attachments, is on disk for the next
     * journal.
     *
     * @throws DestinationUnavailable if it could not be written
     * @throws DestinationRefused if the mapping left nothing to make a message of
     */
    public void message(Exchange exchange, String tenant, String destination) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        EventIds ids = EventIds.of(body);
        if (!ids.complete()) {
            throw new DestinationRefused("archive: the mapping gives no id and sequence", null);
        }
        try {
            JsonNode event = JSON.readTree(body);
            ((Journals) writer(tenant, destination)).append(event, ids, clock.instant());
        } catch (IOException unwritable) {
            throw unavailable(unwritable);
        }
    }

    private static DestinationUnavailable unavailable(IOException unwritable) {
        return new DestinationUnavailable(
                "archive: " + unwritable.getClass().getSimpleName(), null, null);
    }

    /** Closes what is over, in every archive, also where nothing is written any more. */
    public void closeDue() {
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                if (isFolder(destination) && Files.isDirectory(folder(destination))) {
                    closeDue(destination);
                }
            }
        }
    }

    private void closeDue(Destination destination) {
        try {
            int closed = writer(destination.tenant(), destination.id()).closeDue(clock.instant());
            closed(destination.tenant(), destination.id(), closed);
        } catch (IOException | RuntimeException unwritable) {
            // the others are closed all the same; this one is tried again with the next run
            notClosed(destination.tenant(), destination.id(), unwritable);
        }
    }

    private static boolean isFolder(Destination destination) {
        return destination.route().equals(DAYS) || destination.route().equals(JOURNAL);
    }

    /** Ids of tenants and destinations are lower-case letters, digits and dashes. */
    private Path folder(Destination destination) {
        return directory.resolve(destination.tenant()).resolve(destination.id());
    }

    private ArchiveWriter writer(String tenant, String destinationId) throws IOException {
        Destination destination = tenants.get(tenant).destinations().get(destinationId);
        Folder folder = folders.computeIfAbsent(folder(destination), path -> new Folder());
        ArchiveWriter writer = folder.writer;
        return writer != null ? writer : Undisturbed.call(() -> opened(folder, destination));
    }

    private ArchiveWriter opened(Folder folder, Destination destination) throws IOException {
        folder.opening.lock();
        try {
            if (folder.writer == null) {
                folder.writer = open(destination);
            }
            return folder.writer;
        } finally {
            folder.opening.unlock();
        }
    }

    private ArchiveWriter open(Destination destination) throws IOException {
        return destination.route().equals(JOURNAL)
                ? new Journals(
                        folder(destination),
                        destination.tenant(),
                        destination.id(),
                        RollLimits.of(destination),
                        attachments,
                        disk,
                        clock.instant())
                : new DayFiles(folder(destination), destination.tenant(), destination.id(), disk);
    }

    /**
     * What was acknowledged is on disk already. Journals are closed, as this hub may not come back;
     * for those it has no time for, it has to.
     */
    public void close() {
        Instant enough = clock.instant().plus(CLOSING);
        folders.forEach(
                (path, folder) -> {
                    folder.opening.lock();
                    try {
                        if (folder.writer != null) {
                            closeEarly(path, folder.writer, enough);
                            folder.writer.close();
                            folder.writer = null;
                        }
                    } finally {
                        folder.opening.unlock();
                    }
                });
    }

    private void closeEarly(Path path, ArchiveWriter writer, Instant enough) {
        String tenant = path.getParent().getFileName().toString();
        String destination = path.getFileName().toString();
        Instant now = clock.instant();
        try {
            if (now.isBefore(enough)) {
                closed(tenant, destination, writer.closeEarly(now));
            }
        } catch (IOException | RuntimeException unwritable) {
            notClosed(tenant, destination, unwritable);
        }
    }

    private static void closed(String tenant, String destination, int files) {
        if (files > 0) {
            LOG.info(
                    "archive.closed tenant={} destination={} files={}", tenant, destination, files);
        }
    }

    private static void notClosed(String tenant, String destination, Exception unwritable) {
        LOG.warn(
                "archive.not.closed tenant={} destination={} error={}",
                tenant,
                destination,
                unwritable.getClass().getSimpleName());
    }
}
