package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What batches of a run need keys or judgement for, and SQL alone cannot do. Works inside the
 * transaction of the batch.
 */
final class RetentionBatches {

    private static final int AT_ONCE = 1000;

    private final LetterRestriction letters;
    private final RetainedEnds ends;
    private final RetainedItems retained;
    private final EndedRelationships relationships;
    private final Holds holds;
    private final EvidenceCut evidence;

    RetentionBatches(
            LetterRestriction letters,
            RetainedEnds ends,
            RetainedItems retained,
            EndedRelationships relationships,
            Holds holds,
            EvidenceCut evidence) {
        this.letters = letters;
        this.ends = ends;
        this.retained = retained;
        this.relationships = relationships;
        this.holds = holds;
        this.evidence = evidence;
    }

    /**
     * @param now when the run began, as below
     */
    LetterRestriction.Done restrict(String tenant, UUID run, List<UUID> messages, Instant now) {
        return letters.restrict(tenant, run, messages, now);
    }

    /**
     * Gives those that only a hold kept the end they have without it, then deletes what was kept
     * long enough, with the keys that open nothing any more and the people nothing is left of.
     *
     * @return rows as {@link RetainedEnds#delete} has them
     */
    List<Map<String, Object>> deleteRetained(String tenant, Instant now, int limit) {
        while (ends.reconsider(tenant, now, AT_ONCE)) {}
        List<Map<String, Object>> over = ends.delete(tenant, now, limit);
        over.stream()
                .map(row -> (UUID) row.get("subject_id"))
                .distinct()
                .forEach(subject -> retained.leave(tenant, subject));
        return over;
    }

    /**
     * @param lastActive by person, when they last had to do with the tenant
     * @return those whose addresses and keys are gone
     */
    List<UUID> endRelationships(String tenant, Map<UUID, Instant> lastActive, Instant now) {
        return relationships.end(tenant, lastActive, true, now);
    }

    /**
     * @return the holds whose files are gone
     */
    List<UUID> forgetHolds(String tenant, Instant now, int limit) {
        return holds.forget(tenant, now, limit);
    }

    /** As {@link EvidenceCut#cut}. */
    void cutJournal(String tenant, UUID run, byte[] planHash, String actor, Instant now) {
        evidence.cut(tenant, run, planHash, actor, now);
    }

    /** Removes people of whom nothing is left but their ids. */
    void leave(String tenant, List<UUID> subjects) {
        subjects.forEach(subject -> retained.leave(tenant, subject));
    }
}
