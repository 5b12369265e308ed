package org.jawort.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** The 256-bit key all tenant keys are derived from. It stands outside the database (SEC-1) and never in a log. */
public final class RootKey {

    private final byte[] bytes;

    private RootKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * @param base64 32 bytes in Base64; empty or {@code null} to read {@code file}
     * @param file a file that holds the same text; empty or {@code null} if the key is given directly
     * @throws IllegalStateException with one line that says what to set, if neither yields 32 bytes
     */
    public static RootKey of(String base64, String file) {
        String text = base64;
        if (text == null || text.isBlank()) {
            if (file == null || file.isBlank()) {
                throw new IllegalStateException("no root key: set JAWORT_ROOT_KEY (32 bytes, Base64) or JAWORT_ROOT_KEY_FILE;"
                        + " make one with: openssl rand -base64 32");
            }
            try {
                text = Files.readString(Path.of(file));
            } catch (IOException unreadable) {
                throw new IllegalStateException("JAWORT_ROOT_KEY_FILE " + file + " cannot be read", unreadable);
            }
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(text.strip());
            if (bytes.length == 32) {
                return new RootKey(bytes);
            }
        } catch (IllegalArgumentException notBase64) {
            // said below: a message with the text in it would print the key
        }
        throw new IllegalStateException("the root key is not 32 bytes in Base64; make one with: openssl rand -base64 32");
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "RootKey[redacted]";
    }
}
