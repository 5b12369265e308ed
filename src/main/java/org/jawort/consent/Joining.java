package org.jawort.consent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentBook.StateChange;
import org.jawort.message.Channel;

/** Two subjects of a book that turn out to be one person (CON-3). */
final class Joining {

    /** What one name has to tell another, as it stood before anybody was told anything. */
    private record Told(Person to, List<ConsentRecord> refused, Map<Channel, Overlays> overlays) {}

    private final ConsentBook book;

    Joining(ConsentBook book) {
        this.book = book;
    }

    List<StateChange> join(Person one, Person other, Instant at, Cause cause) {
        Names names = book.names();
        List<Told> told =
                Stream.concat(
                                told(names.all(one), names.all(other)),
                                told(names.all(other), names.all(one)))
                        .toList();
        names.join(one, other);
        List<StateChange> changes = new ArrayList<>();
        for (Told each : told) {
            changes.addAll(hear(each, at, each.to().equals(one) ? cause : cause.elsewhere()));
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

    private List<StateChange> hear(Told told, Instant at, Cause cause) {
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
            if (after.state() != own.state()) {
                changes.add(new StateChange(told.to(), after, own.state(), Transition.T8, cause));
            }
        }
        return changes;
    }
}
