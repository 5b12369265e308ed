package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;

/**
 * One request the demo CRM got.
 *
 * @param headers under lower-case names, several values joined by a comma
 * @param signature {@code valid} or {@code invalid}
 * @param answered HTTP status, which may be told later
 * @param event the body; a JSON string of its text if it is not JSON
 */
record CrmEvent(
        Instant receivedAt,
        Map<String, String> headers,
        String signature,
        int answered,
        JsonNode event) {

    /** A field below the event's root such as {@code /data/channel}, empty if absent. */
    String field(String pointer) {
        return event.at(pointer).asText("");
    }

    /** Says nothing about a person. */
    @Override
    public String toString() {
        return "CrmEvent[" + receivedAt + ", " + signature + "]";
    }
}
