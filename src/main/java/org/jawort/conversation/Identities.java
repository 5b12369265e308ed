package org.jawort.conversation;

import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;

/** Two identities that the provider says are one person: what either refused, both have (CON-3). */
final class Identities {

    private final ConsentMoves consent;

    Identities(ConsentMoves consent) {
        this.consent = consent;
    }

    /** After the entry itself: what it refuses, the person has refused under the other name too. */
    void join(Incoming item, Batch batch) {
        for (Subject known : item.others) {
            Person other = new Person(item.tenant(), known.id());
            Cause cause = new Cause("provider", null, null);
            for (StateChange change :
                    batch.book.joinRefusals(item.person(), other, item.receivedAt, cause)) {
                Subject whose = change.person().equals(other) ? known : item.subject;
                consent.tell(item, whose, change, batch);
            }
        }
    }
}
