package org.jawort.consent;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * When a declaration was made and when we learnt of it (CON-7). In microseconds, as PostgreSQL
 * keeps times: what was loaded must compare as what was written.
 *
 * @param provider null where the provider gives no time
 */
public record EventTime(Instant provider, Instant received) {

    public EventTime {
        received = received.truncatedTo(ChronoUnit.MICROS);
        provider = provider == null ? null : provider.truncatedTo(ChronoUnit.MICROS);
    }

    public static EventTime received(Instant received) {
        return new EventTime(null, received);
    }

    /**
     * The time that counts: the provider's, but never later than receipt, because a clock ahead of
     * ours must not win.
     */
    public Instant effective() {
        return provider == null || provider.isAfter(received) ? received : provider;
    }
}
