package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jawort.api.Posts.Answer;
import org.jawort.message.Category;
import org.jawort.retention.Hold;
import org.jawort.retention.HoldRows;
import org.jawort.retention.Holds;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Legal holds (RET-10): proposed by one key, put in force and released by another. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/holds")
final class HoldController {

    /**
     * @param freed {@code null} unless the hold was released by this very call, as is {@code due}
     */
    record Changed(HoldRows.View hold, Long freed, Long due) {}

    private final Posts posts;
    private final Holds holds;
    private final TenantScope scope;
    private final Pages pages;
    private final Answers answers;

    HoldController(Posts posts, Holds holds, TenantScope scope, Pages pages, Answers answers) {
        this.posts = posts;
        this.holds = holds;
        this.scope = scope;
        this.pages = pages;
        this.answers = answers;
    }

    @PostMapping
    ResponseEntity<byte[]> propose(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "HoldProposal",
                body ->
                        new Answer(
                                201, holds.propose(call.tenant(), proposal(body), call.keyId())));
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(pages.read(call, holds::page, HoldRows.View::id));
    }

    @GetMapping("/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID hold = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                holds.find(call.tenant(), hold)
                                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))));
    }

    @PostMapping("/{id}/approval")
    ResponseEntity<byte[]> approve(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return step(
                call,
                id,
                "Nothing",
                (hold, body) -> holds.approve(call.tenant(), hold, call.keyId()));
    }

    @PostMapping("/{id}/review")
    ResponseEntity<byte[]> review(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return step(
                call,
                id,
                "HoldReview",
                (hold, body) -> holds.review(call.tenant(), hold, reviewDay(body), call.keyId()));
    }

    @PostMapping("/{id}/release")
    ResponseEntity<byte[]> release(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return step(
                call,
                id,
                "Nothing",
                (hold, body) -> holds.release(call.tenant(), hold, call.keyId()));
    }

    private ResponseEntity<byte[]> step(
            ApiCall call,
            String id,
            String schema,
            BiFunction<UUID, JsonNode, Holds.Outcome> step) {
        return posts.about(
                call,
                id,
                schema,
                (hold, body) -> {
                    // before the body is judged: what is not there has no wrong day
                    if (holds.find(call.tenant(), hold).isEmpty()) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    return answer(step.apply(hold, body));
                });
    }

    private static Answer answer(Holds.Outcome outcome) {
        return switch (outcome) {
            case Holds.Outcome.Done done ->
                    new Answer(200, new Changed(done.hold(), done.freed(), done.due()));
            case Holds.Outcome.NotFound none -> throw new ApiProblem(Problem.NOT_FOUND);
            case Holds.Outcome.SamePerson same -> throw new ApiProblem(Problem.HOLD_SAME_KEY);
            case Holds.Outcome.WrongState wrong -> throw new ApiProblem(Problem.HOLD_STATE);
        };
    }

    private Holds.Proposal proposal(JsonNode body) {
        List<UUID> items = new ArrayList<>();
        body.path("items").forEach(item -> items.add(UUID.fromString(item.textValue())));
        return new Holds.Proposal(
                Hold.Type.valueOf(body.get("type").textValue()),
                RequestFields.text(body, "reason"),
                RequestFields.text(body, "owner"),
                reviewDay(body),
                body.has("query") ? scope(body.get("query")) : null,
                items.stream().distinct().toList());
    }

    private static Hold.Scope scope(JsonNode query) {
        String category = RequestFields.text(query, "category");
        return new Hold.Scope(
                RequestFields.text(query, "channel"),
                id(query, "subject"),
                id(query, "conversation"),
                RequestFields.time(query, "/query", "from"),
                RequestFields.time(query, "/query", "until"),
                category == null ? null : Category.valueOf(category));
    }

    private static UUID id(JsonNode json, String field) {
        String text = RequestFields.text(json, field);
        return text == null ? null : UUID.fromString(text);
    }

    /** At most twelve months ahead. */
    private LocalDate reviewDay(JsonNode body) {
        try {
            LocalDate day = LocalDate.parse(body.get("reviewOn").textValue());
            if (holds.isReviewDay(day)) {
                return day;
            }
        } catch (DateTimeException noDay) {
            // answered below
        }
        throw new ApiProblem(
                Problem.invalidBody(List.of(new Problem.BrokenRule("/reviewOn", "maximum", null))));
    }
}
