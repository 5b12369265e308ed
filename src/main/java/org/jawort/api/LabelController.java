package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.document.Labelling;
import org.jawort.document.Labelling.Wish;
import org.jawort.label.Labels.Origin;
import org.jawort.label.Labels.Outcome;
import org.jawort.label.StoredLabels.Entry;
import org.jawort.label.StoredLabels.Place;
import org.jawort.message.Category;
import org.jawort.message.Label;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What messages and conversations are filed under. Who read it stands in the log, without it. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}")
final class LabelController {

    private static final Logger LOG = LoggerFactory.getLogger(LabelController.class);

    /**
     * @param labels in force, values by name
     * @param history all there ever were, oldest first
     */
    record Filed(Map<String, String> labels, List<Entry> history) {}

    private record Of(UUID subject, Filed filed) {}

    private final Posts posts;
    private final Labelling labelling;
    private final TenantScope scope;
    private final Answers answers;

    LabelController(Posts posts, Labelling labelling, TenantScope scope, Answers answers) {
        this.posts = posts;
        this.labelling = labelling;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping("/messages/{id}/labels")
    ResponseEntity<byte[]> ofMessage(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return read(call, message(id));
    }

    @GetMapping("/conversations/{id}/labels")
    ResponseEntity<byte[]> ofConversation(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return read(call, conversation(id));
    }

    private ResponseEntity<byte[]> read(ApiCall call, Place place) {
        call.query().only();
        LOG.info(
                "api.labels_read tenant={} key={} conversation={} message={}",
                call.tenant(),
                call.keyId(),
                place.conversation(),
                place.message());
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> filed(call, labelling.find(call.tenant(), place)).filed()));
    }

    @PostMapping("/messages/{id}/labels")
    ResponseEntity<byte[]> fileMessage(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return file(call, message(id));
    }

    @PostMapping("/conversations/{id}/labels")
    ResponseEntity<byte[]> fileConversation(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return file(call, conversation(id));
    }

    private ResponseEntity<byte[]> file(ApiCall call, Place place) {
        call.query().only();
        return posts.once(
                call,
                "LabelsToSet",
                body -> {
                    Map<String, Optional<String>> values = new HashMap<>();
                    body.get("labels")
                            .properties()
                            .forEach(
                                    label ->
                                            values.put(
                                                    label.getKey(),
                                                    Optional.ofNullable(
                                                                    label.getValue().textValue())
                                                            .map(String::strip)));
                    Of done = set(call, place, values);
                    return new Answer(200, done.filed(), done.subject());
                });
    }

    @DeleteMapping("/messages/{id}/labels/{name}")
    ResponseEntity<byte[]> takeFromMessage(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("id") String id,
            @PathVariable("name") String name) {
        return take(call, message(id), name);
    }

    @DeleteMapping("/conversations/{id}/labels/{name}")
    ResponseEntity<byte[]> takeFromConversation(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("id") String id,
            @PathVariable("name") String name) {
        return take(call, conversation(id), name);
    }

    private ResponseEntity<byte[]> take(ApiCall call, Place place, String name) {
        call.query().only();
        if (!Label.NAME.matcher(name).matches()) {
            throw new ApiProblem(Problem.NOT_FOUND);
        }
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> set(call, place, Map.of(name, Optional.empty())).filed()));
    }

    @PostMapping("/conversations/{id}/category")
    ResponseEntity<byte[]> classify(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "Classification",
                (UUID conversation, JsonNode body) -> {
                    boolean isThere =
                            labelling.classify(
                                    call.tenant(),
                                    new Place(conversation, null),
                                    Category.valueOf(body.get("category").textValue()),
                                    body.get("source").textValue(),
                                    new Origin("api", call.keyId()));
                    if (!isThere) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    return new Answer(200, Map.of("category", body.get("category").textValue()));
                });
    }

    private Of set(ApiCall call, Place place, Map<String, Optional<String>> values) {
        return filed(
                call,
                labelling.file(
                        call.tenant(),
                        place,
                        Wish.labels(values),
                        new Origin("api", call.keyId())));
    }

    private Of filed(ApiCall call, Outcome outcome) {
        return switch (outcome) {
            case Outcome.NotThere gone -> throw new ApiProblem(Problem.NOT_FOUND);
            case Outcome.Restricted restricted -> throw new ApiProblem(Problem.RESTRICTED);
            case Outcome.TooMany tooMany -> throw new ApiProblem(Problem.TOO_MANY_LABELS);
            case Outcome.Done done -> {
                List<Entry> history = labelling.history(call.tenant(), done);
                Map<String, String> labels = new TreeMap<>();
                history.stream()
                        .filter(entry -> entry.removedAt() == null)
                        .forEach(entry -> labels.put(entry.name(), entry.value()));
                yield new Of(done.subject(), new Filed(labels, history));
            }
        };
    }

    private static Place message(String id) {
        return new Place(null, Query.id(id));
    }

    private static Place conversation(String id) {
        return new Place(Query.id(id), null);
    }
}
