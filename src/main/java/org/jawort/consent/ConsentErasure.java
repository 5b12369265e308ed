package org.jawort.consent;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.vault.LastingLookups;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * T15: what an erasure leaves of a person's consent. The records go; of the refusals, and of what
 * the tenant itself suppressed or blocked, stubs stay where there were any; the declarations stay
 * in the ledger, their proof out of ordinary access until its period ends. Works inside the
 * caller's transaction, while the person's addresses are still there; done twice it is done once.
 */
public final class ConsentErasure {

    private final ConsentLedger ledger;
    private final SuppressionStubs stubs;
    private final LastingLookups lookups;
    private final JdbcTemplate jdbc;
    private final BlockList blocked;

    public ConsentErasure(
            ConsentLedger ledger,
            SuppressionStubs stubs,
            LastingLookups lookups,
            JdbcTemplate jdbc) {
        this.ledger = ledger;
        this.stubs = stubs;
        this.lookups = lookups;
        this.jdbc = jdbc;
        this.blocked = new BlockList(jdbc);
    }

    /**
     * @return what stays as stubs
     */
    public SuppressionStubs.Left erase(Person person, Instant now) {
        ConsentBook book = ledger.load(List.of(person));
        Map<Channel, List<Suppression>> refused = new EnumMap<>(Channel.class);
        for (Channel channel : Channel.values()) {
            List<Suppression> active = book.overlays(person, channel).active();
            if (!active.isEmpty()) {
                refused.put(channel.consentChannel(), active);
            }
        }
        SuppressionStubs.Left kept =
                stubs.keep(
                        person,
                        lookups.of(person.tenant(), person.subject()),
                        refused,
                        blocked.leave(person, BlockList.names(book, person)).orElse(null));
        for (ConsentRecord record : book.records(person)) {
            book.apply(
                    person,
                    record,
                    new ConsentEvent.ErasureDone(EventTime.received(now)),
                    ConsentRules.DEFAULT,
                    new Cause("hub", null, null));
        }
        // What is said under another name from now on is not said of whom nothing is left of.
        book.leave(person);
        ledger.save(book, now);
        for (String table : List.of("suppression", "possible_withdrawal", "tenant_act")) {
            jdbc.update(
                    "delete from " + table + " where tenant = ? and subject_id = ?",
                    person.tenant(),
                    person.subject());
        }
        jdbc.update(
                "insert into restricted_proof (tenant, subject_id, since) values (?, ?, ?) on conflict do nothing",
                person.tenant(),
                person.subject(),
                Bulk.timestamp(now));
        return kept;
    }
}
