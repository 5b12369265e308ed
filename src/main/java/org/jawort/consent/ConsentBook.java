package org.jawort.consent;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
     */
    public record Cause(String actor, UUID message, byte[] sealedEvidence, TextShown text) {
        public Cause(String actor, UUID message, byte[] sealedEvidence) {
            this(actor, message, sealedEvidence, null);
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

    private final Map<Slot, Map<Purpose, ConsentRecord>> records = new HashMap<>();
    private final Map<Slot, Overlays> overlays = new HashMap<>();
    private final Map<Person, Overlays> flags = new HashMap<>();

    private final Map<UUID, ConsentRecord> changed = new LinkedHashMap<>();
    private final Map<UUID, Person> owners = new HashMap<>();
    private final Map<UUID, Person> removed = new LinkedHashMap<>();
    private final Map<Slot, Overlays> changedOverlays = new LinkedHashMap<>();
    private final List<Declaration> declarations = new ArrayList<>();
    private final List<Consequence> consequences = new ArrayList<>();
    private Outcome.Rejected.Why rejection;

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

    public Overlays overlays(Person person, Channel channel) {
        Overlays whole = flags.getOrDefault(person, Overlays.CLEAR);
        return overlays.getOrDefault(new Slot(person, channel.consentChannel()), Overlays.CLEAR)
                .withRestricted(whole.restricted())
                .withErasureRunning(whole.erasureRunning())
                .withAbuseBlocked(whole.abuseBlocked());
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
     * Everything a refusal reaches: what the tenant pursues, what is on record here from a purpose
     * that is off by now, and where there is nothing at all the answering of messages, so that no
     * refusal is without a trace (T8).
     */
    public List<ConsentRecord> refusable(
            Person person, Channel channel, Map<Purpose, Basis> purposes) {
        List<ConsentRecord> reached = new ArrayList<>(records(person, channel, purposes));
        records(person).stream()
                .filter(record -> record.channel() == channel.consentChannel())
                .filter(record -> !purposes.containsKey(record.purpose()))
                .forEach(reached::add);
        return reached.isEmpty()
                ? List.of(record(person, channel, Purpose.SUPPORT_REPLY, Basis.LEGAL_INTEREST))
                : reached;
    }

    /**
     * Lets one event happen to one record, and writes it into the ledger whatever comes of it.
     *
     * @return the change of state, {@code null} if the state is the one it was
     */
    public StateChange apply(
            Person person,
            ConsentRecord record,
            ConsentEvent event,
            ConsentRules rules,
            Cause cause) {
        Overlays before = overlays(person, record.channel());
        Outcome outcome = ConsentStateMachine.apply(record, before, event, rules);
        rejection = outcome instanceof Outcome.Rejected refused ? refused.why() : null;
        return switch (outcome) {
            case Outcome.Moved moved -> {
                put(person, moved.record());
                put(person, record.channel(), moved.overlays());
                declare(person, record, event, "moved", null, moved.transition(), moved, cause);
                consequences.add(
                        new Consequence(
                                person,
                                moved.record(),
                                moved.transition(),
                                cause,
                                moved.effects()));
                yield moved.previous() == moved.record().state()
                        ? null
                        : new StateChange(
                                person,
                                moved.record(),
                                moved.previous(),
                                moved.transition(),
                                cause);
            }
            case Outcome.Removed removed -> {
                remove(person, record);
                declare(person, record, event, "removed", null, Transition.T15, null, cause);
                yield null;
            }
            case Outcome.Unchanged unchanged -> {
                declare(
                        person,
                        record,
                        event,
                        "unchanged",
                        unchanged.why().name(),
                        null,
                        null,
                        cause);
                yield null;
            }
            case Outcome.Rejected rejected -> {
                declare(
                        person,
                        record,
                        event,
                        "rejected",
                        rejected.why().name(),
                        null,
                        null,
                        cause);
                yield null;
            }
        };
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
        Declaration last = declarations.getLast();
        return last.reason() == null ? last.outcome() : last.reason();
    }

    /** What the events so far ask for, in their order. */
    public List<Consequence> consequences() {
        return List.copyOf(consequences);
    }

    /** Why the last event applied was rejected; empty if it was not. */
    public Optional<Outcome.Rejected.Why> lastRejection() {
        return Optional.ofNullable(rejection);
    }

    /**
     * A near match of a STOP: a human decides, and until then nothing proactive leaves (CON-12).
     */
    public void holdForPossibleWithdrawal(Person person, Channel channel, Instant at) {
        put(person, channel, overlays(person, channel).withPossibleWithdrawal(at));
    }

    /**
     * CON-3, for two subjects that turn out to be one person: what either refused, the other has
     * refused too. Grants stay where they were given. Doing it again changes nothing: of what was
     * refused before, a person may have thought better since, under one name or the other.
     *
     * @return records of either that are in another state now
     */
    public List<StateChange> joinRefusals(Person one, Person other, Instant at, Cause cause) {
        List<StateChange> changes = new ArrayList<>();
        changes.addAll(takeOver(one, records(other), at, cause));
        changes.addAll(takeOver(other, records(one), at, cause));
        records(one).forEach(mine -> note(one, mine, other));
        for (Channel channel : Channel.values()) {
            Overlays mine = overlays(one, channel);
            Overlays theirs = overlays(other, channel);
            Overlays mineAfter = mine.taking(theirs);
            Overlays theirsAfter = theirs.taking(mine);
            put(one, channel, mineAfter.heard(theirsAfter));
            put(other, channel, theirsAfter.heard(mineAfter));
        }
        return changes;
    }

    /** Both have heard what either refuses, so that it is told once. */
    private void note(Person one, ConsentRecord mine, Person other) {
        ConsentRecord theirs = record(other, mine.channel(), mine.purpose(), mine.basis());
        Stream.of(mine, theirs)
                .filter(record -> record.state().isRefusal())
                .map(ConsentRecord::refusedAt)
                .max(Comparator.naturalOrder())
                .ifPresent(
                        heard -> {
                            note(one, mine, heard);
                            note(other, theirs, heard);
                        });
    }

    private void note(Person person, ConsentRecord record, Instant heard) {
        ConsentRecordChange change = record.change().heardRefusalAt(heard);
        if (record.state().isRefusal()) {
            change.refusedAt(heard);
        }
        if (!change.build().equals(record)) {
            put(person, change.build());
        }
    }

    private List<StateChange> takeOver(
            Person person, List<ConsentRecord> others, Instant at, Cause cause) {
        List<StateChange> changes = new ArrayList<>();
        for (ConsentRecord refused : others) {
            ConsentRecord own =
                    record(person, refused.channel(), refused.purpose(), refused.basis());
            if (!refused.state().isRefusal() || own.state().isRefusal() || !own.isNews(refused)) {
                continue;
            }
            ConsentRecord after =
                    Refusals.merge(own, refused)
                            .change()
                            .subject(own.subject())
                            .addressId(own.addressId())
                            .build();
            put(person, after);
            ConsentEvent told =
                    new ConsentEvent.Stop(
                            EventTime.received(at),
                            ConsentEvent.Stop.Route.API,
                            Set.of(own.purpose()),
                            true);
            declarations.add(
                    new Declaration(
                            UuidCreator.getTimeOrderedEpoch(),
                            person,
                            own,
                            after,
                            told,
                            "moved",
                            "IDENTITY_JOINED",
                            Transition.T8,
                            cause));
            changes.add(new StateChange(person, after, own.state(), Transition.T8, cause));
        }
        return changes;
    }

    private void put(Person person, ConsentRecord record) {
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

    private void put(Person person, Channel channel, Overlays after) {
        if (!after.equals(overlays(person, channel))) {
            loaded(person, channel, after);
            changedOverlays.put(new Slot(person, channel.consentChannel()), after);
        }
    }

    private void declare(
            Person person,
            ConsentRecord before,
            ConsentEvent event,
            String outcome,
            String reason,
            Transition transition,
            Outcome.Moved moved,
            Cause cause) {
        declarations.add(
                new Declaration(
                        UuidCreator.getTimeOrderedEpoch(),
                        person,
                        before,
                        moved == null ? before : moved.record(),
                        event,
                        outcome,
                        reason,
                        transition,
                        cause));
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
