package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** What stands to be read in an archived message. */
final class EmlText {

    private static final Set<String> MESSAGES =
            Set.of("jawort.message.received.v1", "jawort.message.sent.v1");

    private EmlText() {}

    /** Whether somebody wrote it; anything else is told about a message or a person. */
    static boolean isMessage(JsonNode event) {
        return MESSAGES.contains(event.path("type").asText())
                && event.path("data").hasNonNull("messageId");
    }

    /** The same for a whole conversation, as readers that thread by subject need it. */
    static String subject(JsonNode event) {
        JsonNode data = event.path("data");
        if (data.hasNonNull("conversationId")) {
            String channel = data.path("channel").asText("");
            String conversation = "conversation " + data.get("conversationId").asText();
            return isMessage(event) && !channel.isEmpty() && !channel.equals("null")
                    ? channel + ": " + conversation
                    : conversation;
        }
        return event.path("type").asText();
    }

    /** The words of a message, then what else it held, then what could not be attached. */
    static String body(JsonNode event, List<Eml.Attached> attached) {
        JsonNode data = event.path("data");
        StringBuilder body = new StringBuilder();
        if (isMessage(event)) {
            JsonNode content = data.path("content");
            if (content.path("text").isTextual()) {
                body.append(content.get("text").asText()).append('\n');
            }
            if (content instanceof ObjectNode whole) {
                for (Map.Entry<String, JsonNode> field : whole.properties()) {
                    if (!Set.of("type", "text", "media").contains(field.getKey())) {
                        line(body, field.getKey(), field.getValue().toString());
                    }
                }
            }
            if (body.isEmpty()) {
                line(body, "type", content.path("type").asText());
            }
        } else {
            line(body, "event", event.path("type").asText());
            for (Map.Entry<String, JsonNode> field : data.properties()) {
                JsonNode value = field.getValue();
                if (!value.isNull()) {
                    line(
                            body,
                            field.getKey(),
                            value.isValueNode() ? value.asText() : value.toString());
                }
            }
        }
        notAttached(data, attached, body);
        return body.toString();
    }

    private static void notAttached(
            JsonNode data, List<Eml.Attached> attached, StringBuilder body) {
        Set<String> there =
                attached.stream()
                        .map(Eml.Attached::id)
                        .map(UUID::toString)
                        .collect(Collectors.toSet());
        for (JsonNode media : data.at("/content/media")) {
            String id = media.path("id").asText();
            if (!there.contains(id)) {
                line(
                        body,
                        "not attached",
                        "%s (%s, %s bytes): %s"
                                .formatted(
                                        media.path("name").asText(id),
                                        media.path("contentType").asText("unknown type"),
                                        media.path("size").asText("unknown"),
                                        media.at("/unavailable/reason")
                                                .asText("the hub does not have its bytes")));
            }
        }
    }

    private static void line(StringBuilder body, String name, String value) {
        body.append('[').append(name).append("] ").append(value).append('\n');
    }
}
