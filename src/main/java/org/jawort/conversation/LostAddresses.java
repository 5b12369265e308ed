package org.jawort.conversation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.conversation.Declarations.Result;
import org.jawort.conversation.Declarations.Standing;
import org.jawort.message.Channel;

/**
 * Addresses that are somebody's no more: deactivated, or given to somebody else by the carrier.
 * What was agreed to there has ended, for whoever has it now agreed to nothing (CON-3,
 * ADDRESS_INVALID), and whoever writes from it next is somebody else. Refusals stay with the
 * person. Works inside the caller's transaction.
 */
public final class LostAddresses {

    private final PersonalConsent.Desk desk;
    private final People people;
    private final InstantSource clock;

    LostAddresses(PersonalConsent.Desk desk, People people, InstantSource clock) {
        this.desk = desk;
        this.people = people;
        this.clock = clock;
    }

    /**
     * @param at when the application learnt of it
     * @param evidence how, as JSON, kept encrypted
     * @return empty if nobody is known under the address
     */
    public Optional<Result> lost(
            String tenant, Channel channel, String address, Instant at, String evidence) {
        return people.known(tenant, channel, address)
                .map(
                        subject ->
                                lost(
                                        new Person(tenant, subject.id()),
                                        subject,
                                        channel,
                                        at,
                                        evidence));
    }

    private Result lost(
            Person person, Subject subject, Channel channel, Instant at, String evidence) {
        Instant now = clock.instant();
        PersonalConsent work = desk.open(person, subject.key(), now);
        Cause cause = work.cause("api", evidence, null);
        Set<UUID> lost = people.withAliases(person.tenant(), channel, subject);
        for (ConsentRecord record : List.copyOf(work.records())) {
            if (record.channel() == channel.consentChannel() && lost.contains(record.addressId())) {
                ConsentEvent invalid =
                        new ConsentEvent.AddressInvalid(new EventTime(at, now), record.addressId());
                work.apply(record, invalid, cause);
            }
        }
        work.save(true);
        people.forget(person.tenant(), person.subject(), lost);
        return new Result.Done(
                work.records().stream()
                        .filter(one -> one.channel() == channel.consentChannel())
                        .filter(one -> one.state() != ConsentState.NONE)
                        .map(one -> new Standing(one, work.book.overlays(person, channel)))
                        .toList());
    }
}
