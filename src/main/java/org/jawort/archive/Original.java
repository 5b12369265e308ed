package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What the provider sent of a message, as an event carries it: for a part of its own, since nobody
 * should have to take it out of another file (RET-11).
 *
 * @param bytes as they came
 */
record Original(String contentType, byte[] bytes) {

    private static final List<String> BYTES = List.of("text", "base64");

    /** Empty if the event has none, or its mapping left nothing to make a part of. */
    static Optional<Original> of(JsonNode event) {
        JsonNode original = event.at("/data/original");
        String type = original.path("contentType").asText("");
        if (original.path("text").isTextual()) {
            return Optional.of(
                    new Original(
                            type, original.get("text").asText().getBytes(StandardCharsets.UTF_8)));
        }
        try {
            return Optional.of(original.path("base64"))
                    .filter(JsonNode::isTextual)
                    .map(base64 -> new Original(type, Base64.getDecoder().decode(base64.asText())));
        } catch (IllegalArgumentException noBase64) {
            return Optional.empty(); // a mapping's own: it stands in the event all the same
        }
    }

    /** {@code original.json}, or {@code original.txt} for a form. */
    String fileName() {
        return contentType.equals("application/json") ? "original.json" : "original.txt";
    }

    /** The event without these bytes; type, size and hash stay. The event is not changed. */
    static JsonNode without(JsonNode event) {
        ObjectNode copy = copy(event);
        ObjectNode data = copy(event.get("data"));
        data.set("original", copy(data.get("original")).remove(BYTES));
        copy.set("data", data);
        return copy;
    }

    private static ObjectNode copy(JsonNode object) {
        ObjectNode copy = ((ObjectNode) object).objectNode();
        copy.setAll((ObjectNode) object);
        return copy;
    }
}
