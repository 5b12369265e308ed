package org.jawort.consent;

import java.time.Instant;

/**
 * What was nearly a STOP of a person on a channel and waits for a human (CON-12).
 *
 * @param since the first; null if nothing waits
 * @param lastAt the newest, which a decision is about; null if nothing waits
 */
record Doubt(Instant since, Instant lastAt) {

    static final Doubt NONE = new Doubt(null, null);

    boolean waits() {
        return since != null;
    }

    Doubt with(Instant at) {
        return join(new Doubt(at, at));
    }

    Doubt decidedUpTo(Instant at) {
        return waits() && !lastAt.isAfter(at) ? NONE : this;
    }

    /** All that waits under two names of one person. */
    Doubt join(Doubt other) {
        return new Doubt(Times.earlier(since, other.since), Times.later(lastAt, other.lastAt));
    }
}
