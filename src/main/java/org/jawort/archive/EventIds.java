package org.jawort.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.UUID;

/**
 * By what an event is told from others, read from the first level of a line.
 *
 * @param sequence gap-free per tenant and destination, but for what was withheld; {@code null} if
 *     the line has none
 * @param id {@code null} if the line has none
 * @param subject the conversation; {@code null} if the line has none
 */
record EventIds(Long sequence, UUID id, String subject) {

    static final EventIds NONE = new EventIds(null, null, null);

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * @param line a JSON object; of anything else the ids are unknown
     */
    static EventIds of(byte[] line) {
        Long sequence = null;
        UUID id = null;
        String subject = null;
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return NONE;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (field) {
                    case "sequence" -> sequence = sequence(parser, value);
                    case "id" -> id = id(parser.getValueAsString());
                    case "subject" -> subject = parser.getValueAsString();
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException noJson) {
            return new EventIds(sequence, id, subject);
        }
        return new EventIds(sequence, id, subject);
    }

    boolean complete() {
        return sequence != null && id != null;
    }

    private static Long sequence(JsonParser parser, JsonToken value) throws IOException {
        String text = value.isScalarValue() ? parser.getText() : "";
        return text.matches("[1-9][0-9]{0,17}") ? Long.valueOf(text) : null;
    }

    private static UUID id(String text) {
        try {
            return text == null || text.length() != 36 ? null : UUID.fromString(text);
        } catch (IllegalArgumentException noId) {
            return null;
        }
    }
}
