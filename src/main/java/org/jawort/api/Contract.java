package org.jawort.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The API's own description, used to check request bodies: what it does not allow does not get in.
 * Thread-safe.
 */
final class Contract {

    private static final String RESOURCE = "/openapi.yaml";

    private static final ObjectMapper STRICT =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final byte[] yaml;
    private final JsonNode description;
    private final SchemaRegistry registry;
    private final ConcurrentMap<String, Schema> schemas = new ConcurrentHashMap<>();

    Contract() {
        try (InputStream resource = Contract.class.getResourceAsStream(RESOURCE)) {
            yaml = resource.readAllBytes();
            // SnakeYAML itself, because Jackson does not follow aliases
            description =
                    STRICT.valueToTree(
                            new Yaml(new SafeConstructor(new LoaderOptions()))
                                    .load(new String(yaml, StandardCharsets.UTF_8)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        SchemaRegistryConfig config =
                SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
        registry =
                SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2020_12,
                        builder -> builder.schemaRegistryConfig(config));
    }

    /** As served. */
    byte[] yaml() {
        return yaml;
    }

    JsonNode description() {
        return description;
    }

    /**
     * Reads a request body.
     *
     * @param schema name under {@code components/schemas}
     * @throws ApiProblem if it is no JSON or breaks the schema
     */
    JsonNode read(String schema, byte[] body) {
        JsonNode json;
        try {
            json = STRICT.readTree(body);
        } catch (IOException broken) {
            throw new ApiProblem(Problem.INVALID_JSON);
        }
        if (json == null || json.isMissingNode()) {
            throw new ApiProblem(Problem.INVALID_JSON);
        }
        List<Problem.BrokenRule> broken = violations(schema, json);
        if (!broken.isEmpty()) {
            throw new ApiProblem(Problem.invalidBody(broken));
        }
        return json;
    }

    List<Problem.BrokenRule> violations(String schema, JsonNode json) {
        Schema compiled = schemas.computeIfAbsent(schema, this::compile);
        try {
            return compiled.validate(json).stream().limit(20).map(Contract::rule).toList();
        } catch (ArithmeticException | NumberFormatException tooOdd) {
            // The validator's format checks count with parts of a value before they have ruled
            // out that the parts are none.
            return List.of(
                    new Problem.BrokenRule("", "format", "a value of the body is no such value"));
        }
    }

    private static Problem.BrokenRule rule(Error error) {
        // A missing property is named by the description; an unexpected one by the sender.
        return new Problem.BrokenRule(
                error.getInstanceLocation().toString(),
                error.getKeyword(),
                "required".equals(error.getKeyword()) ? error.getProperty() : null);
    }

    private Schema compile(String name) {
        ObjectNode document = STRICT.createObjectNode();
        document.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        document.put("$ref", "#/components/schemas/" + name);
        document.putObject("components")
                .set("schemas", description.at("/components/schemas").deepCopy());
        return registry.getSchema(document);
    }
}
