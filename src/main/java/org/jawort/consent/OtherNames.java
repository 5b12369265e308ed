package org.jawort.consent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.message.Channel;

/** What a person refuses under one name, told to the records of their others (CON-3). */
final class OtherNames {

    /** What one name has to tell another, as it stood before anybody was told anything. */
    private record Told(
            Person from,
            Person to,
            List<ConsentRecord> refused,
            Map<Channel, Overlays> overlays,
            List<ConsentRecord> known) {

        /**
         * Whether only a block says what the person wants of this purpose.
         *
         * @param record of the name that hears of it
         */
        boolean isSilentOn(ConsentRecord record) {
            return known.stream()
                    .filter(one -> one.channel() == record.channel())
                    .filter(one -> one.purpose() == record.purpose())
                    .noneMatch(one -> one.state().isRefusal() || one.state().isAgreement());
        }
    }

    /** Who is told, what happened, and why. */
    private record Hearing(
            Person who, Function<ConsentRecord, ConsentEvent> event, String reason, Cause cause) {}

    private record Moved(Person name, UUID record) {}

    private final ConsentBook book;

    /** Records that have moved by this, and whose lines say why. */
    private final Set<Moved> moved = new HashSet<>();

    OtherNames(ConsentBook book) {
        this.book = book;
    }

    /** What happened to a record under one name, and what it did there. */
    List<StateChange> hear(
            Person person, ConsentRecord record, ConsentEvent event, Outcome here, Cause cause) {
        List<StateChange> changes = new ArrayList<>();
        for (Person other : book.names().others(person)) {
            ConsentRecord theirs =
                    book.record(other, record.channel(), record.purpose(), record.basis());
            Overlays overlays = book.overlays(other, record.channel());
            Outcome there = Refusals.elsewhere(event, here, theirs, overlays).orElse(null);
            if (there instanceof Outcome.Moved moved) {
                Cause elsewhere = cause.elsewhere();
                Set<Effect> effects = Refusals.effects(theirs, moved.record());
                book.follow(other, moved.record(), Transition.T8, elsewhere, effects);
                book.move(
                                other,
                                theirs,
                                Refusals.heard(event, theirs),
                                ConsentBook.JOINED,
                                moved,
                                elsewhere)
                        .ifPresent(changes::add);
            }
        }
        if (!changes.isEmpty() && isUnconfirmed(event, person, record.channel())) {
            // They had said so under this name before, but not under the one it ends now.
            book.follow(
                    person,
                    book.record(person, record.channel(), record.purpose(), record.basis()),
                    Transition.T8,
                    cause,
                    Set.of(Effect.OPTOUT_CONFIRM_ONCE));
        }
        return changes;
    }

    /** Whether a STOP has ended something and nobody is told so yet. */
    private boolean isUnconfirmed(ConsentEvent event, Person person, Channel channel) {
        return event instanceof ConsentEvent.Stop stop
                && !stop.confirmedByProvider()
                && book.consequences().stream()
                        .filter(one -> one.person().equals(person))
                        .filter(one -> one.record().channel() == channel.consentChannel())
                        .noneMatch(one -> one.effects().contains(Effect.OPTOUT_CONFIRM_ONCE));
    }

    /** Two subjects that turn out to be one person. */
    List<StateChange> join(Person one, Person other, Instant at, Function<Person, Cause> cause) {
        Names names = book.names();
        EventTime time = EventTime.received(at);
        List<Told> told =
                Stream.concat(
                                told(names.all(one), names.all(other)),
                                told(names.all(other), names.all(one)))
                        .toList();
        names.join(one, other);
        List<StateChange> changes = new ArrayList<>();
        for (Told each : told) {
            Hearing hearing =
                    new Hearing(
                            each.to(),
                            record -> new ConsentEvent.Linked(time, each.from().subject()),
                            ConsentBook.JOINED,
                            cause.apply(each.to()));
            for (ConsentRecord refused : each.refused()) {
                ConsentRecord own =
                        book.record(
                                each.to(), refused.channel(), refused.purpose(), refused.basis());
                changes.addAll(become(hearing, own, Refusals.merge(own, refused)));
            }
            each.overlays()
                    .forEach(
                            (channel, said) ->
                                    changes.addAll(
                                            block(hearing, channel, said, each::isSilentOn)));
        }
        link(one, other, time, cause.apply(one));
        link(other, one, time, cause.apply(other));
        return changes;
    }

