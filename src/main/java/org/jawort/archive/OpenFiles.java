package org.jawort.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.archive.ArchiveFinding.Kind;

/**
 * What has no manifest yet: day files still written to, and the lines of the next journal. In the
 * hub's own folder its notes in {@code .state} tell what was written; in a copy without them, a gap
 * and the order within a conversation have to do.
 */
final class OpenFiles {

    private final String folder;
    private final KnownSequences sequences;
    private final List<ArchiveFinding> findings;
    private final List<ArchiveFinding> disorder;

    private OpenFiles(
            String folder,
            KnownSequences sequences,
            List<ArchiveFinding> findings,
            List<ArchiveFinding> disorder) {
        this.folder = folder;
        this.sequences = sequences;
        this.findings = findings;
        this.disorder = disorder;
    }

    /**
     * What the hub's notes say was written; {@code null} if they are not here. To be asked before
     * any file is read: what a running hub writes from then on may be in none of them.
     */
    static BitSet written(Path directory) throws IOException {
        Path state = directory.resolve(ArchiveWriter.STATE);
        if (Files.notExists(state.resolve(SequenceIndex.NAME))) {
            return null;
        }
        try (SequenceIndex index = SequenceIndex.read(state)) {
            return index.written();
        }
    }

    /**
     * @param written as {@link #written} gives it
     * @param notes takes what need not be wrong: a dead letter that was replayed stands behind
     *     later lines of its conversation
     */
    static void verify(
            Path directory,
            String folder,
            BitSet written,
            List<ArchiveFile> open,
            ArchiveChain chain,
            KnownSequences sequences,
            List<ArchiveFinding> findings,
            List<ArchiveFinding> notes,
            ArchiveFile.Progress progress)
            throws IOException {
        Path state = directory.resolve(ArchiveWriter.STATE);
        OpenFiles files =
                new OpenFiles(folder, sequences, findings, written == null ? findings : notes);
        if (Files.exists(state.resolve(ArchiveState.NAME))) {
            chain.endsWith(
                    ArchiveState.read(state).last(),
                    file ->
                            Files.exists(
                                    file.endsWith(".zip")
                                            ? full(state, file)
                                            : directory.resolve(file)));
        }
        long highest = sequences.highestWritten();
        List<ArchiveFile> all = new ArrayList<>(open);
        all.addAll(waiting(state, progress));
        for (ArchiveFile file : all) {
            if (!isMade(file, chain)) {
                files.check(file);
            }
        }
        if (written != null) {
            try (SequenceIndex index = SequenceIndex.read(state)) {
                for (ArchiveFile file : all) {
                    files.compare(file, index);
                }
            }
            files.gaps(highest, written);
        } else {
            files.gaps(highest, all);
        }
    }

    /** The lines of journals that are not closed. */
    private static List<ArchiveFile> waiting(Path state, ArchiveFile.Progress progress)
            throws IOException {
        if (Files.notExists(state)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(state)) {
            return files.filter(
                            file -> file.getFileName().toString().matches("[0-9]+[.](jsonl|full)"))
                    .sorted()
                    .map(
                            file ->
                                    ArchiveFile.day(
                                            ArchiveWriter.STATE + "/" + file.getFileName(),
                                            file,
                                            null,
                                            progress))
                    .toList();
        }
    }

    /** The lines that a journal is made of; they are removed when all else is done. */
    private static Path full(Path state, String journal) {
        return state.resolve(journal.replaceAll("[^0-9]", "") + ".full");
    }

    /** Whether its lines are messages of a closed journal already. */
    private static boolean isMade(ArchiveFile file, ArchiveChain chain) {
        return file.name().endsWith(".full")
                && chain.has("journal-" + file.name().replaceAll("[^0-9]", "") + ".zip");
    }

