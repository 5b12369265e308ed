package org.jawort.vault;

import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * The key of one file, kept sealed under the key of the person it belongs to: whoever destroys that
 * destroys the file, and a file whose person's key changes stays as it is. Encrypts in segments
 * (AES-256-GCM with HKDF-SHA-256), so that little of a file is in memory, and no segment can be
 * left out, moved, added or read under another file's id.
 */
public final class FileKey {

    private static final String FIELD = "media.key";
    private static final int LENGTH = 32;
    private static final int SEGMENT = 64 * 1024;

    private final byte[] secret;

    private FileKey(byte[] secret) {
        this.secret = secret;
    }

    public static FileKey create() {
        byte[] secret = new byte[LENGTH];
        new SecureRandom().nextBytes(secret);
        return new FileKey(secret);
    }

    /**
     * @param sealed as {@link #sealed} gave it
     * @throws Undecipherable if it is of another person, or that person's key was destroyed
     */
    public static FileKey open(SubjectKey person, byte[] sealed) {
        return new FileKey(person.open(FIELD, sealed));
    }

    /** What is stored of it. */
    public byte[] sealed(SubjectKey person) {
        return person.seal(FIELD, secret);
    }

    /** Closing writes the last segment and closes {@code to}; without it there is no file. */
    public OutputStream encrypting(String tenant, UUID file, OutputStream to) throws IOException {
        try {
            return cipher().newEncryptingStream(to, associatedData(tenant, file));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reading fails with an {@link IOException} where a segment is not what was written. */
    public InputStream decrypting(String tenant, UUID file, InputStream from) throws IOException {
        try {
            return cipher().newDecryptingStream(from, associatedData(tenant, file));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private StreamingAead cipher() throws GeneralSecurityException {
        return new AesGcmHkdfStreaming(secret, "HmacSha256", LENGTH, SEGMENT, 0);
    }

    private static byte[] associatedData(String tenant, UUID file) {
        return (tenant + "|" + file + "|file|1").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
