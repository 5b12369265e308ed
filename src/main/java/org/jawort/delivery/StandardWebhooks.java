package org.jawort.delivery;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs outgoing webhooks: HMAC-SHA-256 over {@code id.timestamp.body}.
 *
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard Webhooks</a>
 */
final class StandardWebhooks {

    private static final String PREFIX = "whsec_";

    private final List<SecretKeySpec> keys = new ArrayList<>();

    /**
     * @param secrets one or two secrets, {@code whsec_} and 24 to 64 bytes in Base64, separated by blanks; two while rotating
     * @throws IllegalArgumentException naming what is wrong, without the secret
     */
    StandardWebhooks(String secrets) {
        for (String secret : secrets.strip().split("\\s+")) {
            byte[] key;
            try {
                key = Base64.getDecoder().decode(secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : "!");
            } catch (IllegalArgumentException notBase64) {
                throw new IllegalArgumentException("a webhook secret is whsec_ followed by Base64");
            }
            if (key.length < 24 || key.length > 64) {
                throw new IllegalArgumentException("a webhook secret has 24 to 64 bytes, not " + key.length);
            }
            keys.add(new SecretKeySpec(key, "HmacSHA256"));
        }
    }

    /** The value of {@code webhook-signature}: one entry per secret, space-delimited. */
    String sign(String id, Instant timestamp, byte[] body) {
        List<String> signatures = new ArrayList<>(keys.size());
        for (SecretKeySpec key : keys) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(key);
                mac.update((id + "." + timestamp.getEpochSecond() + ".").getBytes(StandardCharsets.UTF_8));
                signatures.add("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return String.join(" ", signatures);
    }
}
