package org.jawort.archive;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jawort.delivery.JournalFile;

/**
 * Writes one destination's archive: lines into an open file, each on disk before it is
 * acknowledged, and of a file that is over, another with a manifest. An event that was written is
 * not written again. Thread-safe; one process at a time, which a lock sees to.
 */
abstract class ArchiveWriter implements AutoCloseable {

    static final String STATE = ".state";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is written of an event. */
    interface Line {
        /**
         * @param file the open file it goes into
         */
        byte[] in(Path file) throws IOException;
    }

    final Path folder;
    final Path state;
    final Disk disk;
    final SequenceIndex index;

    private final FileChannel lockFile;
    private final ReadWriteLock turning = new ReentrantReadWriteLock();
    private final Set<Long> inFlight = ConcurrentHashMap.newKeySet();
    private final AtomicLong lines = new AtomicLong();
    private final AtomicLong size = new AtomicLong();
    private JournalFile open; // guarded by turning
    private Path openPath; // guarded by turning
    private Instant openSince; // guarded by turning
    private boolean ended; // guarded by turning
    private volatile boolean torn; // the index may not know of a line of the open file

    ArchiveWriter(Path folder, Disk disk) throws IOException {
        this.folder = folder;
        this.state = folder.resolve(STATE);
        this.disk = disk;
        disk.makeDirectory(state);
        lockFile = lock(state.resolve("lock"));
        try {
            index = new SequenceIndex(state, disk);
        } catch (IOException unreadable) {
            lockFile.close();
            throw unreadable;
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException ours) {
            lock = null;
        }
        if (lock == null) {
            file.close();
            throw new IOException("another hub writes to this archive");
        }
        return file;
    }

    /** The file to write to from now on: it exists, or will. */
    abstract Path next(Instant now) throws IOException;

    /** Whether a file is over, its name, its lines and when it was begun being known. */
    abstract boolean isOver(Path file, long lines, long size, Instant since, Instant now);

    /** Whether a file may be closed before it is over. */
    abstract boolean mayCloseEarly();

    /** Nothing is written to the file any more, also after a crash. */
    abstract void seal(Path file) throws IOException;

    /** From now on {@link #next} does not name the file. */
    abstract void takesNoMore(Path file);

    /** The files that are over, in their order, without the open one. */
    abstract List<Path> sealed(Path open, Instant now) throws IOException;

    /** Makes of a sealed file what the archive ingests, and removes it. May be done again. */
    abstract void make(Path file) throws IOException;

    /** When the line was written; {@code null} if it does not say. */
    abstract Instant writtenAt(byte[] line) throws IOException;

    /**
     * Returns once the event is on disk for good.
     *
     * @return false if it was before
     * @throws IOException if it could not be written, or is just being written
     */
    boolean append(EventIds ids, Line line, Instant now) throws IOException {
        if (!ids.complete()) {
            return write(ids, line, now);
        }
        if (!inFlight.add(ids.sequence())) {
            throw new IOException("the same delivery is being written");
        }
        try {
            return write(ids, line, now);
        } finally {
            inFlight.remove(ids.sequence());
        }
    }

    private boolean write(EventIds ids, Line line, Instant now) throws IOException {
        turning.readLock().lock();
        while (open == null
                || isTorn()
                || isOver(openPath, lines.get(), size.get(), openSince, now)) {
            turning.readLock().unlock();
            Undisturbed.call(() -> turn(now));
            turning.readLock().lock();
        }
        try {
            if (ids.complete() && Undisturbed.call(() -> index.has(ids.sequence(), ids.id()))) {
                return false;
            }
            byte[] bytes = line.in(openPath); // may be interrupted: it waits for others than a disk
            return Undisturbed.call(() -> put(ids, bytes));
        } finally {
            turning.readLock().unlock();
        }
    }

    private boolean put(EventIds ids, byte[] line) throws IOException {
        try {
            open.append(line);
            count(line);
            if (ids.complete()) {
                index.put(ids.sequence(), ids.id(), Sha256.of(line));
            }
            return true;
        } catch (IOException broken) {
            torn = true;
            throw broken;
        }
    }

    private boolean isTorn() {
        return torn || !index.isOpen();
    }

    private void count(byte[] line) throws IOException {
        lines.incrementAndGet();
        size.addAndGet(sizeOf(line));
    }

    /** What a line and all that belongs to it takes. */
    long sizeOf(byte[] line) throws IOException {
        return line.length;
    }

    /** Seals the open file if it is over, and opens the next. */
    private Void turn(Instant now) throws IOException {
        turning.writeLock().lock();
        try {
            repair(now);
            if (open != null) {
                if (!isOver(openPath, lines.get(), size.get(), openSince, now)) {
                    return null;
                }
                shut();
            }
            open(next(now), now);
            return null;
        } finally {
            turning.writeLock().unlock();
        }
    }

