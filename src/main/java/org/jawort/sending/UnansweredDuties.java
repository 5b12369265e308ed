package org.jawort.sending;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Ends the wait for prompts and notices of which neither an answer nor a status came: a day later
 * they count as failed, so that the person is informed by the next attempt, and may be asked again
 * (T3). The message itself stays in doubt. A status that comes later is believed of the message,
 * and of the notice; a prompt stays closed. Registered as {@code unansweredDuties}.
 */
public final class UnansweredDuties {

    /** Why a message is in doubt that nobody waits for any more. */
    static final String GIVEN_UP = "given_up";

    /** Providers tell of a message within minutes, of an unreachable telephone within a day. */
    private static final Duration PATIENCE = Duration.ofHours(24);

    private static final int AT_ONCE = 1000;

    private final OneByOne oneByOne;
    private final JdbcTemplate jdbc;
    private final OutboundRows rows;
    private final ConsentLedger ledger;
    private final SendHearing hearing;
    private final Pseudonyms pseudonyms;
    private final InstantSource clock;

    UnansweredDuties(
            TenantScope scope,
            JdbcTemplate jdbc,
            OutboundRows rows,
            ConsentLedger ledger,
            SendHearing hearing,
            Pseudonyms pseudonyms,
            InstantSource clock,
            MeterRegistry meters) {
        this.oneByOne = new OneByOne(scope, meters, "unended");
        this.jdbc = jdbc;
        this.rows = rows;
        this.ledger = ledger;
        this.hearing = hearing;
        this.pseudonyms = pseudonyms;
        this.clock = clock;
    }

    public void giveUp(String tenant) {
        oneByOne.with(tenant, () -> unanswered(tenant), message -> giveUp(tenant, message));
    }

    private List<UUID> unanswered(String tenant) {
        return jdbc.query(
                """
                select message_id from outbound
                 where tenant = ? and state = 'unknown' and purpose in ('CONSENT_PROMPT', 'PRIVACY_NOTICE')
                   and reason is distinct from 'given_up' and updated_at <= ?
                 order by updated_at limit ?""",
                (row, n) -> row.getObject(1, UUID.class),
                tenant,
                Bulk.timestamp(clock.instant().minus(PATIENCE)),
                AT_ONCE);
    }

    private void giveUp(String tenant, UUID message) {
        Optional<Outbound> found = rows.find(tenant, message);
        if (found.isEmpty()) {
            return;
        }
        ledger.load(List.of(new Person(tenant, found.get().subject()))); // first the person
        rows.lock(tenant, message)
                // unless a status came, or another node
                .filter(row -> row.state() == Outbound.State.UNKNOWN)
                .filter(row -> !GIVEN_UP.equals(row.reason()))
                .ifPresent(this::giveUp);
    }

    private void giveUp(Outbound row) {
        Instant now = clock.instant();
        rows.move(row, Outbound.State.UNKNOWN, GIVEN_UP, now);
        hearing.ended(row.ended(pseudonyms, SendHearing.End.FAILED, null, now));
    }
}
