package org.jawort.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file of whole lines. Lines that arrive while the disk is busy are written and forced together,
 * so that many writers share one {@code fsync}. The name appears only once the file is on disk; a
 * line cut off by a crash is removed when the file is opened again, because its event was never
 * acknowledged.
 */
public final class JournalFile {

    private static final int TAIL = 64 * 1024;

    /** Opens files; a test's own sees what is forced to disk, and when. */
    public interface Disk {
        FileChannel open(Path path, OpenOption... options) throws IOException;
    }

    private static final class Batch {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean written;
        IOException failure;
    }

    private final FileChannel channel;
    private final ReentrantLock filling = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private Batch current = new Batch();

    private JournalFile(FileChannel channel) {
        this.channel = channel;
    }

    public static JournalFile open(Path path) throws IOException {
        return open(path, FileChannel::open);
    }

    public static JournalFile open(Path path, Disk disk) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        makeDirectory(directory, disk);
        if (Files.notExists(path)) {
            Path temporary = directory.resolve("." + path.getFileName() + ".tmp");
            try (FileChannel fresh =
                    disk.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                fresh.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            forceNames(directory, disk);
        }
        FileChannel channel = disk.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        long end = endOfLastLine(channel);
        if (end < channel.size()) {
            channel.truncate(end);
            channel.force(true);
        }
        channel.position(end);
        return new JournalFile(channel);
    }

    private static void makeDirectory(Path directory, Disk disk) throws IOException {
        if (Files.notExists(directory)) {
            makeDirectory(directory.getParent(), disk);
            Files.createDirectories(directory);
            forceNames(directory.getParent(), disk);
        }
    }

    /** The name of a file must survive a power cut as its bytes do. */
    private static void forceNames(Path directory, Disk disk) throws IOException {
        try (FileChannel names = disk.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** Returns once the line is on disk. */
    public void append(byte[] line) throws IOException {
        Batch mine = put(line);
        writing.lock();
        try {
            if (!mine.written) {
                write(take());
            }
        } finally {
            writing.unlock();
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
    }

    private Batch put(byte[] line) {
        filling.lock();
        try {
            current.bytes.writeBytes(line);
            current.bytes.write('\n');
            return current;
        } finally {
            filling.unlock();
        }
    }

    private Batch take() {
        filling.lock();
        try {
            Batch full = current;
            current = new Batch();
            return full;
        } finally {
            filling.unlock();
        }
    }

    private void write(Batch batch) {
        batch.written = true;
        long start = -1;
        try {
            start = channel.position();
            ByteBuffer bytes = ByteBuffer.wrap(batch.bytes.toByteArray());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException failure) {
            batch.failure = failure;
            cutBackTo(start);
        }
    }

    /** Nobody was told of these lines: take back what reached the file of them. */
    private void cutBackTo(long start) {
        try {
            if (start >= 0) {
                channel.truncate(start);
            }
        } catch (IOException stillBroken) {
            // The file is opened afresh before the next line, and opening cuts an incomplete one.
        }
    }

    private static long endOfLastLine(FileChannel channel) throws IOException {
        long end = channel.size();
        while (end > 0) {
            long start = Math.max(0, end - TAIL);
            ByteBuffer tail = ByteBuffer.allocate((int) (end - start));
            while (tail.hasRemaining() && channel.read(tail, start + tail.position()) >= 0) {
                // read on until the buffer is full
            }
            for (int i = tail.position() - 1; i >= 0; i--) {
                if (tail.get(i) == '\n') {
                    return start + i + 1;
                }
            }
            end = start;
        }
        return 0;
    }

    public void close() {
        try {
            channel.close();
        } catch (IOException closed) {
            // every line was forced to disk when it was acknowledged
        }
    }
}
