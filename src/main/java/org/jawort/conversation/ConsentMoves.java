package org.jawort.conversation;

import java.util.Map;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;

/** Lets entries move consent, with what follows: destinations are told, held messages go on. */
final class ConsentMoves {

    private final Map<String, TenantPolicy> policies;
    private final HeldMessages held;
    private final Events events;
    private final EntryCounts counts;

    ConsentMoves(
            Map<String, TenantPolicy> policies,
            HeldMessages held,
            Events events,
            EntryCounts counts) {
        this.policies = policies;
        this.held = held;
        this.events = events;
        this.counts = counts;
    }

    /** Lets one event happen to one record of the entry's person. */
    void apply(Incoming item, ConsentRecord record, ConsentEvent event, Cause cause, Batch batch) {
        StateChange change =
                batch.book.apply(
                        item.person(), record, event, policies.get(item.tenant()).rules(), cause);
        counts.count(item, "consent", batch.book.lastOutcome());
        if (change == null) {
            return;
        }
        tell(item, item.subject, change, batch);
        if (change.record().state() == ConsentState.GRANTED) {
            // What was held until the person agreed is sent on now that they have.
            held.release(item.person(), change.record().channel())
                    .forEach(
                            message -> batch.events.add(events.released(item, message, batch.now)));
            batch.release(item.person(), change.record().channel())
                    .forEach(
                            message ->
                                    batch.events.add(events.received(message, false, batch.now)));
        }
    }

    /** Tells of a change that is in the book already. */
    void tell(Incoming item, Subject subject, StateChange change, Batch batch) {
        batch.events.add(events.consentChanged(item, subject, change, batch.now));
    }
}
