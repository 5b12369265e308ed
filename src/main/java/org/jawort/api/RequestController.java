package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.message.Channel;
import org.jawort.rights.Opening;
import org.jawort.rights.RequestType;
import org.jawort.rights.RequestView;
import org.jawort.rights.Requests;
import org.jawort.rights.Requests.Result;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Requests of people about their data: brought, decided, extended, closed. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/requests")
final class RequestController {

    /**
     * A link is a secret.
     *
     * @param url opens the answer, once
     */
    record Link(String url, Instant expiresAt) {
        @Override
        public String toString() {
            return "Link[" + expiresAt + "]";
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(RequestController.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Posts posts;
    private final Requests requests;
    private final Pages pages;
    private final TenantScope scope;
    private final Answers answers;

    RequestController(
            Posts posts, Requests requests, Pages pages, TenantScope scope, Answers answers) {
        this.posts = posts;
        this.requests = requests;
        this.pages = pages;
        this.scope = scope;
        this.answers = answers;
    }

    @PostMapping
    ResponseEntity<byte[]> create(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call, "RequestToOpen", body -> answer(requests.open(opening(call, body)), 201));
    }

    private static Opening opening(ApiCall call, JsonNode body) {
        JsonNode person = body.get("person");
        ObjectNode asked = JSON.createObjectNode();
        for (String field : List.of("name", "statements", "purposes", "compellingGrounds")) {
            if (body.has(field)) {
                asked.set(field, body.get(field));
            }
        }
        String subject = RequestFields.text(person, "subject");
        return new Opening(
                call.tenant(),
                RequestType.valueOf(RequestFields.text(body, "type")),
                subject == null ? null : UUID.fromString(subject),
                channel(person, "channel"),
                RequestFields.text(person, "address"),
                RequestFields.text(body, "source"),
                channel(body, "replyChannel"),
                RequestFields.text(body, "language"),
                RequestFields.time(body, "receivedAt"),
                asked,
                call.keyId());
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(pages.read(call, requests::list, RequestView::id));
    }

    @GetMapping("/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID request = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                requests.view(call.tenant(), request)
                                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))));
    }

    @PostMapping("/{id}/proof")
    ResponseEntity<byte[]> proof(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "IdentityProof",
                (request, body) ->
                        answer(requests.proof(call.tenant(), request, (ObjectNode) body), 200));
    }

    @PostMapping("/{id}/identity")
    ResponseEntity<byte[]> identity(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "IdentityDecision",
                (request, body) ->
                        answer(
                                RequestFields.text(body, "decision").equals("CONFIRMED")
                                        ? requests.confirm(
                                                call.tenant(),
                                                request,
                                                RequestFields.text(body, "method"),
                                                channel(body, "channel"),
                                                call.keyId())
                                        : requests.refuseIdentity(
                                                call.tenant(), request, call.keyId()),
                                200));
    }

    @PostMapping("/{id}/corrections")
    ResponseEntity<byte[]> correct(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "Corrections",
                (request, body) ->
                        answer(
                                requests.correct(
                                        call.tenant(), request, (ObjectNode) body, call.keyId()),
                                200));
    }

    @PostMapping("/{id}/refusal")
    ResponseEntity<byte[]> refuse(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "RequestRefusal",
                (request, body) ->
                        answer(
                                requests.refuse(
                                        call.tenant(),
                                        request,
                                        RequestFields.text(body, "reason"),
                                        call.keyId()),
                                200));
    }

    @PostMapping("/{id}/extension")
    ResponseEntity<byte[]> extend(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "RequestExtension",
                (request, body) ->
                        answer(
                                requests.extend(
                                        call.tenant(),
                                        request,
                                        body.get("months").intValue(),
                                        RequestFields.text(body, "reason"),
                                        RequestFields.text(body, "words"),
                                        isToldElsewhere(body),
                                        call.keyId()),
                                200));
    }

    @PostMapping("/{id}/lifting")
    ResponseEntity<byte[]> lift(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "RestrictionLifting",
                (request, body) ->
                        answer(
                                requests.lift(
                                        call.tenant(),
                                        request,
                                        RequestFields.time(body, "at"),
                                        isToldElsewhere(body),
                                        call.keyId()),
                                200));
    }

    @PostMapping("/{id}/link")
    ResponseEntity<byte[]> link(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID request = Query.id(id);
        ResponseEntity<byte[]> link =
                posts.anew(
                        call,
                        "Nothing",
                        body ->
                                answer(
                                        requests.link(
                                                call.tenant(),
                                                request,
                                                call.restricted(),
                                                call.keyId()),
                                        201));
        LOG.info("api.content_read tenant={} key={} request={}", call.tenant(), call.keyId(), id);
        return link;
    }

    @PostMapping("/{id}/closure")
    ResponseEntity<byte[]> close(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "Nothing",
                (request, body) ->
                        answer(requests.close(call.tenant(), request, call.keyId()), 200));
    }

    private static boolean isToldElsewhere(JsonNode body) {
        return "elsewhere".equals(RequestFields.text(body, "told"));
    }

    private static Channel channel(JsonNode body, String field) {
        String channel = RequestFields.text(body, field);
        return channel == null ? null : Channel.of(channel);
    }

    private static Answer answer(Result result, int status) {
        return switch (result) {
            case Result.Done done -> new Answer(status, done.request());
            case Result.Linked link -> new Answer(status, new Link(link.url(), link.expiresAt()));
            case Result.Refused refused -> throw new ApiProblem(problem(refused.why()));
        };
    }

    private static Problem problem(Requests.Refusal why) {
        return switch (why) {
            case NOT_FOUND -> Problem.NOT_FOUND;
            case SUBJECT_ERASED -> Problem.SUBJECT_ERASED;
            case RECIPIENT_UNKNOWN -> Problem.RECIPIENT_UNKNOWN;
            case RESTRICTED -> Problem.RESTRICTED;
            case REQUEST_STATE,
                    SECOND_PROOF_NEEDED,
                    EXTENSION_TOO_LATE,
                    EXTENSION_TOO_LONG,
                    NO_WAY_TO_TELL,
                    RECEIVED_LATER ->
                    Problem.requestRefused(why);
        };
    }
}
