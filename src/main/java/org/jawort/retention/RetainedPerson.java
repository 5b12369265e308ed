package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.LastingLookups;
import org.jawort.vault.LastingLookups.Lookup;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The person of what law keeps: the key under which it is sealed anew, what they declared, and by
 * what they find it when they come back. Works inside the caller's transaction.
 */
final class RetainedPerson {

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final StoredKeys stored;
    private final LastingLookups lookups;
    private final Pseudonyms pseudonyms;

    RetainedPerson(JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.stored = new StoredKeys(jdbc, keys);
        this.lookups = new LastingLookups(jdbc, keys, pseudonyms);
        this.pseudonyms = pseudonyms;
    }

    /**
     * What the person declared stays provable as long as its proof is kept (T15), and who they were
     * is known as long as anything is kept.
     */
    void keep(String tenant, UUID subject, SubjectKey ordinary, Instant now) {
        evidence(tenant, subject, ordinary, now);
        parties(tenant, subject);
    }

    private void evidence(String tenant, UUID subject, SubjectKey ordinary, Instant now) {
        record Declared(UUID event, byte[] sealed) {}
        List<Declared> declared =
                Bulk.query(
                        jdbc,
                        """
                        select s.event_id, s.sealed_evidence from consent_salt s
                         where s.tenant = ? and s.subject_id = ? and s.sealed_evidence is not null
                           and not exists (select 1 from retained_evidence r where r.tenant = s.tenant and r.event_id = s.event_id)""",
                        row -> new Declared(row.getObject(1, UUID.class), row.getBytes(2)),
                        Column.one(tenant),
                        Column.one(subject));
        if (declared.isEmpty()) {
            return;
        }
        for (Declared one : declared) {
            try {
                jdbc.update(
                        "insert into retained_evidence (tenant, event_id, subject_id, sealed) values (?, ?, ?, ?)",
                        tenant,
                        one.event(),
                        subject,
                        anew(
                                "consent.evidence",
                                one.sealed(),
                                ordinary,
                                key(tenant, subject, now)));
            } catch (Undecipherable changedInTheStore) {
                // The ledger's own check names it; here it is no reason to keep all the rest.
            }
        }
    }

    /** Who comes back under one of these addresses may have a copy of what is kept (DSR-4). */
    private void parties(String tenant, UUID subject) {
        List<Lookup> parties = lookups.of(tenant, subject);
        Bulk.update(
                jdbc,
                """
                insert into retained_party (tenant, subject_id, channel, party_key)
                select k.tenant, k.subject_id, n.channel, n.key from subject_key k cross join unnest(?::text[], ?::bytea[]) as n(channel, key)
                 where k.tenant = ? and k.subject_id = ? and k.key_group = ? on conflict do nothing""",
                Column.of("text", parties, Lookup::channel),
                Column.of("bytea", parties, one -> pseudonyms.retained(tenant, one.hash())),
                Column.one(tenant),
                Column.one(subject),
                Column.one(SubjectKeys.RETAINED));
    }

    /** Stays as it is until the transaction ends, whoever may want to destroy it meanwhile. */
    SubjectKey key(String tenant, UUID subject, Instant now) {
        return stored.share(tenant, subject, SubjectKeys.RETAINED)
                .orElseGet(
                        () -> {
                            jdbc.update(
                                    "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at)"
                                            + " values (?, ?, ?, ?, ?) on conflict do nothing",
                                    tenant,
                                    subject,
                                    SubjectKeys.RETAINED,
                                    keys.create(tenant, subject, SubjectKeys.RETAINED).wrapped(),
                                    Bulk.timestamp(now));
                            return stored.share(tenant, subject, SubjectKeys.RETAINED)
                                    .orElseThrow();
                        });
    }

    static byte[] anew(String field, byte[] sealed, SubjectKey from, SubjectKey to) {
        return to.seal(field, from.open(field, sealed));
    }
}
