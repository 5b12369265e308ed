package org.jawort.consent;

import java.time.Instant;

/**
 * One block on a channel. Both times are kept after a lift: refusal and lift may arrive in any
 * order, and a grant that turns out void must leave the older refusal standing (CON-7).
 *
 * @param since newest refusal; null if only a lift was reported so far
 * @param liftedAt newest lift; null if never lifted
 * @param heardAt newest refusal that two names of one person have told each other; null before they
 *     were joined
 */
public record Suppression(
        SuppressionScope scope,
        SuppressionSource source,
        Instant since,
        Instant liftedAt,
        Instant heardAt) {

    /** Of somebody who was joined with nobody. */
    Suppression(SuppressionScope scope, SuppressionSource source, Instant since, Instant liftedAt) {
        this(scope, source, since, liftedAt, null);
    }

    /** In force; of a refusal and a lift at the same instant the refusal wins. */
    public boolean isActive() {
        return since != null && (liftedAt == null || !since.isBefore(liftedAt));
    }

    boolean isSameBlock(Suppression other) {
        return scope == other.scope && source == other.source;
    }

    Suppression withoutLift() {
        return new Suppression(scope, source, since, null, heardAt);
    }

    Suppression heard(Instant at) {
        return new Suppression(scope, source, since, liftedAt, Times.later(heardAt, at));
    }

    Suppression join(Suppression other) {
        return new Suppression(
                scope,
                source,
                Times.later(since, other.since),
                Times.later(liftedAt, other.liftedAt),
                Times.later(heardAt, other.heardAt));
    }
}
