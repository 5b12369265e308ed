package org.jawort.archive;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.jawort.archive.ArchiveFinding.Kind;

/**
 * Verifies archives as files, without the hub: that each holds what its manifest says, that the
 * manifests follow each other, and that no message is missing between them. Folders of one tenant
 * and destination, as several hubs write them, are seen as one.
 */
public final class ArchiveVerifier {

    private static final Pattern JOURNAL = Pattern.compile("journal-[0-9]{6,}[.]zip");
    private static final Pattern DAY =
            Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})[.](jsonl|jsonl[.]gz|manifest[.]json)");
    private static final long EVERY = 10_000;

    /**
     * What was found.
     *
     * @param notes what is out of order in a file that is still open and whose lines are the hub's
     *     own: a delivery that was replayed, or a line that was moved
     * @param sums a line per tenant and destination
     * @param messages how many were read
     */
    public record Report(
            List<ArchiveFinding> findings,
            List<ArchiveFinding> notes,
            List<String> sums,
            long messages) {}

    private final Path root;
    private final String from;
    private final LongConsumer progress;
    private final long every;
    private final List<ArchiveFinding> findings = new ArrayList<>();
    private final List<ArchiveFinding> notes = new ArrayList<>();
    private final Map<String, KnownSequences> known = new TreeMap<>();
    private long messages;

    /**
     * @param from the oldest file there should be, as manifests name it; {@code null} for all
     * @param progress hears how many messages were read, now and then
     */
    public ArchiveVerifier(Path root, String from, LongConsumer progress) {
        this(root, from, progress, EVERY);
    }

    /**
     * @param every after how many messages progress is told
     */
    ArchiveVerifier(Path root, String from, LongConsumer progress, long every) {
        this.root = root;
        this.from = from;
        this.progress = progress;
        this.every = every;
    }

    /**
     * @throws IOException if the folder cannot be read
     */
    public Report verify() throws IOException {
        for (Path folder : folders()) {
            verify(folder);
        }
        List<String> sums = new ArrayList<>();
        known.forEach(
                (archive, sequences) -> {
                    findings.addAll(sequences.missing(archive, from == null));
                    sums.add(archive + ": " + sequences.sum());
                });
        return new Report(List.copyOf(findings), List.copyOf(notes), sums, messages);
    }

    /** Those that hold files of an archive, or held some: the hub's notes are there still. */
    private TreeSet<Path> folders() throws IOException {
        TreeSet<Path> folders = new TreeSet<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes is) {
                        boolean hidden =
                                !folder.equals(root)
                                        && folder.getFileName().toString().startsWith(".");
                        if (hidden) {
                            return FileVisitResult.SKIP_SUBTREE;
                        }
                        if (isOfHub(folder)) {
                            folders.add(folder);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
                        String name = file.getFileName().toString();
                        if (JOURNAL.matcher(name).matches() || DAY.matcher(name).matches()) {
                            folders.add(file.getParent());
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return folders;
    }

    private static boolean isOfHub(Path folder) {
        Path state = folder.resolve(ArchiveWriter.STATE);
        return Files.exists(state.resolve(ArchiveState.NAME))
                || Files.exists(state.resolve(SequenceIndex.NAME));
    }

    private void verify(Path folder) throws IOException {
        BitSet written = OpenFiles.written(folder);
        Map<String, Path> files = new TreeMap<>();
        try (var list = Files.list(folder)) {
            list.forEach(file -> files.put(file.getFileName().toString(), file));
        }
        ArchiveChain chain = new ArchiveChain(name(folder), from, findings);
        KnownSequences sequences = null;
        List<ArchiveFile> open = new ArrayList<>();
        for (String name : names(files)) {
            ArchiveFile file = read(name, files);
            if (sequences == null) {
                sequences =
                        known.computeIfAbsent(archive(folder, file), any -> new KnownSequences());
            }
            boolean takesMore =
                    file.manifest() == null
                            && !JOURNAL.matcher(name).matches()
                            && !files.containsKey(name + ".gz");
            if (takesMore && file.unreadable().isEmpty()) {
                open.add(file);
            } else {
                closed(folder, file, chain, sequences);
                beside(folder, file, files);
            }
        }
        if (sequences == null) {
            sequences = known.computeIfAbsent(archive(folder), any -> new KnownSequences());
        }
        OpenFiles.verify(
                folder,
                place(folder, ""),
                written,
                open,
                chain,
                sequences,
                findings,
                notes,
                this::read);
    }

    /** What manifests would call the files, in the order they were written. */
    private static List<String> names(Map<String, Path> files) {
        TreeSet<String> days = new TreeSet<>();
        List<String> journals = new ArrayList<>();
        for (String file : files.keySet()) {
            var day = DAY.matcher(file);
            if (day.matches()) {
                days.add(day.group(1) + ".jsonl");
            } else if (JOURNAL.matcher(file).matches()) {
                journals.add(file);
            }
        }
        journals.sort(
                java.util.Comparator.comparingLong(
                        file -> Long.parseLong(file.replaceAll("[^0-9]", ""))));
        List<String> names = new ArrayList<>(days);
        names.addAll(journals);
        return names;
    }

    private ArchiveFile read(String name, Map<String, Path> files) {
        if (JOURNAL.matcher(name).matches()) {
            return ArchiveFile.journal(files.get(name), this::read);
        }
        String day = name.substring(0, name.length() - ".jsonl".length());
        Path data = files.getOrDefault(name + ".gz", files.get(name));
        return ArchiveFile.day(name, data, files.get(day + Manifest.SUFFIX), this::read);
    }

    private void read() {
        messages++;
        if (messages % every == 0) {
            progress.accept(messages);
        }
    }

    /** By its manifest, else by the folders the hub puts it in. */
    private static String archive(Path folder, ArchiveFile file) {
        return file.manifest() == null
                ? archive(folder)
                : file.manifest().tenant() + "/" + file.manifest().destination();
    }

    private static String archive(Path folder) {
        Path parent = folder.toAbsolutePath().normalize();
        return (parent.getParent() == null ? "" : parent.getParent().getFileName() + "/")
                + parent.getFileName();
    }

    private void closed(
            Path folder, ArchiveFile file, ArchiveChain chain, KnownSequences sequences) {
        String place = place(folder, file.name());
        Manifest manifest = file.manifest();
        if (!file.unreadable().isEmpty()) {
            findings.add(new ArchiveFinding(Kind.UNREADABLE, place, "", file.unreadable()));
        }
        if (manifest == null) {
            if (file.unreadable().isEmpty()) {
                findings.add(
                        new ArchiveFinding(
                                Kind.MISSING, place, "", "it is closed and has no manifest"));
            }
            chain.withoutManifest(file.name());
            sequences.found(place, file.found(), findings);
            return;
        }
        if (!manifest.file().equals(file.name())) {
            findings.add(
                    new ArchiveFinding(
                            Kind.ALTERED, place, "", "its manifest is of " + manifest.file()));
        }
        chain.add(manifest, place);
        sequences.written(manifest);
        sequences.found(place, file.found(), findings);
        List<Manifest.Entry> entries = manifest.entries();
        if (!file.unreadable().isEmpty()) {
            // what lies behind the damage is one finding, not one a message
            entries = entries.subList(0, Math.min(file.found().size(), entries.size()));
            rest(place, manifest.entries(), entries.size());
        } else if (file.found().isEmpty() && !entries.isEmpty() && !isThere(folder, file)) {
            findings.add(new ArchiveFinding(Kind.MISSING, place, "", "only its manifest is here"));
            rest(place, entries, 0);
            return;
        }
        findings.addAll(new Alignment(place, entries, file.found()).findings());
    }

    /** The lines of a closed day go last: until then they are those that the manifest is of. */
    private void beside(Path folder, ArchiveFile file, Map<String, Path> files) throws IOException {
        Path plain = files.get(file.name());
        if (plain == null || file.manifest() == null || !files.containsKey(file.name() + ".gz")) {
            return;
        }
        if (!Sha256.hex(Sha256.of(plain)).equals(file.manifest().content())) {
            findings.add(
                    new ArchiveFinding(
                            Kind.ADDED,
                            place(folder, file.name()),
                            "",
                            "it stands beside the compressed file, and the manifest is of another"));
        }
    }

    private static boolean isThere(Path folder, ArchiveFile file) {
        return Files.exists(folder.resolve(file.name()))
                || Files.exists(folder.resolve(file.name() + ".gz"));
    }

    private void rest(String place, List<Manifest.Entry> entries, int read) {
        if (read < entries.size()) {
            Manifest.Entry first = entries.get(read);
            Manifest.Entry last = entries.getLast();
            findings.add(
                    new ArchiveFinding(
                            Kind.MISSING,
                            place,
                            "entries %d to %d".formatted(read + 1, entries.size()),
                            "sequences %s to %s cannot be read"
                                    .formatted(first.ids().sequence(), last.ids().sequence())));
        }
    }

    private String name(Path folder) {
        return root.relativize(folder).toString();
    }

    private String place(Path folder, String file) {
        String name = name(folder);
        return name.isEmpty() ? file : file.isEmpty() ? name : name + "/" + file;
    }
}
