package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Takes from a journal of deletions what its period is over for, and writes into the journal by
 * which rule: whoever verifies it later has no other way to tell a tenant's short period from
 * somebody's hand. Works inside the caller's transaction.
 */
final class EvidenceCut {

    /** Data type whose rule decides. */
    static final String EVIDENCE = "deletion-evidence";

    /** Store of the entry; its {@code from} is up to when entries went, its ids are their runs'. */
    static final String JOURNAL = "deletion_journal";

    private final JdbcTemplate jdbc;
    private final RetentionRules rules;
    private final DeletionJournal journal;

    EvidenceCut(JdbcTemplate jdbc, RetentionRules rules) {
        this.jdbc = jdbc;
        this.rules = rules;
        this.journal = new DeletionJournal(jdbc);
    }

    /**
     * @param planHash of the plan that the run executes, {@code null} if none
     * @param now when the run began
     */
    void cut(String tenant, UUID run, byte[] planHash, String actor, Instant now) {
        RetentionRule rule = rules.rule(tenant, EVIDENCE);
        Instant before = rule.cutoff(now);
        List<UUID> runs =
                jdbc.queryForList(
                        "select distinct run from forget_deletion_journal(?, ?) as gone(run)",
                        UUID.class,
                        tenant,
                        Bulk.timestamp(before));
        journal.append(
                tenant,
                new DeletionJournal.Done(
                        run,
                        "RETENTION",
                        "DELETED",
                        rule.label(),
                        JOURNAL,
                        runs,
                        planHash,
                        actor,
                        before,
                        now));
    }

    /** Whether an entry says that the journal was cut. */
    static boolean isOne(JournalEntry entry) {
        return entry.kind().equals("RETENTION")
                && entry.event().equals("DELETED")
                && entry.store().equals(JOURNAL);
    }
}
