package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.document.DocumentSearch;
import org.jawort.document.DocumentSearch.Criteria;
import org.jawort.document.DocumentSearch.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Documents by date, party, case and type (RET-11). Who searched stands in the log, with what was
 * given to search by and without any value of it.
 */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/documents")
final class DocumentController {

    private static final Logger LOG = LoggerFactory.getLogger(DocumentController.class);

    private final Posts posts;
    private final DocumentSearch search;

    DocumentController(Posts posts, DocumentSearch search) {
        this.posts = posts;
        this.search = search;
    }

    @PostMapping("/search")
    ResponseEntity<byte[]> search(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(call, "DocumentSearch", body -> new Answer(200, find(call, body)));
    }

    private Page<Document> find(ApiCall call, JsonNode body) {
        Criteria criteria = criteria(body);
        int limit = body.path("limit").asInt(Query.DEFAULT_LIMIT);
        String after = RequestFields.text(body, "after");
        UUID before = after == null ? null : Cursor.id(Cursor.parse(after));
        Page<Document> page =
                Page.of(
                        search.find(call.tenant(), criteria, call.restricted(), before, limit + 1),
                        limit,
                        document -> Cursor.of(document.messageId()));
        LOG.info(
                "api.documents_searched tenant={} key={} by={} documents={} restricted={}",
                call.tenant(),
                call.keyId(),
                criteria.names(),
                page.items().size(),
                page.items().stream().filter(Document::restricted).count());
        return page;
    }

    private static Criteria criteria(JsonNode body) {
        Map<String, String> labels = new TreeMap<>();
        body.path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().textValue()));
        return new Criteria(
                RequestFields.time(body, "from"),
                RequestFields.time(body, "to"),
                RequestFields.text(body, "channel"),
                RequestFields.text(body, "address"),
                id(body, "subject"),
                id(body, "conversation"),
                RequestFields.text(body, "direction"),
                RequestFields.text(body, "category"),
                RequestFields.text(body, "contentType"),
                labels);
    }

    private static UUID id(JsonNode body, String field) {
        return Optional.ofNullable(RequestFields.text(body, field))
                .map(UUID::fromString)
                .orElse(null);
    }
}
