package org.jawort.conversation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jawort.consent.Basis;
import org.jawort.consent.CaptureOrigin;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentEvent.Stop.Route;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.consent.Outcome;
import org.jawort.consent.Overlays;
import org.jawort.consent.Prompt;
import org.jawort.consent.Purpose;
import org.jawort.consent.TextShown;
import org.jawort.conversation.Duties.Information;
import org.jawort.message.Address;
import org.jawort.message.Channel;

/**
 * Consent declared by other ways than a message: captured on a form, withdrawn on the phone, asked
 * for from an agent's desk. Moves the records, writes the ledger and tells the tenant's
 * destinations, inside the caller's transaction (CON-9).
 */
public final class Declarations {

    /** Where somebody stands: a record with what overlays its channel. */
    public record Standing(ConsentRecord record, Overlays overlays) {}

    /** What a declaration did; a rejected one is in the ledger all the same. */
    public sealed interface Result {
        record Done(List<Standing> standings) implements Result {}

        record Rejected(Outcome.Rejected.Why why) implements Result {}

        /** The tenant pursues no such purpose, or it is switched off (CON-5, CON-24). */
        record PurposeNotConfigured() implements Result {}

        /** The person's key is destroyed: nothing can be declared for somebody who was erased. */
        record Erased() implements Result {}
    }

    /**
     * An agreement given elsewhere (T1).
     *
     * @param evidence the first channel's own proof as JSON, kept encrypted (CON-20)
     * @param complete whether the proof is
     * @param text what the person saw there; {@code null} if not told
     * @param hubAsks whether the hub sends the prompt; {@code false} where it goes by other means
     */
    public record Capture(
            Channel channel,
            Address address,
            Purpose purpose,
            CaptureOrigin origin,
            Instant capturedAt,
            String evidence,
            boolean complete,
            TextShown text,
            boolean hubAsks) {
        @Override
        public String toString() {
            return "Capture[" + channel + ", " + purpose + "]";
        }
    }

    /**
     * Grounds other than consent.
     *
     * @param document id of the balancing test, or of the contract
     * @param platformPermittedAt when the person gave the address and permission to be messaged on
     *     the platform (CON-6); {@code null} if they did not
     * @param evidence who judged, and of the permission, as JSON, kept encrypted
     */
    public record Assessment(
            Channel channel,
            Address address,
            Purpose purpose,
            String document,
            Instant at,
            Instant platformPermittedAt,
            String evidence) {
        @Override
        public String toString() {
            return "Assessment[" + channel + ", " + purpose + "]";
        }
    }

    /** A prompt that leaves, or left, by other means than the hub. */
    public record PromptSent(
            String language,
            String textVersion,
            boolean carriesAdvertising,
            Instant sentAt,
            String providerMessageId) {
        @Override
        public String toString() {
            return "PromptSent[" + language + ", " + textVersion + "]";
        }
    }

    private final PersonalConsent.Desk desk;
    private final People people;
    private final ConsentLedger ledger;
    private final InstantSource clock;

    Declarations(
            PersonalConsent.Desk desk, People people, ConsentLedger ledger, InstantSource clock) {
        this.desk = desk;
        this.people = people;
        this.ledger = ledger;
        this.clock = clock;
    }

    public People people() {
        return people;
    }

    /** All records of a person, each with the overlays of its channel. */
    public List<Standing> standings(Person person) {
        return standings(ledger.load(List.of(person)), person);
    }

    /** The same of each other name of the person. */
    public Map<Person, List<Standing>> standingsOfOtherNames(Person person) {
        ConsentBook book = ledger.load(List.of(person));
        return book.otherNames(person).stream()
                .collect(Collectors.toMap(name -> name, name -> standings(book, name)));
    }

    private static List<Standing> standings(ConsentBook book, Person person) {
        return book.records(person).stream()
                .filter(record -> record.state() != ConsentState.NONE)
                .sorted(Comparator.comparing(ConsentRecord::id))
                .map(record -> new Standing(record, book.overlays(person, record.channel())))
                .toList();
    }

