package org.jawort.archive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.archive.ArchiveFinding.Kind;

/**
 * Compares what a file holds with what its manifest says, and names each message that differs, not
 * the ones that stand elsewhere because of it.
 */
final class Alignment {

    /**
     * A message as it stands in the file.
     *
     * @param where its line or entry
     * @param sha256 {@code null} if it could not be read
     */
    record Found(String where, EventIds ids, byte[] sha256) {}

    private static final int NONE = -1;

    private final String place;
    private final List<Manifest.Entry> expected;
    private final List<Found> found;
    private final List<ArchiveFinding> findings = new ArrayList<>();
    private final int[] entryOf; // by message found, its entry
    private final boolean[] taken; // by entry, whether a message was found for it
    private final boolean[] doubled; // by message found

    Alignment(String place, List<Manifest.Entry> expected, List<Found> found) {
        this.place = place;
        this.expected = expected;
        this.found = found;
        entryOf = new int[found.size()];
        Arrays.fill(entryOf, NONE);
        taken = new boolean[expected.size()];
        doubled = new boolean[found.size()];
    }

    List<ArchiveFinding> findings() {
        matchByContent();
        matchById();
        matchByPlace();
        for (int i = 0; i < found.size(); i++) {
            if (entryOf[i] == NONE && !doubled[i]) {
                add(Kind.ADDED, found.get(i), "its manifest does not know it");
            }
        }
        for (int j = 0; j < expected.size(); j++) {
            if (!taken[j]) {
                Manifest.Entry entry = expected.get(j);
                findings.add(
                        new ArchiveFinding(
                                Kind.MISSING,
                                place,
                                describe(whereWas(j), entry.ids()),
                                "its manifest has it, with SHA-256 " + entry.hex()));
            }
        }
        order();
        return findings;
    }

    private void matchByContent() {
        Map<String, Integer> entries = new HashMap<>();
        for (int j = 0; j < expected.size(); j++) {
            entries.put(expected.get(j).hex(), j);
        }
        Map<Integer, Integer> messages = new HashMap<>();
        for (int i = 0; i < found.size(); i++) {
            Integer entry = entry(found.get(i), entries);
            if (entry != null && (!taken[entry] || isNamed(i, entry))) {
                match(i, entry);
                Integer before = messages.put(entry, i);
                if (before != null) {
                    entryOf[before] = NONE;
                }
            }
        }
        for (int i = 0; i < found.size(); i++) {
            Integer entry = entry(found.get(i), entries);
            if (entry != null && entryOf[i] == NONE) {
                int other = messages.get(entry);
                doubled[i] = true;
                doubled[other] = true; // in a file of lines, either may be the one put in
                findings.add(
                        new ArchiveFinding(
                                Kind.DOUBLED,
                                place,
                                describe(found.get(i).where(), expected.get(entry).ids()),
                                "the same as " + found.get(other).where()));
            } else if (entry != null) {
                checkName(i, entry);
            }
        }
    }

    private static Integer entry(Found message, Map<String, Integer> entries) {
        return message.sha256() == null ? null : entries.get(Sha256.hex(message.sha256()));
    }

    private boolean isNamed(int message, int entry) {
        return found.get(message).where().equals(expected.get(entry).name());
    }

    private void match(int message, int entry) {
        entryOf[message] = entry;
        taken[entry] = true;
    }

    private void checkName(int message, int entry) {
        String name = expected.get(entry).name();
        if (name != null && !name.equals(found.get(message).where())) {
            add(Kind.ALTERED, found.get(message), "its manifest names it " + name);
        }
    }

    private void matchById() {
        Map<UUID, Integer> ids = new HashMap<>();
        Map<Long, Integer> sequences = new HashMap<>();
        for (int j = 0; j < expected.size(); j++) {
            EventIds entry = expected.get(j).ids();
            if (!taken[j] && entry.id() != null) {
                ids.putIfAbsent(entry.id(), j);
            }
            if (!taken[j] && entry.sequence() != null) {
                sequences.putIfAbsent(entry.sequence(), j);
            }
        }
        for (int i = 0; i < found.size(); i++) {
            if (entryOf[i] == NONE && !doubled[i]) {
                EventIds message = found.get(i).ids();
                Integer entry = message.id() == null ? null : ids.get(message.id());
                if (entry == null && message.sequence() != null) {
                    entry = sequences.get(message.sequence());
                }
                if (entry != null && !taken[entry]) {
                    altered(i, entry);
                }
            }
        }
    }

    /** A message nobody can tell the id of any more, where one is gone: that one. */
    private void matchByPlace() {
        int next = 0;
        for (int i = 0; i < found.size(); i++) {
            if (entryOf[i] != NONE) {
                next = doubled[i] ? next : entryOf[i] + 1;
            } else if (!doubled[i] && next < expected.size() && !taken[next]) {
                altered(i, next);
                next++;
            }
        }
    }

    private void altered(int message, int entry) {
        entryOf[message] = entry;
        taken[entry] = true;
        byte[] hash = found.get(message).sha256();
        findings.add(
                new ArchiveFinding(
                        Kind.ALTERED,
                        place,
                        describe(found.get(message).where(), expected.get(entry).ids()),
                        "its manifest has SHA-256 %s, it has %s"
                                .formatted(
                                        expected.get(entry).hex(),
                                        hash == null
                                                ? "bytes that cannot be read"
                                                : Sha256.hex(hash))));
    }

    /** The fewest messages that, taken out, leave the others in the order of the manifest. */
    private void order() {
        List<Integer> messages = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            if (entryOf[i] != NONE && !doubled[i]) {
                messages.add(i);
            }
        }
        boolean[] inOrder = LongestRise.of(messages.stream().mapToLong(i -> entryOf[i]).toArray());
        for (int k = 0; k < messages.size(); k++) {
            if (!inOrder[k]) {
                int message = messages.get(k);
                add(
                        Kind.OUT_OF_ORDER,
                        found.get(message),
                        "its manifest has it as number %d of %d"
                                .formatted(entryOf[message] + 1, expected.size()));
            }
        }
    }

    private String whereWas(int entry) {
        String name = expected.get(entry).name();
        return name != null ? name : "line " + (entry + 1);
    }

    private void add(Kind kind, Found message, String what) {
        findings.add(
                new ArchiveFinding(kind, place, describe(message.where(), message.ids()), what));
    }

    /** {@code line 7 (sequence 12, 019ab3c2-…)}. */
    static String describe(String where, EventIds ids) {
        if (ids.sequence() == null) {
            return where;
        }
        return "%s (sequence %d%s)"
                .formatted(where, ids.sequence(), ids.id() == null ? "" : ", " + ids.id());
    }
}
