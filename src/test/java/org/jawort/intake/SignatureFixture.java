package org.jawort.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jawort.intake.SignatureCheck.Authentic;
import org.jawort.intake.SignatureCheck.Forged;
import org.jawort.local.SignedWebhook;
import org.jawort.tenant.Account;
import org.jawort.tenant.Secret;

/** Requests and accounts for the signature tests. */
final class SignatureFixture {

    static final SignatureCheck AUTHENTIC = new Authentic();
    static final String JSON = "application/json";
    static final String FORM = "application/x-www-form-urlencoded";

    private static final Path VECTORS = Path.of("src/test/resources/signatures");

    private SignatureFixture() {}

    static SignatureCheck forged(String reason) {
        return new Forged(reason);
    }

    static SignatureCheck check(WebhookRequest request, Account account, Instant now) {
        return new SignatureSchemes().of(account).check(request, account, now);
    }

    static WebhookRequest request(
            String method,
            String url,
            String contentType,
            Map<String, String> headers,
            byte[] body) {
        Map<String, String> lowerCase = new LinkedHashMap<>();
        headers.forEach((name, value) -> lowerCase.put(name.toLowerCase(Locale.ROOT), value));
        int query = url.indexOf('?');
        return new WebhookRequest(
                method,
                url,
                query < 0 ? null : url.substring(query + 1),
                contentType,
                lowerCase,
                body,
                Instant.EPOCH);
    }

    static WebhookRequest request(SignedWebhook webhook, String contentType) {
        return request(
                webhook.method(), webhook.url(), contentType, webhook.headers(), webhook.body());
    }

    static WebhookRequest withBody(WebhookRequest request, byte[] body) {
        return request(
                request.method(), request.url(), request.contentType(), request.headers(), body);
    }

    static WebhookRequest withUrl(WebhookRequest request, String url) {
        return request(
                request.method(), url, request.contentType(), request.headers(), request.body());
    }

    static WebhookRequest withContentType(WebhookRequest request, String contentType) {
        return request(
                request.method(), request.url(), contentType, request.headers(), request.body());
    }

    static WebhookRequest withHeader(WebhookRequest request, String name, String value) {
        Map<String, String> headers = new LinkedHashMap<>(request.headers());
        headers.put(name, value);
        return request(
                request.method(), request.url(), request.contentType(), headers, request.body());
    }

    static Account account(String provider, String api, Map<String, List<String>> credentials) {
        return account(provider, api, credentials, Map.of());
    }

    static Account account(
            String provider,
            String api,
            Map<String, List<String>> credentials,
            Map<String, String> settings) {
        Map<String, List<Secret>> secrets =
                credentials.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        entry ->
                                                entry.getValue().stream()
                                                        .map(Secret::new)
                                                        .toList()));
        return new Account(
                "autohaus-muster",
                "main",
                provider,
                "processor",
                api,
                List.of(),
                secrets,
                settings,
                null);
    }

    static JsonNode vectors(String provider) {
        try {
            return new JsonMapper().readTree(file(provider, "signature-vectors.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] file(String provider, String name) {
        try {
            return Files.readAllBytes(VECTORS.resolve(provider).resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The body of a vector: a file beside it, text inside it, or none. */
    static byte[] body(String provider, JsonNode vector) {
        if (vector.hasNonNull("bodyFile")) {
            byte[] body = file(provider, vector.get("bodyFile").asText());
            byte[] more = utf8(vector.path("appendToBody").asText(""));
            byte[] all = Arrays.copyOf(body, body.length + more.length);
            System.arraycopy(more, 0, all, body.length, more.length);
            return all;
        }
        return utf8(vector.path("body").asText(""));
    }

    static String textOrNull(JsonNode vector, String name) {
        return vector.hasNonNull(name) ? vector.get(name).asText() : null;
    }

    static Map<String, String> headers(JsonNode vector) {
        Map<String, String> headers = new LinkedHashMap<>();
        vector.get("headers")
                .fields()
                .forEachRemaining(h -> headers.put(h.getKey(), h.getValue().asText()));
        return headers;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
