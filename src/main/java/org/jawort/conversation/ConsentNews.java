package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.Optional;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.vault.SubjectKey;

/**
 * Tells a tenant's destinations of changes of consent that no entry of the person themselves
 * brought: declared by other means, or under another name of theirs. Works inside the caller's
 * transaction.
 */
final class ConsentNews {

    private final People people;
    private final EventData data;

    ConsentNews(People people, EventData data) {
        this.people = people;
        this.data = data;
    }

    /** Empty if the person's key is destroyed: then nothing can be told of them. */
    Optional<NewEvent> of(StateChange change, Instant now) {
        return people.key(change.person().tenant(), change.person().subject())
                .map(key -> of(change, key, now));
    }

    NewEvent of(StateChange change, SubjectKey key, Instant now) {
        Person whose = change.person();
        return new NewEvent(
                whose.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                "jawort.consent.changed.v1",
                null,
                whose.subject(),
                null,
                null,
                false,
                now,
                null,
                key.seal(
                        "event.data",
                        data.consentChanged(
                                change,
                                people.address(
                                        whose.tenant(),
                                        whose.subject(),
                                        change.record().channel(),
                                        change.record().addressId(),
                                        key),
                                null)));
    }
}
