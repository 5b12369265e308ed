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
import org.jawort.message.Address;
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
        private final EventData data;
        private final Duties duties;
        private final Outbox outbox;

        Desk(
                Map<String, TenantPolicy> policies,
                People people,
                ConsentLedger ledger,
                HeldMessages held,
                EventData data,
                Duties duties,
                Outbox outbox) {
            this.policies = policies;
            this.people = people;
            this.ledger = ledger;
            this.held = held;
            this.data = data;
            this.duties = duties;
            this.outbox = outbox;
        }

        /** Empty if the person's key is destroyed. */
        Optional<PersonalConsent> open(Person person, Instant now) {
            return people.key(person.tenant(), person.subject()).map(key -> open(person, key, now));
        }

        PersonalConsent open(Person person, SubjectKey key, Instant now) {
            return new PersonalConsent(this, person, key, ledger.load(List.of(person)), now);
        }

        /** One person's consent, with another's in the same book. */
        Optional<PersonalConsent> open(Person person, Person other, Instant now) {
            return people.key(person.tenant(), person.subject())
                    .map(
                            key ->
                                    new PersonalConsent(
                                            this,
                                            person,
                                            key,
                                            ledger.load(List.of(person, other)),
                                            now));
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
                text);
    }

    void apply(ConsentRecord record, ConsentEvent event, Cause cause) {
        StateChange change =
                book.apply(person, record, event, desk.policy(person.tenant()).rules(), cause);
        book.lastRejection().ifPresent(why -> rejected = why);
        if (change == null) {
            return;
        }
        tell(person, key, change);
        Channel channel = change.record().channel();
        if (change.record().state() == ConsentState.GRANTED) {
            for (HeldMessages.Released message : desk.held.release(person, channel)) {
                add(
                        person,
                        "jawort.message.received.v1",
                        message.account(),
                        message.conversation(),
                        message.id(),
                        null);
            }
        }
    }

    /**
     * What either refused, both have refused (CON-3).
     *
     * @param otherKey of the other person in the book
     */
    void join(Person other, SubjectKey otherKey, Cause cause) {
        for (StateChange change : book.joinRefusals(person, other, now, cause)) {
            boolean isOther = change.person().equals(other);
            tell(change.person(), isOther ? otherKey : key, change);
        }
    }

    private void tell(Person whose, SubjectKey theirs, StateChange change) {
        Address address =
                desk.people.address(
                        whose.tenant(),
                        whose.subject(),
                        change.record().channel(),
                        change.record().addressId(),
                        theirs);
        add(
                whose,
                "jawort.consent.changed.v1",
                null,
                null,
                null,
                theirs.seal("event.data", desk.data.consentChanged(change, address, null)));
    }

    private void add(
            Person whose,
            String type,
            String account,
            UUID conversation,
            UUID message,
            byte[] sealed) {
        events.add(
                new NewEvent(
                        whose.tenant(),
                        UuidCreator.getTimeOrderedEpoch(),
                        type,
                        account,
                        whose.subject(),
                        conversation,
                        message,
                        false,
                        now,
                        null,
                        sealed));
    }

    /**
     * Says what is due, and writes it all.
     *
     * @param isAsked whether what waits to be asked is asked now; {@code false} where somebody else
     *     asks
     */
    void save(boolean isAsked) {
        if (isAsked) {
            desk.duties.perform(book, List.of(), now);
        }
        desk.ledger.save(book, now);
        desk.outbox.addDue(events, event -> desk.policy(event.tenant()).receivers(event), now);
    }
}
