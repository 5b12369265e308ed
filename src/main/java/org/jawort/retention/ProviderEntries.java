package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jawort.sending.ErasureCalls;
import org.jawort.sending.ErasureCalls.Held;
import org.jawort.vault.SubjectKey;

/** How providers name what a batch deleted, as it is kept until they are asked: sealed JSON. */
final class ProviderEntries {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FIELD = "provider.deletion";

    private ProviderEntries() {}

    static byte[] seal(SubjectKey key, List<Held> held) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Held one : held) {
            ObjectNode entry = list.addObject();
            entry.put("subject", one.subject().toString());
            entry.put("channel", one.channel());
            entry.put("direction", one.direction());
            entry.put("message", one.providerMessageId());
            entry.put("conversation", one.providerConversationId());
            entry.put("media", one.mediaUrl());
            entry.put("at", one.at().toString());
        }
        return key.seal(FIELD, list.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @param recipient whose entries they are
     * @throws org.jawort.vault.Undecipherable if they were changed, or sealed under another key
     */
    static List<Held> open(SubjectKey key, byte[] sealed, String recipient) {
        String account = recipient.substring(ErasureCalls.recipient("").length());
        List<Held> held = new ArrayList<>();
        for (JsonNode entry : read(key.open(FIELD, sealed))) {
            held.add(
                    new Held(
                            UUID.fromString(entry.get("subject").textValue()),
                            account,
                            entry.path("channel").textValue(),
                            entry.path("direction").textValue(),
                            entry.path("message").textValue(),
                            entry.path("conversation").textValue(),
                            entry.path("media").textValue(),
                            Instant.parse(entry.get("at").textValue())));
        }
        return held;
    }

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
