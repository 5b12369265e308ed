package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jawort.api.Posts.Answer;
import org.jawort.custody.KeyChanges;
import org.jawort.custody.KeyChanges.Kind;
import org.jawort.custody.KeyChanges.Outcome;
import org.jawort.custody.KeyChanges.Reason;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The tenant's keys: replaced and destroyed by two API keys (SEC-6), never shown. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}")
final class KeyController {

    private final Posts posts;
    private final KeyChanges changes;
    private final TenantScope scope;
    private final Pages pages;
    private final Answers answers;

    KeyController(
            Posts posts, KeyChanges changes, TenantScope scope, Pages pages, Answers answers) {
        this.posts = posts;
        this.changes = changes;
        this.scope = scope;
        this.pages = pages;
        this.answers = answers;
    }

    @GetMapping("/keys")
    ResponseEntity<byte[]> versions(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        List<KeyChanges.Version> versions =
                scope.call(call.tenant(), () -> changes.versions(call.tenant()));
        return answers.ok(Map.of("versions", versions));
    }

    @PostMapping("/key-changes")
    ResponseEntity<byte[]> propose(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "KeyChangeProposal",
                (JsonNode body) ->
                        new Answer(
                                201,
                                changes.propose(
                                        call.tenant(),
                                        Kind.valueOf(body.get("kind").textValue()),
                                        body.has("version") ? body.get("version").intValue() : null,
                                        Reason.valueOf(body.get("reason").textValue()),
                                        call.keyId())));
    }

    @GetMapping("/key-changes")
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(pages.read(call, changes::page, KeyChanges.View::id));
    }

    @GetMapping("/key-changes/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID change = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                changes.find(call.tenant(), change)
                                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))));
    }

    @PostMapping("/key-changes/{id}/approval")
    ResponseEntity<byte[]> approve(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return step(call, id, change -> changes.approve(call.tenant(), change, call.keyId()));
    }

    @PostMapping("/key-changes/{id}/withdrawal")
    ResponseEntity<byte[]> withdraw(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return step(call, id, change -> changes.withdraw(call.tenant(), change, call.keyId()));
    }

    private ResponseEntity<byte[]> step(ApiCall call, String id, Function<UUID, Outcome> step) {
        call.query().only();
        UUID change = Query.id(id);
        return posts.once(call, "Nothing", (JsonNode body) -> answer(step.apply(change)));
    }

    private static Answer answer(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done done -> new Answer(200, done.change());
            case Outcome.NotFound none -> throw new ApiProblem(Problem.NOT_FOUND);
            case Outcome.SamePerson same -> throw new ApiProblem(Problem.KEY_CHANGE_SAME_KEY);
            case Outcome.WrongState wrong -> throw new ApiProblem(Problem.KEY_CHANGE_STATE);
            case Outcome.InUse used -> throw new ApiProblem(Problem.KEY_IN_USE);
        };
    }
}
