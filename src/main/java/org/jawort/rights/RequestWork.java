package org.jawort.rights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
import org.jawort.rights.Downloads.Link;
import org.jawort.rights.Fulfilment.Task;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextKind;
import org.jawort.vault.SubjectKey;

/**
 * Goes on with one request by one step, each a transaction of its own: what was done stays done,
 * and whoever comes after an interruption goes on from there.
 */
final class RequestWork {

    /** How long the message with the link may take to leave before the person is erased anyway. */
    private static final Duration ANNOUNCING = Duration.ofMinutes(15);

    /** When the work itself was done. */
    private static final String WORKED = "workedAt";

    private static final Duration SOON = Duration.ofMinutes(5);
    private static final Duration LATER = Duration.ofHours(1);
    private static final Set<String> UNDERWAY = Set.of("scheduled", "queued", "sending");
    private static final Set<String> NOT_SENT = Set.of("denied", "failed", "canceled");

    private final RequestStore store;
    private final RequestMoves moves;
    private final RightsEvents events;
    private final Replies replies;
    private final Downloads downloads;
    private final PackageStore packages;
    private final PersonalData data;
    private final Disclosures disclosures;
    private final Map<RequestType, Fulfilment> fulfilments;
    private final Restriction restriction;
    private final ErasureRun erasure;
    private final People people;
    private final Tenants tenants;
    private final TenantScope scope;
    private final InstantSource clock;
    private final ObjectMapper json;

    RequestWork(
            RequestStore store,
            RequestMoves moves,
            RightsEvents events,
            Replies replies,
            Downloads downloads,
            PackageStore packages,
            PersonalData data,
            Disclosures disclosures,
            Map<RequestType, Fulfilment> fulfilments,
            Restriction restriction,
            ErasureRun erasure,
            People people,
            Tenants tenants,
            TenantScope scope,
            InstantSource clock,
            ObjectMapper json) {
        this.store = store;
        this.moves = moves;
        this.events = events;
        this.replies = replies;
        this.downloads = downloads;
        this.packages = packages;
        this.data = data;
        this.disclosures = disclosures;
        this.fulfilments = fulfilments;
        this.restriction = restriction;
        this.erasure = erasure;
        this.people = people;
        this.tenants = tenants;
        this.scope = scope;
        this.clock = clock;
        this.json = json;
    }

    /**
     * @return whether there is more to do at once
     */
    boolean advance(String tenant, UUID id) {
        boolean isErasing = scope.call(tenant, () -> step(tenant, id));
        if (isErasing) {
            RightsRequest request = scope.call(tenant, () -> moves.again(tenant, id));
            erasure.erase(tenant, request.subject(), id);
            scope.run(tenant, () -> erased(tenant, id));
        }
        return scope.call(
                tenant,
                () -> {
                    Instant next = moves.again(tenant, id).nextAt();
                    return next != null && !next.isAfter(clock.instant());
                });
    }

    /**
     * @return whether the erasure is to go on, which is not this transaction's
     */
    private boolean step(String tenant, UUID id) {
        Instant now = clock.instant();
        Optional<RightsRequest> locked =
                store.lock(tenant, id)
                        .filter(one -> one.nextAt() != null && !one.nextAt().isAfter(now));
        if (locked.isEmpty()) {
            return false; // another node was first
        }
        RightsRequest request = locked.get();
        return switch (request.state()) {
            case RECEIVED, IDENTITY_CHECK -> {
                store.next(request, null); // waits for a human
                yield false;
            }
            case PLANNED -> {
                begin(request, now);
                yield false;
            }
            case RUNNING, PARTLY_REFUSED -> run(request, now);
            case ANSWERED, CLOSED -> {
                after(request, now);
                yield request.state() == RequestState.ANSWERED
                        && request.type() == RequestType.ERASE
                        && erasure.progress(tenant, id).goesOn();
            }
        };
    }

    /** Whoever asked for a copy as well gets it first, as long as there is time. */
    private void begin(RightsRequest request, Instant now) {
        if (request.type() == RequestType.RECTIFY
                && store.asked(request) == null
                && people.key(request.tenant(), request.subject()).isPresent()) {
            store.next(request, null); // a chat does not say what is right; a human asks
            return;
        }
        Instant latest = DueDates.share(request.receivedAt(), request.dueOn(), 80);
        boolean waits =
                request.type() == RequestType.ERASE
                        && now.isBefore(latest)
                        && store.ofSubject(request.tenant(), request.subject()).stream()
                                .filter(other -> other.type().isCopy())
                                .filter(
                                        other ->
                                                other.identity()
                                                        != RightsRequest.Identity.NOT_CONFIRMED)
                                .filter(other -> !other.outcome().has("refused"))
                                .anyMatch(other -> other.state() != RequestState.CLOSED);
        if (waits) {
            Instant again = now.plus(LATER);
            store.next(request, again.isBefore(latest) ? again : latest);
            return;
        }
        moves.to(request, RequestState.RUNNING, RequestMoves.HUB, null, now);
        store.next(request, now);
    }

