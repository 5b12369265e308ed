package org.jawort.delivery;

import java.time.Duration;
import java.time.Instant;

/**
 * What is known of a destination on every node.
 *
 * @param since of the state; {@code null} from the start
 * @param reason a fixed word, {@code null} while it is active from the start
 * @param changedBy id of the API key; {@code null} for the hub itself
 * @param failingSince first failure after the last success; {@code null} while it is well
 * @param warned per cent of the time to disabling that were told of
 * @param openSince since when the breaker is open; {@code null} while it is closed
 * @param probeAt from when on one delivery may try; {@code null} while the breaker is closed
 * @param failedProbes how many of those failed since the breaker opened
 * @param slow whether it takes longer for a batch than there is time
 */
record Condition(
        String tenant,
        String destination,
        State state,
        Instant since,
        String reason,
        String changedBy,
        Instant failingSince,
        int warned,
        Instant lastSuccessAt,
        Instant lastFailureAt,
        Integer lastStatus,
        String lastError,
        Instant openSince,
        Instant probeAt,
        int failedProbes,
        boolean slow) {

    enum State {
        /** Called as deliveries come. */
        ACTIVE,
        /** Somebody stopped it. */
        PAUSED,
        /** It wants nothing any more, or failed for too long. */
        DISABLED
    }

    /** Why a destination is paused or disabled, or active again. */
    enum Reason {
        REQUESTED,
        GONE,
        FAILED_TOO_LONG
    }

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int DOUBLINGS = 6;

    /** Of one nobody wrote anything down of. */
    static Condition well(String tenant, String destination) {
        return new Condition(
                tenant,
                destination,
                State.ACTIVE,
                null,
                null,
                null,
                null,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                false);
    }

    /**
     * How long a breaker spares a destination: 5 s, twice as long after each failed probe, at most
     * 5 min.
     */
    static Duration pause(int failedProbes) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failedProbes, DOUBLINGS));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
