package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.util.List;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jawort.tenant.Secret;

/** HMAC (RFC 2104) by the names of the Java platform. */
enum KeyedHash {
    HMAC_MD5("HmacMD5"),
    HMAC_SHA1("HmacSHA1"),
    HMAC_SHA256("HmacSHA256"),
    HMAC_SHA384("HmacSHA384"),
    HMAC_SHA512("HmacSHA512");

    private final String algorithm;

    /**
     * The one Java would choose: looking for it again at each request takes longer than the code.
     */
    private final Provider provider;

    KeyedHash(String algorithm) {
        this.algorithm = algorithm;
        try {
            this.provider = Mac.getInstance(algorithm).getProvider();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is missing from this Java runtime", e);
        }
    }

    /**
     * The code of the parts, one after the other.
     *
     * @param key not empty
     */
    byte[] of(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(algorithm, provider);
            mac.init(new SecretKeySpec(key, algorithm));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is missing from this Java runtime", e);
        }
    }

    /**
     * Whether one of the secrets made the presented code. Empty secrets make none, so an account
     * without a secret accepts nothing.
     *
     * @param encoding how the provider writes the code, such as Base64; compared as text, which
     *     leaves no second spelling of it
     */
    boolean made(
            String presented,
            Function<byte[], String> encoding,
            List<Secret> secrets,
            byte[]... parts) {
        byte[] given = presented.getBytes(StandardCharsets.UTF_8);
        boolean made = false;
        for (Secret secret : secrets) {
            if (!secret.isEmpty()) {
                String code = encoding.apply(of(secret.utf8(), parts));
                made |= MessageDigest.isEqual(code.getBytes(StandardCharsets.UTF_8), given);
            }
        }
        return made;
    }
}
