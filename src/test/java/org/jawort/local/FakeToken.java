package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;

/** Checks a JSON Web Token as a provider would, with one algorithm and no other. */
record FakeToken(JsonNode header, JsonNode claims, String signed, byte[] signature) {

    /** {@code null} if it is no token or its time is over. */
    static FakeToken parse(String token, Instant now) {
        String[] parts = token == null ? new String[0] : token.split("\\.");
        if (parts.length != 3) {
            return null;
        }
        try {
            Base64.Decoder base64 = Base64.getUrlDecoder();
            var mapper = new JsonMapper();
            var parsed =
                    new FakeToken(
                            mapper.readTree(base64.decode(parts[0])),
                            mapper.readTree(base64.decode(parts[1])),
                            parts[0] + "." + parts[1],
                            base64.decode(parts[2]));
            boolean current =
                    parsed.claims.path("exp").asLong() > now.getEpochSecond()
                            && parsed.claims.path("iat").asLong() <= now.getEpochSecond() + 60
                            && !parsed.claims.path("jti").asText("").isEmpty();
            return current ? parsed : null;
        } catch (IOException | IllegalArgumentException unreadable) {
            return null;
        }
    }

    /**
     * @param publicKey X.509, Base64
     */
    boolean signedByRsa(String publicKey) {
        if (!header.path("alg").asText().equals("RS256") || publicKey == null) {
            return false;
        }
        try {
            Signature rsa = Signature.getInstance("SHA256withRSA");
            rsa.initVerify(
                    KeyFactory.getInstance("RSA")
                            .generatePublic(
                                    new X509EncodedKeySpec(Base64.getDecoder().decode(publicKey))));
            rsa.update(signed.getBytes(StandardCharsets.US_ASCII));
            return rsa.verify(signature);
        } catch (GeneralSecurityException unusable) {
            return false;
        }
    }

    boolean signedBySecret(String secret) {
        return header.path("alg").asText().equals("HS256")
                && MessageDigest.isEqual(
                        signature,
                        ProviderSigner.hmac(
                                "HmacSHA256",
                                ProviderSigner.utf8(secret),
                                ProviderSigner.utf8(signed)));
    }
}
