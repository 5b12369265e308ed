package org.jawort.conversation;

import java.util.List;
import java.util.Map;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.Prompt;
import org.jawort.consent.SuppressionStubs.Refused;
import org.jawort.message.Channel;

/** Lets entries move consent, with what follows: destinations are told, held messages go on. */
final class ConsentMoves {

    private static final Cause HUB = new Cause("hub", null, null);

    private final Map<String, TenantPolicy> policies;
    private final HeldMessages held;
    private final Events events;
    private final ConsentNews news;
    private final EntryCounts counts;

    ConsentMoves(
            Map<String, TenantPolicy> policies,
            HeldMessages held,
            Events events,
            ConsentNews news,
            EntryCounts counts) {
        this.policies = policies;
        this.held = held;
        this.events = events;
        this.news = news;
        this.counts = counts;
    }

    /** Lets one event happen to one record of the entry's person. */
    void apply(Incoming item, ConsentRecord record, ConsentEvent event, Cause cause, Batch batch) {
        List<StateChange> changes =
                batch.book.apply(
                        item.person(), record, event, policies.get(item.tenant()).rules(), cause);
        counts.count(item, "consent", batch.book.lastOutcome());
        tell(item, changes, batch);
        changes.stream()
                .map(StateChange::record)
                .filter(changed -> changed.state() == ConsentState.GRANTED)
                .forEach(granted -> release(item, granted.channel(), batch));
    }

    /** What was held until the person agreed is sent on now that they have. */
    private void release(Incoming item, Channel channel, Batch batch) {
        held.release(item.person(), channel)
                .forEach(message -> batch.events.add(events.released(item, message, batch.now)));
        batch.release(item.person(), channel)
                .forEach(message -> batch.events.add(events.received(message, false, batch.now)));
    }

    /** Whatever the entry joins was said elsewhere, over any channel, and is told so. */
    void join(Incoming item, Person other, Cause cause, Batch batch) {
        batch.book
                .join(item.person(), other, item.receivedAt, name -> cause)
                .forEach(change -> tellElsewhere(change, batch));
    }

    /**
     * A button that says no to a question which another name of the person was asked: nobody can
     * guess what it carries, and a refusal needs no more proof (T5, CON-3).
     */
    void declineElsewhere(Incoming item, String payload, Batch batch) {
        Cause cause = new Cause("person", item.id, null);
        for (Person name : batch.book.otherNames(item.person())) {
            for (ConsentRecord record : batch.book.records(name)) {
                Prompt asked = record.prompt();
                if (asked != null && payload.equals(asked.denyPayload())) {
                    ConsentEvent no =
                            new ConsentEvent.No(item.time(), asked.promptId(), asked.addressId());
                    batch.book
                            .apply(name, record, no, policies.get(item.tenant()).rules(), cause)
                            .forEach(change -> tellElsewhere(change, batch));
                }
            }
        }
    }

    /** Before the entries, which speak to somebody of whom that is known. */
    void knowAgain(List<Refused> refused, Batch batch) {
        for (Refused one : refused) {
            batch.book
                    .knowAgain(one, batch.now, HUB)
                    .forEach(change -> tellElsewhere(change, batch));
        }
    }

    private void tell(Incoming item, List<StateChange> changes, Batch batch) {
        for (StateChange change : changes) {
            if (change.person().equals(item.person())) {
                batch.events.add(events.consentChanged(item, change, batch.now));
            } else {
                tellElsewhere(change, batch);
            }
        }
    }

    /** Of a change that no entry of the person themselves brought. */
    void tellElsewhere(StateChange change, Batch batch) {
        news.of(change, batch.now).ifPresent(batch.events::add);
    }
}
