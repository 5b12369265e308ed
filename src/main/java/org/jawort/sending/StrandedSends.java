package org.jawort.sending;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.sending.Outbound.State;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Account;
import org.jawort.tenant.Destination;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Messages that wait for an account that no node can send over, because it has left the tenant file
 * or lacks its credentials: nobody would ever come for them. Another account takes them over, or
 * they are denied; an attempt under way is in doubt.
 */
final class StrandedSends {

    /**
     * So long no node could: an account leaves with a restart, of one node after the other; by
     * mistake perhaps, which somebody mends with another.
     */
    private static final Duration PERIOD = Duration.ofHours(1);

    /** How often each node says what it can send over. */
    private static final Duration BEAT = Duration.ofMinutes(5);

    private static final int AT_ONCE = 1000;

    private static final String UNSERVED =
            """
            o.account <> all(?::text[])
              and not exists (select 1 from destination_state s
                               where s.tenant = o.tenant and s.destination = '%1$s' || o.account and s.served_at > ?::timestamptz)"""
                    .formatted(Destination.SEND);

    private static final String SCHEDULED =
            "select o.message_id from outbound o where o.tenant = ? and o.state = 'scheduled' and o.send_at <= ? and "
                    + UNSERVED;

    /** {@code sending}: its node died, and no other came for it. */
    private static final String QUEUED =
            """
            select o.message_id from delivery d
              join event e on e.tenant = d.tenant and e.id = d.event_id
              join outbound o on o.tenant = e.tenant and o.message_id = e.message_id and d.destination = '%1$s' || o.account
                             and (o.state = 'queued' or o.state = 'sending' and o.claimed_at <= ?)
             where d.tenant = ? and d.state = '%2$s' and d.destination like '%1$s%%' and\s""";

    private static final String STRANDED =
            """
            select 1 from outbound o
             where o.tenant = ? and o.message_id = ? and (o.state <> 'sending' or o.claimed_at <= ?) and\s"""
                    + UNSERVED;

    private final TenantScope scope;
    private final OneByOne oneByOne;
    private final SendingAccounts accounts;
    private final OutboundRows rows;
    private final ConsentLedger ledger;
    private final SendClaim claim;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final Denials denials;
    private final Instant patientUntil;
    private volatile Instant sayAgain;
    private volatile Instant lookAgain;

    StrandedSends(
            TenantScope scope,
            SendingAccounts accounts,
            OutboundRows rows,
            ConsentLedger ledger,
            SendClaim claim,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters) {
        this.scope = scope;
        this.oneByOne = new OneByOne(scope, meters, "unended");
        this.accounts = accounts;
        this.rows = rows;
        this.ledger = ledger;
        this.claim = claim;
        this.jdbc = jdbc;
        this.clock = clock;
        this.denials = new Denials(meters);
        this.sayAgain = clock.instant();
        this.patientUntil = sayAgain.plus(PERIOD);
        this.lookAgain = patientUntil;
    }

    /** Whether to say so, and to look through what is scheduled. */
    boolean isTimeToSay() {
        Instant now = clock.instant();
        boolean isTime = !now.isBefore(sayAgain);
        if (isTime) {
            sayAgain = now.plus(BEAT);
        }
        return isTime;
    }

    /** Says to all nodes over which accounts this one can send. */
    void sayWhatIsServed(String tenant) {
        scope.run(
                tenant,
                () ->
                        Bulk.update(
                                jdbc,
                                """
                                insert into destination_state as s (tenant, destination, served_at)
                                select ?, ? || account, ?::timestamptz from unnest(?::text[]) as w(account) order by account
                                on conflict (tenant, destination) do update set served_at = greatest(s.served_at, excluded.served_at)""",
                                Column.one(tenant),
                                Column.one(Destination.SEND),
                                Column.one(clock.instant()),
                                senders(tenant)));
    }

    /** Those whose time has come; none in the hour after the start. */
    void endScheduled(String tenant) {
        Instant now = clock.instant();
        if (!now.isBefore(patientUntil)) {
            end(tenant, SCHEDULED, Column.one(tenant), Column.one(now));
        }
    }

