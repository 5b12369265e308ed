package org.jawort.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.delivery.DestinationRefused;

/**
 * One request.
 *
 * @param name under which its answer is kept
 * @param path encoded, beginning with a slash; {@code null} for the destination's own URL
 * @param query encoded, without the question mark; may be empty
 */
record Call(
        String name,
        String method,
        String path,
        String query,
        Map<String, String> headers,
        byte[] body) {

    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");

    /** What an earlier step of the route put on the exchange. */
    static Call of(Message message) {
        Map<String, String> headers = new LinkedHashMap<>();
        message.getHeaders()
                .forEach(
                        (name, value) -> {
                            if (!name.toLowerCase(Locale.ROOT).startsWith("camel")) {
                                headers.put(name, value.toString());
                            }
                        });
        return new Call(
                "answer",
                message.getHeader(Exchange.HTTP_METHOD, "POST", String.class),
                null,
                "",
                headers,
                message.getBody(byte[].class));
    }

    /**
     * What a mapping made: {@code path} is a list of segments, which are encoded here, so that no
     * value leads elsewhere; {@code query} and {@code headers} are objects of texts; {@code body}
     * is sent as JSON.
     *
     * @throws DestinationRefused if it made something else
     */
    static Call of(String file, JsonNode made) {
        String method = made.path("method").asText("POST");
        JsonNode path = made.path("path");
        if (!METHODS.contains(method) || !path.isArray() || path.isEmpty()) {
            throw new DestinationRefused(file + " made no request", null);
        }
        StringBuilder encoded = new StringBuilder();
        for (JsonNode segment : path) {
            String text = segment.asText("");
            if (text.isEmpty() || text.equals(".") || text.equals("..")) {
                throw new DestinationRefused(file + " made a path with a hole", null);
            }
            encoded.append('/').append(encoded(text));
        }
        List<String> query = new ArrayList<>();
        made.path("query")
                .properties()
                .forEach(
                        one ->
                                query.add(
                                        encoded(one.getKey())
                                                + "="
                                                + encoded(one.getValue().asText())));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        made.path("headers")
                .properties()
                .forEach(
                        one -> headers.put(name(file, one.getKey()), header(file, one.getValue())));
        byte[] body = null;
        if (made.hasNonNull("body")) {
            headers.put(Exchange.CONTENT_TYPE, "application/json");
            body = made.get("body").toString().getBytes(StandardCharsets.UTF_8);
        }
        return new Call(
                made.path("name").asText("answer"),
                method,
                encoded.toString(),
                String.join("&", query),
                headers,
                body);
    }

    /** None that steers Camel. */
    private static String name(String file, String name) {
        if (!name.matches("[A-Za-z0-9-]+") || name.toLowerCase(Locale.ROOT).startsWith("camel")) {
            throw new DestinationRefused(file + " made a header of another name", null);
        }
        return name;
    }

    private static String header(String file, JsonNode value) {
        String text = value.asText("");
        if (text.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new DestinationRefused(file + " made a header of more than ASCII", null);
        }
        return text;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * @param base the URL the path is added to
     */
    void write(Message message, String base) {
        headers.forEach(message::setHeader);
        message.setHeader(Exchange.HTTP_METHOD, method);
        message.setBody(body);
        if (path != null) {
            message.setHeader(Exchange.HTTP_URI, base + path);
            if (!query.isEmpty()) {
                message.setHeader(Exchange.HTTP_QUERY, query);
            }
        }
    }

    @Override
    public String toString() {
        return "Call[" + name + "]"; // path and body may name a person
    }
}
