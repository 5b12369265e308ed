package org.jawort.api;

import java.util.Set;
import java.util.UUID;
import org.jawort.media.MediaViews;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which files were fetched, which still are to be, and which were given up and why. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/media")
final class MediaController {

    private static final Set<String> STATES = Set.of("waiting", "stored", "given_up");

    private final MediaViews views;
    private final TenantScope scope;
    private final Answers answers;

    MediaController(MediaViews views, TenantScope scope, Answers answers) {
        this.views = views;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        Query query = call.query().only("state", "limit", "after");
        int limit = query.limit();
        UUID after = Cursor.id(query.after());
        String state = query.word("state", STATES);
        return answers.ok(
                Page.of(
                        scope.call(
                                call.tenant(),
                                () -> views.page(call.tenant(), state, after, limit + 1)),
                        limit,
                        view -> Cursor.of(view.id())));
    }

    @GetMapping("/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID file = Query.id(id);
        return answers.ok(
                scope.call(call.tenant(), () -> views.one(call.tenant(), file))
                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND)));
    }
}
