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
import org.jawort.consent.ConsentEvent.Stop.Route;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.consent.Purpose;
import org.jawort.conversation.Declarations.Result;
import org.jawort.conversation.Declarations.Standing;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What was nearly a STOP waits for a human, who decides within a working day (CON-12), and until
 * then nothing proactive leaves. Works inside the caller's transaction.
 */
public final class PossibleWithdrawals {

    /**
     * @param since receipt of the first message that was nearly a STOP
     * @param lastAt receipt of the newest, which a decision is about
     */
    public record Waiting(UUID subjectId, String channel, Instant since, Instant lastAt) {}

    /** What becomes of what a human said. */
    public sealed interface Decision {
        record Made(Result result) implements Decision {}

        record NothingWaits() implements Decision {}

        /** The person has written something since that was nearly a STOP too. */
        record AboutOlder() implements Decision {}
    }

    private final PersonalConsent.Desk desk;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    PossibleWithdrawals(PersonalConsent.Desk desk, JdbcTemplate jdbc, InstantSource clock) {
        this.desk = desk;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * By subject and channel.
     *
     * @param after only what comes after this subject and channel, {@code null} for the start
     */
    public List<Waiting> page(String tenant, UUID after, String channel, int limit) {
        return Bulk.query(
                jdbc,
                """
                select subject_id, channel, since, last_at from possible_withdrawal
                 where tenant = ? and (?::uuid is null or (subject_id, channel) > (?::uuid, ?::text))
                 order by subject_id, channel limit ?""",
                row ->
                        new Waiting(
                                row.getObject("subject_id", UUID.class),
                                row.getString("channel"),
                                Bulk.instant(row, "since"),
                                Bulk.instant(row, "last_at")),
                Column.one(tenant),
                Column.one(after),
                Column.one(after),
                Column.one(channel),
                Column.one(limit));
    }

    /**
     * It was none: what was held may leave again, if nothing else stops it.
     *
     * @param lastAt of the newest message that was read
     * @param evidence who decided, as JSON, kept encrypted
     */
    public Decision none(Person person, Channel channel, Instant lastAt, String evidence) {
        return decide(person, channel, lastAt, evidence, null);
    }

    /**
     * It was one, told when the person wrote the newest of it (T8).
     *
     * @param purposes what the person meant, empty for all
     * @param lastAt of the newest message that was read
     * @param evidence who decided, as JSON, kept encrypted
     */
    public Decision withdrawn(
            Person person,
            Channel channel,
            Instant lastAt,
            Set<Purpose> purposes,
            String evidence) {
        return decide(person, channel, lastAt, evidence, purposes);
    }

    private Decision decide(
            Person person,
            Channel channel,
            Instant lastAt,
            String evidence,
            Set<Purpose> withdrawn) {
        Instant now = clock.instant();
        Optional<PersonalConsent> opened = desk.open(person, now);
        if (opened.isEmpty()) {
            return new Decision.Made(new Result.Erased());
        }
        PersonalConsent work = opened.get();
        Instant newest = work.book.overlays(person, channel).possibleWithdrawalLastAt();
        if (newest == null) {
            return new Decision.NothingWaits();
        }
        if (!newest.equals(lastAt)) {
            return new Decision.AboutOlder();
        }
        List<ConsentRecord> records =
                work.book.refusable(person, channel, desk.policy(person.tenant()).purposes());
        if (withdrawn != null
                && !records.stream().map(ConsentRecord::purpose).toList().containsAll(withdrawn)) {
            return new Decision.Made(new Result.PurposeNotConfigured());
        }
        Cause cause = work.cause("agent", evidence, null);
        work.apply(
                records.getFirst(),
                new ConsentEvent.PossibleWithdrawalDecided(EventTime.received(now)),
                cause);
        if (withdrawn != null) {
            ConsentEvent stop =
                    new ConsentEvent.Stop(
                            new EventTime(newest, now), Route.AGENT, withdrawn, false);
            for (ConsentRecord record : records) {
                if (withdrawn.isEmpty() || withdrawn.contains(record.purpose())) {
                    work.apply(work.record(record.id()), stop, cause);
                }
            }
        }
        work.save(true);
        return new Decision.Made(
                new Result.Done(
                        work.records().stream()
                                .filter(one -> one.channel() == channel.consentChannel())
                                .filter(one -> one.state() != ConsentState.NONE)
                                .map(one -> new Standing(one, work.book.overlays(person, channel)))
                                .toList()));
    }
}
