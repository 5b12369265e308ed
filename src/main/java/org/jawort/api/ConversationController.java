package org.jawort.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;
import org.jawort.conversation.ConversationReader;
import org.jawort.store.TenantScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Conversations, and what was said in them. Who read content stands in the log, without it. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/conversations")
final class ConversationController {

    private static final Logger LOG = LoggerFactory.getLogger(ConversationController.class);

    private final ConversationReader reader;
    private final TenantScope scope;
    private final Answers answers;

    ConversationController(ConversationReader reader, TenantScope scope, Answers answers) {
        this.reader = reader;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        Query query = call.query().only("limit", "after");
        int limit = query.limit();
        UUID before = Cursor.id(query.after());
        return answers.ok(
                Page.of(
                        scope.call(
                                call.tenant(),
                                () -> reader.conversations(call.tenant(), before, limit + 1)),
                        limit,
                        conversation -> Cursor.of(conversation.id())));
    }

    @GetMapping("/{id}/messages")
    ResponseEntity<byte[]> messages(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        Query query = call.query().only("limit", "after");
        int limit = query.limit();
        UUID after = Cursor.id(query.after());
        UUID conversation = Query.id(id);
        List<ObjectNode> messages =
                scope.call(
                        call.tenant(),
                        () -> {
                            if (!reader.exists(call.tenant(), conversation)) {
                                throw new ApiProblem(Problem.NOT_FOUND);
                            }
                            return reader.messages(call.tenant(), conversation, after, limit + 1);
                        });
        Page<ObjectNode> page =
                Page.of(
                        messages,
                        limit,
                        message ->
                                Cursor.of(UUID.fromString(message.get("messageId").textValue())));
        LOG.info(
                "api.content_read tenant={} key={} conversation={} messages={}",
                call.tenant(),
                call.keyId(),
                conversation,
                page.items().size());
        return answers.ok(page);
    }
}
