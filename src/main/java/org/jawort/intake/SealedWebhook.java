package org.jawort.intake;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A webhook as it lies in Kafka, in the spool and in quarantine, before sealing: seconds and
 * nanoseconds of its receipt, then method, raw query, content type, Twilio's name of the attempt,
 * the body and the name Standard Webhooks give it, each as length (4 bytes, big-endian, -1 for
 * none) and UTF-8 or raw bytes. What an older hub wrote ends with the body, and an older hub reads
 * that far. Credentials are left out: after the signature check nobody needs them.
 */
final class SealedWebhook {

    /** The headers a mapping may read: what a repeated webhook is known by. */
    private static final String TWILIO_TOKEN = "i-twilio-idempotency-token";

    private static final String WEBHOOK_ID = "webhook-id";

    private static final int HEAD = 256;

    private SealedWebhook() {}

    static byte[] plain(WebhookRequest request) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(HEAD + request.body().length);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(request.receivedAt().getEpochSecond());
            out.writeInt(request.receivedAt().getNano());
            write(out, request.method());
            write(out, request.rawQuery());
            write(out, request.contentType());
            write(out, request.header(TWILIO_TOKEN));
            write(out, request.body());
            write(out, request.header(WEBHOOK_ID));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /**
     * The URL is not kept: it served the signature check.
     *
     * @throws IOException if the bytes are no webhook
     */
    static WebhookRequest parse(byte[] plain) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain))) {
            Instant receivedAt = Instant.ofEpochSecond(in.readLong(), in.readInt());
            String method = text(in);
            String rawQuery = text(in);
            String contentType = text(in);
            String twilioToken = text(in);
            byte[] body = bytes(in);
            String webhookId = in.available() > 0 ? text(in) : null;
            Map<String, String> headers = new HashMap<>();
            headers.put(TWILIO_TOKEN, twilioToken);
            headers.put(WEBHOOK_ID, webhookId);
            headers.values().removeIf(Objects::isNull);
            return new WebhookRequest(
                    method, null, rawQuery, contentType, headers, body, receivedAt);
        }
    }

    static byte[] associatedData(String tenant, String account) {
        return ("webhook|" + tenant + "|" + account).getBytes(StandardCharsets.UTF_8);
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        write(out, text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] bytes = bytes(in);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length > in.available()) {
            throw new IOException("cut off");
        }
        return length < 0 ? null : in.readNBytes(length);
    }
}
