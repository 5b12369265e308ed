package org.jawort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.jawort.local.LocalPostgres;

/** A server's files, copied while it stands still, to be put back later. */
public final class ColdBackup {

    private final LocalPostgres postgres;
    private final Path data;
    private final Path backup;

    private ColdBackup(LocalPostgres postgres, Path directory, Path backup) {
        this.postgres = postgres;
        this.data = directory.resolve("data");
        this.backup = backup;
    }

    /**
     * Stops the server for a moment.
     *
     * @param directory as the server was given
     */
    public static ColdBackup take(LocalPostgres postgres, Path directory, Path backup) {
        ColdBackup taken = new ColdBackup(postgres, directory, backup);
        postgres.stop();
        copy(taken.data, backup);
        postgres.start();
        return taken;
    }

    /** The server forgets everything since. */
    public void restore() {
        postgres.stop();
        try {
            Files.move(data, data.resolveSibling("lost-" + System.nanoTime()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        copy(backup, data);
        postgres.start();
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
