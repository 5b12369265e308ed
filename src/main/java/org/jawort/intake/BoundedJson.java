package org.jawort.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The top level of a JSON object from a stranger: depth, number of names and their length are
 * bounded, a name that comes twice is refused (RFC 8259 section 4 leaves its meaning open).
 *
 * @param scalars by name: strings as text, numbers and booleans as they were written; a {@code
 *     null} is left out
 * @param numbers names among the scalars that were JSON numbers
 * @param nested names whose value is an object or an array, which is skipped
 */
record BoundedJson(Map<String, String> scalars, Set<String> numbers, Set<String> nested) {

    private static final int MAX_DEPTH = 100;
    private static final int MAX_NAMES = 2_000;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNameLength(1_000)
                                    .maxNumberLength(100)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // names come from outside and never repeat usefully: no shared table of them
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    /** Empty if the bytes are not UTF-8, not one JSON object, or exceed the bounds. */
    static Optional<BoundedJson> parse(byte[] json) {
        // decoded here: the parser would guess UTF-16 and UTF-32 from the bytes
        return StrictUtf8.decode(json).flatMap(BoundedJson::parse);
    }

    private static Optional<BoundedJson> parse(String json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            var object = new BoundedJson(new LinkedHashMap<>(), new HashSet<>(), new HashSet<>());
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                object.read(parser);
                if (object.scalars.size() + object.nested.size() > MAX_NAMES) {
                    return Optional.empty();
                }
            }
            return parser.nextToken() == null ? Optional.of(object) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void read(JsonParser parser) throws IOException {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value.isStructStart()) {
            parser.skipChildren();
            nested.add(name);
        } else if (value != JsonToken.VALUE_NULL) {
            scalars.put(name, parser.getText());
            if (value.isNumeric()) {
                numbers.add(name);
            }
        }
    }

    /** Whether the name is there with any value but {@code null}. */
    boolean has(String name) {
        return scalars.containsKey(name) || nested.contains(name);
    }

    /** The value of a string, {@code null} if it is absent or no string. */
    String text(String name) {
        return numbers.contains(name) ? null : scalars.get(name);
    }

    /** A number of whole seconds; empty if it is absent, no number, not whole or not in range. */
    Optional<EpochSeconds> seconds(String name) {
        return numbers.contains(name) ? EpochSeconds.parse(scalars.get(name)) : Optional.empty();
    }
}
