package org.jawort.message;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Who somebody is on a channel.
 *
 * @param name what the person calls themselves there, {@code null} if not told
 * @param aliases further identifiers of the same person
 */
public record Address(String address, Scheme scheme, String name, List<Address> aliases) {

    /** {@code null} for a missing node. */
    public static Address parse(JsonNode json) {
        if (!json.isObject()) {
            return null;
        }
        List<Address> aliases = new ArrayList<>();
        json.path("aliases").forEach(alias -> aliases.add(parse(alias)));
        return new Address(
                json.get("address").asText(),
                Scheme.of(json.get("scheme").asText()),
                json.path("name").asText(null),
                List.copyOf(aliases));
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
