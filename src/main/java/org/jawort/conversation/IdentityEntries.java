package org.jawort.conversation;

import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.message.ProviderEntry;

/** Two identities that the provider says are one person: what either refused, both have (CON-3). */
final class IdentityEntries {

    private final ConsentMoves consent;
    private final EntryCounts counts;

    IdentityEntries(ConsentMoves consent, EntryCounts counts) {
        this.consent = consent;
        this.counts = counts;
    }

    void take(Incoming item, ProviderEntry.Identity entry, Batch batch) {
        counts.count(item, "identity", entry.change());
        if (item.other == null) {
            return;
        }
        Person other = new Person(item.tenant(), item.other.id());
        Cause cause = new Cause("provider", null, null);
        for (StateChange change :
                batch.book.joinRefusals(item.person(), other, item.receivedAt, cause)) {
            Subject whose = change.person().equals(other) ? item.other : item.subject;
            consent.tell(item, whose, change, batch);
        }
    }
}