    private boolean run(RightsRequest request, Instant now) {
        if (request.type() == RequestType.ERASE) {
            return announce(request, now);
        }
        SubjectKey key = people.key(request.tenant(), request.subject()).orElse(null);
        if (!request.type().isCopy() && !request.outcome().has(WORKED)) {
            ObjectNode facts =
                    fulfilments
                            .get(request.type())
                            .fulfil(new Task(request, asked(request, key), key, now));
            store.outcome(request, facts.put(WORKED, now.toString()));
            store.next(request, now);
            return false; // told in a transaction of its own, which holds neither ledger nor person
        }
        ObjectNode outcome = request.type().isCopy() ? copied(request, key) : request.outcome();
        noteOtherNames(request, outcome);
        Link link = downloads.open(request, now);
        if (request.type().isCopy() && key != null) {
            pack(request, link.download(), key, outcome, now);
        }
        tell(request, link, now);
        moves.answered(request, outcome, outcome.has("refused"), RequestMoves.HUB, now);
        store.next(request, now.plus(SOON));
        return false;
    }

    private ObjectNode copied(RightsRequest request, SubjectKey key) {
        ObjectNode facts = json.createObjectNode();
        if (key == null) {
            Fulfilment.refuse(facts, request.type().name(), "NOTHING_STORED");
            return facts;
        }
        List<ErasureRun.Kept> kept = data.kept(request, key);
        if (!kept.isEmpty()) {
            ErasureFacts.describe(kept, facts);
        }
        return facts.put("done", "COPIED");
    }

    /**
     * Control of one address shows nobody to be the other: each is asked for on its own (DSR-2).
     */
    private void noteOtherNames(RightsRequest request, ObjectNode outcome) {
        int others = people.otherNames(request.tenant(), request.subject()).size();
        if (others > 0) {
            outcome.put("otherNames", others);
        }
    }

