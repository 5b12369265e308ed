package org.jawort.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.consent.ConsentState;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;

/** The data of events that have no message row: statuses and changes of consent. */
final class EventData {

    private final ObjectMapper json;

    EventData(ObjectMapper json) {
        this.json = json;
    }

    byte[] status(Incoming item, Messages.Known message, String providerMessageId) {
        ObjectNode entry = item.entry.json();
        ObjectNode data = json.createObjectNode();
        data.put("messageId", message == null ? null : message.id().toString());
        place(data, ((ProviderEntry.Status) item.entry).channel(), item);
        data.put("providerMessageId", providerMessageId);
        data.set("providerConversationId", entry.get("providerConversationId"));
        data.set("clientRef", entry.get("clientRef"));
        data.set("from", entry.get("from"));
        data.set("to", entry.get("to"));
        data.set("status", entry.get("status"));
        data.set("providerStatus", entry.get("providerStatus"));
        data.set("occurredAt", entry.get("occurredAt"));
        data.set("error", entry.get("error"));
        return bytes(data);
    }

    /**
     * @param address over which the declaration came, {@code null} if it came over none
     * @param item the entry that declared it, {@code null} if none did
     */
    byte[] consentChanged(StateChange change, Address address, Incoming item) {
        ObjectNode data = json.createObjectNode();
        data.put("address", address == null ? null : address.address());
        data.put("scheme", address == null ? null : address.scheme().wireName());
        if (item == null) {
            data.put("channel", change.record().channel().wireName());
            data.putNull("provider");
            data.putNull("account");
        } else {
            place(data, change.record().channel(), item);
        }
        data.put("purpose", change.record().purpose().name());
        data.put("previousState", name(change.previous()));
        data.put("state", name(change.record().state()));
        data.put("transition", change.transition().name());
        ObjectNode cause = data.putObject("cause");
        cause.put(
                "messageId",
                change.cause().message() == null ? null : change.cause().message().toString());
        cause.put("providerMessageId", item == null ? null : item.entry.providerMessageId());
        cause.put("providerEventId", item == null ? null : item.entry.eventId());
        data.put("record", change.record().id().toString());
        return bytes(data);
    }

    private static String name(ConsentState state) {
        return state.name();
    }

    private static void place(ObjectNode data, Channel channel, Incoming item) {
        data.put("channel", Messages.wireName(channel));
        data.put("provider", item.account.provider());
        data.put("account", item.account.id());
    }

    private byte[] bytes(JsonNode data) {
        try {
            return json.writeValueAsBytes(data);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
