package org.jawort.tenant;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What one kind of HTTP answer of a destination means.
 *
 * @param from first status it is about
 * @param to last status it is about
 * @param at where in a JSON answer something must stand; {@code null} if that does not matter
 * @param is what must stand there, as text; {@code null} for anything but null
 * @param contains what the text of the answer must contain; {@code null} if that does not matter
 */
public record AnswerRule(
        int from, int to, JsonPointer at, String is, String contains, Meaning means) {

    /** What becomes of the delivery. */
    public enum Meaning {
        /** The destination has it. */
        DELIVERED,
        /** It may take it later. */
        RETRY,
        /** It will not take this one: a dead letter. */
        FINAL,
        /** It takes nothing any more: it is disabled, and its deliveries wait. */
        GONE
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    static AnswerRule parse(JsonNode json) {
        String status = json.get("status").asText();
        boolean all = status.endsWith("xx");
        int from = all ? Integer.parseInt(status.substring(0, 1)) * 100 : Integer.parseInt(status);
        return new AnswerRule(
                from,
                all ? from + 99 : from,
                json.has("at") ? JsonPointer.compile(json.get("at").asText()) : null,
                json.path("is").asText(null),
                json.path("contains").asText(null),
                Meaning.valueOf(json.get("means").asText().toUpperCase(java.util.Locale.ROOT)));
    }

    /** What is wrong with a rule that met the schema. */
    static Optional<String> problem(JsonNode json) {
        if (json.has("is") && !json.has("at")) {
            return Optional.of("'is' needs 'at', the JSON Pointer of what is compared");
        }
        if (json.path("status").asText().startsWith("3")
                && json.path("means").asText().equals("delivered")) {
            return Optional.of(
                    "a redirect is not followed, so it cannot mean that anything was delivered");
        }
        return Optional.empty();
    }

    public boolean covers(int status) {
        return from <= status && status <= to;
    }

    /** Whether the answer's body decides. */
    public boolean asksForBody() {
        return at != null || contains != null;
    }

    /**
     * @param body the answer, or its beginning if it is long
     */
    public boolean fits(byte[] body) {
        if (contains != null && !new String(body, StandardCharsets.UTF_8).contains(contains)) {
            return false;
        }
        if (at == null) {
            return true;
        }
        try {
            JsonNode found = JSON.readTree(body).at(at);
            return is == null
                    ? !found.isMissingNode() && !found.isNull()
                    : found.isValueNode() && found.asText().equals(is);
        } catch (IOException notJson) {
            return false;
        }
    }
}
