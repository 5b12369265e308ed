package org.jawort.local;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The receiver's side of Standard Webhooks, written from the specification and not from the hub's
 * signing code, so that each can find the other's mistakes: HMAC-SHA256 over {@code
 * id.timestamp.body}, Base64, one or several {@code v1,…} tokens.
 *
 * @see <a
 *     href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">specification</a>
 */
public final class StandardWebhookCheck {

    private static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final String PREFIX = "whsec_";

    private final byte[] key;
    private final Duration tolerance;

    /**
     * Tolerates a timestamp that is five minutes from now.
     *
     * @param secret {@code whsec_} and the key in Base64
     * @throws IllegalArgumentException if it is anything else
     */
    public StandardWebhookCheck(String secret) {
        this(secret, TOLERANCE);
    }

    /**
     * @param tolerance how far from now a timestamp may be
     * @throws IllegalArgumentException as above
     */
    StandardWebhookCheck(String secret, Duration tolerance) {
        if (!secret.startsWith(PREFIX)) {
            throw new IllegalArgumentException("a webhook secret begins with " + PREFIX);
        }
        this.key = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
        this.tolerance = tolerance;
    }

    /**
     * @param id, timestamp, signatures values of {@code webhook-id}, {@code webhook-timestamp}
     *     (whole seconds) and {@code webhook-signature} (tokens separated by spaces); {@code null}
     *     if absent
     * @return whether one of the signatures is right and the timestamp no further from {@code now}
     *     than is tolerated
     */
    public boolean accepts(
            String id, String timestamp, String signatures, byte[] body, Instant now) {
        if (id == null || timestamp == null || signatures == null || !timely(timestamp, now)) {
            return false;
        }
        byte[] expected = hmac(id + "." + timestamp + ".", body);
        boolean found = false;
        for (String token : signatures.split(" ")) {
            found |=
                    token.startsWith("v1,")
                            && MessageDigest.isEqual(expected, decoded(token.substring(3)));
        }
        return found;
    }

    private boolean timely(String timestamp, Instant now) {
        if (!timestamp.matches("\\d{1,11}")) {
            return false;
        }
        Duration apart =
                Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), now).abs();
        return apart.compareTo(tolerance) <= 0;
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    private byte[] hmac(String prefix, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] head = prefix.getBytes(StandardCharsets.UTF_8);
            mac.update(ByteBuffer.allocate(head.length + body.length).put(head).put(body).flip());
            return mac.doFinal();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