    /** Whether to look through the queues: an hour after the start, and then once an hour. */
    boolean isTimeToLook() {
        Instant now = clock.instant();
        boolean isTime = !now.isBefore(lookAgain);
        if (isTime) {
            lookAgain = now.plus(PERIOD);
        }
        return isTime;
    }

    /** Those that wait in a queue; where there are more than can be ended at once, soon again. */
    void endQueued(String tenant) {
        for (String state : List.of("parked", "pending")) {
            int ended =
                    end(
                            tenant,
                            QUEUED.formatted(Destination.SEND, state) + UNSERVED,
                            Column.one(clock.instant().minus(PERIOD)),
                            Column.one(tenant));
            if (ended == AT_ONCE) {
                lookAgain = clock.instant();
            }
        }
    }

    private int end(String tenant, String sql, Column... first) {
        List<Column> columns = new ArrayList<>(List.of(first));
        columns.addAll(unserved(tenant));
        columns.add(Column.one(AT_ONCE));
        return oneByOne.with(
                tenant,
                () ->
                        Bulk.query(
                                jdbc,
                                sql + " limit ?",
                                row -> row.getObject(1, UUID.class),
                                columns.toArray(Column[]::new)),
                message -> end(tenant, message));
    }

    private List<Column> unserved(String tenant) {
        return List.of(senders(tenant), Column.one(clock.instant().minus(PERIOD)));
    }

    private Column senders(String tenant) {
        return Column.of("text", accounts.of(tenant), id -> id);
    }

    private void end(String tenant, UUID message) {
        Optional<Outbound> found = rows.find(tenant, message);
        if (found.isEmpty()) {
            return;
        }
        Person person = new Person(tenant, found.get().subject());
        ConsentBook book = ledger.load(List.of(person)); // first the person, then the row
        Optional<Outbound> locked = rows.lock(tenant, message);
        if (locked.isEmpty() || !isStranded(locked.get())) {
            return;
        }
        Outbound row = locked.get();
        Instant now = clock.instant();
        switch (row.state()) {
            case SCHEDULED, QUEUED -> {
                handOn(row, book, person, now);
                withhold(row, "SENDER_INACTIVE", now);
            }
            case SENDING -> withhold(row, claim.interrupted(row, now).why(), now);
            case SENT, DENIED, FAILED, UNKNOWN, CANCELED -> {
                // ended meanwhile
            }
        }
    }

    private void handOn(Outbound row, ConsentBook book, Person person, Instant now) {
        Optional<Account> next = claim.instead(row, now);
        if (next.isEmpty()) {
            SendClaim.Claimed.Denied denied = claim.denied(row, book, person, now);
            denials.count(row.tenant(), row.channel(), row.purpose(), denied.reason());
        } else if (row.state() == State.SCHEDULED) {
            rows.reassign(row, next.get().id(), now); // queued as any other, when it is due
        } else {
            rows.handOn(row, next.get().id(), false, now, now);
        }
    }

    /**
     * Under the row's lock: before, somebody may have come to serve the account again, or have
     * claimed the message anew.
     */
    private boolean isStranded(Outbound row) {
        List<Column> columns = new ArrayList<>();
        columns.add(Column.one(row.tenant()));
        columns.add(Column.one(row.message()));
        columns.add(Column.one(clock.instant().minus(PERIOD)));
        columns.addAll(unserved(row.tenant()));
        return !Bulk.query(jdbc, STRANDED, one -> true, columns.toArray(Column[]::new)).isEmpty();
    }

    /** What was on the queue of the account, as its route would have done. */
    private void withhold(Outbound row, String why, Instant now) {
        jdbc.update(
                """
                update delivery d set state = 'withheld', last_error = ?, next_attempt_at = null, finished_at = ?
                  from event e
                 where e.tenant = ? and e.message_id = ? and d.tenant = e.tenant and d.event_id = e.id and d.destination = ?
                   and case when d.state in ('pending', 'parked') then true end""",
                why,
                Bulk.timestamp(now),
                row.tenant(),
                row.message(),
                Destination.SEND + row.account());
    }
}
