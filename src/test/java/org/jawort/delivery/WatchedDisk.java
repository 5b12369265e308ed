package org.jawort.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The real disk, with a list of what was written and forced, and failures on request. */
final class WatchedDisk implements JournalFile.Disk {

    /** {@code write day.jsonl}, {@code force day.jsonl} and so on, in order. */
    final List<String> log = Collections.synchronizedList(new ArrayList<>());

    private final Path journal;

    /** What a force waits for. */
    volatile Runnable beforeForce = () -> {};

    volatile boolean full;
    volatile boolean broken;

    /**
     * @param journal whose name each force looks for
     */
    WatchedDisk(Path journal) {
        this.journal = journal;
    }

    long forces() {
        return log.stream().filter(line -> line.startsWith("force")).count();
    }

    @Override
    public FileChannel open(Path path, OpenOption... options) throws IOException {
        return new Watched(path.getFileName().toString(), FileChannel.open(path, options));
    }

    private final class Watched extends FileChannel {
        private final String name;
        private final FileChannel file;

        Watched(String name, FileChannel file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (full) {
                ByteBuffer half = bytes.slice(bytes.position(), bytes.remaining() / 2);
                file.write(half);
                throw new IOException("no space left on device");
            }
            log.add("write " + name);
            return file.write(bytes);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            beforeForce.run();
            if (broken) {
                throw new IOException("input/output error");
            }
            log.add("force " + name + (Files.exists(journal) ? "" : ", not there yet"));
            file.force(metaData);
        }

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            return file.read(bytes);
        }

        @Override
        public long read(ByteBuffer[] bytes, int offset, int length) throws IOException {
            return file.read(bytes, offset, length);
        }

        @Override
        public long write(ByteBuffer[] bytes, int offset, int length) throws IOException {
            return file.write(bytes, offset, length);
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            file.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            file.truncate(size);
            return this;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target)
                throws IOException {
            return file.transferTo(position, count, target);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count)
                throws IOException {
            return file.transferFrom(source, position, count);
        }

        @Override
        public int read(ByteBuffer bytes, long position) throws IOException {
            return file.read(bytes, position);
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            return file.write(bytes, position);
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return file.map(mode, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return file.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