    /** Seals the copy; also for a link that replaces a lost one. */
    void pack(
            RightsRequest request, UUID download, SubjectKey key, ObjectNode outcome, Instant now) {
        try (OutputStream out =
                packages.writer(request.tenant(), download, request.subject(), key)) {
            answer(request, outcome, data.copy(request, tenants.get(request.tenant()), key, now))
                    .write(out, now);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** What the person reads; of an answer that is no copy, as things stand now. */
    Answer answer(RightsRequest request, ObjectNode outcome, PersonalData.Copied copied) {
        String language = replies.language(request);
        return new Answer(
                json,
                disclosures.head(request, language, outcome),
                copied,
                AnswerPage.Language.of(language));
    }

    /** Facts of an answer that is no copy. */
    ObjectNode outcome(RightsRequest request) {
        ObjectNode outcome = request.outcome().deepCopy();
        if (request.type() == RequestType.ERASE && outcome.has("done")) {
            ErasureRun.Progress progress = erasure.progress(request.tenant(), request.id());
            if (progress.deleted()) { // or its evidence is over, and what it came to stands here
                ErasureFacts.describe(progress, outcome);
            }
        }
        return outcome;
    }

    void tell(RightsRequest request, Link link, Instant now) {
        LocalDate until = LocalDate.ofInstant(link.expiresAt(), DueDates.BERLIN);
        replies.say(
                        request,
                        TextKind.REQUEST_ANSWERED,
                        "answered:" + link.download(),
                        Map.of("link", link.url(), "until", replies.day(request, until)),
                        now)
                .ifPresent(message -> store.replied(request, message));
    }

    /**
     * The link goes out while there still is an address to send it to; what it shows is known
     * later.
     */
    private boolean announce(RightsRequest request, Instant now) {
        ObjectNode outcome = request.outcome();
        if (!outcome.has("announcedAt")) {
            tell(request, downloads.open(request, now), now);
            noteOtherNames(request, outcome);
            store.outcome(request, outcome.put("announcedAt", now.toString()));
            store.next(request, now);
            return false;
        }
        Instant latest = Instant.parse(outcome.get("announcedAt").textValue()).plus(ANNOUNCING);
        String sent = store.sent(request.tenant(), request.replyMessage());
        if (sent != null && UNDERWAY.contains(sent) && now.isBefore(latest)) {
            store.next(request, now.plusSeconds(5));
            return false;
        }
        // The message goes with the person; so does an event that has not left by then.
        if (request.replyMessage() == null
                ? request.replyChannel() != null
                : sent != null && !sent.equals("sent")) {
            store.outcome(request, outcome.put("notTold", true));
        }
        return true;
    }

    private void erased(String tenant, UUID id) {
        Instant now = clock.instant();
        RightsRequest request = store.lock(tenant, id).orElseThrow();
        ErasureRun.Progress progress = erasure.progress(tenant, id);
        ObjectNode outcome = request.outcome();
        ErasureFacts.describe(progress, outcome);
        if (!progress.deleted()) {
            store.outcome(request, outcome);
            store.next(request, now.plusSeconds(5)); // an attempt is on its way, or a batch at work
            return;
        }
        store.forget(tenant, request.subject());
        store.wake(tenant, request.subject(), now);
        outcome.put("done", "ERASED");
        if (request.state().isAnswered()) {
            store.outcome(request, outcome);
            after(moves.again(tenant, id), now);
            return;
        }
        request =
                moves.answered(request, outcome, progress.isPartlyRefused(), RequestMoves.HUB, now);
        if (outcome.has("notTold")) {
            events.changed(request, request.state(), "not-told", now);
        }
        store.next(request, now.plus(SOON));
    }

    /** Told or not, collected or too late; a restriction that ends. */
    private void after(RightsRequest request, Instant now) {
        if (request.liftAt() != null && request.liftedAt() == null) {
            lift(request, now);
            return;
        }
        if (request.state() == RequestState.CLOSED) {
            store.next(request, null);
            return;
        }
        if (isNotTold(request) && !request.outcome().has("notTold")) {
            store.outcome(request, request.outcome().put("notTold", true));
            events.changed(request, request.state(), "not-told", now);
        }
        Optional<Downloads.Row> link = downloads.of(request);
        boolean isOver = link.map(one -> !one.isAlive(now)).orElse(true);
        ObjectNode outcome = outcome(request);
        boolean goesOn = false;
        if (request.type() == RequestType.ERASE) {
            store.outcome(request, outcome);
            goesOn = erasure.progress(request.tenant(), request.id()).goesOn();
        }
        if (isOver && !goesOn) {
            moves.to(
                    request,
                    RequestState.CLOSED,
                    RequestMoves.HUB,
                    ErasureFacts.ended(outcome),
                    now);
            store.next(request, null);
        } else {
            store.next(
                    request,
                    ErasureFacts.isSettled(outcome)
                            ? link.orElseThrow().expiresAt()
                            : now.plus(LATER));
        }
    }

    /** In chat, though that is where they are to be told. */
    private boolean isNotTold(RightsRequest request) {
        return request.replyMessage() == null
                ? request.replyChannel() != null
                : NOT_SENT.contains(
                        String.valueOf(store.sent(request.tenant(), request.replyMessage())));
    }

    /** Only after the person was told (Art. 18(3)). */
    private void lift(RightsRequest request, Instant now) {
        String told = store.sent(request.tenant(), request.liftMessage());
        boolean isTold = request.liftMessage() == null || "sent".equals(told);
        if (now.isBefore(request.liftAt())) {
            store.next(request, request.liftAt());
        } else if (isTold) {
            if (people.key(request.tenant(), request.subject()).isPresent()) {
                restriction.lift(request, now);
            } // or they were erased meanwhile, and nobody is to hear of them any more
            store.lifted(request, now);
            store.step(request, request.state(), RequestMoves.HUB, "RESTRICTION_LIFTED", now);
            store.next(request, now);
        } else if (told != null && UNDERWAY.contains(told)) {
            store.next(request, now.plus(SOON));
        } else {
            // stays restricted until somebody tells the person by other means
            store.lift(request, null, null);
            store.step(request, request.state(), RequestMoves.HUB, "NOT_TOLD", now);
            events.changed(request, request.state(), "not-told", now);
            store.next(request, now);
        }
    }

    private ObjectNode asked(RightsRequest request, SubjectKey key) {
        byte[] sealed = store.asked(request);
        return sealed == null || key == null
                ? json.createObjectNode()
                : RequestStore.object(
                        new String(key.open("rights.asked", sealed), StandardCharsets.UTF_8));
    }
}
