package org.jawort.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.delivery.Attempt.Outcome;
import org.jawort.tenant.Destination;

/**
 * Deliveries of some lanes of one destination, worked off by one thread in order. Once a delivery
 * of a lane is parked, the rest of that lane parks behind it.
 */
public final class LaneGroup {

    /** What parked a delivery that was not tried. */
    static final String BEHIND = "behind an earlier delivery";

    /**
     * A delivery and how its attempt ended.
     *
     * @param made {@code null} if the destination was not asked
     * @param lacking files its event had to go without, for now
     */
    record Result(Attempt attempt, Outcome outcome, Attempt.Made made, List<UUID> lacking) {

        Result(Attempt attempt, Outcome outcome) {
            this(attempt, outcome, null, List.of());
        }
    }

    private final Destination destination;
    private final DestinationHealth health;
    private final Deque<Attempt> waiting = new ArrayDeque<>();
    private final Map<UUID, DeliveryStore.Ahead> elsewhere;
    private final Map<UUID, Outcome.Parked> blocked = new HashMap<>();
    private final List<Result> results = new ArrayList<>();
    private Attempt current;
    private ObjectNode event;

    /**
     * @param elsewhere the first delivery of each lane that is parked, or on no topic yet, and not
     *     part of this batch; it may stand between two that are
     */
    LaneGroup(
            Destination destination,
            DestinationHealth health,
            Map<UUID, DeliveryStore.Ahead> elsewhere) {
        this.destination = destination;
        this.health = health;
        this.elsewhere = Map.copyOf(elsewhere);
    }

    void add(Attempt attempt) {
        waiting.add(attempt);
    }

    Destination destination() {
        return destination;
    }

    List<Result> results() {
        return results;
    }

    Attempt current() {
        return current;
    }

    /**
     * Makes the event of the current one. The others' are not in memory yet, or not any more.
     *
     * @throws DeliveryWithheld if it must not leave after all
     */
    ObjectNode compose() {
        event = current.event().get();
        return event;
    }

    /**
     * Moves to the next delivery that is to be sent; settles those that are not on the way. False
     * when none is left.
     */
    public boolean advance() {
        current = null;
        event = null;
        while (!waiting.isEmpty()) {
            Attempt next = waiting.poll();
            Outcome.Parked ahead = ahead(next);
            if (ahead != null) {
                results.add(new Result(next, ahead));
            } else if (next.withheld() != null) {
                results.add(new Result(next, new Outcome.Withheld(next.withheld())));
            } else if (!health.mayTry()) {
                settle(next, health.untried(), null);
            } else {
                current = next;
                return true;
            }
        }
        return false;
    }

    /** What this delivery waits behind, {@code null} if nothing. */
    private Outcome.Parked ahead(Attempt next) {
        DeliveryStore.Ahead row = elsewhere.get(next.lane());
        return row != null && row.sequence() < next.sequence()
                ? behind(row.until())
                : blocked.get(next.lane());
    }

    private static Outcome.Parked behind(Instant nextAttemptAt) {
        return new Outcome.Parked(nextAttemptAt, false, null, BEHIND);
    }

    /** Whether it was not the destination that parked this one. */
    static boolean isBehind(Outcome.Parked parked) {
        return BEHIND.equals(parked.error());
    }

    void settle(Outcome outcome) {
        settle(outcome, null);
    }

    void settle(Outcome outcome, Attempt.Made made) {
        settle(current, outcome, made);
    }

    private void settle(Attempt attempt, Outcome outcome, Attempt.Made made) {
        results.add(new Result(attempt, outcome, made, LateFiles.lacking(attempt, event)));
        if (outcome instanceof Outcome.Parked parked) {
            blocked.put(attempt.lane(), behind(parked.nextAttemptAt()));
        }
    }
}
