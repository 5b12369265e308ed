package org.jawort.archive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jawort.archive.ArchiveFinding.Kind;

/** Which sequences of one tenant and destination are in its files, and which should be. */
final class KnownSequences {

    /** Where an event stands. */
    private record Stands(String place, String where, UUID id) {}

    private final Map<Long, Stands> found = new HashMap<>();
    private final TreeSet<Long> written = new TreeSet<>();
    private final List<Manifest.Range> absent = new ArrayList<>();
    private final TreeSet<String> files = new TreeSet<>();
    private String lastManifest = "";
    private long first = Long.MAX_VALUE;

    /** What a manifest says there is, whether or not it is. */
    void written(Manifest manifest) {
        for (Manifest.Entry entry : manifest.entries()) {
            if (entry.ids().sequence() != null) {
                written.add(entry.ids().sequence());
                first = Math.min(first, entry.ids().sequence());
            }
        }
        for (Manifest.Range range : manifest.absent()) {
            absent.add(range);
            first = Math.min(first, range.from());
        }
        lastManifest =
                "; last manifest %s, SHA-256 %s".formatted(manifest.file(), manifest.sha256());
    }

    /** What is there; a message that another file has too is told. */
    void found(String place, List<Alignment.Found> messages, List<ArchiveFinding> findings) {
        files.add(place);
        for (Alignment.Found message : messages) {
            EventIds ids = message.ids();
            if (ids.sequence() == null) {
                continue;
            }
            Stands before =
                    found.putIfAbsent(ids.sequence(), new Stands(place, message.where(), ids.id()));
            if (before != null && !before.place().equals(place)) {
                findings.add(
                        new ArchiveFinding(
                                Kind.DOUBLED,
                                place,
                                Alignment.describe(message.where(), ids),
                                "%s %s has %s"
                                        .formatted(
                                                before.place(),
                                                before.where(),
                                                before.id() != null && before.id().equals(ids.id())
                                                        ? "it too"
                                                        : "another of this sequence")));
            }
        }
    }

    boolean isKnown(long sequence) {
        return found.containsKey(sequence) || written.contains(sequence);
    }

    /** Whether a manifest says that it had not come by then. */
    boolean isSaidAbsent(long sequence) {
        return absent.stream()
                .anyMatch(range -> range.from() <= sequence && sequence <= range.to());
    }

    /** The highest that a closed file has. */
    long highestWritten() {
        return written.isEmpty() ? 0 : written.last();
    }

    /**
     * Up to the highest of the closed files, what no file has and no manifest knew to be absent.
     *
     * @param whole whether the files are to begin with the first there ever was
     */
    List<ArchiveFinding> missing(String archive, boolean whole) {
        List<ArchiveFinding> missing = new ArrayList<>();
        absent.sort(java.util.Comparator.comparingLong(Manifest.Range::from));
        int next = 0;
        long from = 0;
        for (long at = whole ? 1 : first; at <= highestWritten() + 1; at++) {
            while (next < absent.size() && absent.get(next).to() < at) {
                next++;
            }
            boolean excused = next < absent.size() && absent.get(next).from() <= at;
            boolean there = at > highestWritten() || isKnown(at) || excused;
            if (!there && from == 0) {
                from = at;
            } else if (there && from != 0) {
                missing.add(
                        new ArchiveFinding(
                                Kind.MISSING,
                                archive,
                                range(from, at - 1),
                                "no file has it, and no manifest says that it never came"));
                from = 0;
            }
        }
        return missing;
    }

    /** As findings name them. */
    static String range(long from, long to) {
        return from == to ? "sequence " + from : "sequences %d to %d".formatted(from, to);
    }

    String sum() {
        long never = 0;
        for (Manifest.Range range : absent) {
            for (long at = range.from(); at <= range.to(); at++) {
                never += isKnown(at) ? 0 : 1;
            }
        }
        return "%d messages in %d file%s%s%s"
                .formatted(
                        found.size(),
                        files.size(),
                        files.size() == 1 ? "" : "s",
                        never == 0
                                ? ""
                                : ", %d sequences never came (withheld, waiting or given up on in the hub)"
                                        .formatted(never),
                        lastManifest);
    }
}
