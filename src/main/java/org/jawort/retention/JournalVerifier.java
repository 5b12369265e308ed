package org.jawort.retention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Recomputes a tenant's journal of deletions and holds it against anchors kept outside the database
 * (RET-13). Needs neither a running hub nor any key but the public one.
 */
public final class JournalVerifier {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int AT_ONCE = 1000;

    public sealed interface Verdict {

        /**
         * @param items deleted and shredded, as the journal counts them
         */
        record Sound(long entries, long items, int anchors) implements Verdict {}

        /**
         * @param position of the first entry that is wrong
         * @param what in words
         */
        record Broken(long position, String what) implements Verdict {}
    }

    private final DeletionJournal journal;

    public JournalVerifier(JdbcTemplate jdbc) {
        this.journal = new DeletionJournal(jdbc);
    }

    /**
     * Anchors of a tenant in any {@code *.jsonl} below a folder, as the route {@code archive-jsonl}
     * writes them.
     *
     * @param key what they must be signed with; {@code null} to take each anchor's own
     * @param forged gets those that are not
     */
    public static List<DeletionAnchor> anchors(
            Path folder, String tenant, byte[] key, List<DeletionAnchor> forged)
            throws IOException {
        List<DeletionAnchor> signed = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".jsonl")).sorted().toList()) {
                try (Stream<String> lines = Files.lines(file)) {
                    lines.filter(line -> line.contains(DeletionAnchors.TYPE))
                            .flatMap(line -> anchor(line, tenant).stream())
                            .forEach(
                                    anchor -> {
                                        boolean ours =
                                                key == null
                                                        || Arrays.equals(key, anchor.publicKey());
                                        byte[] with = key == null ? anchor.publicKey() : key;
                                        (ours && anchor.isSignedWith(with) ? signed : forged)
                                                .add(anchor);
                                    });
                } catch (UncheckedIOException unreadable) {
                    throw unreadable.getCause();
                }
            }
        }
        return signed;
    }

    private static Optional<DeletionAnchor> anchor(String line, String tenant) {
        try {
            JsonNode event = JSON.readTree(line);
            return event.path("type").asText().equals(DeletionAnchors.TYPE)
                            && event.at("/data/tenant").asText().equals(tenant)
                    ? DeletionAnchor.of(tenant, event.get("data"))
                    : Optional.empty();
        } catch (JsonProcessingException noJson) {
            return Optional.empty();
        }
    }

    /** Inside a transaction of the tenant. */
    public Verdict verify(String tenant, List<DeletionAnchor> anchors) {
        Map<Long, String> anchored = new HashMap<>();
        for (DeletionAnchor anchor : anchors) {
            String other = anchored.put(anchor.position(), anchor.entryHash());
            if (other != null && !other.equals(anchor.entryHash())) {
                return new Verdict.Broken(anchor.position(), "two anchors say different things");
            }
        }
        long entries = 0;
        long items = 0;
        String previous = JournalEntry.GENESIS;
        for (List<DeletionJournal.Line> page = journal.page(tenant, 0, AT_ONCE);
                !page.isEmpty();
                page = journal.page(tenant, entries, AT_ONCE)) {
            for (DeletionJournal.Line line : page) {
                entries++;
                Optional<String> wrong = wrong(line, entries, previous, anchored);
                if (wrong.isPresent()) {
                    return new Verdict.Broken(entries, wrong.get());
                }
                previous = line.entryHash();
                items += line.entry().items();
            }
        }
        long end = entries;
        return anchored.keySet().stream()
                .filter(position -> position > end)
                .min(Long::compare)
                .<Verdict>map(
                        position ->
                                new Verdict.Broken(
                                        end + 1,
                                        "the journal ends here, an anchor knows entry " + position))
                .orElse(new Verdict.Sound(entries, items, anchors.size()));
    }

    private static Optional<String> wrong(
            DeletionJournal.Line line, long expected, String previous, Map<Long, String> anchored) {
        JournalEntry entry = line.entry();
        if (entry.position() != expected) {
            return Optional.of("missing");
        }
        if (!entry.prevHash().equals(previous)) {
            return Optional.of("does not follow the one before");
        }
        if (!JournalEntry.hex(entry.hash()).equals(line.entryHash())) {
            return Optional.of("changed");
        }
        String anchor = anchored.get(expected);
        return anchor == null || anchor.equals(line.entryHash())
                ? Optional.empty()
                : Optional.of("is not what was anchored");
    }
}
