package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.delivery.DeliveryFilter;
import org.jawort.delivery.Replays;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Requests to deliver again what did not arrive. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/replays")
final class ReplayController {

    /** A delivery that still waits needs no replay. */
    static final Set<String> STATES = Set.of("dead", "withheld", "delivered");

    record View(
            UUID id,
            String status,
            String destination,
            String state,
            String type,
            UUID conversation,
            UUID message,
            Instant from,
            Instant before,
            Collection<UUID> events,
            int perSecond,
            int matching,
            int replayed,
            String requestedBy,
            Instant createdAt,
            Instant finishedAt) {

        static View of(Replays.Replay replay) {
            DeliveryFilter filter = replay.filter();
            return new View(
                    replay.id(),
                    replay.status(),
                    filter.destination(),
                    filter.state(),
                    filter.type(),
                    filter.conversation(),
                    filter.message(),
                    filter.from(),
                    filter.before(),
                    filter.events(),
                    replay.perSecond(),
                    replay.matching(),
                    replay.replayed(),
                    replay.requestedBy(),
                    replay.createdAt(),
                    replay.finishedAt());
        }
    }

    private final Posts posts;
    private final Replays replays;
    private final Tenants tenants;
    private final TenantScope scope;
    private final Pages pages;
    private final Answers answers;

    ReplayController(
            Posts posts,
            Replays replays,
            Tenants tenants,
            TenantScope scope,
            Pages pages,
            Answers answers) {
        this.posts = posts;
        this.replays = replays;
        this.tenants = tenants;
        this.scope = scope;
        this.pages = pages;
        this.answers = answers;
    }

    @PostMapping
    ResponseEntity<byte[]> begin(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "ReplayRequest",
                body -> {
                    DeliveryFilter filter = filter(body);
                    if (!tenants.get(call.tenant())
                            .destinations()
                            .containsKey(filter.destination())) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    return new Answer(
                            202,
                            View.of(
                                    replays.add(
                                            call.tenant(),
                                            UuidCreator.getTimeOrderedEpoch(),
                                            filter,
                                            body.path("perSecond")
                                                    .asInt(Replays.DEFAULT_PER_SECOND),
                                            call.keyId())));
                });
    }

    private static DeliveryFilter filter(JsonNode body) {
        List<UUID> events = null;
        if (body.has("events")) {
            events = new ArrayList<>();
            for (JsonNode event : body.get("events")) {
                events.add(UUID.fromString(event.textValue()));
            }
        }
        return new DeliveryFilter(
                RequestFields.text(body, "destination"),
                RequestFields.text(body, "state"),
                null,
                RequestFields.text(body, "type"),
                id(body, "conversation"),
                id(body, "message"),
                RequestFields.time(body, "from"),
                RequestFields.time(body, "before"),
                events);
    }

    private static UUID id(JsonNode body, String field) {
        String text = RequestFields.text(body, field);
        return text == null ? null : UUID.fromString(text);
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(
                pages.read(
                        call,
                        (tenant, before, limit) ->
                                replays.page(tenant, before, limit).stream().map(View::of).toList(),
                        View::id));
    }

    @GetMapping("/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID replay = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                replays.find(call.tenant(), replay)
                                        .map(View::of)
                                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))));
    }

    @PostMapping("/{id}/cancel")
    ResponseEntity<byte[]> cancel(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "Nothing",
                (replay, body) -> {
                    if (replays.find(call.tenant(), replay).isEmpty()) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    if (!replays.cancel(call.tenant(), replay)) {
                        throw new ApiProblem(Problem.REPLAY_ENDED);
                    }
                    return new Answer(
                            200, View.of(replays.find(call.tenant(), replay).orElseThrow()));
                });
    }
}
