package org.jawort.retention;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
         * @param cut by what that went; {@code null} for a whole one, and where the hub's own
         *     period was over and no entry says more
         */
        record Sound(long entries, long items, int anchors, LocalDate since, Cut cut)
                implements Verdict {}

        /**
         * @param position of the first entry that is wrong
         * @param what in words
         */
        record Broken(long position, String what) implements Verdict {}
    }

    /**
     * An entry which says that older ones went.
     *
     * @param rule id and version
     * @param before up to when
     * @param at when they went
     * @param signed whether an anchor covers the entry
     */
    public record Cut(long position, String rule, Instant before, Instant at, boolean signed) {

        private boolean explains(Anchor begin, ZoneId zone) {
            return isOver(begin, LocalDate.ofInstant(before, zone)) && keepsToItsRule(zone);
        }

        /**
         * As far as the rule's name tells its period: the hub's own, and a tenant's without a name.
         */
        private boolean keepsToItsRule(ZoneId zone) {
            LocalDate latest = LocalDate.ofInstant(at, zone).plusDays(1);
            return RetentionRulesFile.load().all().stream()
                    .filter(hub -> hub.dataType().equals(EvidenceCut.EVIDENCE))
                    .map(hub -> named(hub))
                    .flatMap(Optional::stream)
                    .allMatch(
                            period ->
                                    !LocalDate.ofInstant(before, zone)
                                            .isAfter(latest.minus(period)));
        }

        private Optional<Period> named(RetentionRule hub) {
            if (rule.equals(hub.label())) {
                return Optional.of(hub.period());
            }
            Matcher own = OWN.matcher(rule);
            return own.matches() && own.group("hub").equals(hub.id())
                    ? Optional.of(Period.parse(own.group("period")))
                    : Optional.empty();
        }
    }

    /** A tenant's rule that is the hub's with another period, see {@link TenantsOwnRules}. */
    private static final Pattern OWN = Pattern.compile("(?<hub>.+)-(?<period>P[0-9YMWD]+)@[0-9]+");

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** Where entries come from, in order, after a position. */
    private interface Source {
        List<DeletionJournal.Line> page(String tenant, long after, int limit);
    }

    private final Source journal;

    public JournalVerifier(JdbcTemplate jdbc) {
        this.journal = new DeletionJournal(jdbc)::page;
    }

    private JournalVerifier(Source journal) {
        this.journal = journal;
    }

    /**
     * Of a tenant's entries in a {@linkplain JournalExport file}.
     *
     * @throws IOException naming the line, if one is no entry
     */
    public static JournalVerifier of(Path file, String tenant) throws IOException {
        List<DeletionJournal.Line> lines = JournalExport.read(file, tenant);
        return new JournalVerifier(
                (of, after, limit) ->
                        lines.stream()
                                .skip(lines.isEmpty() ? 0 : skipped(lines, after))
                                .limit(limit)
                                .toList());
    }

    /** How many lines stand before the first after a position, if none is missing. */
    private static long skipped(List<DeletionJournal.Line> lines, long after) {
        return Math.max(0, after - lines.getFirst().entry().position() + 1);
    }

    /** Inside a transaction of the tenant, if not of a file. */
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
        long signed = anchored.keySet().stream().max(Long::compare).orElse(0L);
        List<Cut> cuts = new ArrayList<>();
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
                last = line.entry().to();
                if (EvidenceCut.isOne(line.entry())) {
                    cuts.add(
                            new Cut(
                                    position,
                                    line.entry().rule(),
                                    line.entry().from(),
                                    last,
                                    position <= signed));
                } else {
                    items += line.entry().items();
                }
            }
        }
        Optional<Cut> cut = begin.flatMap(first -> explaining(first, cuts));
        if (begin.isPresent() && cut.isEmpty() && isTooYoung(begin.get(), last)) {
            return new Verdict.Broken(
                    1,
                    "gone before its period was over, and no entry says by which rule of the tenant");
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
                                begin.map(Anchor::date).orElse(null),
                                cut.orElse(null)));
    }

    /** The last one by which all went that is gone, if there is one that is signed: that. */
    private static Optional<Cut> explaining(Anchor begin, List<Cut> cuts) {
        return cuts.stream()
                .filter(cut -> cut.explains(begin, BERLIN))
                .max(Comparator.comparing(Cut::signed).thenComparing(Cut::position));
    }

    /** The anchor is made after its entry, by a day at most. */
    private static boolean isOver(Anchor begin, LocalDate before) {
        return begin.date().minusDays(2).isBefore(before);
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
     * written. That is how journals were shortened before they said so themselves.
     */
    private static boolean isTooYoung(Anchor begin, Instant last) {
        return RetentionRulesFile.load().all().stream()
                .filter(rule -> rule.dataType().equals(EvidenceCut.EVIDENCE))
                .noneMatch(
                        rule -> isOver(begin, LocalDate.ofInstant(rule.cutoff(last), rule.tz())));
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
