package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import org.jawort.retention.DeletionJournal.Line;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Journals of deletions in a file, to be verified where there is no database (RET-13): a line of
 * JSON for each entry with all its fields, and {@code entryHash} as stored.
 */
public final class JournalExport {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int AT_ONCE = 1000;
    private static final String HASH = "entryHash";

    private JournalExport() {}

    /**
     * Adds a tenant's journal, inside a transaction of the tenant.
     *
     * @return how many entries
     */
    public static long write(BufferedWriter file, String tenant, JdbcTemplate jdbc)
            throws IOException {
        DeletionJournal journal = new DeletionJournal(jdbc);
        long entries = 0;
        for (List<Line> page = journal.page(tenant, 0, AT_ONCE);
                !page.isEmpty();
                page = journal.page(tenant, page.getLast().entry().position(), AT_ONCE)) {
            for (Line line : page) {
                ObjectNode json = line.entry().json();
                json.put(HASH, line.entryHash());
                file.write(json.toString());
                file.newLine();
                entries++;
            }
        }
        return entries;
    }

    /**
     * In the order of the file.
     *
     * @throws IOException naming the line, if one is no entry of a journal
     */
    static List<Line> read(Path file, String tenant) throws IOException {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                try {
                    JsonNode json = JSON.readTree(text);
                    if (json.path("tenant").asText().equals(tenant)) {
                        lines.add(new Line(JournalEntry.read(json), json.path(HASH).asText()));
                    }
                } catch (IOException | IllegalArgumentException | DateTimeException noEntry) {
                    throw new IOException(
                            "%s:%d: no entry of a journal".formatted(file, number), noEntry);
                }
            }
        }
        return lines;
    }
}