    /** Who said so, and of whom, is on record also where it moved nothing (CON-20). */
    private void link(Person name, Person other, EventTime time, Cause cause) {
        for (ConsentRecord record : book.records(name)) {
            if (record.state() != ConsentState.NONE
                    && !moved.contains(new Moved(name, record.id()))) {
                var linked = new ConsentEvent.Linked(time, other.subject());
                book.declare(name, record, record, linked, "unchanged", null, null, cause);
            }
        }
    }

    /** What somebody refused before they were erased, once they are known again. */
    List<StateChange> knowAgain(
            Person person, Channel channel, Suppression refused, Instant at, Cause cause) {
        Overlays said = Overlays.CLEAR.joining(refused);
        Function<ConsentRecord, ConsentEvent> stop =
                record ->
                        new ConsentEvent.Stop(
                                new EventTime(refused.since(), at),
                                ConsentEvent.Stop.Route.API,
                                Set.of(record.purpose()),
                                true);
        return book.names().all(person).stream()
                .map(name -> new Hearing(name, stop, ConsentBook.KNOWN_AGAIN, cause))
                .flatMap(hearing -> block(hearing, channel, said, record -> true).stream())
                .toList();
    }

    /**
     * Whatever a block covers is refused, also what was agreed to where the block was not known: or
     * a "Ja" to one purpose, which lifts the block, would set another's grant free. What the tenant
     * blocks no "Ja" lifts, and nobody refused it.
     *
     * @param isMeant of which records the block alone speaks
     */
    private List<StateChange> block(
            Hearing hearing, Channel channel, Overlays said, Predicate<ConsentRecord> isMeant) {
        List<StateChange> changes = new ArrayList<>();
        Overlays own = book.overlays(hearing.who(), channel);
        for (Suppression block : own.unknownOf(said)) {
            if (block.source() == SuppressionSource.TENANT) {
                continue;
            }
            book.records(hearing.who()).stream()
                    .filter(record -> record.channel() == channel.consentChannel())
                    .filter(record -> record.state() != ConsentState.NONE)
                    .filter(record -> block.scope().covers(record.purpose()))
                    .filter(isMeant)
                    .forEach(
                            record ->
                                    changes.addAll(
                                            become(
                                                    hearing,
                                                    record,
                                                    Refusals.merge(record, block))));
        }
        book.put(hearing.who(), channel, own.joined(said));
        return changes;
    }

    private Stream<Told> told(List<Person> tell, List<Person> hear) {
        List<ConsentRecord> known =
                tell.stream().flatMap(name -> book.records(name).stream()).toList();
        return tell.stream()
                .flatMap(
                        from -> {
                            List<ConsentRecord> refused = refused(from);
                            Map<Channel, Overlays> overlays = overlays(from);
                            return hear.stream()
                                    .map(to -> new Told(from, to, refused, overlays, known));
                        });
    }

    private List<ConsentRecord> refused(Person person) {
        return book.records(person).stream().filter(one -> one.state().isRefusal()).toList();
    }

    private Map<Channel, Overlays> overlays(Person person) {
        Map<Channel, Overlays> overlays = new EnumMap<>(Channel.class);
        for (Channel channel : Channel.values()) {
            overlays.put(channel.consentChannel(), book.overlays(person, channel));
        }
        return overlays;
    }

    private List<StateChange> become(Hearing hearing, ConsentRecord own, ConsentRecord after) {
        if (after.equals(own)) {
            return List.of();
        }
        Person who = hearing.who();
        moved.add(new Moved(who, own.id()));
        book.put(who, after);
        book.declare(
                who,
                own,
                after,
                hearing.event().apply(own),
                "moved",
                hearing.reason(),
                Transition.T8,
                hearing.cause());
        book.follow(who, after, Transition.T8, hearing.cause(), Refusals.effects(own, after));
        return after.state() == own.state()
                ? List.of()
                : List.of(new StateChange(who, after, own.state(), Transition.T8, hearing.cause()));
    }
}
