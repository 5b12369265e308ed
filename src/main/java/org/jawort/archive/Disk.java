package org.jawort.archive;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jawort.delivery.JournalFile;

/**
 * What is done to files, so that it outlives a power cut: a name stands for whole bytes on disk or
 * is not there. A test's own stops between two steps.
 */
interface Disk extends JournalFile.Disk {

    Disk REAL =
            new Disk() {
                @Override
                public FileChannel open(Path path, OpenOption... options) throws IOException {
                    return FileChannel.open(path, options);
                }

                @Override
                public void move(Path from, Path to) throws IOException {
                    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
                }

                @Override
                public void delete(Path path) throws IOException {
                    Files.deleteIfExists(path);
                }
            };

    /** Writes the bytes of a file. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    void move(Path from, Path to) throws IOException;

    void delete(Path path) throws IOException;

    /** Returns once the file is on disk, whole and under its name; another of that name is gone. */
    default void write(Path path, Content content) throws IOException {
        Path temporary = path.resolveSibling("." + path.getFileName() + ".tmp");
        try (FileChannel channel =
                open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
        rename(temporary, path);
    }

    /** Returns once the new name is on disk. */
    default void rename(Path from, Path to) throws IOException {
        move(from, to);
        forceNames(to.toAbsolutePath().getParent());
    }

    /** Returns once the name is gone from the disk. */
    default void remove(Path path) throws IOException {
        delete(path);
        forceNames(path.toAbsolutePath().getParent());
    }

    default void forceNames(Path directory) throws IOException {
        try (FileChannel names = open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** Returns once the directory and those above it are on disk. */
    default void makeDirectory(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            makeDirectory(directory.toAbsolutePath().getParent());
            Files.createDirectories(directory);
            forceNames(directory.toAbsolutePath().getParent());
        }
    }
}
