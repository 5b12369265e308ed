package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.message.Channel;
import org.jawort.sending.MessageRequests;
import org.jawort.sending.MessageRequests.Asked;
import org.jawort.sending.MessageRequests.Request;
import org.jawort.sending.MessageViews;
import org.jawort.store.TenantScope;
import org.springframework.dao.DataAccessException;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Messages to send: asked for, looked up, stopped, explained. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/messages")
final class MessageController {

    /** Content is not kept longer for being sent late. */
    private static final Duration FARTHEST = Duration.ofDays(90);

    record Taken(UUID messageId, String state) {}

    private final Posts posts;
    private final MessageRequests requests;
    private final MessageViews views;
    private final TenantScope scope;
    private final InstantSource clock;
    private final Answers answers;

    MessageController(
            Posts posts,
            MessageRequests requests,
            MessageViews views,
            TenantScope scope,
            InstantSource clock,
            Answers answers) {
        this.posts = posts;
        this.requests = requests;
        this.views = views;
        this.scope = scope;
        this.clock = clock;
        this.answers = answers;
    }

    @PostMapping
    ResponseEntity<byte[]> send(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        try {
            return posts.once(
                    call, "MessageToSend", body -> answer(requests.submit(request(call, body))));
        } catch (DataAccessException | TransactionException failure) {
            if (ProblemAnswers.isTransient(failure)) {
                throw new ApiProblem(Problem.STORE_UNAVAILABLE); // FLT-5: a denial with its code
            }
            throw failure;
        }
    }

    private static Answer answer(MessageRequests.Answer answer) {
        return switch (answer) {
            case MessageRequests.Answer.Taken taken ->
                    new Answer(202, new Taken(taken.id(), taken.state()));
            case MessageRequests.Answer.Denied denied ->
                    Answer.of(Problem.denied(denied.reason(), denied.id()));
            case MessageRequests.Answer.TemplateUnknown unknown ->
                    throw new ApiProblem(Problem.TEMPLATE_UNKNOWN);
            case MessageRequests.Answer.ParametersDiffer differ ->
                    throw new ApiProblem(Problem.TEMPLATE_PARAMETERS);
            case MessageRequests.Answer.TriggerUnknown unknown ->
                    throw new ApiProblem(Problem.TRIGGER_UNKNOWN);
            case MessageRequests.Answer.RecipientUnknown unknown ->
                    throw new ApiProblem(Problem.RECIPIENT_UNKNOWN);
        };
    }

    private Request request(ApiCall call, JsonNode body) {
        JsonNode to = body.get("to");
        JsonNode template = body.path("content").path("template");
        List<String> parameters = new ArrayList<>();
        template.path("parameters").forEach(one -> parameters.add(one.textValue()));
        Instant sendAt = RequestFields.time(body, "sendAt");
        if (sendAt != null && sendAt.isAfter(clock.instant().plus(FARTHEST))) {
            throw new ApiProblem(
                    Problem.invalidBody(
                            List.of(new Problem.BrokenRule("/sendAt", "maximum", null))));
        }
        return new Request(
                call.tenant(),
                id(to, "subject"),
                RequestFields.text(to, "address"),
                id(to, "conversation"),
                to.has("channel") ? Channel.of(RequestFields.text(to, "channel")) : null,
                template.isObject() ? null : (ObjectNode) body.get("content"),
                RequestFields.text(template, "name"),
                RequestFields.text(template, "language"),
                parameters,
                RequestFields.text(body, "reference"),
                sendAt,
                call.writer(),
                asked(body.get("authentication")));
    }

    private static Asked asked(JsonNode authentication) {
        return authentication == null
                ? null
                : new Asked(
                        id(authentication, "message"),
                        RequestFields.time(authentication, "/authentication", "triggeredAt"),
                        authentication.get("evidence"));
    }

    private static UUID id(JsonNode json, String field) {
        String text = RequestFields.text(json, field);
        return text == null ? null : UUID.fromString(text);
    }

    @GetMapping("/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID message = Query.id(id);
        return answers.ok(scope.call(call.tenant(), () -> view(call, message)));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<byte[]> cancel(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID message = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> {
                            boolean canceled = views.cancel(call.tenant(), message);
                            MessageViews.View view = view(call, message);
                            // a second time it is canceled already, and that is as good
                            if (!canceled && !view.state().equals("canceled")) {
                                throw new ApiProblem(Problem.MESSAGE_NOT_CANCELABLE);
                            }
                            return view;
                        }));
    }

    @GetMapping("/{id}/decision")
    ResponseEntity<byte[]> explain(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID message = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                views.explain(call.tenant(), message)
                                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))));
    }

    private MessageViews.View view(ApiCall call, UUID message) {
        return views.view(call.tenant(), message, call.restricted())
                .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
    }
}
