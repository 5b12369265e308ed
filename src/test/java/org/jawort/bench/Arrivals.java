package org.jawort.bench;

import java.util.Arrays;

/**
 * When each message of one phase first reached the CRM. Safe for many threads.
 *
 * <p>Times are microseconds since 1970; 0 stands for a message that has not come.
 */
final class Arrivals {

    private long[] at = new long[1024]; // guarded by this, like all below
    private int unique;
    private int again;
    private long last;

    /** How a phase stands; {@code lastMicros} is 0 before the first arrival. */
    record Count(int unique, int again, long lastMicros) {}

    /**
     * @param index of the message in its phase, 0 or above
     */
    synchronized void note(int index, long micros) {
        if (index >= at.length) {
            at = Arrays.copyOf(at, Math.max(index + 1, at.length * 2));
        }
        if (at[index] != 0) {
            again++;
            return;
        }
        at[index] = micros;
        unique++;
        last = Math.max(last, micros);
    }

    synchronized Count count() {
        return new Count(unique, again, last);
    }

    /** Arrival times by index; what never came is 0 or behind the end. */
    synchronized long[] times() {
        return at.clone();
    }
}
