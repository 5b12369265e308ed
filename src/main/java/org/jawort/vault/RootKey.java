package org.jawort.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The 256-bit key from which the keys of every tenant that brings none of its own are derived. It
 * stands outside the database (SEC-1) and never in a log.
 */
public final class RootKey {

    private final byte[] bytes;

    private RootKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether there is one to read; the parameters are those of {@link #of}. */
    public static boolean isGiven(String base64, String file) {
        return base64 != null && !base64.isBlank() || file != null && !file.isBlank();
    }

    /**
     * @param base64 32 bytes in Base64; empty or {@code null} to read {@code file}
     * @param file a file that holds the same text; empty or {@code null} if the key is given
     *     directly
     * @throws IllegalStateException with one line that says what to set, if neither yields 32 bytes
     */
    public static RootKey of(String base64, String file) {
        String text = base64;
        if (text == null || text.isBlank()) {
            if (file == null || file.isBlank()) {
                throw new IllegalStateException(
                        "no root key: set JAWORT_ROOT_KEY (32 bytes, Base64) or JAWORT_ROOT_KEY_FILE;"
                                + " make one with: openssl rand -base64 32");
            }
            try {
                text = Files.readString(Path.of(file));
            } catch (IOException unreadable) {
                throw new IllegalStateException(
                        "JAWORT_ROOT_KEY_FILE " + file + " cannot be read", unreadable);
            }
        }
        return new RootKey(KeyBytes.parse(text, "the root key"));
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "RootKey[redacted]";
    }
}
