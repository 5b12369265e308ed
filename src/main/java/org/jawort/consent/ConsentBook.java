package org.jawort.consent;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jawort.message.Channel;

/**
 * Records and overlays of some people, loaded for one transaction, changed in memory by events and
 * written back by {@link ConsentLedger#save}. Not thread-safe.
 */
public final class ConsentBook {

    /** Who somebody is to a tenant. */
    public record Person(String tenant, UUID subject) {}

    /**
     * Where a declaration came from.
     *
     * @param actor person, provider, agent, api or hub
     * @param message the message that declared it, {@code null} if none did
     * @param sealedEvidence the declaration itself, encrypted; {@code null} if there is nothing
     *     beside the event
     * @param text what the person had before them elsewhere; {@code null} if that is not known or
     *     was a prompt of this record
     * @param address that spoke, or of which the provider does; {@code null} if none did
     */
    public record Cause(
            String actor, UUID message, byte[] sealedEvidence, TextShown text, UUID address) {
        public Cause(String actor, UUID message, byte[] sealedEvidence) {
            this(actor, message, sealedEvidence, null, null);
        }

        public Cause from(UUID address) {
            return new Cause(actor, message, sealedEvidence, text, address);
        }

        /**
         * Under another name of the person, whose key opens no evidence of this one's, and whose
         * the address is not.
         */
        Cause elsewhere() {
            return new Cause(actor, message, null);
        }
    }

    /** A record that is in another state than before. */
    public record StateChange(
            Person person,
            ConsentRecord record,
            ConsentState previous,
            Transition transition,
            Cause cause) {}

    /**
     * What an event asks the hub to do, beyond what the book itself writes.
     *
     * @param record as it is now
     * @param transition that led to it
     */
    public record Consequence(
            Person person,
            ConsentRecord record,
            Transition transition,
            Cause cause,
            Set<Effect> effects) {}

    record Slot(Person person, Channel channel) {}

    /** Why a record moved though nothing happened to it itself (CON-3). */
    static final String JOINED = "IDENTITY_JOINED";

    /** The same where its person had refused it before they were erased (SEC-4). */
    static final String KNOWN_AGAIN = "REFUSED_BEFORE_ERASURE";

    private final Map<Slot, Map<Purpose, ConsentRecord>> records = new HashMap<>();
    private final Map<Slot, Overlays> overlays = new HashMap<>();
    private final Map<Person, Overlays> flags = new HashMap<>();
    private final Names names = new Names();
    private final Set<Person> gone = new HashSet<>();

    private final Map<UUID, ConsentRecord> changed = new LinkedHashMap<>();
    private final Map<UUID, Person> owners = new HashMap<>();
    private final Map<UUID, Person> removed = new LinkedHashMap<>();
    private final Map<Slot, Overlays> changedOverlays = new LinkedHashMap<>();
    private final List<Declaration> declarations = new ArrayList<>();
    private final List<Consequence> consequences = new ArrayList<>();
    private Outcome lastOutcome;

    void loaded(Person person, ConsentRecord record) {
        records.computeIfAbsent(
                        new Slot(person, record.channel()), slot -> new EnumMap<>(Purpose.class))
                .put(record.purpose(), record);
    }

    void loaded(Person person, Channel channel, Overlays found) {
        overlays.put(new Slot(person, channel.consentChannel()), found);
    }

    /** What holds for a person on every channel: restriction, running erasure, abuse block. */
    void loadedFlags(Person person, Overlays found) {
        flags.put(person, found);
    }

    void gone(Person person) {
        gone.add(person);
    }

    /**
     * Whether the person was erased or their relationship has ended, so that their addresses and
     * key are gone: whoever had found them before the book was loaded looks again.
     */
    public boolean isGone(Person person) {
        return gone.contains(person);
    }

    Names names() {
        return names;
    }

    /** What else the person is known as (decision 0007). */
    public List<Person> otherNames(Person person) {
        return names.others(person);
    }

    public Overlays overlays(Person person, Channel channel) {
        Overlays whole = flags.getOrDefault(person, Overlays.CLEAR);
        return overlays.getOrDefault(new Slot(person, channel.consentChannel()), Overlays.CLEAR)
                .withRestricted(whole.restricted())
                .withErasureRunning(whole.erasureRunning())
                .withAbuseBlocked(isBlocked(person));
    }

    /** Whoever abuses the tenant does so under all their names. */
    public boolean isBlocked(Person person) {
        return names.all(person).stream()
                .anyMatch(name -> flags.getOrDefault(name, Overlays.CLEAR).abuseBlocked());
    }

