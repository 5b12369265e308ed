package org.jawort.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * The hub's root key: 32 random bytes in Base64, readable by its owner alone. Without it nothing
 * stored can be read again.
 */
final class RootKey {

    private RootKey() {}

    /** Makes the file if it is absent; an existing one is never touched. */
    static void ensure(Path file) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Files.createDirectories(
                file.toAbsolutePath().getParent(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path whole = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(whole);
        try (var channel =
                Files.newByteChannel(
                        whole,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly)) {
            channel.write(
                    StandardCharsets.US_ASCII.encode(Base64.getEncoder().encodeToString(key)));
        }
        try {
            Files.move(whole, file);
        } catch (FileAlreadyExistsException madeInTheMeantime) {
            Files.delete(whole);
        }
    }
}
