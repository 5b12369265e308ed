package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.conversation.People;
import org.jawort.message.Channel;
import org.jawort.rights.RightsRequest.Identity;
import org.jawort.rights.RightsRequest.Source;
import org.jawort.tenant.TextKind;
import org.jawort.vault.SubjectKey;

/**
 * Requests as agents and applications bring and decide them (DSR-1 to DSR-3). Works inside the
 * caller's transaction; what follows is done by {@link RequestRuns}.
 */
public final class Requests {

    /** Why nothing was done. */
    public enum Refusal {
        /** Not in the state this step is for. */
        REQUEST_STATE,
        /** Control of a mailbox, or of one of several channels, does not tell whose data it is. */
        SECOND_PROOF_NEEDED,
        /** The first month is over (GDPR Art. 12(3)). */
        EXTENSION_TOO_LATE,
        /** Two months is the most. */
        EXTENSION_TOO_LONG,
        /** The person cannot be told in chat; say that they were told elsewhere. */
        NO_WAY_TO_TELL,
        /** A request from the future. */
        RECEIVED_LATER,
        RECIPIENT_UNKNOWN,
        /** Data under restriction: another key is needed (GDPR Art. 18). */
        RESTRICTED,
        SUBJECT_ERASED,
        NOT_FOUND
    }

    /** What a step led to. */
    public sealed interface Result {
        record Done(RequestView request) implements Result {}

        /**
         * @param url opens the answer, once
         */
        record Linked(String url, Instant expiresAt) implements Result {
            @Override
            public String toString() {
                return "Linked[" + expiresAt + "]";
            }
        }

        record Refused(Refusal why) implements Result {}
    }

    private static final Set<RequestState> UNDECIDED =
            Set.of(RequestState.RECEIVED, RequestState.IDENTITY_CHECK);

    private final RequestStore store;
    private final RequestMoves moves;
    private final RightsEvents events;
    private final IdentityRules rules;
    private final Replies replies;
    private final Downloads downloads;
    private final RequestWork work;
    private final People people;
    private final RequestViews views;
    private final RequestRefusals refusals;
    private final InstantSource clock;

    Requests(
            RequestStore store,
            RequestMoves moves,
            RightsEvents events,
            IdentityRules rules,
            Replies replies,
            Downloads downloads,
            RequestWork work,
            People people,
            ErasureRun erasure,
            InstantSource clock) {
        this.store = store;
        this.moves = moves;
        this.events = events;
        this.rules = rules;
        this.replies = replies;
        this.downloads = downloads;
        this.work = work;
        this.people = people;
        this.views = new RequestViews(store, downloads, people, erasure);
        this.refusals = new RequestRefusals(store, moves, downloads, work);
        this.clock = clock;
    }

    public Result open(Opening opening) {
        Instant now = clock.instant();
        if (opening.receivedAt() != null && opening.receivedAt().isAfter(now)) {
            return new Result.Refused(Refusal.RECEIVED_LATER);
        }
        Optional<UUID> subject =
                opening.subject() != null
                        ? Optional.of(opening.subject())
                                .filter(id -> people.exists(opening.tenant(), id))
                        : people.find(opening.tenant(), opening.channel(), opening.address());
        if (subject.isEmpty()) {
            return new Result.Refused(Refusal.RECIPIENT_UNKNOWN);
        }
        Optional<SubjectKey> key = people.key(opening.tenant(), subject.get());
        if (key.isEmpty()) {
            return new Result.Refused(Refusal.SUBJECT_ERASED);
        }
        RightsRequest request =
                Opening.request(
                        opening.tenant(),
                        UuidCreator.getTimeOrderedEpoch(),
                        subject.get(),
                        opening.type(),
                        Source.valueOf(opening.source()),
                        null,
                        opening.replyChannel(),
                        null,
                        opening.language(),
                        opening.receivedAt() == null ? now : opening.receivedAt());
        ObjectNode asked = opening.asked().isEmpty() ? null : opening.asked();
        store.insert(request, sealed(key.get(), "rights.asked", asked));
        store.step(request, RequestState.RECEIVED, opening.actor(), null, now);
        RightsRequest checked =
                moves.to(request, RequestState.IDENTITY_CHECK, RequestMoves.HUB, null, now);
        replies.say(
                checked,
                TextKind.REQUEST_RECEIVED,
                "received",
                Map.of("until", replies.day(checked, checked.dueOn())),
                now);
        return done(checked);
    }

    public Optional<RequestView> view(String tenant, UUID id) {
        return store.find(tenant, id).map(one -> views.of(one, true));
    }

    /**
     * Newest first.
     *
     * @param before {@code null} for the start
     */
    public List<RequestView> list(String tenant, UUID before, int limit) {
        return store.list(tenant, before, limit).stream().map(one -> views.of(one, false)).toList();
    }

