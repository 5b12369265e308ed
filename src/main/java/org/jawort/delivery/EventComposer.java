package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jawort.label.StoredLabels;
import org.jawort.vault.SubjectKey;

/**
 * Makes the CloudEvent of a delivery from what is stored; see {@code schema/event-v1.json} for its
 * shape.
 */
final class EventComposer {

    /** What whoever answers a message must know of it. */
    private static final Set<String> TOLD = Set.of("HUMAN_NEEDED", "WITHDRAWN_BANNER");

    private final ObjectMapper json;
    private final RuleLabels retention;

    EventComposer(ObjectMapper json, RuleLabels retention) {
        this.json = json;
        this.retention = retention;
    }

    /**
     * @param key of the event's subject; {@code null} if it has none or it was destroyed, which
     *     only an event without content survives
     * @param media of the message, in order
     */
    ObjectNode compose(
            String tenant, DeliveryRow row, SubjectKey key, List<MessageMedia.Medium> media) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("specversion", "1.0");
        event.put("id", row.eventId.toString());
        event.put("type", row.type);
        event.put(
                "source",
                "/tenants/" + tenant + (row.account == null ? "" : "/accounts/" + row.account));
        event.put(
                "subject",
                row.conversationId != null
                        ? "conversations/" + row.conversationId
                        : row.subjectId != null ? "subjects/" + row.subjectId : "ledger");
        event.put("time", row.createdAt.toString());
        event.put("datacontenttype", "application/json");
        event.put("dataschema", schema(row.type));
        event.put("tenant", tenant);
        event.put("sequence", String.valueOf(row.sequence));
        event.set("data", data(tenant, row, key, media));
        return event;
    }

    private static String schema(String type) {
        String name = type.substring("jawort.".length(), type.lastIndexOf(".v"));
        return switch (name) {
            case "message.received", "message.sent" -> "/schemas/message-v1.json";
            default -> "/schemas/" + name.replace('.', '-') + "-v1.json";
        };
    }

    private ObjectNode data(
            String tenant, DeliveryRow row, SubjectKey key, List<MessageMedia.Medium> media) {
        if (row.sealedData != null) {
            ObjectNode data = JsonNodeFactory.instance.objectNode();
            put(data, "conversationId", row.conversationId);
            put(data, "subjectId", row.subjectId);
            data.setAll((ObjectNode) read(key.open("event.data", row.sealedData)));
            return data;
        }
        if (row.isOfFile()) {
            return file(tenant, row, key, media);
        }
        if (row.detail != null || !row.hasMessage) {
            ObjectNode data = ids(row);
            if (row.detail != null) {
                data.setAll((ObjectNode) read(row.detail.getBytes(StandardCharsets.UTF_8)));
            }
            return data;
        }
        ObjectNode body = (ObjectNode) read(key.open("message.body", row.sealedBody));
        ObjectNode data = ids(row);
        data.put("direction", row.direction);
        data.put("channel", row.channel);
        data.put("provider", row.provider);
        data.put("account", row.account);
        take(data, body, "providerMessageId");
        take(data, body, "providerConversationId");
        take(data, body, "clientRef", false);
        take(data, body, "reference", false);
        take(data, body, "writtenBy", false);
        take(data, body, "disclosure", false);
        take(data, body, "from");
        take(data, body, "to");
        take(data, body, "sentAt");
        data.put("receivedAt", row.receivedAt.toString());
        data.set("content", content(body, key, media));
        take(data, body, "replyTo");
        take(data, body, "referral", false);
        take(data, body, "part", false);
        take(data, body, "forwarded", false);
        if (row.sealedOriginal != null) {
            data.set("original", MessageOriginals.described(row.sealedOriginal, key));
        }
        data.set("consent", consent(row));
        data.set("retention", kept(tenant, row));
        if (!row.labels.isEmpty()) {
            ObjectNode labels = data.putObject("labels");
            StoredLabels.opened(row.labels, key).forEach(labels::put);
        }
        return data;
    }

    private ObjectNode kept(String tenant, DeliveryRow row) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(
                        "rule",
                        retention.label(
                                tenant,
                                "conversation-text",
                                row.channel,
                                row.purpose,
                                row.category))
                .put("category", row.category);
    }

    /** Of {@code media.stored}: the file as its message would have it, and whose it is. */
    private ObjectNode file(
            String tenant, DeliveryRow row, SubjectKey key, List<MessageMedia.Medium> media) {
        String file = read(row.detail.getBytes(StandardCharsets.UTF_8)).get("file").textValue();
        ObjectNode data = ids(row);
        data.put("direction", row.direction);
        data.put("channel", row.channel);
        data.put("receivedAt", row.receivedAt.toString());
        ArrayNode list = data.putObject("content").putArray("media");
        media.stream()
                .map(medium -> medium.described(key))
                .filter(medium -> file.equals(medium.path("id").textValue()))
                .forEach(list::add);
        data.put("purpose", row.purpose);
        data.set("retention", kept(tenant, row));
        return data;
    }

    private static ObjectNode ids(DeliveryRow row) {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        put(data, "messageId", row.messageId);
        put(data, "conversationId", row.conversationId);
        put(data, "subjectId", row.subjectId);
        return data;
    }

    private ObjectNode content(ObjectNode body, SubjectKey key, List<MessageMedia.Medium> media) {
        ObjectNode content = (ObjectNode) body.get("content");
        ArrayNode list = content.putArray("media");
        media.forEach(medium -> list.add(medium.described(key)));
        return content;
    }

    private static ObjectNode consent(DeliveryRow row) {
        ObjectNode consent = JsonNodeFactory.instance.objectNode();
        consent.put("decision", row.decision);
        consent.put("reason", row.reason);
        consent.put("state", row.consentState);
        consent.put("purpose", row.purpose);
        put(consent, "record", row.consentRecord);
        List<String> told = row.flags.stream().filter(TOLD::contains).sorted().toList();
        if (!told.isEmpty()) {
            told.forEach(consent.putArray("flags")::add);
        }
        return consent;
    }

    private static void take(ObjectNode to, ObjectNode from, String field) {
        take(to, from, field, true);
    }

    private static void take(ObjectNode to, ObjectNode from, String field, boolean always) {
        JsonNode value = from.get(field);
        if (value != null) {
            to.set(field, value);
        } else if (always) {
            to.putNull(field);
        }
    }

    private static void put(ObjectNode object, String field, UUID id) {
        if (id == null) {
            object.putNull(field);
        } else {
            object.put(field, id.toString().toLowerCase(Locale.ROOT));
        }
    }

    private JsonNode read(byte[] bytes) {
        try {
            return json.readTree(bytes);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
