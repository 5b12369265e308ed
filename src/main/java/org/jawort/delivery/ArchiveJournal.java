package org.jawort.delivery;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.camel.Exchange;

/**
 * The archive as JSON Lines: {@code <directory>/<tenant>/<destination>/<day>.jsonl}, one event a line, days in UTC by the time of
 * writing. Registered as {@code archiveJournal}.
 */
public final class ArchiveJournal {

    private record Day(String tenant, String destination, LocalDate date) {}

    private final Path directory;
    private final InstantSource clock;
    private final ConcurrentMap<Day, JournalFile> open = new ConcurrentHashMap<>();

    ArchiveJournal(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Returns once the line is on disk.
     *
     * @throws DestinationUnavailable if it could not be written
     */
    public void append(Exchange exchange, String tenant, String destination) {
        Day day = new Day(tenant, destination, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        try {
            file(day).append(exchange.getMessage().getBody(byte[].class));
        } catch (IOException unwritable) {
            // The next attempt opens the file afresh, which mends a line that was cut off.
            JournalFile broken = open.remove(day);
            if (broken != null) {
                broken.close();
            }
            throw new DestinationUnavailable("archive: " + unwritable.getClass().getSimpleName(), null, null);
        }
    }

    private JournalFile file(Day day) throws IOException {
        JournalFile file = open.get(day);
        if (file != null) {
            return file;
        }
        synchronized (open) {
            file = open.get(day);
            if (file == null) {
                // Tenant and destination ids are lower-case letters, digits and dashes: they cannot leave the directory.
                file = JournalFile.open(directory
                        .resolve(day.tenant())
                        .resolve(day.destination())
                        .resolve(day.date() + ".jsonl"));
                closeDaysBefore(day.date());
                open.put(day, file);
            }
            return file;
        }
    }

    private void closeDaysBefore(LocalDate date) {
        open.entrySet().removeIf(entry -> {
            boolean over = entry.getKey().date().isBefore(date);
            if (over) {
                entry.getValue().close();
            }
            return over;
        });
    }

    /** Closes all files; what was appended is on disk already. */
    public void close() {
        open.values().forEach(JournalFile::close);
        open.clear();
    }
}
