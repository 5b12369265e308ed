package org.jawort.archive;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jawort.archive.ArchiveFinding.Kind;

/** The manifests of one folder: each names the one before it with its hash. */
final class ArchiveChain {

    private final String folder;
    private final String from;
    private final List<ArchiveFinding> findings;
    private final Set<String> files = new HashSet<>();
    private Manifest last;
    private String unknown; // a file that should be in the chain and whose manifest cannot be read

    /**
     * @param folder as it is to be named
     * @param from the oldest file there should be; {@code null} for all
     */
    ArchiveChain(String folder, String from, List<ArchiveFinding> findings) {
        this.folder = folder;
        this.from = from;
        this.findings = findings;
    }

    void withoutManifest(String file) {
        unknown = file;
    }

    void add(Manifest manifest, String place) {
        if (!manifest.sumsUp()) {
            add(Kind.ALTERED, place, "its manifest's own sums do not fit its entries");
        }
        Manifest.Previous previous = manifest.previous();
        if (last == null && previous == null) {
            // the first there ever was
        } else if (last == null) {
            boolean begins = manifest.file().equals(from);
            if (!begins && !previous.file().equals(unknown)) {
                add(Kind.MISSING, place(previous.file()), manifest.file() + " follows it");
            }
        } else if (previous == null) {
            add(Kind.ALTERED, place, "its manifest names none before it, and there is one");
        } else if (!previous.file().equals(last.file())) {
            if (!previous.file().equals(unknown)) {
                add(Kind.MISSING, place(previous.file()), manifest.file() + " follows it");
            }
        } else if (!previous.sha256().equals(last.sha256())) {
            add(
                    Kind.ALTERED,
                    place(last.file()),
                    "its manifest is not the one that %s follows: SHA-256 %s instead of %s"
                            .formatted(manifest.file(), last.sha256(), previous.sha256()));
        }
        last = manifest;
        files.add(manifest.file());
        unknown = null;
    }

    /** Whether a manifest of this file was read. */
    boolean has(String file) {
        return files.contains(file);
    }

    /**
     * @param said by the hub's own note of what it closed last
     * @param closing whether this file is closed and not yet noted: its lines are still there
     */
    void endsWith(Manifest.Previous said, Predicate<String> closing) {
        if (last != null && said.equals(last.previous()) && closing.test(last.file())) {
            return;
        }
        if (last == null || !last.file().equals(said.file())) {
            if (!said.file().equals(unknown)) {
                add(Kind.MISSING, place(said.file()), "the hub closed it last");
            }
        } else if (!last.sha256().equals(said.sha256())) {
            add(
                    Kind.ALTERED,
                    place(last.file()),
                    "its manifest is not the one the hub wrote last: SHA-256 %s instead of %s"
                            .formatted(last.sha256(), said.sha256()));
        }
    }

    private String place(String file) {
        return folder.isEmpty() ? file : folder + "/" + file;
    }

    private void add(Kind kind, String place, String what) {
        findings.add(new ArchiveFinding(kind, place, "", what));
    }
}
