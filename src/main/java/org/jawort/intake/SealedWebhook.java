package org.jawort.intake;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * A webhook as it lies in Kafka, in the spool and in quarantine, before sealing: seconds and
 * nanoseconds of its receipt, then method, raw query, content type, the kept header and the body,
 * each as length (4 bytes, big-endian, -1 for none) and UTF-8 or raw bytes. Credentials are left
 * out: after the signature check nobody needs them.
 */
final class SealedWebhook {

    /** The one header a mapping may read. */
    private static final String KEPT = "i-twilio-idempotency-token";

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
            write(out, request.header(KEPT));
            write(out, request.body());
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
            String kept = text(in);
            return new WebhookRequest(
                    method,
                    null,
                    rawQuery,
                    contentType,
                    kept == null ? Map.of() : Map.of(KEPT, kept),
                    bytes(in),
                    receivedAt);
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
