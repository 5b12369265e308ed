package org.jawort.consent;

import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;

/** Instants that may be missing, and calendar periods counted in UTC. */
final class Times {
    private Times() {}

    /** The later of two; null only if both are. */
    static Instant later(Instant one, Instant other) {
        if (one == null) {
            return other;
        }
        return other == null || one.isAfter(other) ? one : other;
    }

    /** The earlier of two; null only if both are. */
    static Instant earlier(Instant one, Instant other) {
        if (one == null) {
            return other;
        }
        return other == null || one.isBefore(other) ? one : other;
    }

    static Instant plus(Instant start, Period period) {
        return start.atOffset(ZoneOffset.UTC).plus(period).toInstant();
    }
}
