package org.jawort.consent;

import java.time.Instant;

/**
 * What was nearly a STOP of a person on a channel (CON-12).
 *
 * @param since the first that no human has decided about; null if nothing waits
 * @param lastAt the newest of it, which a decision is about; null if nothing waits
 * @param heardAt up to which two names of one person have been told what was said under the other;
 *     null before they were joined
 */
record Doubt(Instant since, Instant lastAt, Instant heardAt) {

    static final Doubt NONE = new Doubt(null, null, null);

    boolean waits() {
        return since != null;
    }

    Doubt with(Instant at) {
        return new Doubt(Times.earlier(since, at), Times.later(lastAt, at), heardAt);
    }

    Doubt decided() {
        return new Doubt(null, null, heardAt);
    }

    Doubt decidedUpTo(Instant at) {
        return waits() && !lastAt.isAfter(at) ? decided() : this;
    }

    Doubt join(Doubt other) {
        return new Doubt(
                Times.earlier(since, other.since),
                Times.later(lastAt, other.lastAt),
                Times.later(heardAt, other.heardAt));
    }

    /**
     * What somebody has to know of the same person's other name: all that waits there, unless they
     * were told before. Then it was decided here if it waits here no more, and so it is there.
     */
    Doubt joining(Doubt other) {
        if (other.waits() && Times.isNews(other.lastAt, other.heardAt, heardAt)) {
            return new Doubt(
                    Times.earlier(since, other.since), Times.later(lastAt, other.lastAt), heardAt);
        }
        boolean isDecidedThere =
                waits() && !other.waits() && !Times.isNews(lastAt, heardAt, other.heardAt);
        return isDecidedThere ? decided() : this;
    }

    /** Once both have been told. */
    Doubt heard(Doubt other) {
        return new Doubt(since, lastAt, Times.later(heardAt, Times.later(lastAt, other.lastAt)));
    }
}
