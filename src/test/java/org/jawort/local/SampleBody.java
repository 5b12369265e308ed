package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A sample's content as its single values, each of which can be read and replaced; the order of
 * everything stays.
 */
sealed interface SampleBody {

    /**
     * One value that is not an object, list or null.
     *
     * @param path names on the way to it, {@code *} for any place in a list: {@code
     *     /events/*}{@code /id}
     */
    record Value(String path, String text, Consumer<String> replace) {}

    List<Value> values();

    byte[] bytes();

    static SampleBody json(byte[] content) throws IOException {
        return new Json(Json.MAPPER.readTree(content));
    }

    static SampleBody form(byte[] content) {
        var pairs = new ArrayList<String[]>();
        for (String pair : new String(content, StandardCharsets.UTF_8).strip().split("&")) {
            String[] halves = pair.split("=", 2);
            pairs.add(
                    new String[] {
                        decoded(halves[0]), halves.length == 2 ? decoded(halves[1]) : ""
                    });
        }
        return new Form(pairs);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    record Form(List<String[]> pairs) implements SampleBody {

        @Override
        public List<Value> values() {
            return pairs.stream()
                    .map(pair -> new Value("/" + pair[0], pair[1], text -> pair[1] = text))
                    .toList();
        }

        @Override
        public byte[] bytes() {
            return pairs.stream()
                    .map(pair -> encoded(pair[0]) + "=" + encoded(pair[1]))
                    .collect(Collectors.joining("&"))
                    .getBytes(StandardCharsets.US_ASCII);
        }

        private static String encoded(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }

    record Json(JsonNode root) implements SampleBody {

        private static final ObjectMapper MAPPER = JsonMapper.builder().build();

        @Override
        public List<Value> values() {
            var values = new ArrayList<Value>();
            collect("", root, text -> {}, values);
            return values;
        }

        @Override
        public byte[] bytes() {
            try {
                return MAPPER.writeValueAsBytes(root);
            } catch (IOException neverForATree) {
                throw new AssertionError(neverForATree);
            }
        }

        private static void collect(
                String path, JsonNode node, Consumer<JsonNode> replace, List<Value> values) {
            if (node instanceof ObjectNode object) {
                for (var field : object.properties()) {
                    String name = field.getKey();
                    collect(
                            path + "/" + name,
                            field.getValue(),
                            other -> object.set(name, other),
                            values);
                }
            } else if (node instanceof ArrayNode list) {
                for (int i = 0; i < list.size(); i++) {
                    int place = i;
                    collect(path + "/*", list.get(i), other -> list.set(place, other), values);
                }
            } else if (!node.isNull()) {
                values.add(
                        new Value(path, node.asText(), text -> replace.accept(like(node, text))));
            }
        }

        /** A number stays a number as long as the new text is one. */
        private static JsonNode like(JsonNode old, String text) {
            if (old.isNumber() && text.matches("[1-9]\\d{8,10}[.]\\d+")) {
                return JsonNodeFactory.instance.numberNode(new BigDecimal(text));
            }
            return old.isIntegralNumber() && text.matches("[1-9]\\d{0,17}")
                    ? JsonNodeFactory.instance.numberNode(Long.parseLong(text))
                    : JsonNodeFactory.instance.textNode(text);
        }
    }
}
