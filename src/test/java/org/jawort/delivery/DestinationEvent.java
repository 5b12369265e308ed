package org.jawort.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;

/** An event of one conversation, as the hub composes it: the message with this number. */
record DestinationEvent(long sequence, ObjectNode json) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The same number is the same event. */
    static DestinationEvent number(long sequence) {
        return of(
                """
                { "specversion": "1.0", "id": "%s", "type": "jawort.message.received.v1",
                  "source": "/tenants/muster/accounts/wa",
                  "subject": "conversations/019ab3c2-7d4e-7c11-9a55-00000000c0de",
                  "time": "2026-11-23T10:11:12Z", "datacontenttype": "application/json",
                  "dataschema": "/schemas/message-v1.json", "tenant": "muster", "sequence": "%d",
                  "data": {
                    "messageId": "%s",
                    "conversationId": "019ab3c2-7d4e-7c11-9a55-00000000c0de",
                    "subjectId": "019ab3c2-7d4e-7c11-9a55-00000000abcd",
                    "direction": "inbound", "channel": "whatsapp", "provider": "twilio", "account": "wa",
                    "providerMessageId": "SM%032d", "providerConversationId": null,
                    "from": { "address": "+4915100000011", "scheme": "phone", "name": "Jana Beispiel" },
                    "to": { "address": "+493023125010", "scheme": "phone" },
                    "sentAt": null, "receivedAt": "2026-11-23T10:11:12.345Z",
                    "content": { "type": "text", "text": "%s", "media": [] },
                    "replyTo": null,
                    "consent": { "decision": "accept", "reason": "IN_OK", "state": "GRANTED",
                                 "purpose": "SUPPORT_REPLY", "record": null },
                    "retention": { "rule": "conversation-text@1", "category": "UNKNOWN" } } }"""
                        .formatted(
                                id(1, sequence),
                                sequence,
                                id(2, sequence),
                                sequence,
                                text(sequence)));
    }

    static List<DestinationEvent> numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).mapToObj(DestinationEvent::number).toList();
    }

    static DestinationEvent of(String json) {
        try {
            ObjectNode event = (ObjectNode) JSON.readTree(json);
            return new DestinationEvent(event.get("sequence").asLong(), event);
        } catch (JsonProcessingException noJson) {
            throw new IllegalArgumentException(noJson);
        }
    }

    UUID id() {
        return UUID.fromString(json.get("id").textValue());
    }

    String text() {
        return json.at("/data/content/text").textValue();
    }

    /** More than ASCII, and long enough that something cut off is missed. */
    private static String text(long sequence) {
        return "Grüße, wann ist mein %d. Termin? ".formatted(sequence) + "…".repeat(300);
    }

    private static String id(int kind, long sequence) {
        return "019ab3c2-7d4e-7c11-9a55-%d%011x".formatted(kind, sequence);
    }

    @Override
    public String toString() {
        return "event " + sequence;
    }
}
