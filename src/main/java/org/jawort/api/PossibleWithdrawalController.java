package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.Purpose;
import org.jawort.conversation.Declarations;
import org.jawort.conversation.PossibleWithdrawals;
import org.jawort.conversation.PossibleWithdrawals.Decision;
import org.jawort.conversation.PossibleWithdrawals.Waiting;
import org.jawort.message.Channel;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What was nearly a STOP, and what a human says it was. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}")
final class PossibleWithdrawalController {

    private final Posts posts;
    private final PossibleWithdrawals possible;
    private final Declarations declarations;
    private final TenantScope scope;
    private final Answers answers;

    PossibleWithdrawalController(
            Posts posts,
            PossibleWithdrawals possible,
            Declarations declarations,
            TenantScope scope,
            Answers answers) {
        this.posts = posts;
        this.possible = possible;
        this.declarations = declarations;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping("/possible-withdrawals")
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        Query query = call.query().only("limit", "after");
        int limit = query.limit();
        Cursor after = query.after();
        if (after != null && after.name() == null) {
            throw new ApiProblem(Problem.INVALID_CURSOR);
        }
        UUID subject = after == null ? null : after.id();
        String channel = after == null ? null : after.name();
        List<Waiting> found =
                scope.call(
                        call.tenant(),
                        () -> possible.page(call.tenant(), subject, channel, limit + 1));
        return answers.ok(Page.of(found, limit, one -> new Cursor(one.subjectId(), one.channel())));
    }

    @PostMapping("/subjects/{subject}/possible-withdrawals")
    ResponseEntity<byte[]> decide(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("subject") String id) {
        return posts.about(
                call,
                id,
                "PossibleWithdrawalDecision",
                (subject, body) -> {
                    if (!declarations.people().exists(call.tenant(), subject)) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    return switch (decided(new Person(call.tenant(), subject), body)) {
                        case Decision.NothingWaits nothing ->
                                throw new ApiProblem(Problem.NOTHING_TO_DECIDE);
                        case Decision.AboutOlder older ->
                                throw new ApiProblem(Problem.DECIDED_ABOUT_OLDER);
                        case Decision.Made made ->
                                ConsentController.answer(
                                        made.result(),
                                        standings ->
                                                new Answer(
                                                        200,
                                                        new ConsentView.OfSubject(
                                                                subject,
                                                                ConsentView.of(standings))));
                    };
                });
    }

    private Decision decided(Person person, JsonNode body) {
        Channel channel = Channel.of(RequestFields.text(body, "channel"));
        Instant lastAt = RequestFields.time(body, "lastAt");
        String evidence = ((ObjectNode) body).without(List.of("channel")).toString();
        if (!RequestFields.text(body, "decision").equals("WITHDRAWN")) {
            return possible.none(person, channel, lastAt, evidence);
        }
        Set<Purpose> purposes = EnumSet.noneOf(Purpose.class);
        body.path("purposes").forEach(name -> purposes.add(Purpose.valueOf(name.textValue())));
        return possible.withdrawn(person, channel, lastAt, purposes, evidence);
    }
}
