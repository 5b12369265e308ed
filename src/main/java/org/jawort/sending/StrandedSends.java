package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Messages that wait for an account that has left the tenant file, or can send no more: its queue
 * has no route, so nobody would ever come for them. Another account takes them over, or they are
 * denied.
 */
final class StrandedSends {

    /**
     * An account leaves with a restart, on any node; by mistake perhaps, which somebody mends with
     * another.
     */
    private static final Duration PERIOD = Duration.ofHours(1);

    private static final int AT_ONCE = 1000;

    private static final String QUEUED =
            """
            select o.message_id from delivery d
              join event e on e.tenant = d.tenant and e.id = d.event_id
              join outbound o on o.tenant = e.tenant and o.message_id = e.message_id and o.state = 'queued'
                             and d.destination = '%1$s' || o.account
             where d.tenant = ? and d.state = '%2$s' and d.destination like '%1$s%%' and o.account <> all(?::text[]) limit ?""";

    private final TenantScope scope;
    private final Tenants tenants;
    private final SendingAccounts accounts;
    private final OutboundRows rows;
    private final ConsentLedger ledger;
    private final SendDocuments documents;
    private final SendClaim claim;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final Denials denials;
    private volatile Instant lookAgain;

    StrandedSends(
            TenantScope scope,
            Tenants tenants,
            SendingAccounts accounts,
            OutboundRows rows,
            ConsentLedger ledger,
            SendDocuments documents,
            SendClaim claim,
            JdbcTemplate jdbc,
            InstantSource clock,
            Denials denials) {
        this.scope = scope;
        this.tenants = tenants;
        this.accounts = accounts;
        this.rows = rows;
        this.ledger = ledger;
        this.documents = documents;
        this.claim = claim;
        this.jdbc = jdbc;
        this.clock = clock;
        this.denials = denials;
        this.lookAgain = clock.instant().plus(PERIOD);
    }

    /** Those whose time has come. */
    void endScheduled(String tenant) {
        end(
                tenant,
                """
                select message_id from outbound
                 where tenant = ? and state = 'scheduled' and send_at <= ? and account <> all(?::text[]) limit ?""",
                Column.one(tenant),
                Column.one(clock.instant()),
                senders(tenant),
                Column.one(AT_ONCE));
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

    /** Those that wait in a queue. */
    void endQueued(String tenant) {
        for (String state : List.of("parked", "pending")) {
            end(
                    tenant,
                    QUEUED.formatted(Destination.SEND, state),
                    Column.one(tenant),
                    senders(tenant),
                    Column.one(AT_ONCE));
        }
    }

    private void end(String tenant, String sql, Column... columns) {
        scope.call(
                        tenant,
                        () -> Bulk.query(jdbc, sql, row -> row.getObject(1, UUID.class), columns))
                .forEach(message -> scope.run(tenant, () -> end(tenant, message)));
    }

    private Column senders(String tenant) {
        return Column.of(
                "text",
                tenants.get(tenant).accounts().values().stream().filter(accounts::canSend).toList(),
                Account::id);
    }

    private void end(String tenant, UUID message) {
        Optional<Outbound> found = rows.find(tenant, message);
        if (found.isEmpty()) {
            return;
        }
        Person person = new Person(tenant, found.get().subject());
        ConsentBook book = ledger.load(List.of(person)); // first the person, then the row
        Outbound row = rows.lock(tenant, message).orElseThrow();
        if (row.state() != State.SCHEDULED && row.state() != State.QUEUED || canSend(row)) {
            return;
        }
        Instant now = clock.instant();
        Optional<Account> next = claim.next(row, now);
        if (next.isEmpty()) {
            SendClaim.Claimed.Denied denied = claim.denied(row, book, person, now);
            denials.count(tenant, row.channel(), row.purpose(), denied.reason());
        } else if (row.state() == State.SCHEDULED) {
            rows.reassign(row, next.get().id(), now); // queued as any other, when it is due
        } else {
            rows.handOn(row, next.get().id(), false, now);
        }
        withhold(row, now);
    }

    private boolean canSend(Outbound row) {
        Account account = tenants.get(row.tenant()).accounts().get(row.account());
        return account != null && accounts.canSend(account);
    }

    /** What was on the queue of the account, as its route would have done. */
    private void withhold(Outbound row, Instant now) {
        jdbc.update(
                """
                update delivery d set state = 'withheld', last_error = 'SENDER_INACTIVE', next_attempt_at = null, finished_at = ?
                  from event e
                 where e.tenant = ? and e.message_id = ? and d.tenant = e.tenant and d.event_id = e.id and d.destination = ?
                   and case when d.state in ('pending', 'parked') then true end""",
                Bulk.timestamp(now),
                row.tenant(),
                row.message(),
                Destination.SEND + row.account());
    }
}
