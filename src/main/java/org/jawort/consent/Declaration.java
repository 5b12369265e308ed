package org.jawort.consent;

import com.github.f4b6a3.uuid.UuidCreator;
import java.util.Optional;
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

    /**
     * When the grant that this line ends was used last, with the validity it had from there; empty
     * if it never was, or does not end. Uses themselves are no lines: there may be many a day.
     */
    Optional<Declaration> lastUse() {
        boolean ends = after.lastUsedAt() == null || outcome.equals("removed");
        if (record.lastUsedAt() == null || !ends) {
            return Optional.empty();
        }
        return Optional.of(
                new Declaration(
                        UuidCreator.getTimeOrderedEpoch(),
                        person,
                        record,
                        record,
                        new ConsentEvent.Used(
                                new EventTime(record.lastUsedAt(), event.time().received())),
                        "unchanged",
                        null,
                        null,
                        new Cause("hub", null, null)));
    }
}