    /**
     * T1. Makes the person if nobody is known under the address.
     *
     * @throws Contended if it must be done again
     */
    public Result capture(String tenant, Capture capture) {
        Basis basis = desk.policy(tenant).purposes().get(capture.purpose());
        if (basis == null || !capture.purpose().hasRecord()) {
            return new Result.PurposeNotConfigured();
        }
        Instant now = clock.instant();
        Subject subject = people.findOrMake(tenant, capture.channel(), capture.address(), now);
        Person person = new Person(tenant, subject.id());
        PersonalConsent work = desk.open(person, subject.key(), now);
        ConsentRecord record =
                work.book.record(person, capture.channel(), capture.purpose(), basis);
        work.apply(
                record,
                new ConsentEvent.Captured(
                        new EventTime(capture.capturedAt(), now),
                        capture.origin(),
                        subject.address(),
                        capture.complete()),
                work.cause("api", capture.evidence(), capture.text()));
        return finish(work, person, List.of(record.id()), capture.hubAsks());
    }

    /**
     * T13, on grounds of a legitimate interest or a contract (CON-5). Makes the person if nobody is
     * known under the address.
     *
     * @throws Contended if it must be done again
     */
    public Result assess(String tenant, Assessment assessment) {
        Basis basis = desk.policy(tenant).purposes().get(assessment.purpose());
        if (basis == null || !assessment.purpose().hasRecord()) {
            return new Result.PurposeNotConfigured();
        }
        Instant now = clock.instant();
        Subject subject =
                people.findOrMake(tenant, assessment.channel(), assessment.address(), now);
        Person person = new Person(tenant, subject.id());
        PersonalConsent work = desk.open(person, subject.key(), now);
        ConsentRecord record =
                work.book.record(person, assessment.channel(), assessment.purpose(), basis);
        Information informed = desk.informed(person, assessment.channel());
        work.apply(
                record,
                new ConsentEvent.LiAssessed(
                        new EventTime(assessment.at(), now),
                        assessment.document(),
                        informed.noticeDelivered(),
                        informed.rightToObjectDelivered(),
                        assessment.platformPermittedAt()),
                work.cause("api", assessment.evidence(), null));
        return finish(work, person, List.of(record.id()), true);
    }

    /**
     * T14.
     *
     * @param groundsBy who recorded compelling grounds; {@code null} if nobody
     * @param evidence of the objection and the grounds as JSON, kept encrypted
     */
    public Result object(
            Person person, UUID recordId, String groundsBy, Instant at, String evidence) {
        return declare(
                person,
                recordId,
                now -> new ConsentEvent.Objection(new EventTime(at, now), groundsBy),
                evidence);
    }

    /**
     * T16: the person wants after all what they objected to, said and confirmed by themselves.
     *
     * @param evidence of act and confirmation as JSON, kept encrypted
     */
    public Result revokeObjection(
            Person person, UUID recordId, boolean confirmed, Instant at, String evidence) {
        return declare(
                person,
                recordId,
                now -> new ConsentEvent.ObjectionRevoked(new EventTime(at, now), confirmed),
                evidence);
    }

    /**
     * An application knows that two are one person, as a CRM does by its contacts. They stay two,
     * each with the grants of its own addresses; what either refuses, both refuse (CON-3).
     *
     * @param evidence how the application knows, as JSON, kept encrypted
     */
    public Result link(Person one, Person other, String evidence) {
        Optional<PersonalConsent> opened = desk.open(one, other, clock.instant());
        if (opened.isEmpty() || people.key(other.tenant(), other.subject()).isEmpty()) {
            return new Result.Erased();
        }
        PersonalConsent work = opened.get();
        work.join(other, "api", evidence);
        work.save(true);
        return new Result.Done(standings(one));
    }

    /** What else the person is known as; empty for most. */
    public List<UUID> otherNames(Person person) {
        return people.otherNames(person.tenant(), person.subject());
    }

    /**
     * The application was wrong: from now on nothing said under another name is this person's. What
     * was refused meanwhile stays refused.
     */
    public void unlink(Person person) {
        ConsentBook book = ledger.load(List.of(person));
        Instant now = clock.instant();
        book.unlink(person, now, new Cause("api", null, null));
        ledger.save(book, now);
    }

    private Result declare(
            Person person,
            UUID recordId,
            Function<Instant, ConsentEvent> declared,
            String evidence) {
        Instant now = clock.instant();
        Optional<PersonalConsent> opened = desk.open(person, now);
        if (opened.isEmpty()) {
            return new Result.Erased();
        }
        PersonalConsent work = opened.get();
        work.apply(work.record(recordId), declared.apply(now), work.cause("api", evidence, null));
        return finish(work, person, List.of(recordId), true);
    }

    /**
     * T8 on every purpose the tenant pursues on the record's channel, or on those chosen.
     *
     * @param purposes empty for all
     */
    public Result withdraw(
            Person person, UUID recordId, Set<Purpose> purposes, Route route, Instant at) {
        Instant now = clock.instant();
        return desk.open(person, now)
                .map(
                        work ->
                                withdraw(
                                        work,
                                        person,
                                        work.record(recordId).channel(),
                                        purposes,
                                        route,
                                        at))
                .orElseGet(Result.Erased::new);
    }

