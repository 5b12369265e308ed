package org.jawort.conversation;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.message.Channel;
import org.jawort.message.MessageStatus;

/**
 * What a change of consent or a first contact obliges the hub to say: prompts, confirmations, the
 * privacy notice. Inside the transaction of what caused it, so that neither is ever without the
 * other (CON-9).
 */
public interface Duties {

    /**
     * A message of a person that is answered, and where.
     *
     * @param address id of the address it came from
     * @param account it came over
     * @param message that came
     * @param flags of the decision about it
     */
    record Contact(
            Person person,
            Channel channel,
            UUID address,
            String account,
            UUID conversation,
            UUID message,
            Set<Flag> flags) {}

    /**
     * What became of a message of the hub.
     *
     * @param occurredAt by the provider's clock, else ours
     */
    record Heard(String tenant, UUID message, MessageStatus status, Instant occurredAt) {}

    /**
     * What was put on its way.
     *
     * @param records to publish after the commit; who does not is helped by the next wake-up
     * @param changes of consent, to be told: prompts that can reach nobody have failed (T3)
     */
    record Performed(List<DeliveryRecord> records, List<ConsentBook.StateChange> changes) {}

    /** How a person stands informed on a channel (INF-1, INF-4). */
    record Information(boolean noticeDelivered, boolean rightToObjectDelivered) {}

    Information informed(Person person, Channel channel);

    /**
     * Before the book is saved, which it may move: to put a prompt on its way is a step of consent.
     *
     * @param contacts in their order
     */
    Performed perform(ConsentBook book, List<Contact> contacts, Instant now);

    /** Keeps when a notice arrived (INF-3), and sends it once more if it did not. */
    List<DeliveryRecord> heard(List<Heard> statuses, Instant now);
}
