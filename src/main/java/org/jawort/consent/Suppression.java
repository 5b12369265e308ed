package org.jawort.consent;

import java.time.Instant;

/**
 * One block on a channel. Both times are kept after a lift: refusal and lift may arrive in any
 * order, and a grant that turns out void must leave the older refusal standing (CON-7).
 *
 * @param since newest refusal; null if only a lift was reported so far
 * @param liftedAt newest lift; null if never lifted
 */
public record Suppression(
        SuppressionScope scope, SuppressionSource source, Instant since, Instant liftedAt) {

    /** In force; of a refusal and a lift at the same instant the refusal wins. */
    public boolean isActive() {
        return since != null && (liftedAt == null || !since.isBefore(liftedAt));
    }

    boolean isSameBlock(Suppression other) {
        return scope == other.scope && source == other.source;
    }

    boolean isSameRefusal(Suppression other) {
        return isSameBlock(other) && since.equals(other.since);
    }

    Suppression withoutLift() {
        return new Suppression(scope, source, since, null);
    }

    Suppression join(Suppression other) {
        return new Suppression(
                scope,
                source,
                Times.later(since, other.since),
                Times.later(liftedAt, other.liftedAt));
    }
}
