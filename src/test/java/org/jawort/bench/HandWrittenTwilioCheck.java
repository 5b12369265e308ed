package org.jawort.bench;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Twilio's signature of a form as a hand-written program checks it: HMAC-SHA1, constant time. */
final class HandWrittenTwilioCheck {

    private final SecretKeySpec key;

    HandWrittenTwilioCheck(String authToken) {
        this.key = new SecretKeySpec(authToken.getBytes(StandardCharsets.UTF_8), "HmacSHA1");
    }

    /**
     * @param signature Base64, {@code null} if absent
     * @param body URL-encoded, each name once
     */
    boolean accepts(String signature, String url, byte[] body) throws GeneralSecurityException {
        if (signature == null) {
            return false;
        }
        var signed = new StringBuilder(url);
        form(body).forEach((name, value) -> signed.append(name).append(value));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(key);
        byte[] expected = mac.doFinal(signed.toString().getBytes(StandardCharsets.UTF_8));
        return MessageDigest.isEqual(
                Base64.getEncoder().encode(expected), signature.getBytes(StandardCharsets.UTF_8));
    }

    /** Decoded values by name, in the order of the names. */
    static Map<String, String> form(byte[] body) {
        var parameters = new TreeMap<String, String>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&")) {
            int equals = pair.indexOf('=');
            parameters.put(
                    pair.substring(0, equals),
                    java.net.URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return parameters;
    }
}
