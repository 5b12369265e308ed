package org.jawort.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;
import org.jawort.conversation.ConversationReader;
import org.jawort.conversation.ConversationReader.Summary;
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
    private final Pages pages;
    private final Answers answers;

    ConversationController(ConversationReader reader, Pages pages, Answers answers) {
        this.reader = reader;
        this.pages = pages;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(pages.read(call, reader::conversations, Summary::id));
    }

    @GetMapping("/{id}/messages")
    ResponseEntity<byte[]> messages(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        Page<ObjectNode> page =
                pages.read(
                        call,
                        (tenant, after, limit) -> messages(tenant, Query.id(id), after, limit),
                        message -> UUID.fromString(message.get("messageId").textValue()));
        LOG.info(
                "api.content_read tenant={} key={} conversation={} messages={}",
                call.tenant(),
                call.keyId(),
                Query.id(id),
                page.items().size());
        return answers.ok(page);
    }

    private List<ObjectNode> messages(String tenant, UUID conversation, UUID after, int limit) {
        if (!reader.exists(tenant, conversation)) {
            throw new ApiProblem(Problem.NOT_FOUND);
        }
        return reader.messages(tenant, conversation, after, limit);
    }
}
