package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jawort.vault.SubjectKey;

/** What a letter is filed under when law takes it out of ordinary access (RET-8). */
final class RetainedLabels {

    static final String NAME = "labels";

    /**
     * Of a message m: those in force of it and of its conversation, as {@link Filed} reads them.
     */
    static final String COLUMN =
            """
            (select coalesce(json_agg(json_build_object('name', l.name, 'value', encode(l.sealed_value, 'base64'),
                                                        'key', encode(l.value_key, 'base64'), 'of', case when l.message_id is null
                                                        then 'conversation' else 'message' end, 'source', l.source, 'by', l.set_by,
                                                        'at', l.set_at) order by l.message_id nulls first, l.name), '[]')
               from label l where l.tenant = m.tenant and l.conversation_id = m.conversation_id
                and (l.message_id = m.id or l.message_id is null) and l.removed_at is null)::text as labels""";

    private static final ObjectMapper JSON = new ObjectMapper();

    private RetainedLabels() {}

    /** Labels with what seals them. */
    record Filed(JsonNode rows) {

        static Filed read(String json) {
            return new Filed(json(json.getBytes(StandardCharsets.UTF_8)));
        }

        /** Under another key of the same person; {@code null} if there are none. */
        byte[] anew(SubjectKey from, SubjectKey to) {
            if (rows.isEmpty()) {
                return null;
            }
            ArrayNode labels = JSON.createArrayNode();
            for (JsonNode row : rows) {
                ObjectNode label = row.deepCopy();
                label.remove("key");
                label.put(
                        "value",
                        new String(
                                from.open("label.value", bytes(row.get("value"))),
                                StandardCharsets.UTF_8));
                labels.add(label);
            }
            return to.seal("message.labels", labels.toString().getBytes(StandardCharsets.UTF_8));
        }

        List<byte[]> keys() {
            List<byte[]> keys = new ArrayList<>();
            rows.forEach(row -> keys.add(bytes(row.get("key"))));
            return keys;
        }

        /** PostgreSQL breaks the lines of Base64. */
        private static byte[] bytes(JsonNode base64) {
            return Base64.getMimeDecoder().decode(base64.textValue());
        }
    }

    /** {@code [{ name, value, of, source, by, at }]}; empty for {@code null}. */
    static JsonNode opened(SubjectKey retained, byte[] sealed) {
        return sealed == null
                ? JSON.createArrayNode()
                : json(retained.open("message.labels", sealed));
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
