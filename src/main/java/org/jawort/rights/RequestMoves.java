package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;

/**
 * Moves a request with all that follows: the row, its history, the event. Inside the caller's
 * transaction, which has the row locked.
 */
final class RequestMoves {

    static final String HUB = "hub";

    private final RequestStore store;
    private final RightsEvents events;

    RequestMoves(RequestStore store, RightsEvents events) {
        this.store = store;
        this.events = events;
    }

    /**
     * @param reason a fixed word, {@code null} if the step speaks for itself
     * @return as it is now
     */
    RightsRequest to(
            RightsRequest request, RequestState state, String actor, String reason, Instant now) {
        store.move(request, state, actor, reason, now);
        events.changed(request, state, "state", now);
        return again(request.tenant(), request.id());
    }

    /** Answered, partly or not: the outcome is what the person reads. */
    RightsRequest answered(
            RightsRequest request, ObjectNode outcome, boolean refused, String actor, Instant now) {
        store.outcome(request, outcome);
        RightsRequest at = again(request.tenant(), request.id());
        if (refused && at.state() == RequestState.RUNNING) {
            at = to(at, RequestState.PARTLY_REFUSED, actor, null, now);
        }
        return to(at, RequestState.ANSWERED, actor, null, now);
    }

    RightsRequest again(String tenant, UUID id) {
        return store.find(tenant, id).orElseThrow();
    }
}
