package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.EventTime;
import org.jawort.message.ProviderEntry;
import org.jawort.tenant.Account;

/**
 * One entry of one webhook on its way into the store. Filled in step by step within the batch
 * transaction.
 */
final class Incoming {

    final Account account;
    final ProviderEntry entry;
    final Quarantine.Suspect webhook;
    final byte[] original;
    final Instant receivedAt;
    final UUID id = UuidCreator.getTimeOrderedEpoch();
    final ByteBuffer eventKey;

    /** Events this entry led to; a repetition of the webhook finds them by these. */
    final List<UUID> events = new ArrayList<>();

    Subject subject;

    /** Whom the entry says this is too: known by another of its identifiers (CON-3). */
    List<Subject> others = List.of();

    /**
     * Whether it comes from somebody on the tenant's block list and says nothing they must be
     * heard.
     */
    boolean dropped;

    /** Whether others than this person and the business hear what is written there. */
    boolean inGroup;

    Conversation conversation;

    /**
     * @param webhook the whole webhook, in case this entry cannot be stored
     * @param original the provider's own text of this entry, {@code null} where nothing is kept of
     *     it
     * @param eventKey keyed hash of the provider's event id
     */
    Incoming(ProviderEntry entry, Quarantine.Suspect webhook, byte[] original, byte[] eventKey) {
        this.account = webhook.account();
        this.entry = entry;
        this.webhook = webhook;
        this.original = original;
        this.receivedAt = webhook.request().receivedAt();
        this.eventKey = ByteBuffer.wrap(eventKey);
    }

    String tenant() {
        return account.tenant();
    }

    Person person() {
        return new Person(tenant(), subject.id());
    }

    /** When the person wrote it, and when we learnt of it. */
    EventTime time() {
        return new EventTime(entry.time("sentAt"), receivedAt);
    }

    UUID newEvent() {
        UUID event = UuidCreator.getTimeOrderedEpoch();
        events.add(event);
        return event;
    }
}
