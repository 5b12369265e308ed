package org.jawort.notice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.conversation.Duties.Contact;
import org.jawort.notice.AlternativeRoutes.Route;
import org.jawort.notice.NoticeLedger.Slot;
import org.jawort.sending.OutgoingMessage;
import org.jawort.sending.Trigger;

/** A message the hub sends of its own accord. */
final class OwnMessage {

    private OwnMessage() {}

    /**
     * With the message's id: how often somebody is informed is the ledger's to know, which forgets
     * what never left.
     */
    static Trigger noticeTrigger(Slot slot, Text notice, UUID message) {
        return new Trigger(
                Trigger.Kind.NOTICE,
                slot.person().subject()
                        + ":"
                        + slot.channel().wireName()
                        + ":"
                        + notice.reference()
                        + ":"
                        + message);
    }

    /**
     * What answers nothing.
     *
     * @param other the road to take, {@code null} for the usual one
     */
    static OutgoingMessage over(
            Route other,
            UUID id,
            Slot slot,
            Purpose purpose,
            Trigger trigger,
            ObjectNode content,
            String template) {
        return new OutgoingMessage(
                id,
                slot.person().tenant(),
                slot.person().subject(),
                null,
                other == null ? slot.channel() : other.channel(),
                other == null ? null : other.account(),
                null,
                purpose,
                content,
                template,
                trigger,
                null);
    }

    /**
     * @param contact what it answers, {@code null} if nothing was written; over its account, if it
     *     names one
     * @param template that carries it, {@code null} for free text
     */
    static OutgoingMessage of(
            UUID id,
            Slot slot,
            Contact contact,
            Purpose purpose,
            Trigger trigger,
            ObjectNode content,
            String template) {
        return new OutgoingMessage(
                id,
                slot.person().tenant(),
                slot.person().subject(),
                contact == null ? null : contact.address(),
                contact == null ? slot.channel() : contact.channel(),
                contact == null ? null : contact.account(),
                contact == null ? null : contact.conversation(),
                purpose,
                content,
                template,
                trigger,
                null);
    }
}