    /** The records of a person, all channels. */
    public List<ConsentRecord> records(Person person) {
        return Stream.of(Channel.values())
                .map(channel -> records.get(new Slot(person, channel)))
                .filter(Objects::nonNull)
                .flatMap(ofChannel -> ofChannel.values().stream())
                .toList();
    }

    /** The record of one purpose, in state {@code NONE} if there is none yet. */
    public ConsentRecord record(Person person, Channel channel, Purpose purpose, Basis basis) {
        Slot slot = new Slot(person, channel.consentChannel());
        return records.computeIfAbsent(slot, missing -> new EnumMap<>(Purpose.class))
                .computeIfAbsent(
                        purpose,
                        missing ->
                                ConsentRecord.none(
                                        UuidCreator.getTimeOrderedEpoch(),
                                        person.subject(),
                                        channel,
                                        purpose,
                                        basis));
    }

    /** One record for each of these purposes, in their order. */
    public List<ConsentRecord> records(
            Person person, Channel channel, Map<Purpose, Basis> purposes) {
        return purposes.entrySet().stream()
                .map(entry -> record(person, channel, entry.getKey(), entry.getValue()))
                .toList();
    }

    /**
     * Everything a refusal reaches: what the tenant pursues, what is on record here under any name
     * of the person from a purpose that is off by now, and where there is nothing at all the
     * answering of messages, so that no refusal is without a trace (T8).
     */
    public List<ConsentRecord> refusable(
            Person person, Channel channel, Map<Purpose, Basis> purposes) {
        List<ConsentRecord> reached = new ArrayList<>(records(person, channel, purposes));
        names.all(person).stream()
                .flatMap(name -> records(name).stream())
                .filter(record -> record.channel() == channel.consentChannel())
                .filter(record -> !purposes.containsKey(record.purpose()))
                .map(record -> record(person, channel, record.purpose(), record.basis()))
                .distinct()
                .forEach(reached::add);
        return reached.isEmpty()
                ? List.of(record(person, channel, Purpose.SUPPORT_REPLY, Basis.LEGAL_INTEREST))
                : reached;
    }

    /**
     * Lets one event happen to one record, and writes it into the ledger whatever comes of it. What
     * refuses, refuses for all names of the person (CON-3).
     *
     * @return the changes of state: of this record, if it is in another one, and of records of the
     *     person's other names
     */
    public List<StateChange> apply(
            Person person,
            ConsentRecord record,
            ConsentEvent event,
            ConsentRules rules,
            Cause cause) {
        List<StateChange> changes = new ArrayList<>();
        Outcome outcome =
                ConsentStateMachine.apply(record, overlays(person, record.channel()), event, rules);
        lastOutcome = outcome;
        switch (outcome) {
            case Outcome.Moved moved -> {
                move(person, record, event, null, moved, cause).ifPresent(changes::add);
                follow(person, moved.record(), moved.transition(), cause, moved.effects());
            }
            case Outcome.Removed removed -> {
                remove(person, record);
                declare(person, record, record, event, "removed", null, Transition.T15, cause);
            }
            case Outcome.Unchanged unchanged -> {
                String why = unchanged.why().name();
                declare(person, record, record, event, "unchanged", why, null, cause);
            }
            case Outcome.Rejected rejected -> {
                String why = rejected.why().name();
                declare(person, record, record, event, "rejected", why, null, cause);
            }
        }
        changes.addAll(new OtherNames(this).hear(person, record, event, outcome, cause));
        return changes;
    }

    void follow(
            Person person,
            ConsentRecord record,
            Transition transition,
            Cause cause,
            Set<Effect> effects) {
        consequences.add(new Consequence(person, record, transition, cause, effects));
    }

    Optional<StateChange> move(
            Person person,
            ConsentRecord record,
            ConsentEvent event,
            String reason,
            Outcome.Moved moved,
            Cause cause) {
        put(person, moved.record());
        put(person, record.channel(), moved.overlays());
        declare(person, record, moved.record(), event, "moved", reason, moved.transition(), cause);
        return moved.previous() == moved.record().state()
                ? Optional.empty()
                : Optional.of(
                        new StateChange(
                                person,
                                moved.record(),
                                moved.previous(),
                                moved.transition(),
                                cause));
    }

    /** A message is sent under the record's grant, which starts its validity anew (T12). */
    public void use(Person person, ConsentRecord record, Instant at, ConsentRules rules) {
        ConsentRecord used = record.used(at, rules);
        if (used != record) {
            put(person, used);
        }
    }

