package org.jawort.api;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.conversation.Declarations;
import org.jawort.notice.NoticeHistory;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which privacy notice a person was shown (INF-3, INF-5). */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/subjects/{subject}/notices")
final class NoticeController {

    /**
     * @param at {@code null} if not asked for a moment
     */
    record NoticesOfSubject(UUID subjectId, Instant at, List<NoticeHistory.Shown> notices) {}

    private final NoticeHistory history;
    private final Declarations declarations;
    private final TenantScope scope;
    private final Answers answers;

    NoticeController(
            NoticeHistory history, Declarations declarations, TenantScope scope, Answers answers) {
        this.history = history;
        this.declarations = declarations;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> of(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("subject") String id) {
        Instant at = call.query().only("at").time("at");
        UUID subject = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> {
                            if (!declarations.people().exists(call.tenant(), subject)) {
                                throw new ApiProblem(Problem.NOT_FOUND);
                            }
                            return new NoticesOfSubject(
                                    subject,
                                    at,
                                    at == null
                                            ? history.of(call.tenant(), subject)
                                            : history.at(call.tenant(), subject, at));
                        }));
    }
}
