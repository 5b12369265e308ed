package org.jawort.media;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** When a file that did not come is asked for again. */
final class FetchSchedule {

    private static final List<Duration> WAITS =
            List.of(
                    Duration.ofSeconds(3), // within what deliveries wait
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1),
                    Duration.ofHours(6));

    /** How long before the end one asks, whatever the provider wants. */
    private static final Duration LAST_TRY = Duration.ofHours(1);

    private FetchSchedule() {}

    /**
     * @param attempts made so far
     * @param until when the provider has deleted it
     * @return empty if it is given up
     */
    static Optional<Instant> next(FetchFailed failed, int attempts, Instant now, Instant until) {
        if (failed.isFinal()) {
            return Optional.empty();
        }
        Duration wait = WAITS.get(Math.min(Math.max(attempts, 1), WAITS.size()) - 1);
        Instant next = now.plus(wait);
        if (failed.retryAfter() != null && failed.retryAfter().compareTo(wait) > 0) {
            Instant wished = now.plus(failed.retryAfter());
            Instant last = until.minus(LAST_TRY);
            next = wished.isBefore(last) ? wished : last.isAfter(next) ? last : next;
        }
        return next.isBefore(until) ? Optional.of(next) : Optional.empty();
    }
}
