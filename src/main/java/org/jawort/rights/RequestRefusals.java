package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * Requests that are answered without any work, with the reason (GDPR Art. 12(4)). Inside the
 * caller's transaction, which has the row locked.
 */
final class RequestRefusals {

    private final RequestStore store;
    private final RequestMoves moves;
    private final Downloads downloads;
    private final RequestWork work;

    RequestRefusals(RequestStore store, RequestMoves moves, Downloads downloads, RequestWork work) {
        this.store = store;
        this.moves = moves;
        this.downloads = downloads;
        this.work = work;
    }

    /**
     * @param because a fixed word
     * @param tells whether the person hears in chat that there is an answer: nobody is told where
     *     it did not become clear who they are
     */
    void answer(RightsRequest request, String because, boolean tells, String actor, Instant now) {
        ObjectNode outcome = request.outcome();
        Fulfilment.refuse(outcome, request.type().name(), because);
        store.proof(request, null);
        Downloads.Link link = downloads.open(request, now);
        if (tells) {
            work.tell(request, link, now);
        }
        RightsRequest answered = moves.answered(request, outcome, true, actor, now);
        store.next(answered, now);
    }
}
