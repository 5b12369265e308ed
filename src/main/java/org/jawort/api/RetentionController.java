package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.document.Labelling;
import org.jawort.label.Labels.Origin;
import org.jawort.label.StoredLabels.Place;
import org.jawort.message.Category;
import org.jawort.retention.Categories;
import org.jawort.retention.Relationships;
import org.jawort.retention.RetentionExplanations;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What messages are by commercial and tax law, and how long each is kept (RET-5, RET-7). */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}")
final class RetentionController {

    private final Posts posts;
    private final Labelling labelling;
    private final Categories categories;
    private final RetentionExplanations explanations;
    private final Relationships relationships;
    private final TenantScope scope;
    private final Pages pages;
    private final Answers answers;

    RetentionController(
            Posts posts,
            Labelling labelling,
            Categories categories,
            RetentionExplanations explanations,
            Relationships relationships,
            TenantScope scope,
            Pages pages,
            Answers answers) {
        this.posts = posts;
        this.labelling = labelling;
        this.categories = categories;
        this.explanations = explanations;
        this.relationships = relationships;
        this.scope = scope;
        this.pages = pages;
        this.answers = answers;
    }

    @GetMapping("/messages/{id}/retention")
    ResponseEntity<byte[]> explain(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID message = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                explanations
                                        .explain(call.tenant(), message)
                                        .or(() -> retained(call, message))
                                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))));
    }

    @PostMapping("/messages/{id}/category")
    ResponseEntity<byte[]> classify(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID message = Query.id(id);
        return posts.once(
                call,
                "Classification",
                (JsonNode body) -> {
                    boolean isThere =
                            labelling.classify(
                                    call.tenant(),
                                    new Place(null, message),
                                    Category.valueOf(body.get("category").textValue()),
                                    body.get("source").textValue(),
                                    new Origin("api", call.keyId()));
                    if (!isThere) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    return new Answer(200, explained(call.tenant(), message));
                });
    }

    @GetMapping("/unclassified")
    ResponseEntity<byte[]> unclassified(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(
                pages.read(call, categories::unclassified, Categories.Waiting::messageId));
    }

    @GetMapping("/idle-relationships")
    ResponseEntity<byte[]> idle(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(pages.read(call, relationships::idle, Relationships.Idle::subjectId));
    }

    /** To others it is not there: not even that something is kept is theirs to know (RET-8). */
    private Optional<RetentionExplanations.Explained> retained(ApiCall call, UUID message) {
        return call.restricted()
                ? explanations.explainRetained(call.tenant(), message)
                : Optional.empty();
    }

    private RetentionExplanations.Explained explained(String tenant, UUID message) {
        return explanations
                .explain(tenant, message)
                .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
    }
}
