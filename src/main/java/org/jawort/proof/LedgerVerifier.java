package org.jawort.proof;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.consent.CanonicalJson;
import org.jawort.consent.LedgerEntry;
import org.jawort.consent.PersonalPart;
import org.jawort.proof.LedgerTable.Row;
import org.jawort.proof.LedgerVerdict.Broken;
import org.jawort.proof.LedgerVerdict.Kind;
import org.jawort.proof.LedgerVerdict.Sound;

/**
 * Recomputes a tenant's chain from its rows and names the first entry that is not as it was
 * written.
 *
 * <p>What it can know: a chain shows every change but one that recomputes all later hashes and the
 * head with them, and every cut but one that takes the head back. Those two show against anchors
 * that were kept elsewhere, and are found no finer than from one anchor to the next.
 */
public final class LedgerVerifier {

    private static final int PROGRESS = 10_000;

    /** How far an entry is looked for that was renumbered because others were removed before it. */
    private static final int RENUMBERED = 10_000;

    private final LedgerTable table;

    public LedgerVerifier(LedgerTable table) {
        this.table = table;
    }

    /**
     * @param anchors whose signature was checked, of this tenant, in any order
     * @param progress told the number of entries done now and then
     */
    public LedgerVerdict verify(String tenant, List<Anchor> anchors, LongConsumer progress) {
        Run run = new Run(tenant, anchors);
        try (Stream<Row> rows = table.rows(tenant)) {
            var each = rows.iterator();
            while (each.hasNext()) {
                Optional<Broken> broken = run.next(each.next());
                if (broken.isPresent()) {
                    return broken.get();
                }
                if (run.done % PROGRESS == 0) {
                    progress.accept(run.done);
                }
            }
        }
        return run.end()
                .<LedgerVerdict>map(broken -> broken)
                .orElseGet(() -> new Sound(run.done, run.erased, anchors.size()));
    }

    private final class Run {
        private final String tenant;
        private final Map<Long, List<Anchor>> anchors;
        private final Map<String, String> wrongTerms;
        private final Map<String, String> wrongTexts;
        private long done;
        private long erased;
        private long anchored;
        private LedgerEntry last;

        Run(String tenant, List<Anchor> anchors) {
            this.tenant = tenant;
            this.anchors = anchors.stream().collect(Collectors.groupingBy(Anchor::position));
            this.wrongTerms = table.changedTerms(tenant);
            this.wrongTexts = table.changedTexts(tenant);
        }

        Optional<Broken> next(Row row) {
            LedgerEntry entry = row.entry();
            long index = done + 1;
            if (entry.index() != index || !follows(entry) || !entry.isSound()) {
                return Optional.of(misplaced(index, entry));
            }
            Optional<Broken> broken = beside(row).or(() -> againstAnchors(entry));
            done = index;
            last = entry;
            return broken;
        }

        private String lastHash() {
            return last == null ? LedgerEntry.GENESIS : last.hashHex();
        }

        private boolean follows(LedgerEntry entry) {
            return entry.text("prevHash").equals(lastHash());
        }

        /** What the entry names and does not hold itself. */
        private Optional<Broken> beside(Row row) {
            LedgerEntry entry = row.entry();
            PersonalPart personal = row.personal();
            if (personal == null) {
                erased++;
            } else if (!personal.opens(entry)) {
                return Optional.of(
                        changed(
                                entry,
                                "the evidence, address or salt kept for it is not what it committed"
                                        + " to"));
            }
            String terms = entry.text("termsSha256");
            if (terms != null && wrongTerms.containsKey(terms)) {
                return Optional.of(changed(entry, "the terms it names " + wrongTerms.get(terms)));
            }
            String text = entry.text("textVersion") + "/" + entry.text("language");
            if (entry.text("textSha256") != null && wrongTexts.containsKey(text)) {
                return Optional.of(changed(entry, "the text it names " + wrongTexts.get(text)));
            }
            return Optional.empty();
        }

        private Optional<Broken> againstAnchors(LedgerEntry entry) {
            for (Anchor anchor : anchors.getOrDefault(entry.index(), List.of())) {
                if (!anchor.entryHash().equals(entry.hashHex())) {
                    return Optional.of(
                            new Broken(
                                    anchored + 1,
                                    null,
                                    Kind.REWRITTEN,
                                    "the chain is sound in itself but is not the one anchored on "
                                            + anchor.date()
                                            + ": something from entry "
                                            + (anchored + 1)
                                            + " to "
                                            + entry.index()
                                            + " was changed and all hashes after it were made anew"));
                }
                anchored = entry.index();
            }
            return Optional.empty();
        }

