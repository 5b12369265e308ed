package org.jawort.retention;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
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
         * @param since the day of the anchor that tells what the journal began with before its old
         *     end went (RET-6); {@code null} for a whole one
         */
        record Sound(long entries, long items, int anchors, LocalDate since) implements Verdict {}

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
        Optional<Anchor> begin = begin(tenant, anchors);
        long position = begin.map(Anchor::position).orElse(0L);
        String previous = begin.map(Anchor::entryHash).orElse(JournalEntry.GENESIS);
        long entries = 0;
        long items = 0;
        Instant last = null;
        for (List<DeletionJournal.Line> page = journal.page(tenant, 0, AT_ONCE);
                !page.isEmpty();
                page = journal.page(tenant, position, AT_ONCE)) {
            for (DeletionJournal.Line line : page) {
                position++;
                entries++;
                Optional<String> wrong = wrong(line, position, previous, anchored);
                if (wrong.isPresent()) {
                    return new Verdict.Broken(position, wrong.get());
                }
                previous = line.entryHash();
                items += line.entry().items();
                last = line.entry().to();
            }
        }
        if (begin.isPresent() && isTooYoung(begin.get(), last)) {
            return new Verdict.Broken(1, "gone before its period was over");
        }
        long end = position;
        return anchored.keySet().stream()
                .filter(known -> known > end)
                .min(Long::compare)
                .<Verdict>map(
                        known ->
                                new Verdict.Broken(
                                        end + 1,
                                        "the journal ends here, an anchor knows entry " + known))
                .orElse(
                        new Verdict.Sound(
                                entries,
                                items,
                                anchors.size(),
                                begin.map(Anchor::date).orElse(null)));
    }

    /** The anchor of the entry before the first that is there; empty if that is number one. */
    private Optional<Anchor> begin(String tenant, List<Anchor> anchors) {
        return journal.page(tenant, 0, 1).stream()
                .findFirst()
                .flatMap(
                        first ->
                                anchors.stream()
                                        .filter(
                                                anchor ->
                                                        anchor.position()
                                                                == first.entry().position() - 1)
                                        .min(Comparator.comparing(Anchor::date)));
    }

    /**
     * What was anchored that day must still be there, by the hub's rule, when the last entry was
     * written. The anchor is made after its entry, by a day at most.
     */
    private static boolean isTooYoung(Anchor begin, Instant last) {
        return RetentionRulesFile.load().all().stream()
                .filter(rule -> rule.dataType().equals("deletion-evidence"))
                .noneMatch(
                        rule ->
                                begin.date()
                                        .minusDays(2)
                                        .isBefore(
                                                LocalDate.ofInstant(rule.cutoff(last), rule.tz())));
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
