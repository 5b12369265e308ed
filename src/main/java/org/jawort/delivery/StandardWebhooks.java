package org.jawort.delivery;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs outgoing webhooks over {@code id.timestamp.body}: by HMAC-SHA-256 ({@code v1}) or Ed25519
 * ({@code v1a}), as its keys are.
 *
 * @see <a
 *     href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 *     Webhooks</a>
 */
final class StandardWebhooks {

    private static final String SYMMETRIC = "whsec_";
    private static final String ASYMMETRIC = "whsk_";
    private static final int SEED = 32;

    private sealed interface Key {

        byte[] sign(byte[] head, byte[] body) throws GeneralSecurityException;

        record Hmac(SecretKeySpec key) implements Key {
            @Override
            public byte[] sign(byte[] head, byte[] body) throws GeneralSecurityException {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(key);
                mac.update(head);
                return mac.doFinal(body);
            }
        }

        record Ed25519(PrivateKey key) implements Key {
            @Override
            public byte[] sign(byte[] head, byte[] body) throws GeneralSecurityException {
                Signature signature = Signature.getInstance("Ed25519");
                signature.initSign(key);
                signature.update(head);
                signature.update(body);
                return signature.sign();
            }
        }
    }

    private final List<Key> keys = new ArrayList<>();

    /**
     * @param secrets one secret, or several separated by blanks while rotating: {@code whsec_} and
     *     24 to 64 bytes in Base64 for {@code v1}, {@code whsk_} and a seed of 32 bytes (RFC 8032),
     *     with or without its public key behind it, for {@code v1a}
     * @throws IllegalArgumentException naming what is wrong, without the secret
     */
    StandardWebhooks(String secrets) {
        for (String secret : secrets.strip().split("\\s+")) {
            keys.add(
                    secret.startsWith(ASYMMETRIC)
                            ? ed25519(decoded(secret, ASYMMETRIC))
                            : hmac(decoded(secret, SYMMETRIC)));
        }
    }

    private static byte[] decoded(String secret, String prefix) {
        try {
            return Base64.getDecoder()
                    .decode(secret.startsWith(prefix) ? secret.substring(prefix.length()) : "!");
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException(
                    "a webhook secret is whsec_ or whsk_ followed by Base64");
        }
    }

    private static Key hmac(byte[] key) {
        if (key.length < 24 || key.length > 64) {
            throw new IllegalArgumentException(
                    "a webhook secret has 24 to 64 bytes, not " + key.length);
        }
        return new Key.Hmac(new SecretKeySpec(key, "HmacSHA256"));
    }

    private static Key ed25519(byte[] key) {
        if (key.length != SEED && key.length != 2 * SEED) {
            throw new IllegalArgumentException(
                    "a webhook secret of Ed25519 has 32 or 64 bytes, not " + key.length);
        }
        try {
            byte[] seed = Arrays.copyOf(key, SEED);
            PrivateKey made =
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(
                                    new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
            if (key.length > SEED && !isItsOwn(seed, key)) {
                throw new IllegalArgumentException(
                        "a webhook secret of Ed25519 holds a public key that is not its own");
            }
            return new Key.Ed25519(made);
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** The JDK gives the public key of a seed only where that seed is all it draws. */
    private static boolean isItsOwn(byte[] seed, byte[] key) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(
                NamedParameterSpec.ED25519,
                new SecureRandom() {
                    @Override
                    public void nextBytes(byte[] bytes) {
                        System.arraycopy(seed, 0, bytes, 0, bytes.length);
                    }
                });
        byte[] encoded = generator.generateKeyPair().getPublic().getEncoded();
        return MessageDigest.isEqual(
                Arrays.copyOfRange(encoded, encoded.length - SEED, encoded.length),
                Arrays.copyOfRange(key, SEED, key.length));
    }

    /** The value of {@code webhook-signature}: one entry per secret, space-delimited. */
    String sign(String id, Instant timestamp, byte[] body) {
        byte[] head =
                (id + "." + timestamp.getEpochSecond() + ".").getBytes(StandardCharsets.UTF_8);
        List<String> signatures = new ArrayList<>(keys.size());
        for (Key key : keys) {
            try {
                signatures.add(
                        (key instanceof Key.Hmac ? "v1," : "v1a,")
                                + Base64.getEncoder().encodeToString(key.sign(head, body)));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return String.join(" ", signatures);
    }
}
