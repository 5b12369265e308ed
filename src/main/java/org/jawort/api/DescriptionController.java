package org.jawort.api;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * The descriptions of the API and of events, and the schemas events name in {@code dataschema}; for
 * everybody.
 */
@RestController
final class DescriptionController {

    private final Contract contract;

    DescriptionController(Contract contract) {
        this.contract = contract;
    }

    @GetMapping("/api/openapi.yaml")
    ResponseEntity<byte[]> openapi() {
        return document("application/yaml", contract.yaml());
    }

    /** What leaves by itself: events on a tenant's topic and as webhooks. */
    @GetMapping("/api/asyncapi.yaml")
    ResponseEntity<byte[]> asyncapi() throws IOException {
        try (InputStream yaml = DescriptionController.class.getResourceAsStream("/asyncapi.yaml")) {
            return document("application/yaml", yaml.readAllBytes());
        }
    }

    @GetMapping("/schemas/{name}.json")
    ResponseEntity<byte[]> schema(@PathVariable("name") String name) throws IOException {
        if (!name.matches("[a-z0-9-]{1,60}")) {
            throw new ApiProblem(Problem.NOT_FOUND);
        }
        try (InputStream schema =
                DescriptionController.class.getResourceAsStream("/schema/" + name + ".json")) {
            if (schema == null) {
                throw new ApiProblem(Problem.NOT_FOUND);
            }
            return document("application/schema+json", schema.readAllBytes());
        }
    }

    private static ResponseEntity<byte[]> document(String type, byte[] bytes) {
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType(type))
                .cacheControl(CacheControl.maxAge(Duration.ofMinutes(5)))
                .header("X-Content-Type-Options", "nosniff")
                .body(bytes);
    }
}