    /** A proof that was asked for and came; kept until somebody decided (DSR-2). */
    public Result proof(String tenant, UUID id, ObjectNode proof) {
        Optional<RightsRequest> found = store.lock(tenant, id);
        if (found.isEmpty() || !UNDECIDED.contains(found.get().state())) {
            return refused(found);
        }
        Optional<SubjectKey> key = people.key(tenant, found.get().subject());
        if (key.isEmpty()) {
            return new Result.Refused(Refusal.SUBJECT_ERASED);
        }
        store.proof(found.get(), sealed(key.get(), "rights.proof", proof));
        store.identity(found.get(), Identity.PROOF_RECEIVED, null);
        return done(found.get());
    }

    /**
     * Who asks is who they say.
     *
     * @param method {@code CONTROL_OF_CHANNEL} or {@code SECOND_PROOF}
     * @param channel of which control was shown; {@code null} with a second proof
     */
    public Result confirm(String tenant, UUID id, String method, Channel channel, String actor) {
        Instant now = clock.instant();
        Optional<RightsRequest> found = store.lock(tenant, id);
        if (found.isEmpty() || !UNDECIDED.contains(found.get().state())) {
            return refused(found);
        }
        RightsRequest request = found.get();
        if (method.equals(IdentityRules.CONTROL_OF_CHANNEL)) {
            if (request.source() == Source.EMAIL
                    || channel == null
                    || !rules.isEnough(request, channel)) {
                return new Result.Refused(Refusal.SECOND_PROOF_NEEDED);
            }
            store.cover(request, channel.consentChannel());
        } else {
            store.cover(request, null);
        }
        store.identity(request, Identity.CONFIRMED, method);
        store.proof(request, null);
        RightsRequest planned = moves.to(request, RequestState.PLANNED, actor, method, now);
        store.next(planned, now);
        return done(planned);
    }

    /** Nobody knows who asks: it is answered so, and nothing else happens. */
    public Result refuseIdentity(String tenant, UUID id, String actor) {
        Optional<RightsRequest> found = store.lock(tenant, id);
        if (found.isEmpty() || !UNDECIDED.contains(found.get().state())) {
            return refused(found);
        }
        store.identity(found.get(), Identity.NOT_CONFIRMED, null);
        refusals.answer(found.get(), "IDENTITY_NOT_SHOWN", false, actor, clock.instant());
        return done(found.get());
    }

    /**
     * Nothing is done, and the person hears why (GDPR Art. 12(4) and (5)).
     *
     * @param reason {@code NOT_ASKED}, {@code MANIFESTLY_UNFOUNDED} or {@code EXCESSIVE}
     */
    public Result refuse(String tenant, UUID id, String reason, String actor) {
        Optional<RightsRequest> found = store.lock(tenant, id).filter(Requests::isBefore);
        if (found.isEmpty()) {
            return refused(store.find(tenant, id));
        }
        refusals.answer(found.get(), reason, true, actor, clock.instant());
        return done(found.get());
    }

    private static boolean isBefore(RightsRequest request) {
        return UNDECIDED.contains(request.state()) || request.state() == RequestState.PLANNED;
    }

    /**
     * What is wrong, and what is right: of a request in chat a human has to find out.
     *
     * @param corrections {@code name}, {@code statements} or both
     */
    public Result correct(String tenant, UUID id, ObjectNode corrections, String actor) {
        Instant now = clock.instant();
        Optional<RightsRequest> found =
                store.lock(tenant, id)
                        .filter(one -> one.type() == RequestType.RECTIFY)
                        .filter(Requests::isBefore);
        if (found.isEmpty()) {
            return refused(store.find(tenant, id));
        }
        Optional<SubjectKey> key = people.key(tenant, found.get().subject());
        if (key.isEmpty()) {
            return new Result.Refused(Refusal.SUBJECT_ERASED);
        }
        store.ask(found.get(), sealed(key.get(), "rights.asked", corrections));
        store.step(found.get(), found.get().state(), actor, "CORRECTIONS", now);
        if (found.get().state() == RequestState.PLANNED) {
            store.next(found.get(), now);
        }
        return done(found.get());
    }

