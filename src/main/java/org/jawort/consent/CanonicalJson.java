package org.jawort.consent;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.erdtman.jcs.JsonCanonicalizer;

/** The one way to write a JSON value as bytes, RFC 8785, and hashes over it. */
public final class CanonicalJson {

    private CanonicalJson() {}

    /**
     * @throws IllegalArgumentException for what RFC 8785 has no form for, such as half a surrogate
     *     pair
     */
    public static byte[] bytes(JsonNode json) {
        try {
            return new JsonCanonicalizer(json.toString()).getEncodedUTF8();
        } catch (IOException noForm) {
            throw new IllegalArgumentException("no canonical form", noForm);
        }
    }

    public static byte[] sha256(JsonNode json) {
        return sha256(new byte[0], json);
    }

    /** SHA-256 over the prefix followed by the canonical form. */
    static byte[] sha256(byte[] prefix, JsonNode json) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(prefix);
            return digest.digest(bytes(json));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
