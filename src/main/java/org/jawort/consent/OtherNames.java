package org.jawort.consent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.message.Channel;

/** What a person refuses under one name, told to the records of their others (CON-3). */
final class OtherNames {

    /** What one name has to tell another, as it stood before anybody was told anything. */
    private record Told(Person to, List<ConsentRecord> refused, Map<Channel, Overlays> overlays) {}

    private final ConsentBook book;

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
        List<Told> told =
                Stream.concat(
                                told(names.all(one), names.all(other)),
                                told(names.all(other), names.all(one)))
                        .toList();
        names.join(one, other);
        List<StateChange> changes = new ArrayList<>();
        for (Told each : told) {
            changes.addAll(take(each, at, cause.apply(each.to())));
            each.overlays()
                    .forEach(
                            (channel, said) ->
                                    book.put(
                                            each.to(),
                                            channel,
                                            book.overlays(each.to(), channel).joined(said)));
        }
        return changes;
    }

    private Stream<Told> told(List<Person> tell, List<Person> hear) {
        return tell.stream()
                .flatMap(
                        from -> {
                            List<ConsentRecord> refused = refused(from);
                            Map<Channel, Overlays> overlays = overlays(from);
                            return hear.stream().map(to -> new Told(to, refused, overlays));
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

    private List<StateChange> take(Told told, Instant at, Cause cause) {
        List<StateChange> changes = new ArrayList<>();
        for (ConsentRecord refused : told.refused()) {
            ConsentRecord own =
                    book.record(told.to(), refused.channel(), refused.purpose(), refused.basis());
            ConsentRecord after = Refusals.merge(own, refused);
            if (after.equals(own)) {
                continue;
            }
            ConsentEvent stop =
                    new ConsentEvent.Stop(
                            EventTime.received(at),
                            ConsentEvent.Stop.Route.API,
                            Set.of(own.purpose()),
                            true);
            book.put(told.to(), after);
            book.declare(
                    told.to(), own, after, stop, "moved", ConsentBook.JOINED, Transition.T8, cause);
            book.follow(told.to(), after, Transition.T8, cause, Refusals.effects(own, after));
            if (after.state() != own.state()) {
                changes.add(new StateChange(told.to(), after, own.state(), Transition.T8, cause));
            }
        }
        return changes;
    }
}
