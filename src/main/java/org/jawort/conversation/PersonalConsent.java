package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.Outcome;
import org.jawort.consent.TextShown;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Channel;
import org.jawort.vault.SubjectKey;

/**
 * Moves the consent of one person by something that came by no webhook, inside the caller's
 * transaction: loaded and locked by {@link Desk#open}, written with all that follows by {@link
 * #save}.
 */
final class PersonalConsent {

    /** Opens people's consent, each for one transaction. */
    static final class Desk {
        private final Map<String, TenantPolicy> policies;
        private final People people;
        private final ConsentLedger ledger;
        private final HeldMessages held;
        private final ConsentNews news;
        private final Duties duties;
        private final Outbox outbox;

        Desk(
                Map<String, TenantPolicy> policies,
                People people,
                ConsentLedger ledger,
                HeldMessages held,
                ConsentNews news,
                Duties duties,
                Outbox outbox) {
            this.policies = policies;
            this.people = people;
            this.ledger = ledger;
            this.held = held;
            this.news = news;
            this.duties = duties;
            this.outbox = outbox;
        }

        /** Empty if the person's key is destroyed. */
        Optional<PersonalConsent> open(Person person, Instant now) {
            ConsentBook book = ledger.load(List.of(person)); // whose key may go until it is locked
            return people.key(person.tenant(), person.subject())
                    .map(key -> new PersonalConsent(this, person, key, book, now));
        }

        /**
         * Of somebody who was found by an address.
         *
         * @throws Contended if they are gone since
         */
        PersonalConsent open(Person person, SubjectKey key, Instant now) {
            ConsentBook book = ledger.load(List.of(person));
            if (book.isGone(person)) {
                throw new Contended("the end of a person's data");
            }
            return new PersonalConsent(this, person, key, book, now);
        }

        /** One person's consent, with another's in the same book. */
        Optional<PersonalConsent> open(Person person, Person other, Instant now) {
            ConsentBook book = ledger.load(List.of(person, other));
            return people.key(person.tenant(), person.subject())
                    .map(key -> new PersonalConsent(this, person, key, book, now));
        }

        Duties.Information informed(Person person, Channel channel) {
            return duties.informed(person, channel);
        }

        List<String> tenants() {
            return policies.keySet().stream().sorted().toList();
        }

        TenantPolicy policy(String tenant) {
            return policies.get(tenant);
        }
    }

    final ConsentBook book;
    private final Desk desk;
    private final Person person;
    private final SubjectKey key;
    private final Instant now;
    private final List<NewEvent> events = new ArrayList<>();
    private Outcome.Rejected.Why rejected;

    private PersonalConsent(
            Desk desk, Person person, SubjectKey key, ConsentBook book, Instant now) {
        this.desk = desk;
        this.person = person;
        this.key = key;
        this.now = now;
        this.book = book;
    }

    ConsentRecord record(UUID id) {
        return book.records(person).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    List<ConsentRecord> records() {
        return book.records(person);
    }

    /** Why the last event that was rejected was; {@code null} if none was. */
    Outcome.Rejected.Why rejected() {
        return rejected;
    }

    /**
     * @param evidence {@code null} if there is nothing beside the event
     */
    Cause cause(String actor, String evidence, TextShown text) {
        return cause(actor, null, evidence, text);
    }

    /**
     * @param message {@code null} if none declared it
     */
    Cause cause(String actor, UUID message, String evidence, TextShown text) {
        return new Cause(
                actor,
                message,
                key.seal(
                        "consent.evidence",
                        evidence == null ? null : evidence.getBytes(StandardCharsets.UTF_8)),
                text,
                null);
    }

    void apply(ConsentRecord record, ConsentEvent event, Cause cause) {
        List<StateChange> changes =
                book.apply(person, record, event, desk.policy(person.tenant()).rules(), cause);
        book.lastRejection().ifPresent(why -> rejected = why);
        tell(changes);
        changes.stream()
                .map(StateChange::record)
                .filter(changed -> changed.state() == ConsentState.GRANTED)
                .flatMap(granted -> desk.held.release(person, granted.channel()).stream())
                .forEach(this::release);
    }

    private void release(HeldMessages.Released message) {
        events.add(
                new NewEvent(
                        person.tenant(),
                        UuidCreator.getTimeOrderedEpoch(),
                        "jawort.message.received.v1",
                        message.account(),
                        person.subject(),
                        message.conversation(),
                        message.id(),
                        false,
                        now,
                        null,
                        null));
    }

    /**
     * The other, who is in the book, is the same person: what is refused under one name is refused
     * under all (CON-3).
     *
     * @param evidence how the application knows, kept under the key of each name
     */
    void join(Person other, String actor, String evidence) {
        tell(
                book.join(
                        person,
                        other,
                        now,
                        name ->
                                desk.people
                                        .key(name.tenant(), name.subject())
                                        .map(theirs -> cause(actor, evidence, theirs))
                                        .orElseGet(() -> new Cause(actor, null, null))));
    }

    private static Cause cause(String actor, String evidence, SubjectKey key) {
        return new Cause(
                actor,
                null,
                key.seal("consent.evidence", evidence.getBytes(StandardCharsets.UTF_8)));
    }

    private void tell(List<StateChange> changes) {
        for (StateChange change : changes) {
            if (change.person().equals(person)) {
                events.add(desk.news.of(change, key, now));
            } else {
                desk.news.of(change, now).ifPresent(events::add);
            }
        }
    }

    /**
     * Says what is due, and writes it all.
     *
     * @param isAsked whether what waits to be asked is asked now; {@code false} where somebody else
     *     asks
     */
    void save(boolean isAsked) {
        if (isAsked) {
            tell(desk.duties.perform(book, List.of(), now).changes());
        }
        desk.ledger.save(book, now);
        desk.outbox.addDue(events, event -> desk.policy(event.tenant()).receivers(event), now);
    }
}
