package org.jawort.rights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * What a provider sent of a message, field by field, also what the hub makes nothing of (DSR-4).
 * Providers send JSON or a form, and no form begins as JSON does.
 */
final class Originals {

    /**
     * Below these a provider tells of whoever else is meant: cards, authors of what was passed on.
     */
    private static final Set<String> OTHERS =
            Set.of(
                    "contact",
                    "contacts",
                    "vcard",
                    "vcards",
                    "forward_from",
                    "forward_from_chat",
                    "forward_sender_name",
                    "forward_origin",
                    "reply_to_message",
                    "new_chat_members",
                    "left_chat_member",
                    "mentions",
                    "participants",
                    "user_shared",
                    "users_shared");

    private final ObjectMapper json;
    private final ThirdParties others;

    Originals(ObjectMapper json, ThirdParties others) {
        this.json = json;
        this.others = others;
    }

    /**
     * @return {@code name} and {@code value} of each field, of JSON its place ("message.chat.id"),
     *     in the order they were sent
     */
    ArrayNode fields(String text) {
        ArrayNode fields = json.createArrayNode();
        String start = text.stripLeading();
        if (start.startsWith("{") || start.startsWith("[")) {
            tree("", false, tree(text), fields);
        } else {
            form(text, fields);
        }
        return fields;
    }

    private JsonNode tree(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException cutOff) {
            return json.getNodeFactory().textNode(text);
        }
    }

    private void tree(String place, boolean isOthers, JsonNode node, ArrayNode fields) {
        if (node.isObject()) {
            node.properties()
                    .forEach(
                            one ->
                                    tree(
                                            within(place, one.getKey()),
                                            isOthers || OTHERS.contains(one.getKey()),
                                            one.getValue(),
                                            fields));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                tree(within(place, String.valueOf(i)), isOthers, node.get(i), fields);
            }
        } else if (!node.isNull()) {
            add(place, isOthers ? ThirdParties.MASK : others.masked(node.asText()), fields);
        }
    }

    private static String within(String place, String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    private void form(String text, ArrayNode fields) {
        for (String pair : text.split("&")) {
            int sign = pair.indexOf('=');
            if (sign > 0) {
                add(
                        decoded(pair.substring(0, sign)),
                        others.masked(decoded(pair.substring(sign + 1))),
                        fields);
            }
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException asItIs) {
            return text;
        }
    }

    private static void add(String name, String value, ArrayNode fields) {
        fields.addObject().put("name", name).put("value", value);
    }
}