    /**
     * Opens afresh what is not sound, which cuts off half a line and tells the index of each whole
     * one: before the file is sealed, or what was written and not told would be written again.
     */
    private void repair(Instant now) throws IOException {
        if (ended) {
            throw new IOException("the archive is closed");
        }
        if (isTorn()) {
            if (open != null) {
                open.close();
                open = null;
            }
            index.reopen(state, disk);
            if (openPath != null) {
                open(openPath, now);
            }
            torn = false;
        }
    }

    /** Opens a file for the lines to come, and learns from it what stands there. */
    private void open(Path file, Instant now) throws IOException {
        JournalFile opened = JournalFile.open(file, disk);
        try {
            lines.set(0);
            size.set(0);
            openSince = now;
            learn(
                    file,
                    line -> {
                        if (lines.get() == 0) {
                            Instant written = writtenAt(line);
                            openSince = written == null ? now : written;
                        }
                        count(line);
                    });
        } catch (IOException unreadable) {
            opened.close();
            throw unreadable;
        }
        open = opened;
        openPath = file;
    }

    /** What a crash may have taken from the index stands in the files not yet made into others. */
    void learn(Path file, Lines.Each each) throws IOException {
        Lines.read(
                file,
                line -> {
                    EventIds ids = EventIds.of(line);
                    if (ids.complete()) {
                        index.put(ids.sequence(), ids.id(), Sha256.of(line));
                    }
                    each.line(line);
                });
    }

    /** Goes on with a file that was open when the hub ended. */
    final void resume(Path file, Instant now) throws IOException {
        turning.writeLock().lock();
        try {
            open(file, now);
        } finally {
            turning.writeLock().unlock();
        }
    }

    private void shut() throws IOException {
        Path file = openPath;
        open.close();
        open = null;
        openPath = null; // first: where sealing stops half way, nobody opens it by this name again
        seal(file);
        takesNoMore(file);
    }

    /**
     * Makes what the archive ingests of every file that is over, also if nothing is written to it
     * any more.
     *
     * @return how many
     */
    final synchronized int closeDue(Instant now) throws IOException {
        List<Path> over;
        turning.writeLock().lock();
        try {
            repair(now);
            if (open != null && isOver(openPath, lines.get(), size.get(), openSince, now)) {
                shut();
            }
            // with nobody writing: what is over now is opened by no writer whose clock is behind
            over = new ArrayList<>(sealed(openPath, now));
            for (Path file : over) {
                takesNoMore(file);
            }
        } finally {
            turning.writeLock().unlock();
        }
        for (Path file : over) {
            make(file);
        }
        return over.size();
    }

    /**
     * The same with the open file, if it may be closed early: its hub ends, and no other one comes
     * to this folder.
     */
    final synchronized int closeEarly(Instant now) throws IOException {
        turning.writeLock().lock();
        try {
            repair(now);
            if (open != null && lines.get() > 0 && mayCloseEarly()) {
                shut();
            }
        } finally {
            turning.writeLock().unlock();
        }
        return closeDue(now);
    }

    /**
     * Sequences behind one and up to another that nothing was written under. Noted before the
     * manifest that says so has its name: the archive may have taken that away when the file is
     * made again after a crash, and what came meanwhile must not make another of it.
     */
    final List<Manifest.Range> absent(Path file, long behind, Long upTo) throws IOException {
        Path note = note(file);
        if (Files.exists(note)) {
            return List.of(JSON.readValue(note.toFile(), Manifest.Range[].class));
        }
        List<Manifest.Range> absent = absentNow(behind, upTo);
        if (!absent.isEmpty()) { // where nothing was, nothing can come
            disk.write(note, out -> out.write(JSON.writeValueAsBytes(absent)));
        }
        return absent;
    }

    private Path note(Path file) {
        return state.resolve(file.getFileName().toString().split("[.]", 2)[0] + ".absent");
    }

    private List<Manifest.Range> absentNow(long behind, Long upTo) throws IOException {
        List<Manifest.Range> absent = new ArrayList<>();
        long from = 0;
        for (long at = behind + 1; upTo != null && at <= upTo; at++) {
            boolean there = index.has(at);
            if (!there && from == 0) {
                from = at;
            } else if (there && from != 0) {
                absent.add(new Manifest.Range(from, at - 1));
                from = 0;
            }
        }
        return absent;
    }

    /** The state is on disk, and the index; then the file may go. */
    final void closed(Path file, ArchiveState now) throws IOException {
        now.write(state, disk);
        forget(file);
    }

    final void forget(Path file) throws IOException {
        index.force();
        if (Files.exists(note(file))) {
            disk.remove(note(file));
        }
        disk.remove(file);
    }

    /** Removes a line that a crash cut off: its event was never acknowledged, and comes again. */
    final void mend(Path file) throws IOException {
        JournalFile.open(file, disk).close();
    }

    /** What was appended is on disk already. */
    @Override
    public void close() {
        turning.writeLock().lock();
        try {
            ended = true;
            if (open != null) {
                open.close();
                open = null;
            }
            index.close();
            lockFile.close();
        } catch (IOException unlocked) {
            // the lock goes with the process
        } finally {
            turning.writeLock().unlock();
        }
    }
}
