package org.jawort.retention;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentErasure;
import org.jawort.consent.ConsentLedger;
import org.jawort.delivery.DisclosureLedger;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Forgets people with whom the tenant has had nothing to do for the whole period: what they
 * declared stays provable, what they refused stays refused, and addresses and key go. The notices
 * they were sent are kept for a period that begins with that end. Works inside the caller's
 * transaction; done twice it is done once.
 */
final class EndedRelationships {

    private static final Logger LOG = LoggerFactory.getLogger(EndedRelationships.class);

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final StoredKeys stored;
    private final ConsentLedger ledger;
    private final ConsentErasure consents;
    private final RetainedItems retained;
    private final DisclosureLedger disclosed;
    private final EndNotices notices;

    EndedRelationships(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            ConsentLedger ledger,
            ConsentErasure consents,
            RetainedItems retained,
            EndNotices notices) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.stored = new StoredKeys(jdbc, keys);
        this.ledger = ledger;
        this.consents = consents;
        this.retained = retained;
        this.disclosed = new DisclosureLedger(jdbc);
        this.notices = notices;
    }

    /**
     * @param lastActive by person, when they last had to do with the tenant
     * @param tells false to do again here alone what everybody was told long ago
     * @return those who were still there and idle
     */
    List<UUID> end(String tenant, Map<UUID, Instant> lastActive, boolean tells, Instant now) {
        ledger.load(lastActive.keySet().stream().map(id -> new Person(tenant, id)).toList());
        List<UUID> ended = new ArrayList<>();
        for (UUID subject : idle(tenant, lastActive.keySet(), tells)) {
            Optional<SubjectKey> key = key(tenant, subject);
            if (key.isPresent()) {
                Set<String> recipients = disclosed.recipients(tenant, subject);
                forget(tenant, subject, key.get(), lastActive.get(subject), now);
                if (tells) {
                    var keeps = retained.kept(tenant, subject);
                    notices.tell(tenant, subject, recipients, keeps, now);
                }
                ended.add(subject);
            }
        }
        return ended;
    }

    /**
     * Empty also if it was changed in the store: what would stay provable cannot be read, so that
     * nobody but the person's own wish takes the rest, and nobody else waits for it.
     */
    private Optional<SubjectKey> key(String tenant, UUID subject) {
        try {
            return stored.find(tenant, subject, SubjectKeys.ORDINARY);
        } catch (Undecipherable changed) {
            LOG.warn("retention.unreadable tenant={} subject={}", tenant, subject);
            return Optional.empty();
        }
    }

    /**
     * Who came back since they were looked for, or asked for something, is not one of them; what a
     * restored backup knows of somebody who was forgotten long ago keeps nobody.
     */
    private List<UUID> idle(String tenant, Collection<UUID> subjects, boolean isFirst) {
        return Bulk.query(
                jdbc,
                """
                select s.id from subject s where s.tenant = ? and s.id = any(?::uuid[]) and s.erasing_at is null
                   and not exists (select 1 from conversation c where c.tenant = s.tenant and c.subject_id = s.id)
                   and not exists (select 1 from outbound o where o.tenant = s.tenant and o.subject_id = s.id)
                   and (not ? or s.restricted_at is null
                        and not exists (select 1 from consent_record r where r.tenant = s.tenant and r.subject_id = s.id
                                           and r.state in ('REQUESTED', 'PENDING', 'GRANTED', 'RECONSENT_DUE', 'LI_ACTIVE'))
                        and not exists (select 1 from rights_request q where q.tenant = s.tenant and q.subject_id = s.id and q.state <> 'CLOSED')
                        and not exists (select 1 from legal_hold h where h.tenant = s.tenant and h.subject_id = s.id and h.state = 'EFFECTIVE'))
                 order by s.id""",
                row -> row.getObject(1, UUID.class),
                Column.one(tenant),
                Column.of("uuid", subjects, id -> id),
                Column.one(isFirst));
    }

    private void forget(
            String tenant, UUID subject, SubjectKey key, Instant lastActive, Instant now) {
        retained.keepProof(tenant, subject, key, now);
        consents.erase(new Person(tenant, subject), now);
        for (String table :
                List.of(
                        "address",
                        "disclosure",
                        "message_status",
                        "last_activity",
                        "provider_remainder")) {
            jdbc.update(
                    "delete from " + table + " where tenant = ? and subject_id = ?",
                    tenant,
                    subject);
        }
        jdbc.update(
                "delete from subject_key where tenant = ? and subject_id = ? and key_group = ?",
                tenant,
                subject,
                SubjectKeys.ORDINARY);
        keys.forget(tenant, subject);
        jdbc.update(
                "update subject set ended_at = ? where tenant = ? and id = ?",
                Bulk.timestamp(lastActive),
                tenant,
                subject);
        retained.leave(tenant, subject);
    }
}
