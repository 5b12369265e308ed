package org.jawort.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Events as destinations get them, of invented people. */
public final class SampleEvents {

    private static final ObjectMapper JSON = new ObjectMapper();

    private SampleEvents() {}

    public static UUID id(long sequence) {
        return new UUID(0x019ab3c27d4e7c11L, 0x9a55000000000000L + sequence);
    }

    static UUID conversation(long number) {
        return new UUID(0x019ab3c200007000L, 0x8000000000000000L + number);
    }

    /** A message received in one of four conversations. */
    public static ObjectNode message(long sequence) {
        return message(sequence, "Wann ist mein Termin Nummer " + sequence + "? Grüße, Jürgen");
    }

    public static ObjectNode message(long sequence, String text) {
        UUID id = id(sequence);
        UUID conversation = conversation(sequence % 4);
        try {
            ObjectNode event =
                    (ObjectNode)
                            JSON.readTree(
                                    """
                                    { "specversion": "1.0", "id": "%s", "type": "jawort.message.received.v1",
                                      "source": "/tenants/autohaus-muster/accounts/wa", "subject": "conversations/%s",
                                      "time": "2026-11-23T10:11:12Z", "datacontenttype": "application/json",
                                      "dataschema": "/schemas/message-v1.json", "tenant": "autohaus-muster", "sequence": "%d",
                                      "data": { "messageId": "%s", "conversationId": "%s", "subjectId": "%s", "direction": "inbound",
                                        "channel": "whatsapp", "provider": "twilio", "account": "wa", "providerMessageId": "SM00%d",
                                        "providerConversationId": null,
                                        "from": { "address": "+4915100000042", "scheme": "phone", "name": "Jürgen Beispiel",
                                                  "aliases": [{ "address": "DE.8812", "scheme": "bsuid" }] },
                                        "to": { "address": "+4930123456", "scheme": "phone" },
                                        "sentAt": null, "receivedAt": "2026-11-23T10:11:12.345Z",
                                        "content": { "type": "text", "media": [] }, "replyTo": null,
                                        "consent": { "decision": "accept", "reason": "IN_OK", "state": "GRANTED",
                                                     "purpose": "SUPPORT_REPLY", "record": "%s" },
                                        "retention": { "rule": "conversation-text@3", "category": "UNKNOWN" } } }"""
                                            .formatted(
                                                    id,
                                                    conversation,
                                                    sequence,
                                                    new UUID(7, sequence),
                                                    conversation,
                                                    new UUID(9, sequence % 4),
                                                    sequence,
                                                    new UUID(8, sequence)));
            ((ObjectNode) event.at("/data/content")).put("text", text);
            return event;
        } catch (JsonProcessingException impossible) {
            throw new AssertionError(impossible);
        }
    }

    public static byte[] line(long sequence) {
        return bytes(message(sequence));
    }

    public static byte[] bytes(ObjectNode event) {
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }
}
