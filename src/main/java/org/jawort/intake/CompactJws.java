package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jawort.tenant.Secret;

/**
 * A JSON Web Signature in compact form (RFC 7515) with an HMAC (RFC 7518 section 3.2). Keys may be
 * shorter than the hash, as the providers' are. Only the key given by the caller is ever used:
 * {@code jku}, {@code jwk}, {@code kid} and {@code x5u} of the header are not read, and a header
 * with {@code crit} is refused because no extension is understood.
 *
 * @param algorithm the {@code alg} of the header, anything a stranger may write
 * @param signingInput header and payload as they stood in the token
 * @param payload decoded, not yet parsed: to be read only after {@link #isMadeWith}
 * @param signature decoded; empty if nothing follows the second dot
 */
record CompactJws(String algorithm, byte[] signingInput, byte[] payload, byte[] signature) {

    private static final int MAX_LENGTH = 8_192;

    /**
     * Empty unless the token is three parts of unpadded canonical base64url, the first a JSON
     * object with a string {@code alg}.
     */
    static Optional<CompactJws> parse(String token) {
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        if (token.length() > MAX_LENGTH
                || first < 0
                || second < 0
                || token.indexOf('.', second + 1) >= 0) {
            return Optional.empty();
        }
        byte[] header = decode(token.substring(0, first));
        byte[] payload = decode(token.substring(first + 1, second));
        byte[] signature = decode(token.substring(second + 1));
        if (header == null || payload == null || signature == null) {
            return Optional.empty();
        }
        byte[] signingInput = token.substring(0, second).getBytes(StandardCharsets.US_ASCII);
        return BoundedJson.parse(header)
                .filter(json -> json.text("alg") != null)
                .filter(json -> !json.has("crit"))
                .map(json -> new CompactJws(json.text("alg"), signingInput, payload, signature));
    }

    /** Whether the header names one of the allowed algorithms, exactly as RFC 7518 writes it. */
    boolean isOneOf(Set<String> allowed) {
        return allowed.contains(algorithm);
    }

    /**
     * Whether one of the secrets made the signature; false for an algorithm that is not HS256,
     * HS384 or HS512.
     */
    boolean isMadeWith(List<Secret> secrets) {
        KeyedHash hash =
                switch (algorithm) {
                    case "HS256" -> KeyedHash.HMAC_SHA256;
                    case "HS384" -> KeyedHash.HMAC_SHA384;
                    case "HS512" -> KeyedHash.HMAC_SHA512;
                    default -> null;
                };
        boolean made = false;
        for (Secret secret : hash == null ? List.<Secret>of() : secrets) {
            made |=
                    !secret.isEmpty()
                            && MessageDigest.isEqual(
                                    hash.of(secret.utf8(), signingInput), signature);
        }
        return made;
    }

    /** The claims set, empty if the payload is not a JSON object. */
    Optional<BoundedJson> claims() {
        return BoundedJson.parse(payload);
    }

    private static byte[] decode(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            // the decoder lets padding and stray bits pass, which would give one token several
            // spellings
            boolean canonical =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part);
            return canonical ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The signature of a live token is a credential (LOG-2). */
    @Override
    public String toString() {
        return "CompactJws[redacted]";
    }
}
