package org.jawort.intake;

import static org.jawort.intake.SignatureFixture.utf8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens of every kind, among them such as no provider makes: header and claims are taken as they
 * are.
 */
final class Tokens {

    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private Tokens() {}

    /**
     * @param signedAs what signs in truth, {@code HS…}, whatever the header claims
     */
    static String signed(String header, String claims, String signedAs, String key) {
        String input =
                BASE64URL.encodeToString(utf8(header))
                        + "."
                        + BASE64URL.encodeToString(utf8(claims));
        try {
            Mac mac = Mac.getInstance(signedAs.replace("HS", "HmacSHA"));
            mac.init(new SecretKeySpec(utf8(key), mac.getAlgorithm()));
            return input + "." + BASE64URL.encodeToString(mac.doFinal(utf8(input)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lower-case hex. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
