package org.jawort.local;

import static org.jawort.local.ProviderSigner.digest;
import static org.jawort.local.ProviderSigner.hmac;
import static org.jawort.local.ProviderSigner.required;
import static org.jawort.local.ProviderSigner.sha256;
import static org.jawort.local.ProviderSigner.utf8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Vonage signs twice over: its older SMS API, known by {@code msisdn}, inside the parameters,
 * everything else by a token.
 */
record VonageSigner(Map<String, String> credentials, Instant now) {

    private static final JsonMapper JSON = new JsonMapper();

    SignedWebhook sign(String method, String url, String contentType, byte[] body) {
        int mark = url.indexOf('?');
        String query = mark < 0 ? "" : url.substring(mark + 1);
        String form = isForm(contentType) ? new String(body, StandardCharsets.UTF_8) : "";
        if (contentType != null && contentType.contains("json") && isObjectOfSmsApi(body)) {
            return new SignedWebhook(method, url, Map.of(), signedJson(body));
        }
        List<String[]> fromQuery = new ArrayList<>(pairs(query));
        List<String[]> fromForm = new ArrayList<>(pairs(form));
        if (names(fromQuery).contains("msisdn") || names(fromForm).contains("msisdn")) {
            return signedPairs(
                    method, mark < 0 ? url : url.substring(0, mark), fromQuery, fromForm, body);
        }
        return new SignedWebhook(
                method, url, Map.of("Authorization", "Bearer " + token(body)), body);
    }

    private String token(byte[] body) {
        ObjectNode claims = JSON.createObjectNode();
        claims.put("iat", now.getEpochSecond());
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("iss", "Vonage");
        claims.put("payload_hash", HexFormat.of().formatHex(sha256(body)));
        if (credentials.containsKey("apiKey")) {
            claims.put("api_key", credentials.get("apiKey"));
        }
        if (credentials.containsKey("applicationId")) {
            claims.put("application_id", credentials.get("applicationId"));
        }
        return ProviderSigner.token(required(credentials, "signatureSecret"), claims.toString());
    }

    private byte[] signedJson(byte[] body) {
        try {
            ObjectNode sms = (ObjectNode) JSON.readTree(body);
            sms.remove("sig");
            sms.put("timestamp", String.valueOf(now.getEpochSecond()));
            sms.put("nonce", UUID.randomUUID().toString());
            var parameters = new TreeMap<String, String>();
            sms.fields()
                    .forEachRemaining(
                            field -> parameters.put(field.getKey(), field.getValue().asText()));
            sms.put("sig", sig(parameters));
            return JSON.writeValueAsBytes(sms);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The three new parameters go where the others are: into the form if there is one, else into
     * the query.
     */
    private SignedWebhook signedPairs(
            String method, String bareUrl, List<String[]> query, List<String[]> form, byte[] body) {
        List<String[]> home = form.isEmpty() ? query : form;
        List<String> replaced = List.of("timestamp", "nonce", "sig");
        query.removeIf(pair -> replaced.contains(pair[0]));
        form.removeIf(pair -> replaced.contains(pair[0]));
        home.add(new String[] {"timestamp", String.valueOf(now.getEpochSecond())});
        home.add(new String[] {"nonce", UUID.randomUUID().toString()});
        var parameters = new TreeMap<String, String>();
        query.forEach(pair -> parameters.put(pair[0], pair[1]));
        form.forEach(pair -> parameters.put(pair[0], pair[1]));
        home.add(new String[] {"sig", sig(parameters)});
        return new SignedWebhook(
                method,
                query.isEmpty() ? bareUrl : bareUrl + "?" + encoded(query),
                Map.of(),
                form.isEmpty() ? body : utf8(encoded(form)));
    }

    private String sig(TreeMap<String, String> parameters) {
        String text =
                parameters.entrySet().stream()
                        .map(
                                p ->
                                        "&"
                                                + p.getKey().replaceAll("[&=]", "_")
                                                + "="
                                                + p.getValue().replaceAll("[&=]", "_"))
                        .collect(Collectors.joining());
        String secret = required(credentials, "signatureSecret");
        String method = credentials.getOrDefault("smsSignature", "sha256");
        byte[] code =
                switch (method) {
                    case "md5hash" -> digest("MD5", utf8(text + secret));
                    case "md5", "sha1", "sha256", "sha512" ->
                            hmac("Hmac" + method, utf8(secret), utf8(text));
                    default ->
                            throw new IllegalArgumentException(
                                    "no such signature method: " + method);
                };
        return HexFormat.of().formatHex(code);
    }

    private static boolean isObjectOfSmsApi(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            return json.isObject() && json.has("msisdn");
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isForm(String contentType) {
        return contentType != null && contentType.startsWith("application/x-www-form-urlencoded");
    }

    /** Decoded names and values in their order. */
    static List<String[]> pairs(String encoded) {
        return Arrays.stream(encoded.split("&"))
                .filter(pair -> !pair.isEmpty())
                .map(pair -> (pair + (pair.contains("=") ? "" : "=")).split("=", 2))
                .map(
                        pair ->
                                new String[] {
                                    URLDecoder.decode(pair[0], StandardCharsets.UTF_8),
                                    URLDecoder.decode(pair[1], StandardCharsets.UTF_8)
                                })
                .toList();
    }

    private static String encoded(List<String[]> pairs) {
        return pairs.stream()
                .map(
                        pair ->
                                URLEncoder.encode(pair[0], StandardCharsets.UTF_8)
                                        + "="
                                        + URLEncoder.encode(pair[1], StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static List<String> names(List<String[]> pairs) {
        return pairs.stream().map(pair -> pair[0]).toList();
    }
}
