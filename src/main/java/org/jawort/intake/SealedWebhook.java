package org.jawort.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * A webhook as it lies in Kafka, in the spool and in quarantine. Layout before sealing: length of the head (4 bytes, big-endian),
 * head (JSON), body (as received). Credentials are left out: after the signature check nobody needs them.
 */
final class SealedWebhook {

    private static final ObjectMapper JSON =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();

    /** Headers a mapping may read. */
    private static final java.util.Set<String> KEPT = java.util.Set.of("i-twilio-idempotency-token");

    private record Head(
            String method, String rawQuery, String contentType, Map<String, String> headers, String receivedAt) {}

    private SealedWebhook() {}

    static byte[] plain(WebhookRequest request) {
        Map<String, String> kept = request.headers().isEmpty() ? Map.of() : new java.util.HashMap<>(request.headers());
        if (!kept.isEmpty()) {
            kept.keySet().retainAll(KEPT);
        }
        byte[] head = bytes(new Head(
                request.method(),
                request.rawQuery(),
                request.contentType(),
                kept,
                request.receivedAt().toString()));
        return ByteBuffer.allocate(4 + head.length + request.body().length)
                .putInt(head.length)
                .put(head)
                .put(request.body())
                .array();
    }

    /** The URL is not kept: it served the signature check. */
    static WebhookRequest parse(byte[] plain) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(plain);
        byte[] head = new byte[buffer.getInt()];
        buffer.get(head);
        byte[] body = new byte[buffer.remaining()];
        buffer.get(body);
        Head parsed = JSON.readValue(head, Head.class);
        return new WebhookRequest(
                parsed.method(),
                null,
                parsed.rawQuery(),
                parsed.contentType(),
                parsed.headers(),
                body,
                Instant.parse(parsed.receivedAt()));
    }

    static byte[] associatedData(String tenant, String account) {
        return ("webhook|" + tenant + "|" + account).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Head head) {
        try {
            return JSON.writeValueAsBytes(head);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
