package org.jawort.delivery;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.jawort.delivery.Attempt.Outcome;

/**
 * Spares a destination that fails time after time: within one batch, after ten failures in a row the rest is parked untried, so that
 * a dead destination costs seconds and not the consumer's poll interval.
 */
final class DestinationHealth {

    private static final int IN_A_ROW = 10;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final AtomicInteger failures = new AtomicInteger();

    DestinationHealth(InstantSource clock) {
        this.clock = clock;
    }

    void succeeded() {
        failures.set(0);
    }

    void failed() {
        failures.incrementAndGet();
    }

    boolean failing() {
        return failures.get() >= IN_A_ROW;
    }

    Outcome.Parked untried() {
        return new Outcome.Parked(clock.instant().plus(PAUSE), false, null, "destination is failing");
    }
}
