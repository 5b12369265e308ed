package org.jawort.sending;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A short-lived JSON Web Token (RFC 7519) for each request. Vonage wants RS256 with the private key
 * of the application, Smooch HS256 with the key's secret and its id in the header.
 */
final class ApplicationToken {

    private static final Duration VALID_FOR = Duration.ofMinutes(5);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final ObjectNode header;
    private final Function<Instant, ObjectNode> claims;
    private final Function<byte[], byte[]> signature;

    private ApplicationToken(
            ObjectNode header,
            Function<Instant, ObjectNode> claims,
            Function<byte[], byte[]> signature) {
        this.header = header;
        this.claims = claims;
        this.signature = signature;
    }

    /**
     * @param pem a PKCS #8 key ("BEGIN PRIVATE KEY"), as Vonage hands it out; line breaks may be
     *     written as {@code \n}, since it comes from one environment variable
     * @throws IllegalArgumentException if it is none
     */
    static ApplicationToken vonage(String applicationId, String pem) {
        PrivateKey key = privateKey(pem);
        return new ApplicationToken(
                object().put("alg", "RS256").put("typ", "JWT"),
                now -> object().put("application_id", applicationId),
                input -> {
                    try {
                        Signature rsa = Signature.getInstance("SHA256withRSA");
                        rsa.initSign(key);
                        rsa.update(input);
                        return rsa.sign();
                    } catch (GeneralSecurityException unusable) {
                        throw new IllegalStateException("the private key cannot sign");
                    }
                });
    }

    static ApplicationToken smooch(String keyId, String secret) {
        SecretKeySpec key =
                new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
        return new ApplicationToken(
                object().put("alg", "HS256").put("typ", "JWT").put("kid", keyId),
                now -> object().put("scope", keyId.startsWith("act_") ? "account" : "app"),
                input -> {
                    try {
                        Mac mac = Mac.getInstance("HmacSHA256");
                        mac.init(key);
                        return mac.doFinal(input);
                    } catch (GeneralSecurityException everyJdkHasIt) {
                        throw new AssertionError(everyJdkHasIt);
                    }
                });
    }

    String at(Instant now) {
        ObjectNode body =
                claims.apply(now)
                        .put("iat", now.getEpochSecond())
                        .put("exp", now.plus(VALID_FOR).getEpochSecond())
                        .put("jti", UUID.randomUUID().toString());
        String input = encoded(header) + "." + encoded(body);
        return input
                + "."
                + BASE64.encodeToString(signature.apply(input.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String encoded(ObjectNode json) {
        return BASE64.encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode object() {
        return JSON.createObjectNode();
    }

    private static PrivateKey privateKey(String pem) {
        String base64 =
                pem.replace("\\n", "\n").replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
        } catch (GeneralSecurityException | IllegalArgumentException unusable) {
            // neither cause nor value: both would show the key
            throw new IllegalArgumentException("is no RSA key in PKCS #8 (BEGIN PRIVATE KEY)");
        }
    }
}
