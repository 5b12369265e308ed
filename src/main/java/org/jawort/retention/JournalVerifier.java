package org.jawort.retention;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jawort.proof.Anchor;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Recomputes a tenant's journal of deletions and holds it against anchors kept outside the database
 * (RET-13). Needs neither a running hub nor any key but the public one.
 */
public final class JournalVerifier {

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

    /** Inside a transaction of the tenant. */
    public Verdict verify(String tenant, List<Anchor> anchors) {
        Map<Long, String> anchored = new HashMap<>();
        for (Anchor anchor : anchors) {
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
