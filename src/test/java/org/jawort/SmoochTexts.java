package org.jawort;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * One webhook of Smooch with WhatsApp messages of invented people to the demo tenant, an event for
 * each, in their order.
 */
public final class SmoochTexts {

    public static final String TYPE = "application/json";

    private static final String INTEGRATION = "69f1c7a4e57682672270e4cc";

    private final ObjectNode webhook = new ObjectMapper().createObjectNode();
    private final ArrayNode events;

    public SmoochTexts() {
        webhook.putObject("app").put("id", "69a49395db255efaed482b38");
        webhook.putObject("webhook").put("id", "6912be5b2da8eacdee145d7e").put("version", "v2");
        events = webhook.putArray("events");
    }

    /**
     * @param number of the person, E.164
     */
    public SmoochTexts text(String id, String number, String text) {
        return text(id, number, text, "personal", "conversation of " + number);
    }

    /**
     * @param type of the conversation: {@code personal}, or {@code sdkGroup} where several people
     *     write
     */
    public SmoochTexts text(
            String id, String number, String text, String type, String conversation) {
        ObjectNode event = events.addObject();
        event.put("id", "event " + id).put("type", "conversation:message");
        ObjectNode payload = event.putObject("payload");
        payload.putObject("conversation").put("id", conversation).put("type", type);
        ObjectNode message = payload.putObject("message").put("id", id);
        message.putObject("author")
                .put("type", "user")
                .put("userId", "user of " + number)
                .put("displayName", "Mia Muster");
        message.putObject("content").put("type", "text").put("text", text);
        ObjectNode source = message.putObject("source");
        source.put("type", "whatsapp").put("integrationId", INTEGRATION);
        source.putObject("client").put("type", "whatsapp").put("externalId", number);
        return this;
    }

    /** The second person's user became the first's. */
    public SmoochTexts merge(String id, String surviving, String discarded) {
        ObjectNode event = events.addObject();
        event.put("id", id).put("type", "user:merge").put("createdAt", "2026-11-04T09:07:50.900Z");
        ObjectNode users = event.putObject("payload").putObject("mergedUsers");
        users.putObject("surviving").put("id", "user of " + surviving);
        users.putObject("discarded").put("id", "user of " + discarded);
        return this;
    }

    public byte[] bytes() {
        return webhook.toString().getBytes(StandardCharsets.UTF_8);
    }
}
