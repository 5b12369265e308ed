package org.jawort.rights;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.consent.AskedRights;
import org.jawort.consent.Right;
import org.jawort.conversation.DataRequests;
import org.jawort.rights.RightsRequest.Identity;
import org.jawort.rights.RightsRequest.Source;
import org.jawort.tenant.TextKind;

/**
 * Requests written in chat. Whoever writes from an address has shown control of it, which is enough
 * for what the hub has of that channel; what touches more than that waits for a second proof
 * (DSR-2). What is not clear waits for a human, or for the person to say it plainly: nobody is
 * erased for having written "do not delete my data".
 */
final class ChatIntake implements DataRequests {

    /** Why a request waits, in its history. */
    static final String UNCLEAR = "UNCLEAR_WORDS";

    private final RequestStore store;
    private final RequestMoves moves;
    private final IdentityRules identity;
    private final Replies replies;

    ChatIntake(RequestStore store, RequestMoves moves, IdentityRules identity, Replies replies) {
        this.store = store;
        this.moves = moves;
        this.identity = identity;
        this.replies = replies;
    }

    @Override
    public void open(List<Asked> asked, Instant now) {
        for (Asked one : asked) {
            AskedRights wanted = AskedRights.of(one.words());
            // what says nothing nearer asks for access, which takes nothing away
            Set<Right> rights = wanted.rights().isEmpty() ? Set.of(Right.ACCESS) : wanted.rights();
            rights.stream()
                    .sorted()
                    .map(right -> RequestType.valueOf(right.name()))
                    .forEach(type -> open(one, type, wanted.language(), now));
        }
    }

    private void open(Asked asked, RequestType type, String language, Instant now) {
        RightsRequest request =
                Opening.request(
                        asked.person().tenant(),
                        UuidCreator.getTimeOrderedEpoch(),
                        asked.person().subject(),
                        type,
                        Source.CHAT,
                        asked.channel().consentChannel(),
                        asked.channel(),
                        asked.message(),
                        language,
                        asked.receivedAt());
        if (!store.insert(request, null)) {
            if (asked.clear()) {
                store.lockOpen(request).ifPresent(waiting -> plan(waiting, now));
            }
            return; // asked already, and not answered yet
        }
        store.step(request, RequestState.RECEIVED, "person", null, now);
        RightsRequest checked =
                moves.to(
                        request,
                        RequestState.IDENTITY_CHECK,
                        RequestMoves.HUB,
                        asked.clear() ? null : UNCLEAR,
                        now);
        if (asked.clear()) {
            plan(checked, now);
        }
        replies.say(
                request,
                TextKind.REQUEST_RECEIVED,
                "received",
                Map.of("until", replies.day(request, request.dueOn())),
                now);
    }

    private void plan(RightsRequest request, Instant now) {
        if (identity.isEnough(request, request.channel())) {
            store.identity(request, Identity.CONFIRMED, IdentityRules.CONTROL_OF_CHANNEL);
            moves.to(
                    request,
                    RequestState.PLANNED,
                    RequestMoves.HUB,
                    IdentityRules.CONTROL_OF_CHANNEL,
                    now);
            store.next(request, now);
        }
    }
}
