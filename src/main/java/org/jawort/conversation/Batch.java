package org.jawort.conversation;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Channel;

/**
 * One batch within its transaction: what the store knew before, and what comes of the entries, in
 * their order, until all of it is written at once. Not thread-safe.
 */
final class Batch {

    final Instant now;

    /** Consent of everybody in the batch; entries move it. */
    final ConsentBook book;

    /** Messages the entries speak of, by {@link Messages#key}; not those of this batch. */
    final Map<ByteBuffer, Messages.Known> known;

    /** When people of the batch were last written, as {@link AskedSince} finds it. */
    final Map<Incoming, Instant> asked;

    /** Status entries that told something new. */
    final Set<Incoming> risen;

    /** Of status entries that name no message, which messages they told something new of. */
    final Map<Incoming, List<ReadConversations.Sent>> read;

    final List<Messages.Decided> messages = new ArrayList<>();
    final List<NewEvent> events = new ArrayList<>();

    /** Messages of people that are answered, so that they are to be informed. */
    final List<Duties.Contact> contacts = new ArrayList<>();

    /** Messages that ask for something the law gives the person. */
    final List<DataRequests.Asked> requests = new ArrayList<>();

    /** What became of messages the hub knows. */
    final List<Duties.Heard> heard = new ArrayList<>();

    Batch(
            Instant now,
            ConsentBook book,
            Map<ByteBuffer, Messages.Known> known,
            Map<Incoming, Instant> asked,
            Statuses.Risen risen) {
        this.now = now;
        this.book = book;
        this.known = known;
        this.asked = asked;
        this.risen = new HashSet<>(risen.news());
        this.read = risen.read();
    }

    /**
     * Frees what is held of a person on a channel and came with this batch, so that it is stored
     * already free.
     *
     * @param channel the one consent is kept for
     * @return the entries it came by, in their order
     */
    List<Incoming> release(Person person, Channel channel) {
        List<Incoming> freed = new ArrayList<>();
        messages.replaceAll(
                message -> {
                    if (!message.isHeldOf(person, channel)) {
                        return message;
                    }
                    freed.add(message.item());
                    return message.released();
                });
        return freed;
    }
}
