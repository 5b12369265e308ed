package org.jawort.api;

import java.util.List;
import java.util.UUID;
import org.jawort.media.MediaReader;
import org.jawort.retention.RetainedMessages;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** What law keeps of people who were erased, for keys that are {@code restricted: true} only. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/retained-messages")
final class RetainedController {

    private static final Logger LOG = LoggerFactory.getLogger(RetainedController.class);

    private final RetainedMessages retained;
    private final TenantScope scope;
    private final Pages pages;
    private final Answers answers;

    private final MediaReader reader;

    RetainedController(
            RetainedMessages retained,
            TenantScope scope,
            Pages pages,
            Answers answers,
            MediaReader reader) {
        this.reader = reader;
        this.retained = retained;
        this.scope = scope;
        this.pages = pages;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        require(call);
        return answers.ok(pages.read(call, retained::page, RetainedMessages.Summary::messageId));
    }

    @GetMapping("/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID message = Query.id(id);
        require(call);
        LOG.info(
                "api.retained_read tenant={} key={} message={}",
                call.tenant(),
                call.keyId(),
                message);
        return answers.ok(
                scope.call(call.tenant(), () -> retained.read(call.tenant(), message))
                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND)));
    }

    @GetMapping("/{id}/media/{file}")
    ResponseEntity<StreamingResponseBody> file(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("id") String id,
            @PathVariable("file") String fileId) {
        call.query().only();
        UUID message = Query.id(id);
        UUID file = Query.id(fileId);
        require(call);
        LOG.info(
                "api.retained_file_read tenant={} key={} message={}",
                call.tenant(),
                call.keyId(),
                message);
        return scope.call(call.tenant(), () -> reader.of(call.tenant(), List.of(message))).stream()
                .filter(place -> place.file().equals(file))
                .findFirst()
                .flatMap(place -> reader.openRetained(call.tenant(), file))
                .map(FileAnswers::of)
                .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
    }

    private static void require(ApiCall call) {
        if (!call.restricted()) {
            throw new ApiProblem(Problem.RESTRICTED);
        }
    }
}
