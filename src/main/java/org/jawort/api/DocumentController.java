package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.document.DocumentList;
import org.jawort.document.DocumentSearch;
import org.jawort.document.DocumentSearch.Criteria;
import org.jawort.document.DocumentSearch.Document;
import org.jawort.document.ProcedureDocument;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
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

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Posts posts;
    private final DocumentSearch search;
    private final Answers answers;

    DocumentController(Posts posts, DocumentSearch search, Answers answers) {
        this.posts = posts;
        this.search = search;
        this.answers = answers;
    }

    @PostMapping("/search")
    ResponseEntity<byte[]> search(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @RequestHeader(name = HttpHeaders.ACCEPT, required = false) String accept) {
        call.query().only();
        ResponseEntity<byte[]> answer =
                posts.anew(call, "DocumentSearch", body -> new Answer(200, find(call, body)));
        return accept != null && accept.contains("text/html") ? page(answer) : answer;
    }

    private ResponseEntity<byte[]> page(ResponseEntity<byte[]> answer) {
        HttpHeaders headers = answers.headers(200);
        headers.set(HttpHeaders.CONTENT_TYPE, "text/html;charset=UTF-8");
        headers.set(HttpHeaders.CONTENT_LANGUAGE, "de");
        headers.set("Content-Security-Policy", ProcedureDocument.CONTENT_SECURITY_POLICY);
        headers.set("Referrer-Policy", "no-referrer");
        try {
            return ResponseEntity.ok()
                    .headers(headers)
                    .body(DocumentList.html(JSON.readTree(answer.getBody())));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
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
