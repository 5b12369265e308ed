package org.jawort.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jawort.api.Posts.Answer;
import org.jawort.delivery.Destinations;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the destinations are; stops them and lets them go on. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/destinations")
final class DestinationController {

    /** One destination with what was last done to it. */
    record WithHistory(@JsonUnwrapped Destinations.View view, List<Destinations.Change> history) {}

    private final Posts posts;
    private final Destinations destinations;
    private final TenantScope scope;
    private final Answers answers;

    DestinationController(
            Posts posts, Destinations destinations, TenantScope scope, Answers answers) {
        this.posts = posts;
        this.destinations = destinations;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return answers.ok(
                Map.of("items", scope.call(call.tenant(), () -> destinations.all(call.tenant()))));
    }

    @GetMapping("/{destination}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination) {
        call.query().only();
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                withHistory(
                                        call,
                                        destination,
                                        destinations.find(call.tenant(), destination))));
    }

    @PostMapping("/{destination}/pause")
    ResponseEntity<byte[]> pause(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination) {
        return change(call, destination, destinations::pause);
    }

    @PostMapping("/{destination}/resume")
    ResponseEntity<byte[]> resume(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination) {
        return change(call, destination, destinations::resume);
    }

    private interface Change {
        Optional<Destinations.View> of(String tenant, String destination, String by);
    }

    private ResponseEntity<byte[]> change(ApiCall call, String destination, Change change) {
        call.query().only();
        return posts.once(
                call,
                "Nothing",
                body ->
                        new Answer(
                                200,
                                withHistory(
                                        call,
                                        destination,
                                        change.of(call.tenant(), destination, call.keyId()))));
    }

    private WithHistory withHistory(
            ApiCall call, String destination, Optional<Destinations.View> found) {
        return new WithHistory(
                found.orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND)),
                destinations.history(call.tenant(), destination));
    }
}
