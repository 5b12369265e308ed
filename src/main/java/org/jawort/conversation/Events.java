package org.jawort.conversation;

import java.time.Instant;
import java.util.UUID;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Address;
import org.jawort.message.ProviderEntry;

/** Makes the events that tell a tenant's destinations what came of an entry. */
final class Events {

    private final EventData data;

    Events(EventData data) {
        this.data = data;
    }

    NewEvent received(Incoming item, boolean consumed, Instant now) {
        return ofMessage(item, "jawort.message.received.v1", consumed, now);
    }

    NewEvent sent(Incoming item, Instant now) {
        return ofMessage(item, "jawort.message.sent.v1", false, now);
    }

    /**
     * @param item what freed the message, which came earlier and perhaps by another account
     */
    NewEvent released(Incoming item, HeldMessages.Released message, Instant now) {
        return event(
                item,
                "jawort.message.received.v1",
                message.account(),
                item.subject,
                message.conversation(),
                message.id(),
                false,
                now,
                null);
    }

    /**
     * @param message {@code null} if none is known under the provider's id
     */
    NewEvent status(Incoming item, Messages.Known message, Instant now) {
        return status(item, message, item.entry.providerMessageId(), now);
    }

    /** Of one of the messages that an entry says were read, and does not name. */
    NewEvent read(Incoming item, ReadConversations.Sent sent, Instant now) {
        return status(item, sent.message(), sent.providerMessageId(), now);
    }

    private NewEvent status(
            Incoming item, Messages.Known message, String providerMessageId, Instant now) {
        return event(
                item,
                "jawort.message.status.v1",
                item.account.id(),
                item.subject,
                message == null ? null : message.conversation(),
                message == null ? null : message.id(),
                false,
                now,
                data.status(item, message, providerMessageId));
    }

    /**
     * In the lane of the person, not of a conversation: changes of consent keep their order over
     * all channels.
     */
    NewEvent consentChanged(Incoming item, StateChange change, Instant now) {
        return event(
                item,
                "jawort.consent.changed.v1",
                item.account.id(),
                item.subject,
                null,
                change.cause().message(),
                false,
                now,
                data.consentChanged(change, address(item), item));
    }

    private static NewEvent ofMessage(Incoming item, String type, boolean consumed, Instant now) {
        return event(
                item,
                type,
                item.account.id(),
                item.subject,
                item.conversation.id(),
                item.id,
                consumed,
                now,
                null);
    }

    private static NewEvent event(
            Incoming item,
            String type,
            String account,
            Subject subject,
            UUID conversation,
            UUID message,
            boolean consumed,
            Instant now,
            byte[] plain) {
        return new NewEvent(
                item.tenant(),
                item.newEvent(),
                type,
                account,
                subject.id(),
                conversation,
                message,
                consumed,
                now,
                null,
                subject.key().seal("event.data", plain));
    }

    private static Address address(Incoming item) {
        return switch (item.entry) {
            case ProviderEntry.Received received -> received.from();
            case ProviderEntry.Preference preference -> preference.address();
            case ProviderEntry.Echo echo -> echo.to();
            case ProviderEntry.Status status -> status.to();
            case ProviderEntry.Identity identity -> identity.surviving();
            case ProviderEntry.Template template -> null;
            case ProviderEntry.Ignored ignored -> null;
        };
    }
}
