package org.jawort.sending;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.MessageStatus;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;

/** What the tenant's destinations are told of a message on its way out. */
final class SendEvents {

    private final Tenants tenants;

    SendEvents(Tenants tenants) {
        this.tenants = tenants;
    }

    /** Its data stands in the message row. */
    NewEvent sent(Outbound row, Instant now) {
        return event(row, "jawort.message.sent.v1", null, null, now);
    }

    /**
     * A status no provider told: denied, refused or in doubt.
     *
     * @param error {@code null} if there is nothing to say
     */
    NewEvent status(
            Outbound row,
            SendDocuments.Opened opened,
            MessageStatus status,
            SendError error,
            Instant now) {
        ObjectNode data = status(row, opened.body(), status, error, now);
        return event(
                row,
                "jawort.message.status.v1",
                null,
                opened.key().seal("event.data", data.toString().getBytes(StandardCharsets.UTF_8)),
                now);
    }

    /** The same of a message that does not open: without whom it was for, or anything it says. */
    NewEvent unreadable(Outbound row, SendError error, Instant now) {
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        return event(
                row,
                "jawort.message.status.v1",
                status(row, nothing, MessageStatus.FAILED, error, now).toString(),
                null,
                now);
    }

    private ObjectNode status(
            Outbound row, ObjectNode body, MessageStatus status, SendError error, Instant now) {
        Account account = tenants.get(row.tenant()).accounts().get(row.account());
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("messageId", row.message().toString());
        data.put("channel", row.channel().wireName());
        data.put("provider", account == null ? null : account.provider());
        data.put("account", row.account());
        data.set("providerMessageId", body.get("providerMessageId"));
        data.set("providerConversationId", body.get("providerConversationId"));
        data.put("clientRef", row.message().toString());
        data.set("from", body.get("from"));
        data.set("to", body.get("to"));
        data.put("status", status.wireName());
        data.putNull("providerStatus");
        data.put("occurredAt", now.toString());
        if (body.has("reference")) {
            data.set("reference", body.get("reference"));
        }
        if (error == null) {
            data.putNull("error");
        } else {
            ObjectNode said = data.putObject("error").put("code", error.code());
            if (error.providerCode() != null) {
                said.put("providerCode", error.providerCode());
            }
            if (error.detail() != null) {
                said.put("detail", error.detail());
            }
        }
        return data;
    }

    private static NewEvent event(
            Outbound row, String type, String detail, byte[] sealed, Instant now) {
        return new NewEvent(
                row.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                type,
                row.account(),
                row.subject(),
                row.conversation(),
                row.message(),
                false,
                now,
                detail,
                sealed);
    }
}
