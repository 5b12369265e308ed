package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.Basis;
import org.jawort.consent.CaptureOrigin;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentEvent.Stop.Route;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.consent.Outcome;
import org.jawort.consent.Overlays;
import org.jawort.consent.Purpose;
import org.jawort.consent.SuppressionScope;
import org.jawort.consent.TextShown;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.sending.OptOuts;
import org.jawort.vault.SubjectKey;

/**
 * Consent declared by other ways than a message: captured on a form, withdrawn on the phone, asked
 * for from an agent's desk. Moves the records, writes the ledger and tells the tenant's
 * destinations, inside the caller's transaction (CON-9).
 */
public final class Declarations implements OptOuts {

    private static final int PROMPT_ID_BYTES = 24;

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
     */
    public record Capture(
            Channel channel,
            Address address,
            Purpose purpose,
            CaptureOrigin origin,
            Instant capturedAt,
            String evidence,
            boolean complete,
            TextShown text) {
        @Override
        public String toString() {
            return "Capture[" + channel + ", " + purpose + "]";
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

    private final Map<String, TenantPolicy> policies;
    private final People people;
    private final ConsentLedger ledger;
    private final HeldMessages held;
    private final EventData data;
    private final Outbox outbox;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    Declarations(
            Map<String, TenantPolicy> policies,
            People people,
            ConsentLedger ledger,
            HeldMessages held,
            EventData data,
            Outbox outbox,
            InstantSource clock) {
        this.policies = policies;
        this.people = people;
        this.ledger = ledger;
        this.held = held;
        this.data = data;
        this.outbox = outbox;
        this.clock = clock;
    }

    public People people() {
        return people;
    }

    /** All records of a person, each with the overlays of its channel. */
    public List<Standing> standings(Person person) {
        ConsentBook book = ledger.load(List.of(person));
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
        Basis basis = policies.get(tenant).purposes().get(capture.purpose());
        if (basis == null || !capture.purpose().hasRecord()) {
            return new Result.PurposeNotConfigured();
        }
        Instant now = clock.instant();
        Subject subject = people.findOrMake(tenant, capture.channel(), capture.address(), now);
        Person person = new Person(tenant, subject.id());
        Work work = new Work(person, subject.key(), now);
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
        return work.finish(List.of(record.id()));
    }

    /**
     * T8 on every purpose the tenant pursues on the record's channel, or on those chosen.
     *
     * @param purposes empty for all
     */
    public Result withdraw(
            Person person, UUID recordId, Set<Purpose> purposes, Route route, Instant at) {
        Instant now = clock.instant();
        Optional<SubjectKey> key = people.key(person.tenant(), person.subject());
        if (key.isEmpty()) {
            return new Result.Erased();
        }
        Work work = new Work(person, key.get(), now);
        ConsentRecord named = work.record(recordId);
        Map<Purpose, Basis> all = new EnumMap<>(policies.get(person.tenant()).purposes());
        all.keySet().removeIf(purpose -> !purpose.hasRecord());
        // a purpose that was switched off since can still be withdrawn
        all.putIfAbsent(named.purpose(), named.basis());
        if (!all.keySet().containsAll(purposes)) {
            return new Result.PurposeNotConfigured();
        }
        ConsentEvent stop = new ConsentEvent.Stop(new EventTime(at, now), route, purposes, false);
        Cause cause = work.cause(route == Route.AGENT ? "agent" : "api", null, null);
        List<UUID> touched = new ArrayList<>();
        for (ConsentRecord record : work.book.records(person, named.channel(), all)) {
            if (purposes.isEmpty() || purposes.contains(record.purpose())) {
                work.apply(record, stop, cause);
                touched.add(record.id());
            }
        }
        return work.finish(touched);
    }

    /**
     * Opens a prompt and starts its clock (T2), so that the person's answer is understood. The
     * prompt's id is new, unguessable and in the record.
     */
    public Result promptSent(Person person, UUID recordId, PromptSent sent) {
        Instant now = clock.instant();
        Optional<SubjectKey> key = people.key(person.tenant(), person.subject());
        if (key.isEmpty()) {
            return new Result.Erased();
        }
        Work work = new Work(person, key.get(), now);
        ConsentRecord record = work.record(recordId);
        byte[] bytes = new byte[PROMPT_ID_BYTES];
        random.nextBytes(bytes);
        String promptId = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
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
        if (work.rejected == null) {
            work.apply(
                    work.record(recordId), new ConsentEvent.PromptAccepted(time, promptId), cause);
        }
        return work.finish(List.of(recordId));
    }

    @Override
    public List<NewEvent> providerOptOut(
            String tenant, UUID subject, Channel channel, boolean marketingOnly, Instant at) {
        Person person = new Person(tenant, subject);
        Optional<SubjectKey> key = people.key(tenant, subject);
        if (key.isEmpty()) {
            return List.of();
        }
        Work work = new Work(person, key.get(), at);
        ConsentEvent event =
                new ConsentEvent.ProviderOptOut(
                        EventTime.received(at),
                        marketingOnly ? SuppressionScope.MARKETING : SuppressionScope.ALL);
        Cause cause = new Cause("provider", null, null);
        Map<Purpose, Basis> purposes = policies.get(tenant).purposes();
        work.book
                .records(person, channel, purposes)
                .forEach(record -> work.apply(record, event, cause));
        ledger.save(work.book, at);
        return work.events;
    }

    /** One person in one transaction. */
    private final class Work {
        private final Person person;
        private final SubjectKey key;
        private final Instant now;
        private final ConsentBook book;
        private final List<NewEvent> events = new ArrayList<>();
        private Outcome.Rejected.Why rejected;

        Work(Person person, SubjectKey key, Instant now) {
            this.person = person;
            this.key = key;
            this.now = now;
            this.book = ledger.load(List.of(person));
        }

        ConsentRecord record(UUID id) {
            return book.records(person).stream()
                    .filter(one -> one.id().equals(id))
                    .findFirst()
                    .orElseThrow();
        }

        Cause cause(String actor, String evidence, TextShown text) {
            return new Cause(
                    actor,
                    null,
                    key.seal(
                            "consent.evidence",
                            evidence == null ? null : evidence.getBytes(StandardCharsets.UTF_8)),
                    text);
        }

        void apply(ConsentRecord record, ConsentEvent event, Cause cause) {
            StateChange change =
                    book.apply(person, record, event, policies.get(person.tenant()).rules(), cause);
            book.lastRejection().ifPresent(why -> rejected = why);
            if (change == null) {
                return;
            }
            Channel channel = change.record().channel();
            Address address =
                    people.address(
                            person.tenant(),
                            person.subject(),
                            channel,
                            change.record().addressId(),
                            key);
            add(
                    "jawort.consent.changed.v1",
                    null,
                    null,
                    null,
                    key.seal("event.data", data.consentChanged(change, address, null)));
            if (change.record().state() == ConsentState.GRANTED) {
                for (HeldMessages.Released message : held.release(person, channel)) {
                    add(
                            "jawort.message.received.v1",
                            message.account(),
                            message.conversation(),
                            message.id(),
                            null);
                }
            }
        }

        private void add(
                String type, String account, UUID conversation, UUID message, byte[] sealed) {
            events.add(
                    new NewEvent(
                            person.tenant(),
                            UuidCreator.getTimeOrderedEpoch(),
                            type,
                            account,
                            person.subject(),
                            conversation,
                            message,
                            false,
                            now,
                            null,
                            sealed));
        }

        Result finish(List<UUID> records) {
            ledger.save(book, now);
            outbox.addDue(events, event -> policies.get(event.tenant()).receivers(event), now);
            if (rejected != null) {
                return new Result.Rejected(rejected);
            }
            return new Result.Done(
                    records.stream()
                            .map(this::record)
                            .map(one -> new Standing(one, book.overlays(person, one.channel())))
                            .toList());
        }
    }
}
