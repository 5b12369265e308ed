package org.jawort.consent;

import java.util.UUID;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;

/**
 * One line of the ledger.
 *
 * @param record as it was before
 * @param after as it is now, the same if nothing came of it
 */
record Declaration(
        UUID id,
        Person person,
        ConsentRecord record,
        ConsentRecord after,
        ConsentEvent event,
        String outcome,
        String reason,
        Transition transition,
        Cause cause) {

    ConsentState previous() {
        return record.state();
    }
}
