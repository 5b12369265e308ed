package org.jawort.delivery;

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
 * Deliveries of some lanes of one destination, worked off by one thread in order. Once a delivery of a lane is parked, the rest of
 * that lane parks behind it.
 */
public final class LaneGroup {

    /** A delivery and how its attempt ended. */
    record Result(Attempt attempt, Outcome outcome) {}

    private final Destination destination;
    private final DestinationHealth health;
    private final Deque<Attempt> waiting = new ArrayDeque<>();
    private final Map<UUID, Outcome.Parked> blocked;
    private final List<Result> results = new ArrayList<>();
    private Attempt current;

    /**
     * @param blocked lanes with an earlier parked delivery that is not part of this batch
     */
    LaneGroup(Destination destination, DestinationHealth health, Map<UUID, Outcome.Parked> blocked) {
        this.destination = destination;
        this.health = health;
        this.blocked = new HashMap<>(blocked);
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

    /** Moves to the next delivery that is to be sent; settles those that are not on the way. False when none is left. */
    public boolean advance() {
        current = null;
        while (!waiting.isEmpty()) {
            Attempt next = waiting.poll();
            Outcome.Parked ahead = blocked.get(next.lane());
            if (ahead != null) {
                results.add(new Result(next, ahead));
            } else if (next.withheld() != null) {
                results.add(new Result(next, new Outcome.Withheld(next.withheld())));
            } else if (health.failing()) {
                settle(next, health.untried());
            } else {
                current = next;
                return true;
            }
        }
        return false;
    }

    void settle(Outcome outcome) {
        settle(current, outcome);
    }

    private void settle(Attempt attempt, Outcome outcome) {
        results.add(new Result(attempt, outcome));
        if (outcome instanceof Outcome.Parked parked) {
            blocked.put(
                    attempt.lane(), new Outcome.Parked(parked.nextAttemptAt(), false, null, "behind an earlier delivery"));
        }
    }
}
