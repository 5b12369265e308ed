package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;

/**
 * A message the hub shall send, as its caller wants it; who may send decides later.
 *
 * @param id of the message, and of everything that is told about it
 * @param address id of the person's address row; {@code null}: the newest of the channel, before
 *     all others one that every provider understands
 * @param channel {@code null}: the conversation's
 * @param account id in the tenant file; {@code null}: chosen
 * @param conversation {@code null}: the open one is found, or one is opened
 * @param purpose set by route or template, never by a caller of the API (CON-4)
 * @param content as {@code content} of the document {@code mappings/<provider>/send.jslt} gets
 * @param template id of the tenant file's template, {@code null} if none
 * @param sendAt {@code null}: now
 */
public record OutgoingMessage(
        UUID id,
        String tenant,
        UUID subject,
        UUID address,
        Channel channel,
        String account,
        UUID conversation,
        Purpose purpose,
        JsonNode content,
        String template,
        Trigger trigger,
        Instant sendAt) {

    /**
     * The same to this address of the person.
     *
     * @param other {@code null}: to the one it goes to anyway
     */
    public OutgoingMessage to(UUID other) {
        return other == null
                ? this
                : new OutgoingMessage(
                        id,
                        tenant,
                        subject,
                        other,
                        channel,
                        account,
                        conversation,
                        purpose,
                        content,
                        template,
                        trigger,
                        sendAt);
    }

    /** Ids only (LOG-1). */
    @Override
    public String toString() {
        return "OutgoingMessage[" + tenant + " " + id + "]";
    }
}
