package org.jawort.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.UUID;

/**
 * Which events were written: a file with 32 bytes per sequence, the event's id and the first half
 * of the SHA-256 of its line. Finds a delivery that comes again however late, without a list in
 * memory. It is forced before a line it knows of leaves the open files; what a crash takes from it
 * is read from those again.
 */
final class SequenceIndex implements AutoCloseable {

    static final String NAME = "written";

    private static final int SLOT = 32;
    private static final int HALF = 16;
    private static final int SLOTS_AT_ONCE = 2048;

    private volatile FileChannel file;

    SequenceIndex(Path directory, Disk disk) throws IOException {
        this(open(directory, disk));
    }

    private SequenceIndex(FileChannel file) {
        this.file = file;
    }

    private static FileChannel open(Path directory, Disk disk) throws IOException {
        return disk.open(
                directory.resolve(NAME),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    /** One that is only looked at. */
    static SequenceIndex read(Path directory) throws IOException {
        return new SequenceIndex(
                FileChannel.open(directory.resolve(NAME), StandardOpenOption.READ));
    }

    /** Not any more, if a thread that used it was interrupted. */
    boolean isOpen() {
        return file.isOpen();
    }

    /** Opens it again if it is not open; who does this is the only one to use it. */
    void reopen(Path directory, Disk disk) throws IOException {
        if (!file.isOpen()) {
            file = open(directory, disk);
        }
    }

    /** Whether this very event was written; another under its sequence is not. */
    boolean has(long sequence, UUID id) throws IOException {
        ByteBuffer slot = slot(sequence);
        return slot.getLong() == id.getMostSignificantBits()
                && slot.getLong() == id.getLeastSignificantBits();
    }

    /** Whether any event was written under the sequence. */
    boolean has(long sequence) throws IOException {
        ByteBuffer slot = slot(sequence);
        return slot.getLong() != 0 || slot.getLong() != 0;
    }

    /** Whether the line written under the sequence had this hash. */
    boolean hadHash(long sequence, byte[] sha256) throws IOException {
        return Arrays.equals(slot(sequence).array(), HALF, SLOT, sha256, 0, HALF);
    }

    void put(long sequence, UUID id, byte[] sha256) throws IOException {
        ByteBuffer slot =
                ByteBuffer.allocate(SLOT)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .put(sha256, 0, HALF)
                        .flip();
        for (long at = sequence * SLOT; slot.hasRemaining(); ) {
            at += file.write(slot, at);
        }
    }

    /** Every sequence that something was written under by now. */
    BitSet written() throws IOException {
        BitSet written = new BitSet();
        ByteBuffer slots = ByteBuffer.allocate(SLOT * SLOTS_AT_ONCE);
        for (long first = 0; file.read(slots.clear(), first * SLOT) >= SLOT; ) {
            slots.flip();
            int read = slots.remaining() / SLOT;
            for (int i = 0; i < read; i++) {
                if (slots.getLong(i * SLOT) != 0 || slots.getLong(i * SLOT + Long.BYTES) != 0) {
                    written.set(Math.toIntExact(first + i));
                }
            }
            first += read;
        }
        return written;
    }

    private ByteBuffer slot(long sequence) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        while (slot.hasRemaining() && file.read(slot, sequence * SLOT + slot.position()) >= 0) {
            // read on until the slot is full; what lies behind the end of the file is zero
        }
        return slot.clear();
    }

    void force() throws IOException {
        file.force(true);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException closed) {
            // the open files tell what is not on disk
        }
    }
}
