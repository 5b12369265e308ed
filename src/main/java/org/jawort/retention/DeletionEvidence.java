package org.jawort.retention;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.Collection;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Puts on the chain of evidence what is deleted by its rule outside the nightly runs (RET-13).
 * Works inside the caller's transaction.
 */
public final class DeletionEvidence {

    private final DeletionJournal journal;
    private final RetentionRules rules;

    public DeletionEvidence(JdbcTemplate jdbc, RetentionRules rules) {
        this.journal = new DeletionJournal(jdbc);
        this.rules = rules;
    }

    /**
     * Nothing is written where there were no items.
     *
     * @param ids random ids of the items
     */
    public void deleted(String tenant, String dataType, Collection<UUID> ids, Instant now) {
        journal.append(
                tenant,
                new DeletionJournal.Done(
                        UuidCreator.getTimeOrderedEpoch(),
                        "RETENTION",
                        "DELETED",
                        rules.rule(tenant, dataType).label(),
                        dataType,
                        ids,
                        null,
                        JournalEntry.SCHEDULE,
                        now,
                        now));
    }
}
