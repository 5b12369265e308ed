package org.jawort.delivery;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What providers sent of received messages, word for word, for the archives that get it (RET-11):
 * nobody else's deliveries read it. Works inside the caller's transaction.
 */
final class MessageOriginals {

    private static final String RECEIVED = "jawort.message.received.";

    private final JdbcTemplate jdbc;

    MessageOriginals(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Adds to the rows that tell of a received message what is still kept of its webhook. */
    void add(String tenant, List<DeliveryRow> rows) {
        Map<UUID, List<DeliveryRow>> received =
                rows.stream()
                        .filter(row -> row.hasMessage && row.isWhole())
                        .filter(row -> row.type.startsWith(RECEIVED))
                        .filter(row -> row.direction.equals("inbound"))
                        .collect(Collectors.groupingBy(row -> row.messageId));
        if (received.isEmpty()) {
            return;
        }
        List<UUID> messages = List.copyOf(received.keySet());
        Bulk.query(
                jdbc,
                """
                select m.id, m.sealed_original from unnest(?::text[], ?::uuid[]) as wanted(tenant, id)
                  join message m on m.tenant = wanted.tenant and m.id = wanted.id where m.sealed_original is not null""",
                found -> {
                    byte[] sealed = found.getBytes(2);
                    received.get(found.getObject(1, UUID.class))
                            .forEach(row -> row.sealedOriginal = sealed);
                    return sealed;
                },
                Column.of("text", messages, message -> tenant),
                Column.of("uuid", messages, message -> message));
    }

    /**
     * As {@code original} has it. Providers send JSON or a form, and no form begins as JSON does.
     *
     * @throws org.jawort.vault.Undecipherable if it was not sealed under this key
     */
    static ObjectNode described(byte[] sealed, SubjectKey key) {
        byte[] bytes = key.open("message.original", sealed);
        ObjectNode original = JsonNodeFactory.instance.objectNode();
        original.put(
                "contentType",
                isJson(bytes) ? "application/json" : "application/x-www-form-urlencoded");
        original.put("size", bytes.length);
        original.put("sha256", HexFormat.of().formatHex(sha256(bytes)));
        try {
            original.put(
                    "text",
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException noText) {
            original.put("base64", Base64.getEncoder().encodeToString(bytes));
        }
        return original;
    }

    private static boolean isJson(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return b == '{' || b == '[';
            }
        }
        return false;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException everyJdkHas) {
            throw new IllegalStateException(everyJdkHas);
        }
    }
}
