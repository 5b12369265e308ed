package org.jawort.api;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jawort.api.Posts.Answer;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.conversation.Declarations;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application tells that two people the hub knows are one. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/subjects/{subject}/links")
final class LinkController {

    private final Posts posts;
    private final Answers answers;
    private final TenantScope scope;
    private final Declarations declarations;

    LinkController(Posts posts, Answers answers, TenantScope scope, Declarations declarations) {
        this.posts = posts;
        this.answers = answers;
        this.scope = scope;
        this.declarations = declarations;
    }

    @PostMapping
    ResponseEntity<byte[]> link(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("subject") String id) {
        return posts.about(
                call,
                id,
                "Link",
                (subject, body) -> {
                    Person one = known(call, subject);
                    Person other =
                            known(call, UUID.fromString(RequestFields.text(body, "subjectId")));
                    if (one.equals(other)) {
                        throw new ApiProblem(Problem.SAME_SUBJECT);
                    }
                    return ConsentController.answer(
                            declarations.link(one, other, body.get("evidence").toString()),
                            standings ->
                                    new Answer(
                                            200,
                                            new ConsentView.OfSubject(
                                                    subject, ConsentView.of(standings))));
                });
    }

    /** What else a person is known as. */
    record Names(UUID subjectId, List<UUID> otherSubjectIds) {}

    @GetMapping
    ResponseEntity<byte[]> names(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("subject") String id) {
        return names(call, id, person -> {});
    }

    /** A second time the person is on their own already, and that is as good. */
    @DeleteMapping
    ResponseEntity<byte[]> unlink(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("subject") String id) {
        return names(call, id, declarations::unlink);
    }

    private ResponseEntity<byte[]> names(ApiCall call, String id, Consumer<Person> first) {
        call.query().only();
        UUID subject = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> {
                            Person person = known(call, subject);
                            first.accept(person);
                            return new Names(subject, declarations.otherNames(person));
                        }));
    }

    private Person known(ApiCall call, UUID subject) {
        if (!declarations.people().exists(call.tenant(), subject)) {
            throw new ApiProblem(Problem.NOT_FOUND);
        }
        return new Person(call.tenant(), subject);
    }
}
