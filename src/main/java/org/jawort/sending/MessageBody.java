package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jawort.message.Scheme;
import org.jawort.tenant.Account.AccountChannel;
import org.jawort.vault.SubjectKey;

/** The sealed part of a message row, opened: who, what, and what the provider called it. */
final class MessageBody {

    private static final ObjectMapper JSON = new ObjectMapper();

    private MessageBody() {}

    static ObjectNode open(SubjectKey key, byte[] sealed) {
        return read(key.open("message.body", sealed));
    }

    static byte[] seal(SubjectKey key, ObjectNode body) {
        return key.seal("message.body", body.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** What its provider calls it; each part of it too, for each is erased by its own name. */
    static void name(ObjectNode body, SendResult.Accepted accepted) {
        body.put("providerMessageId", accepted.providerMessageId());
        if (accepted.providerConversationId() != null) {
            body.put("providerConversationId", accepted.providerConversationId());
        }
        if (!accepted.parts().isEmpty()) {
            accepted.parts().forEach(body.putArray("providerMessageIds")::add);
        }
    }

    static ObjectNode read(byte[] json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }

    /** The sender as an event has it; null where the account has no address on the channel. */
    static JsonNode business(AccountChannel sender) {
        String address = sender.sender();
        if (address == null) {
            return JsonNodeFactory.instance.nullNode();
        }
        boolean phone = address.startsWith("+");
        return JsonNodeFactory.instance
                .objectNode()
                .put("address", address)
                .put("scheme", (phone ? Scheme.PHONE : Scheme.OPAQUE).wireName());
    }
}
