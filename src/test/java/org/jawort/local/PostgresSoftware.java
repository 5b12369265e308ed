package org.jawort.local;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs, unpacked once from the class path. */
final class PostgresSoftware {

    private final Path home;

    private PostgresSoftware(Path home) {
        this.home = home;
    }

    /**
     * @param root holds one folder per version of the software; created if absent, safe for several
     *     processes at once
     * @throws LocalStartFailed if there is no PostgreSQL for this operating system and processor on
     *     the class path
     */
    static PostgresSoftware unpackedUnder(Path root) {
        String system = normalizedSystem();
        String processor = System.getProperty("os.arch").toLowerCase(java.util.Locale.ROOT);
        try (var archive = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, processor)) {
            if (archive == null) {
                throw noneFor(system, processor, null);
            }
            byte[] packed = archive.readAllBytes();
            Path home = root.resolve("postgres-" + fingerprint(packed));
            if (!Files.exists(home)) {
                Files.createDirectories(root);
                Path unfinished = Files.createTempDirectory(root, "unpacking-");
                unpack(packed, unfinished);
                moveUnlessThere(unfinished, home);
            }
            return new PostgresSoftware(home);
        } catch (IllegalStateException noBinaries) {
            throw noneFor(system, processor, noBinaries);
        } catch (IOException unreadable) {
            throw new LocalStartFailed(
                    "cannot unpack PostgreSQL under " + root + ": " + unreadable.getMessage(),
                    unreadable);
        }
    }

    private static LocalStartFailed noneFor(String system, String processor, Exception cause) {
        return new LocalStartFailed(
                "no embedded PostgreSQL for %s on %s: run the hub with one of your own, see docs/operations.md"
                        .formatted(system, processor),
                cause);
    }

    /**
     * Runs one of the programs to its end.
     *
     * @param user as whom
     * @param output gets what it prints
     * @return its exit code
     */
    int run(PostgresUser user, Path output, String program, List<String> arguments) {
        var command = new ArrayList<>(user.prefix());
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(arguments);
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                            .start();
            process.getOutputStream().close();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new LocalStartFailed(
                        program + " did not end within two minutes; see " + output);
            }
            return process.exitValue();
        } catch (IOException cannotRun) {
            throw new LocalStartFailed(
                    "cannot run " + program + ": " + cannotRun.getMessage(), cannotRun);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LocalStartFailed(
                    "interrupted while " + program + " was running", interrupted);
        }
    }

    private static String normalizedSystem() {
        String name = System.getProperty("os.name");
        return name.startsWith("Mac") ? "Darwin" : name.startsWith("Windows") ? "Windows" : name;
    }

    private static String fingerprint(byte[] packed) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(packed), 0, 6);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    private static void unpack(byte[] packed, Path target) throws IOException {
        try (var tar =
                new TarArchiveInputStream(
                        new BufferedInputStream(
                                new XZCompressorInputStream(new ByteArrayInputStream(packed))))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("entry outside of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(file.getParent());
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(tar, file);
                    if ((entry.getMode() & 0100) != 0) {
                        Files.setPosixFilePermissions(
                                file, PosixFilePermissions.fromString("rwxr-xr-x"));
                    }
                }
            }
        }
    }

    private static void moveUnlessThere(Path unfinished, Path home) throws IOException {
        try {
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(unfinished, home);
        } catch (FileAlreadyExistsException anotherProcessWasFaster) {
            Directories.delete(unfinished);
        } catch (FileSystemException movedInTheMeantime) {
            if (!Files.exists(home)) {
                throw movedInTheMeantime;
            }
            Directories.delete(unfinished);
        }
    }
}
