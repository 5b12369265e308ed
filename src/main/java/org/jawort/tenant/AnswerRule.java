package org.jawort.tenant;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.JsonPointerBasedFilter;
import com.fasterxml.jackson.core.filter.TokenFilter;
import com.fasterxml.jackson.databind.JsonNode;
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

    private static final JsonFactory JSON = new JsonFactory();

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
     * Whether an answer is what the rule is about. Of a long answer the beginning decides, if what
     * is asked for stands there.
     *
     * @param body the answer, or its beginning if it is long
     * @param all whether that is all of it
     * @return empty if only the rest could tell
     */
    public Optional<Boolean> fits(byte[] body, boolean all) {
        if (contains != null && !new String(body, StandardCharsets.UTF_8).contains(contains)) {
            return all ? Optional.of(false) : Optional.empty();
        }
        if (at == null) {
            return Optional.of(true);
        }
        try (JsonParser found =
                new FilteringParserDelegate(
                        JSON.createParser(body),
                        new JsonPointerBasedFilter(at),
                        TokenFilter.Inclusion.ONLY_INCLUDE_ALL,
                        false)) {
            JsonToken token = found.nextToken();
            if (token == null) {
                return Optional.of(false); // there was all of a document, and it is not in it
            }
            return Optional.of(
                    is == null
                            ? token != JsonToken.VALUE_NULL
                            : token.isScalarValue() && found.getText().equals(is));
        } catch (IOException endsEarlierOrIsNoJson) {
            return all ? Optional.of(false) : Optional.empty();
        }
    }
}