    /**
     * Takes one or two months more.
     *
     * @param reason {@code COMPLEXITY} or {@code NUMBER_OF_REQUESTS}, the only ones there are
     * @param words the reason as the person reads it
     * @param toldElsewhere whether the tenant has told the person itself
     */
    public Result extend(
            String tenant,
            UUID id,
            int months,
            String reason,
            String words,
            boolean toldElsewhere,
            String actor) {
        Instant now = clock.instant();
        Optional<RightsRequest> found =
                store.lock(tenant, id).filter(one -> !one.state().isAnswered());
        if (found.isEmpty()) {
            return refused(store.find(tenant, id));
        }
        RightsRequest request = found.get();
        if (months < 1 || months > DueDates.LONGEST_EXTENSION || request.extendedMonths() > 0) {
            return new Result.Refused(Refusal.EXTENSION_TOO_LONG);
        }
        if (!DueDates.mayExtend(request.receivedAt(), now)) {
            return new Result.Refused(Refusal.EXTENSION_TOO_LATE);
        }
        LocalDate until = DueDates.dueOn(request.receivedAt(), months);
        if (!toldElsewhere
                && replies.say(
                                request,
                                TextKind.REQUEST_EXTENDED,
                                "extended",
                                Map.of("until", replies.day(request, until), "reason", words),
                                now)
                        .isEmpty()) {
            return new Result.Refused(Refusal.NO_WAY_TO_TELL);
        }
        store.extend(request, months);
        store.step(request, request.state(), actor, "EXTENDED_" + reason, now);
        RightsRequest extended = moves.again(tenant, id);
        events.changed(extended, extended.state(), "extended", now);
        return done(extended);
    }

    public Result close(String tenant, UUID id, String actor) {
        Instant now = clock.instant();
        Optional<RightsRequest> found =
                store.lock(tenant, id).filter(one -> one.state() == RequestState.ANSWERED);
        if (found.isEmpty()) {
            return refused(store.find(tenant, id));
        }
        RightsRequest request = found.get();
        ObjectNode outcome = work.outcome(request);
        store.outcome(request, outcome);
        moves.to(request, RequestState.CLOSED, actor, ErasureFacts.ended(outcome), now);
        store.next(request, request.liftAt() != null ? request.liftAt() : null);
        return done(request);
    }

    /**
     * Ends a restriction, once the person was told (GDPR Art. 18(3)).
     *
     * @param at not before now
     */
    public Result lift(String tenant, UUID id, Instant at, boolean toldElsewhere, String actor) {
        Instant now = clock.instant();
        Optional<RightsRequest> found =
                store.lock(tenant, id)
                        .filter(one -> one.type() == RequestType.RESTRICT)
                        .filter(one -> one.state().isAnswered())
                        .filter(one -> one.liftedAt() == null && one.liftAt() == null)
                        .filter(one -> one.outcome().path("done").asText().equals("RESTRICTED"));
        if (found.isEmpty()) {
            return refused(store.find(tenant, id));
        }
        RightsRequest request = found.get();
        Instant end = at.isBefore(now) ? now : at;
        UUID told = null;
        if (!toldElsewhere) {
            LocalDate day = LocalDate.ofInstant(end, DueDates.BERLIN);
            Optional<UUID> message =
                    replies.say(
                            request,
                            TextKind.RESTRICTION_ENDS,
                            "lifting:" + UuidCreator.getTimeOrderedEpoch(),
                            Map.of("until", replies.day(request, day)),
                            now);
            if (message.isEmpty()) {
                return new Result.Refused(Refusal.NO_WAY_TO_TELL);
            }
            told = message.get();
        }
        store.lift(request, end, told);
        store.step(request, request.state(), actor, "LIFTING_ANNOUNCED", now);
        store.next(request, end.isAfter(now) ? end : now.plus(Duration.ofSeconds(5)));
        return done(request);
    }

    /**
     * A new link to an answer, to be told by other means; the earlier one is dead.
     *
     * @param opensRestricted whether the caller may see what is kept out of ordinary access
     */
    public Result link(String tenant, UUID id, boolean opensRestricted, String actor) {
        Instant now = clock.instant();
        Optional<RightsRequest> found =
                store.lock(tenant, id).filter(one -> one.state().isAnswered());
        if (found.isEmpty()) {
            return refused(store.find(tenant, id));
        }
        RightsRequest request = found.get();
        boolean isCopy = request.outcome().path("done").asText().equals("COPIED");
        Optional<SubjectKey> key = people.key(tenant, request.subject());
        if (isCopy && !opensRestricted && store.isClosed(request)) {
            return new Result.Refused(Refusal.RESTRICTED);
        }
        if (isCopy && key.isEmpty()) {
            return new Result.Refused(Refusal.SUBJECT_ERASED);
        }
        Downloads.Link link = downloads.open(request, now);
        if (isCopy) {
            work.pack(request, link.download(), key.get(), request.outcome(), now);
        }
        store.step(request, request.state(), actor, "LINK_RENEWED", now);
        return new Result.Linked(link.url(), link.expiresAt());
    }

    private static byte[] sealed(SubjectKey key, String field, ObjectNode plain) {
        return plain == null
                ? null
                : key.seal(field, plain.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Result refused(Optional<RightsRequest> found) {
        return new Result.Refused(found.isEmpty() ? Refusal.NOT_FOUND : Refusal.REQUEST_STATE);
    }

    private Result done(RightsRequest request) {
        return new Result.Done(views.of(moves.again(request.tenant(), request.id()), true));
    }
}
