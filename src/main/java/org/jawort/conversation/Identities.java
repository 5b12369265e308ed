package org.jawort.conversation;

import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;

/** Two subjects that the provider says are one person: what either refuses, both do (CON-3). */
final class Identities {

    private static final Cause PROVIDER = new Cause("provider", null, null);

    private final ConsentMoves consent;

    Identities(ConsentMoves consent) {
        this.consent = consent;
    }

    /** After the entry itself, which said what it says under one name. */
    void join(Incoming item, Batch batch) {
        for (Subject known : item.others) {
            Person other = new Person(item.tenant(), known.id());
            consent.tell(
                    item, batch.book.join(item.person(), other, item.receivedAt, PROVIDER), batch);
        }
    }
}
