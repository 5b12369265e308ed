package org.jawort.conversation;

import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.ProviderEntry;

/** Two subjects that the provider says are one person: what either refuses, both do (CON-3). */
final class Identities {

    private final ConsentMoves consent;

    Identities(ConsentMoves consent) {
        this.consent = consent;
    }

    /** After the entry itself, which said what it says under one name. */
    void join(Incoming item, Batch batch) {
        boolean isMessage = item.entry instanceof ProviderEntry.Received;
        Cause provider = new Cause("provider", isMessage ? item.id : null, null);
        for (Subject known : item.others) {
            consent.join(item, new Person(item.tenant(), known.id()), provider, batch);
        }
    }
}
