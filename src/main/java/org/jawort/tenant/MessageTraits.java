package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A message as rules of a tenant's file look at it.
 *
 * @param direction {@code inbound} or {@code outbound}
 * @param channel wire name; {@code null} or empty where the provider did not tell
 * @param template id of the tenant's template it was written by, {@code null} if by none
 * @param content as an event has it
 * @param reference the tenant's own id of it, {@code null} if it gave none
 */
public record MessageTraits(
        String direction, String channel, String template, JsonNode content, String reference) {

    /** Not a word of it (LOG-1). */
    @Override
    public String toString() {
        return "MessageTraits[" + direction + "]";
    }
}