    private void check(ArchiveFile file) {
        String place = place(file);
        if (!file.unreadable().isEmpty()) {
            findings.add(new ArchiveFinding(Kind.UNREADABLE, place, "", file.unreadable()));
        }
        sequences.found(place, file.found(), findings);
        Map<Long, String> seen = new HashMap<>();
        Set<Long> doubled = new HashSet<>();
        for (Alignment.Found message : file.found()) {
            Long sequence = message.ids().sequence();
            String before = sequence == null ? null : seen.putIfAbsent(sequence, message.where());
            if (before != null) {
                add(Kind.DOUBLED, place, message, before + " has this sequence too");
                doubled.add(sequence);
            }
        }
        Map<String, List<Alignment.Found>> conversations = new LinkedHashMap<>();
        for (Alignment.Found message : file.found()) {
            EventIds ids = message.ids();
            if (ids.sequence() != null
                    && ids.subject() != null
                    && !doubled.contains(ids.sequence())) {
                conversations.computeIfAbsent(ids.subject(), any -> new ArrayList<>()).add(message);
            }
        }
        conversations.values().forEach(messages -> order(place, messages));
    }

    private void order(String place, List<Alignment.Found> conversation) {
        boolean[] inOrder =
                LongestRise.of(
                        conversation.stream()
                                .mapToLong(message -> message.ids().sequence())
                                .toArray());
        for (int i = 0; i < inOrder.length; i++) {
            if (!inOrder[i]) {
                Alignment.Found message = conversation.get(i);
                disorder.add(
                        new ArchiveFinding(
                                Kind.OUT_OF_ORDER,
                                place,
                                Alignment.describe(message.where(), message.ids()),
                                "the sequences of its conversation do not rise"));
            }
        }
    }

    private void compare(ArchiveFile file, SequenceIndex index) throws IOException {
        for (Alignment.Found message : file.found()) {
            Long sequence = message.ids().sequence();
            UUID id = message.ids().id();
            if (sequence == null) {
                continue; // a mapping may leave it out; a line made unreadable is missing below
            }
            if (!index.has(sequence)) {
                add(Kind.ADDED, place(file), message, "the hub did not write it");
            } else if (id == null
                    || !index.has(sequence, id)
                    || !index.hadHash(sequence, message.sha256())) {
                add(Kind.ALTERED, place(file), message, "the hub wrote another line");
            }
        }
    }

    /** What came after a manifest had said that it was absent stands in a file that is open. */
    private void gaps(long closed, BitSet written) {
        long from = 0;
        for (int at = 1; at <= written.length(); at++) {
            boolean isMissing =
                    written.get(at)
                            && !sequences.isKnown(at)
                            && (at > closed || sequences.isSaidAbsent(at));
            if (isMissing && from == 0) {
                from = at;
            } else if (!isMissing && from != 0) {
                missing(KnownSequences.range(from, at - 1), "the hub wrote it, and no file has it");
                from = 0;
            }
        }
    }

    private void gaps(long behind, List<ArchiveFile> open) {
        long highest =
                open.stream()
                        .flatMap(file -> file.found().stream())
                        .map(message -> message.ids().sequence())
                        .filter(java.util.Objects::nonNull)
                        .mapToLong(Long::longValue)
                        .max()
                        .orElse(0);
        for (long at = behind + 1; at < highest; at++) {
            if (!sequences.isKnown(at)) {
                missing(
                        KnownSequences.range(at, at),
                        "no file has it; it may wait in the hub, as the files behind the last manifest are still open");
            }
        }
    }

    private void missing(String sequences, String what) {
        findings.add(new ArchiveFinding(Kind.MISSING, folder, sequences, what));
    }

    private String place(ArchiveFile file) {
        return folder.isEmpty() ? file.name() : folder + "/" + file.name();
    }

    private void add(Kind kind, String place, Alignment.Found message, String what) {
        findings.add(
                new ArchiveFinding(
                        kind, place, Alignment.describe(message.where(), message.ids()), what));
    }
}
