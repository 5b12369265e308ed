package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jawort.intake.SignatureCheck.Forged;
import org.jawort.tenant.Secret;

/**
 * Standard Webhooks with a shared secret: {@code webhook-signature} lists {@code v1,} and the
 * Base64 of HMAC-SHA256 over {@code webhook-id.webhook-timestamp.body}, separated by blanks; one
 * that fits is enough, other versions are passed over.
 *
 * @see <a href="https://www.standardwebhooks.com">Standard Webhooks</a>
 */
final class StandardWebhooks {

    private static final String SECRET_PREFIX = "whsec_";
    private static final String VERSION = "v1,";
    private static final Duration WINDOW = Duration.ofSeconds(300);

    private StandardWebhooks() {}

    static SignatureCheck check(WebhookRequest request, List<Secret> secrets, Instant now) {
        String id = request.header("webhook-id");
        String timestamp = request.header("webhook-timestamp");
        String signatures = request.header("webhook-signature");
        if (id == null
                || id.isEmpty()
                || timestamp == null
                || signatures == null
                || signatures.isBlank()) {
            return new Forged("missing");
        }
        Optional<EpochSeconds> signedAt = EpochSeconds.parse(timestamp);
        if (signedAt.isEmpty()) {
            return new Forged("malformed");
        }
        byte[] head = (id + '.' + timestamp + '.').getBytes(StandardCharsets.UTF_8);
        boolean made = false;
        for (Secret secret : secrets) {
            made |=
                    key(secret)
                            .map(key -> isListed(key, signatures, head, request.body()))
                            .orElse(false);
        }
        return made ? signedAt.get().within(now, WINDOW, WINDOW) : new Forged("signature");
    }

    /**
     * The key inside {@code whsec_…}: Base64 after the prefix, which may be left out. Empty if that
     * is no Base64 or no byte.
     */
    static Optional<byte[]> key(Secret secret) {
        String value = secret.value();
        String encoded =
                value.startsWith(SECRET_PREFIX) ? value.substring(SECRET_PREFIX.length()) : value;
        try {
            return Optional.of(Base64.getDecoder().decode(encoded)).filter(key -> key.length > 0);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isListed(byte[] key, String signatures, byte[] head, byte[] body) {
        byte[] code = KeyedHash.HMAC_SHA256.of(key, head, body);
        byte[] expected =
                (VERSION + Base64.getEncoder().encodeToString(code))
                        .getBytes(StandardCharsets.UTF_8);
        boolean listed = false;
        for (String signature : signatures.split(" ")) {
            listed |= MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8));
        }
        return listed;
    }
}
