package org.jawort.local;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs webhooks as the four providers do, for the simulator, the load tools and the tests. Written
 * from the providers' descriptions and apart from the hub's own checks, so that both can be wrong
 * only in different ways. Safe for many threads.
 */
public final class ProviderSigner {

    /**
     * @param provider {@code twilio}, {@code messagebird}, {@code vonage} or {@code smooch}
     * @param api for MessageBird {@code classic}, {@code channels} or {@code platform}; {@code
     *     null} is classic; else not read
     * @param url the public URL with its query, percent-encoded
     * @param contentType {@code null} if there is no body
     * @param credentials by the names of the tenant file: {@code authToken}; {@code signingKey};
     *     {@code signatureSecret}, {@code apiKey}, {@code applicationId} and {@code smsSignature}
     *     (default {@code sha256}); {@code secret}
     * @throws IllegalArgumentException for an unknown provider or generation or a missing
     *     credential
     */
    public SignedWebhook sign(
            String provider,
            String api,
            String method,
            String url,
            String contentType,
            byte[] body,
            Map<String, String> credentials,
            Instant now) {
        return switch (provider) {
            case "twilio" ->
                    twilio(method, url, contentType, body, required(credentials, "authToken"));
            case "messagebird" ->
                    messageBird(api, method, url, body, required(credentials, "signingKey"), now);
            case "vonage" ->
                    new VonageSigner(credentials, now).sign(method, url, contentType, body);
            case "smooch" ->
                    new SignedWebhook(
                            method,
                            url,
                            Map.of("X-API-Key", required(credentials, "secret")),
                            body);
            default -> throw new IllegalArgumentException("no such provider: " + provider);
        };
    }

    private static SignedWebhook twilio(
            String method, String url, String contentType, byte[] body, String token) {
        String signedUrl = url;
        var text = new StringBuilder();
        if (VonageSigner.isForm(contentType) && !method.equals("GET")) {
            var sorted = new TreeMap<String, TreeSet<String>>();
            VonageSigner.pairs(new String(body, StandardCharsets.UTF_8))
                    .forEach(
                            pair ->
                                    sorted.computeIfAbsent(pair[0], name -> new TreeSet<>())
                                            .add(pair[1]));
            sorted.forEach(
                    (name, values) -> values.forEach(value -> text.append(name).append(value)));
        } else if (body.length > 0) {
            signedUrl +=
                    (url.contains("?") ? "&" : "?")
                            + "bodySHA256="
                            + HexFormat.of().formatHex(sha256(body));
        }
        byte[] code = hmac("HmacSHA1", utf8(token), utf8(signedUrl + text));
        return new SignedWebhook(
                method, signedUrl, Map.of("X-Twilio-Signature", base64(code)), body);
    }

    private static SignedWebhook messageBird(
            String api, String method, String url, byte[] body, String key, Instant now) {
        String seconds = String.valueOf(now.getEpochSecond());
        return switch (api == null ? "classic" : api) {
            case "classic" -> {
                String payloadHash =
                        body.length == 0
                                ? ""
                                : ",\"payload_hash\":\""
                                        + HexFormat.of().formatHex(sha256(body))
                                        + "\"";
                String claims =
                        "{\"iss\":\"MessageBird\",\"nbf\":%s,\"exp\":%d,\"jti\":\"%s\",\"url_hash\":\"%s\"%s}"
                                .formatted(
                                        seconds,
                                        now.getEpochSecond() + 60,
                                        UUID.randomUUID(),
                                        HexFormat.of().formatHex(sha256(utf8(url))),
                                        payloadHash);
                yield new SignedWebhook(
                        method, url, Map.of("MessageBird-Signature-JWT", token(key, claims)), body);
            }
            case "channels" -> {
                byte[] code =
                        hmac(
                                "HmacSHA256",
                                utf8(key),
                                utf8(seconds + "\n" + url + "\n"),
                                sha256(body));
                yield new SignedWebhook(
                        method,
                        url,
                        Map.of(
                                "MessageBird-Signature",
                                base64(code),
                                "MessageBird-Request-Timestamp",
                                seconds),
                        body);
            }
            case "platform" -> {
                String id = "msg_" + UUID.randomUUID();
                byte[] secret = Base64.getDecoder().decode(key.replaceFirst("^whsec_", ""));
                byte[] code = hmac("HmacSHA256", secret, utf8(id + "." + seconds + "."), body);
                yield new SignedWebhook(
                        method,
                        url,
                        Map.of(
                                "webhook-id", id,
                                "webhook-timestamp", seconds,
                                "webhook-signature", "v1," + base64(code)),
                        body);
            }
            default -> throw new IllegalArgumentException("no such MessageBird API: " + api);
        };
    }

    /** A JSON Web Token with HS256. */
    static String token(String key, String claims) {
        Base64.Encoder base64url = Base64.getUrlEncoder().withoutPadding();
        String input =
                base64url.encodeToString(utf8("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"))
                        + "."
                        + base64url.encodeToString(utf8(claims));
        return input + "." + base64url.encodeToString(hmac("HmacSHA256", utf8(key), utf8(input)));
    }

    static String required(Map<String, String> credentials, String name) {
        String value = credentials.get(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("credential " + name + " is missing");
        }
        return value;
    }

    static byte[] hmac(String algorithm, byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            Arrays.stream(parts).forEach(mac::update);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
