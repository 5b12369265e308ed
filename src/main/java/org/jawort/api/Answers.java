package org.jawort.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Writes bodies. Absent values are written as null, so that a field is there or is none. */
final class Answers {

    private final ObjectMapper json;
    private final int retryAfterSeconds;

    Answers(ObjectMapper json, int retryAfterSeconds) {
        this.json = json;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    ResponseEntity<byte[]> ok(Object body) {
        return of(200, bytes(body));
    }

    /**
     * @param body as {@link #bytes} made it; of a problem if the status is an error
     */
    ResponseEntity<byte[]> of(int status, byte[] body) {
        return ResponseEntity.status(status).headers(headers(status)).body(body);
    }

    ResponseEntity<byte[]> of(Problem problem) {
        return of(problem.status(), bytes(problem));
    }

    HttpHeaders headers(int status) {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(
                status >= 400 ? MediaType.APPLICATION_PROBLEM_JSON : MediaType.APPLICATION_JSON);
        headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        switch (status) {
            case 401 -> headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            case 429 -> headers.set(HttpHeaders.RETRY_AFTER, "60");
            case 503 -> headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(retryAfterSeconds));
            default -> {}
        }
        return headers;
    }

    byte[] bytes(Object body) {
        try {
            return json.writeValueAsBytes(body instanceof Problem problem ? tree(problem) : body);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private ObjectNode tree(Problem problem) {
        ObjectNode tree = json.createObjectNode();
        tree.put("type", problem.type());
        tree.put("title", problem.title());
        tree.put("status", problem.status());
        tree.put("code", problem.code());
        if (problem.messageId() != null) {
            tree.put("messageId", problem.messageId().toString());
        }
        if (!problem.errors().isEmpty()) {
            ArrayNode errors = tree.putArray("errors");
            for (Problem.BrokenRule broken : problem.errors()) {
                ObjectNode error = errors.addObject();
                error.put("pointer", broken.pointer());
                error.put("rule", broken.rule());
                if (broken.property() != null) {
                    error.put("property", broken.property());
                }
            }
        }
        return tree;
    }
}
