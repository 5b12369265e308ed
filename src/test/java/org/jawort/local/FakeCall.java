package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * One request to a fake provider.
 *
 * @param path below the provider's base URL
 * @param headers by lower-case names
 */
record FakeCall(String path, Map<String, String> headers, byte[] body) {

    private static final JsonMapper JSON = new JsonMapper();

    boolean isForm() {
        return headers.getOrDefault("content-type", "")
                .startsWith("application/x-www-form-urlencoded");
    }

    boolean isJson() {
        return headers.getOrDefault("content-type", "").startsWith("application/json");
    }

    /** A form as an object, a repeated name as a list; a missing node for what cannot be read. */
    JsonNode fields() {
        if (isJson()) {
            try {
                return JSON.readTree(body);
            } catch (IOException noJson) {
                return JsonNodeFactory.instance.missingNode();
            }
        }
        ObjectNode fields = JSON.createObjectNode();
        for (String[] pair : VonageSigner.pairs(new String(body, StandardCharsets.UTF_8))) {
            JsonNode before = fields.get(pair[0]);
            if (before == null) {
                fields.put(pair[0], pair[1]);
            } else if (before instanceof ArrayNode list) {
                list.add(pair[1]);
            } else {
                fields.putArray(pair[0]).add(before).add(pair[1]);
            }
        }
        return fields;
    }

    /** {@code user:password} of HTTP Basic, {@code null} without. */
    String basic() {
        String authorization = headers.getOrDefault("authorization", "");
        if (!authorization.startsWith("Basic ")) {
            return null;
        }
        return new String(
                Base64.getDecoder().decode(authorization.substring("Basic ".length())),
                StandardCharsets.UTF_8);
    }

    /** What stands after a scheme such as {@code Bearer}, {@code null} if another is used. */
    String token(String scheme) {
        String authorization = headers.getOrDefault("authorization", "");
        return authorization.startsWith(scheme + " ")
                ? authorization.substring(scheme.length() + 1)
                : null;
    }
}