    /** What became of the last event applied: {@code moved}, or the reason why not. */
    public String lastOutcome() {
        return switch (lastOutcome) {
            case Outcome.Moved moved -> "moved";
            case Outcome.Removed removed -> "removed";
            case Outcome.Unchanged unchanged -> unchanged.why().name();
            case Outcome.Rejected rejected -> rejected.why().name();
        };
    }

    /** What the events so far ask for, in their order. */
    public List<Consequence> consequences() {
        return List.copyOf(consequences);
    }

    /** Why the last event applied was rejected; empty if it was not. */
    public Optional<Outcome.Rejected.Why> lastRejection() {
        return lastOutcome instanceof Outcome.Rejected rejected
                ? Optional.of(rejected.why())
                : Optional.empty();
    }

    /**
     * A near match of a STOP: a human decides, and until then nothing proactive leaves under any
     * name of the person (CON-12).
     */
    public void holdForPossibleWithdrawal(Person person, Channel channel, Instant at) {
        for (Person name : names.all(person)) {
            put(name, channel, overlays(name, channel).withPossibleWithdrawal(at));
        }
    }

    /**
     * CON-3, for two subjects that turn out to be one person: what stands refused under one name is
     * refused under all, and what will be refused. Grants stay where they were given. Does nothing
     * if that is known already.
     *
     * @param cause with evidence that the name's own key opens
     * @return records of any name that are in another state now
     */
    public List<StateChange> join(
            Person one, Person other, Instant at, Function<Person, Cause> cause) {
        return one.equals(other) || names.areOnes(one, other)
                ? List.of()
                : new OtherNames(this).join(one, other, at, cause);
    }

    /**
     * Who was erased is known again: what they had refused by then is refused under all names,
     * whatever was agreed to since, for nobody had heard of it (CON-3, SEC-4).
     *
     * @return records of any name that are in another state now
     */
    public List<StateChange> knowAgain(SuppressionStubs.Refused refused, Instant at, Cause cause) {
        return new OtherNames(this)
                .knowAgain(refused.person(), refused.channel(), refused.block(), at, cause);
    }

    /** Nothing that happens under another name is written of this one any more. */
    void leave(Person name) {
        names.leave(name);
    }

    /**
     * The person has this name alone again; what was refused meanwhile stays refused.
     *
     * @param cause who took it back
     */
    public void unlink(Person name, Instant at, Cause cause) {
        if (names.others(name).isEmpty()) {
            return;
        }
        names.leave(name);
        note(name, new ConsentEvent.Unlinked(EventTime.received(at)), cause);
    }

    /** Writes beside each of the person's records what is about the person and moves none. */
    public void note(Person person, ConsentEvent event, Cause cause) {
        for (ConsentRecord record : records(person)) {
            if (record.state() != ConsentState.NONE) {
                declare(person, record, record, event, "unchanged", null, null, cause);
            }
        }
    }

    void put(Person person, ConsentRecord record) {
        loaded(person, record);
        changed.put(record.id(), record);
        owners.put(record.id(), person);
    }

    private void remove(Person person, ConsentRecord record) {
        Map<Purpose, ConsentRecord> ofChannel = records.get(new Slot(person, record.channel()));
        if (ofChannel != null) {
            ofChannel.remove(record.purpose());
        }
        changed.remove(record.id());
        removed.put(record.id(), person);
    }

    void put(Person person, Channel channel, Overlays after) {
        if (!after.equals(overlays(person, channel))) {
            loaded(person, channel, after);
            changedOverlays.put(new Slot(person, channel.consentChannel()), after);
        }
    }

    void declare(
            Person person,
            ConsentRecord before,
            ConsentRecord after,
            ConsentEvent event,
            String outcome,
            String reason,
            Transition transition,
            Cause cause) {
        Declaration line =
                new Declaration(
                        UuidCreator.getTimeOrderedEpoch(),
                        person,
                        before,
                        after,
                        event,
                        outcome,
                        reason,
                        transition,
                        cause);
        line.lastUse().ifPresent(declarations::add);
        declarations.add(line);
    }

    Collection<ConsentRecord> changedRecords() {
        return changed.values();
    }

    /** Ids of records that are no more, and whose they were. */
    Map<UUID, Person> removedRecords() {
        return removed;
    }

    Person owner(ConsentRecord record) {
        return owners.get(record.id());
    }

    Map<Slot, Overlays> changedOverlays() {
        return changedOverlays;
    }

    List<Declaration> declarations() {
        return declarations;
    }
}
