package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 (FIPS 180-4) of bytes as received. */
final class Sha256 {

    private Sha256() {}

    static byte[] of(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
        }
    }

    /**
     * Whether {@code hex} is the digest of {@code bytes} in 64 lower-case hex digits; {@code null}
     * is not.
     */
    static boolean matches(String hex, byte[] bytes) {
        if (hex == null) {
            return false;
        }
        byte[] expected = HexFormat.of().formatHex(of(bytes)).getBytes(StandardCharsets.US_ASCII);
        return MessageDigest.isEqual(expected, hex.getBytes(StandardCharsets.UTF_8));
    }
}