        private Broken misplaced(long index, LedgerEntry found) {
            if (last != null && found.fields().equals(last.fields())) {
                return inserted(found.index(), found, "it stands there twice");
            }
            Optional<LedgerEntry> belongs =
                    table.after(tenant, lastHash()).stream()
                            .filter(entry -> entry.at(index).isSound())
                            .min(Comparator.comparingLong(LedgerEntry::index));
            if (belongs.isPresent()) {
                return displaced(index, found, belongs.get());
            }
            if (found.index() > index) {
                return new Broken(
                        index,
                        null,
                        Kind.REMOVED,
                        "there is no entry "
                                + index
                                + "; the next one has number "
                                + found.index());
            }
            if (found.index() < index) {
                return inserted(found.index(), found, "there is another entry with this number");
            }
            if (last != null && foundWasNumbered(index - 1, found)) {
                return inserted(
                        index - 1,
                        last,
                        "the next entry had this number and names another predecessor");
            }
            if (follows(found)) {
                return changed(found, "its fields do not give its entry_hash");
            }
            if (found.isSound()) {
                return last == null
                        ? changed(found, "it is not the first entry of a chain")
                        : changed(
                                last,
                                "the next entry was chained to another entry_hash: this one was"
                                        + " changed and its hash made anew");
            }
            for (int removed = 1; removed <= RENUMBERED; removed++) {
                if (found.at(index + removed).isSound()) {
                    return new Broken(
                            index,
                            found.id(),
                            Kind.REMOVED,
                            "the entry with this number had number "
                                    + (index + removed)
                                    + ": "
                                    + removed
                                    + " before it are gone and the rest was renumbered");
                }
            }
            return changed(found, "neither its fields nor its prev_hash are what was written");
        }

        /** The predecessor of the last entry is what this one was chained to. */
        private boolean foundWasNumbered(long index, LedgerEntry found) {
            return found.text("prevHash").equals(last.text("prevHash"))
                    && found.at(index).isSound();
        }

        private Broken displaced(long index, LedgerEntry found, LedgerEntry belongs) {
            if (found.id().equals(belongs.id()) && found.index() == belongs.index()) {
                return new Broken(
                        index, found.id(), Kind.REORDERED, "it was renumbered to " + found.index());
            }
            String away =
                    "entry " + belongs.id() + " belongs here and has number " + belongs.index();
            long first = Math.min(index, found.index());
            return isOfTheChain(found, belongs.index())
                    ? new Broken(first, found.id(), Kind.REORDERED, away)
                    : inserted(first, found, away);
        }

        /** Whether an entry in the wrong place is sound in its own. */
        private boolean isOfTheChain(LedgerEntry found, long perhaps) {
            return found.at(perhaps).isSound()
                    || table.after(tenant, found.hashHex()).stream()
                            .anyMatch(next -> found.at(next.index() - 1).isSound())
                    || table.head(tenant)
                            .map(head -> found.at(head.chainIndex()).isSound())
                            .orElse(false);
        }

        Optional<Broken> end() {
            LedgerAnchors.Head head =
                    table.head(tenant).orElse(new LedgerAnchors.Head(0, LedgerEntry.GENESIS));
            long reached = anchors.keySet().stream().max(Comparator.naturalOrder()).orElse(0L);
            if (Math.max(head.chainIndex(), reached) > done) {
                String told =
                        reached > done
                                ? "the anchor of " + anchors.get(reached).getFirst().date()
                                : "the head of the chain";
                return Optional.of(
                        new Broken(
                                done + 1,
                                null,
                                Kind.CUT,
                                told
                                        + " knows entry "
                                        + Math.max(head.chainIndex(), reached)
                                        + ", the ledger ends with "
                                        + done));
            }
            if (head.chainIndex() < done) {
                return Optional.of(
                        new Broken(
                                head.chainIndex() + 1,
                                null,
                                Kind.INSERTED,
                                "the head of the chain ends with "
                                        + head.chainIndex()
                                        + ", the ledger with "
                                        + done));
            }
            if (!head.entryHash().equals(lastHash())) {
                return last == null
                        ? Optional.of(
                                new Broken(
                                        1,
                                        null,
                                        Kind.CHANGED,
                                        "the head of the empty chain differs"))
                        : Optional.of(
                                changed(last, "the head of the chain knows another entry_hash"));
            }
            return Optional.empty();
        }

        private Broken changed(LedgerEntry entry, String what) {
            return new Broken(entry.index(), entry.id(), Kind.CHANGED, what);
        }

        private Broken inserted(long index, LedgerEntry entry, String what) {
            return new Broken(index, entry.id(), Kind.INSERTED, what);
        }
    }

    /** Whether these terms are the ones with this hash. */
    static boolean isHashOf(String sha256, com.fasterxml.jackson.databind.JsonNode terms) {
        return HexFormat.of().formatHex(CanonicalJson.sha256(terms)).equals(sha256);
    }
}
