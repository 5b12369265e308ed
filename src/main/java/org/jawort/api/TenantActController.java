package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jawort.api.Posts.Answer;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.SuppressionScope;
import org.jawort.conversation.People;
import org.jawort.conversation.TenantActs;
import org.jawort.conversation.TenantActs.By;
import org.jawort.conversation.TenantActs.Scope;
import org.jawort.conversation.TenantActs.Standing;
import org.jawort.conversation.TenantActs.Whom;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.Scheme;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The tenant's own block list and suppressions: set, lifted, looked up. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}")
final class TenantActController {

    private final Posts posts;
    private final TenantActs acts;
    private final People people;
    private final TenantScope scope;
    private final Answers answers;

    TenantActController(
            Posts posts, TenantActs acts, People people, TenantScope scope, Answers answers) {
        this.posts = posts;
        this.acts = acts;
        this.people = people;
        this.scope = scope;
        this.answers = answers;
    }

    @PostMapping("/blocks")
    ResponseEntity<byte[]> block(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return act(
                call,
                "BlockToSet",
                (whom, body) -> acts.block(call.tenant(), whom, by(call, body)));
    }

    @PostMapping("/blocks/lifting")
    ResponseEntity<byte[]> unblock(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return act(
                call,
                "BlockToLift",
                (whom, body) -> acts.unblock(call.tenant(), whom, call.keyId()));
    }

    @PostMapping("/suppressions")
    ResponseEntity<byte[]> suppress(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return act(
                call,
                "SuppressionToSet",
                (whom, body) ->
                        acts.suppress(call.tenant(), whom, suppressed(body), by(call, body)));
    }

    @PostMapping("/suppressions/lifting")
    ResponseEntity<byte[]> release(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return act(
                call,
                "SuppressionToLift",
                (whom, body) -> acts.release(call.tenant(), whom, suppressed(body), call.keyId()));
    }

    @GetMapping("/subjects/{subject}/blocks")
    ResponseEntity<byte[]> ofSubject(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("subject") String id) {
        call.query().only();
        UUID subject = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> acts.standing(new Person(call.tenant(), known(call, subject)))));
    }

    private ResponseEntity<byte[]> act(
            ApiCall call, String schema, BiFunction<Whom, JsonNode, Optional<Standing>> act) {
        call.query().only();
        return posts.once(
                call,
                schema,
                body ->
                        act.apply(whom(call, body.get("person")), body)
                                .map(standing -> new Answer(200, standing))
                                .orElseThrow(() -> new ApiProblem(Problem.SUBJECT_ERASED)));
    }

    private Whom whom(ApiCall call, JsonNode person) {
        if (person.has("subject")) {
            UUID subject = UUID.fromString(RequestFields.text(person, "subject"));
            return new Whom.Known(known(call, subject));
        }
        JsonNode address = person.get("address");
        return new Whom.At(
                Channel.of(RequestFields.text(person, "channel")),
                new Address(
                        RequestFields.text(address, "address"),
                        Scheme.of(RequestFields.text(address, "scheme")),
                        null,
                        List.of()));
    }

    private UUID known(ApiCall call, UUID subject) {
        if (!people.exists(call.tenant(), subject)) {
            throw new ApiProblem(Problem.NOT_FOUND);
        }
        return subject;
    }

    private static Scope suppressed(JsonNode body) {
        return new Scope(
                Channel.of(RequestFields.text(body, "channel")),
                SuppressionScope.valueOf(RequestFields.text(body, "scope")));
    }

    private static By by(ApiCall call, JsonNode body) {
        return new By(call.keyId(), RequestFields.text(body, "reason"));
    }
}
