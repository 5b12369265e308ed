package org.jawort.api;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.jawort.api.Posts.Answer;
import org.jawort.delivery.DeliveryLedger;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who received what, and the replay of dead letters. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/deliveries")
final class DeliveryController {

    private static final Set<String> STATES =
            Set.of("pending", "parked", "delivered", "withheld", "dead");

    /** Answer of a replay. */
    record Replayed(int replayed) {}

    private final Posts posts;
    private final DeliveryLedger ledger;
    private final Tenants tenants;
    private final TenantScope scope;
    private final InstantSource clock;
    private final Answers answers;

    DeliveryController(
            Posts posts,
            DeliveryLedger ledger,
            Tenants tenants,
            TenantScope scope,
            InstantSource clock,
            Answers answers) {
        this.posts = posts;
        this.ledger = ledger;
        this.tenants = tenants;
        this.scope = scope;
        this.clock = clock;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        Query query = call.query().only("destination", "state", "limit", "after");
        int limit = query.limit();
        Cursor after = query.after();
        if (after != null && after.name() == null) {
            throw new ApiProblem(Problem.INVALID_CURSOR);
        }
        String destination = query.word("destination", destinations(call));
        String state = query.word("state", STATES);
        return answers.ok(
                Page.of(
                        scope.call(
                                call.tenant(),
                                () ->
                                        ledger.page(
                                                call.tenant(),
                                                destination,
                                                state,
                                                after == null ? null : after.id(),
                                                after == null ? null : after.name(),
                                                limit + 1)),
                        limit,
                        entry -> new Cursor(entry.eventId(), entry.destination())));
    }

    @PostMapping("/{destination}/{event}/replay")
    ResponseEntity<byte[]> replay(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination,
            @PathVariable("event") String id) {
        return posts.about(
                call,
                id,
                "Nothing",
                (event, body) -> {
                    Optional<String> state = ledger.state(call.tenant(), destination, event);
                    if (state.isEmpty() || !destinations(call).contains(destination)) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    if (!ledger.replay(call.tenant(), destination, event, clock.instant())) {
                        throw new ApiProblem(Problem.DELIVERY_NOT_DEAD);
                    }
                    return new Answer(200, new Replayed(1));
                });
    }

    @PostMapping("/replay")
    ResponseEntity<byte[]> replayDead(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "DeadLetterReplay",
                body -> {
                    String destination = RequestFields.text(body, "destination");
                    if (!destinations(call).contains(destination)) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    Instant before = RequestFields.time(body, "before");
                    return new Answer(
                            200,
                            new Replayed(
                                    ledger.replayDead(
                                            call.tenant(),
                                            destination,
                                            before,
                                            body.path("limit").asInt(1000),
                                            clock.instant())));
                });
    }

    private Set<String> destinations(ApiCall call) {
        return tenants.get(call.tenant()).destinations().keySet();
    }
}
