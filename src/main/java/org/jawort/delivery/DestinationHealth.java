package org.jawort.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jawort.delivery.Attempt.Outcome;

/**
 * What one batch may do with its destination, and what it learned of it. After ten failures in a
 * row, of this batch or those before, the rest is parked untried, as it is at once when the
 * destination asks to be left alone for a while; where the breaker is open already, one delivery
 * tries and the others wait for it. A batch that takes longer than a minute parks its rest as well,
 * or the consumer would miss its poll interval and everything came again. What was not tried counts
 * no attempt. Thread-safe.
 */
final class DestinationHealth {

    static final int IN_A_ROW = 10;
    static final Duration LONGEST_BATCH = Duration.ofMinutes(1);

    /** What a batch may do. */
    enum Leave {
        ALL,
        /** One delivery, and the others if it is delivered. */
        PROBE,
        NONE
    }

    /**
     * What is to be written down of a batch.
     *
     * @param delivered at least one was
     * @param answered at least one got an answer that speaks for the destination, a refusal
     *     included
     * @param failingFrom first failure after the last success; {@code null} if there is none
     * @param tripped how long the destination is to be spared from now on; {@code null} if it is
     *     not
     * @param probed whether the one delivery of {@link Leave#PROBE} was really tried
     * @param tookTooLong whether the batch ended before it was worked off
     */
    record Learned(
            boolean delivered,
            boolean answered,
            Instant failingFrom,
            Integer status,
            String error,
            Duration tripped,
            boolean gone,
            boolean probed,
            boolean tookTooLong) {}

    /** Failures in a row of a destination on this node, across its batches. */
    static final class Row {
        private int failures;

        synchronized int add() {
            return ++failures;
        }

        synchronized void clear() {
            failures = 0;
        }
    }

    private final InstantSource clock;
    private final Leave leave;
    private final String why;
    private final Row row;
    private final BooleanSupplier stopped;
    private final boolean account;
    private volatile Instant end;
    private final AtomicBoolean written = new AtomicBoolean();

    private boolean probing;
    private boolean probed;
    private boolean delivered;
    private boolean answered;
    private Instant failingFrom;
    private Integer status;
    private String error;
    private Duration tripped;
    private boolean gone;
    private boolean tookTooLong;

    /**
     * @param why nothing may be tried, where {@code leave} is {@link Leave#NONE}
     * @param stopped whether somebody stopped the destination meanwhile
     */
    DestinationHealth(
            InstantSource clock, Leave leave, String why, Row row, BooleanSupplier stopped) {
        this(clock, leave, why, row, stopped, false);
    }

    private DestinationHealth(
            InstantSource clock,
            Leave leave,
            String why,
            Row row,
            BooleanSupplier stopped,
            boolean account) {
        this.clock = clock;
        this.leave = leave;
        this.why = why;
        this.row = row;
        this.stopped = stopped;
        this.account = account;
        this.end = clock.instant().plus(LONGEST_BATCH);
    }

    /**
     * Of an account, which has a breaker of its own and heeds what its provider asks for: here,
     * only a batch that fails is cut short, for five seconds, and one that somebody stopped.
     */
    static DestinationHealth ofAccount(InstantSource clock, BooleanSupplier stopped) {
        return new DestinationHealth(clock, Leave.ALL, null, new Row(), stopped, true);
    }

    /** Of a batch that is worked off piece by piece: its minute began with the first. */
    void countsFrom(Instant began) {
        end = began.plus(LONGEST_BATCH);
    }

    Leave leave() {
        return leave;
    }

    /** Asks for leave to try a delivery; where there is leave for one, who asks first has it. */
    synchronized boolean mayTry() {
        if (leave == Leave.NONE || tripped != null || gone || stopped.getAsBoolean()) {
            return false;
        }
        if (!clock.instant().isBefore(end)) {
            tookTooLong = true;
            return false;
        }
        if (leave == Leave.ALL || delivered) {
            return true;
        }
        boolean first = !probing;
        probing = true;
        return first;
    }

    /**
     * How a delivery ends that was not tried: the wake-up knows when its destination is called
     * again.
     */
    synchronized Outcome.Parked untried() {
        String because = why;
        if (leave != Leave.NONE) {
            because =
                    gone || stopped.getAsBoolean()
                            ? "destination is stopped"
                            : tripped != null || leave == Leave.PROBE
                                    ? "destination is failing"
                                    : "batch took too long";
        }
        boolean woken = !account || stopped.getAsBoolean();
        Duration wait = woken ? Duration.ZERO : Condition.pause(0);
        return new Outcome.Parked(clock.instant().plus(wait), false, null, because);
    }

    synchronized void succeeded() {
        row.clear();
        probed = true;
        delivered = true;
        answered = true;
        failingFrom = null;
    }

    /** It will not have this one, and said so: there is somebody who answers. */
    synchronized void refused() {
        row.clear();
        probed = true;
        answered = true;
    }

    /**
     * @param retryAfter what it asked for; {@code null} if nothing
     */
    synchronized void failed(Duration retryAfter, Integer answer, String because) {
        probed = true;
        if (failingFrom == null) {
            failingFrom = clock.instant();
        }
        status = answer;
        error = because;
        int failures = row.add();
        boolean asks = !account && retryAfter != null && !retryAfter.isZero();
        Duration least = Condition.pause(0);
        Duration pause = asks && retryAfter.compareTo(least) > 0 ? retryAfter : least;
        boolean isProbe = leave == Leave.PROBE && !delivered;
        boolean trips = failures >= IN_A_ROW || asks || isProbe;
        if (trips && (tripped == null || tripped.compareTo(pause) < 0)) {
            tripped = pause;
        }
    }

    /** It takes nothing any more. */
    synchronized void gone(Integer answer, String because) {
        probed = true;
        gone = true;
        status = answer;
        error = because;
    }

    /** The delivery that had leave did not use it. */
    synchronized void unused() {
        probing = probed;
    }

    /** Whether it is to be written down now; once. */
    boolean isUnwritten() {
        return !written.get();
    }

    void written() {
        written.set(true);
    }

    synchronized Learned learned() {
        return new Learned(
                delivered,
                answered,
                failingFrom,
                status,
                error,
                tripped,
                gone,
                probed,
                tookTooLong);
    }
}