    /**
     * As {@link #withdraw(Person, UUID, Set, Route, Instant)}, also where the person has no record
     * yet: then there is one from now on, and it is a refusal.
     *
     * @param channel the one consent is kept for
     */
    public Result withdraw(
            Person person, Channel channel, Set<Purpose> purposes, Route route, Instant at) {
        Instant now = clock.instant();
        return desk.open(person, now)
                .map(work -> withdraw(work, person, channel, purposes, route, at))
                .orElseGet(Result.Erased::new);
    }

    /**
     * An objection to what nobody has begun yet: T8 on what the tenant pursues on other grounds
     * than consent, and on advertising, as far as the person has no record of it. From now on there
     * is one, and no interest can be assessed any more.
     *
     * @param channel the one consent is kept for
     * @param purposes empty for all
     * @return {@link Result.Done} with no standing if there is nothing of that kind
     */
    public Result objectAhead(
            Person person, Channel channel, Set<Purpose> purposes, Route route, Instant at) {
        return desk.open(person, clock.instant())
                .map(
                        work ->
                                refuse(
                                        work,
                                        person,
                                        refusable(work, person, channel).stream()
                                                .filter(Declarations::isAhead)
                                                .toList(),
                                        purposes,
                                        route,
                                        at))
                .orElseGet(Result.Erased::new);
    }

    private static boolean isAhead(ConsentRecord one) {
        return one.state() == ConsentState.NONE
                && (one.basis() != Basis.CONSENT || one.purpose() == Purpose.MARKETING);
    }

    private List<ConsentRecord> refusable(PersonalConsent work, Person person, Channel channel) {
        return work.book.refusable(person, channel, desk.policy(person.tenant()).purposes());
    }

    private Result withdraw(
            PersonalConsent work,
            Person person,
            Channel channel,
            Set<Purpose> purposes,
            Route route,
            Instant at) {
        List<ConsentRecord> reached = refusable(work, person, channel);
        return reached.stream().map(ConsentRecord::purpose).toList().containsAll(purposes)
                ? refuse(work, person, reached, purposes, route, at)
                : new Result.PurposeNotConfigured();
    }

    private Result refuse(
            PersonalConsent work,
            Person person,
            List<ConsentRecord> records,
            Set<Purpose> purposes,
            Route route,
            Instant at) {
        ConsentEvent stop =
                new ConsentEvent.Stop(new EventTime(at, clock.instant()), route, purposes, false);
        Cause cause = work.cause(route == Route.AGENT ? "agent" : "api", null, null);
        List<UUID> touched = new ArrayList<>();
        for (ConsentRecord record : records) {
            if (purposes.isEmpty() || purposes.contains(record.purpose())) {
                work.apply(record, stop, cause);
                touched.add(record.id());
            }
        }
        return finish(work, person, touched, true);
    }

    /**
     * Opens a prompt and starts its clock (T2), so that the person's answer is understood. The
     * prompt's id is new, unguessable and in the record.
     */
    public Result promptSent(Person person, UUID recordId, PromptSent sent) {
        Instant now = clock.instant();
        Optional<PersonalConsent> opened = desk.open(person, now);
        if (opened.isEmpty()) {
            return new Result.Erased();
        }
        PersonalConsent work = opened.get();
        ConsentRecord record = work.record(recordId);
        String promptId = Prompt.newId();
        EventTime time = new EventTime(sent.sentAt(), now);
        Cause cause = work.cause("api", sent.providerMessageId(), null);
        work.apply(
                record,
                new ConsentEvent.PromptOffered(
                        time,
                        promptId,
                        record.addressId(),
                        sent.language(),
                        sent.textVersion(),
                        sent.carriesAdvertising()),
                cause);
        if (work.rejected() == null) {
            work.apply(
                    work.record(recordId), new ConsentEvent.PromptAccepted(time, promptId), cause);
        }
        return finish(work, person, List.of(recordId), false);
    }

    private static Result finish(
            PersonalConsent work, Person person, List<UUID> records, boolean hubAsks) {
        work.save(hubAsks);
        if (work.rejected() != null) {
            return new Result.Rejected(work.rejected());
        }
        return new Result.Done(
                records.stream()
                        .map(work::record)
                        .map(one -> new Standing(one, work.book.overlays(person, one.channel())))
                        .toList());
    }
}
