package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jawort.intake.SignatureCheck.Forged;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/**
 * The {@code sig} of Vonage's older SMS API: hex of a code over {@code &name=value} for all other
 * parameters sorted by name, with {@code &} and {@code =} inside them written {@code _}.
 *
 * @param method which code; see {@link Method}
 * @param window how old the {@code timestamp} parameter may be
 */
record VonageSmsSignature(Method method, Duration window) {

    /** The signature methods of the provider's dashboard. */
    enum Method {
        /** MD5 over text and secret; the provider's default, and weak. */
        MD5HASH(null),
        MD5(KeyedHash.HMAC_MD5),
        SHA1(KeyedHash.HMAC_SHA1),
        SHA256(KeyedHash.HMAC_SHA256),
        SHA512(KeyedHash.HMAC_SHA512);

        private final KeyedHash hash;

        Method(KeyedHash hash) {
            this.hash = hash;
        }

        /** By the provider's word for it in lower case; empty if there is no such method. */
        static Optional<Method> named(String word) {
            for (Method method : values()) {
                if (method.name().toLowerCase(Locale.ROOT).equals(word)) {
                    return Optional.of(method);
                }
            }
            return Optional.empty();
        }

        private byte[] code(Secret secret, byte[] text) {
            return hash == null ? md5(text, secret.utf8()) : hash.of(secret.utf8(), text);
        }

        private static byte[] md5(byte[] text, byte[] secret) {
            try {
                MessageDigest md5 = MessageDigest.getInstance("MD5");
                md5.update(text);
                return md5.digest(secret);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("MD5 is missing from this Java runtime", e);
            }
        }
    }

    SignatureCheck check(VonageSmsParameters.Signed request, Account account, Instant now) {
        Map<String, String> parameters = request.parameters();
        Optional<byte[]> text = signedText(parameters, value -> true);
        if (text.isEmpty()) {
            return new Forged("malformed");
        }
        List<Secret> secrets = account.credential("signatureSecret");
        boolean made = isMade(request.sig(), text.get(), secrets);
        if (!made && request.blanksInDoubt()) {
            made =
                    signedText(parameters, value -> !value.isBlank())
                            .map(withoutBlanks -> isMade(request.sig(), withoutBlanks, secrets))
                            .orElse(false);
        }
        if (!made) {
            return new Forged("signature");
        }
        for (String name : List.of("api-key", "api_key")) {
            String value = parameters.get(name);
            if (value != null && !VonageSignature.isOneOf(account.credential("apiKey"), value)) {
                return new Forged("api_key");
            }
        }
        return EpochSeconds.parse(parameters.get("timestamp"))
                .map(signedAt -> signedAt.within(now, window, VonageSignature.FORWARD))
                .orElse(new Forged("malformed"));
    }

    private boolean isMade(String sig, byte[] text, List<Secret> secrets) {
        byte[] given = sig.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        boolean made = false;
        for (Secret secret : secrets) {
            if (!secret.isEmpty()) {
                String hex = HexFormat.of().formatHex(method.code(secret, text));
                made |= MessageDigest.isEqual(hex.getBytes(StandardCharsets.UTF_8), given);
            }
        }
        return made;
    }

    private static Optional<byte[]> signedText(
            Map<String, String> parameters, Predicate<String> signed) {
        var text = new StringBuilder();
        parameters.forEach(
                (name, value) -> {
                    if (signed.test(value)) {
                        text.append('&').append(escaped(name)).append('=').append(escaped(value));
                    }
                });
        return StrictUtf8.encode(text.toString());
    }

    private static String escaped(String text) {
        return text.replace('&', '_').replace('=', '_');
    }
}
