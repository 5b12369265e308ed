package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The JSON Schema of what a provider mapping returns. Each kind of entry is compiled on its own and
 * chosen by {@code kind}: that names the broken rule where the schema's {@code oneOf} could only
 * say "none of them", and checks one branch instead of all. Thread-safe.
 */
final class OutputContract {

    private static final String RESOURCE = "/schema/mapping-output-v1.json";

    private final Map<String, Schema> byKind = new HashMap<>();

    OutputContract() {
        JsonNode contract = read();
        SchemaRegistryConfig config =
                SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
        for (JsonNode reference : contract.at("/$defs/entry/oneOf")) {
            String kind = reference.get("$ref").textValue().substring("#/$defs/".length());
            ObjectNode one = contract.deepCopy();
            one.remove(List.of("type", "minItems", "items"));
            one.put("$id", contract.get("$id").textValue() + "/" + kind);
            one.put("$ref", "#/$defs/" + kind);
            byKind.put(
                    kind,
                    SchemaRegistry.withDefaultDialect(
                                    SpecificationVersion.DRAFT_2020_12,
                                    registry -> registry.schemaRegistryConfig(config))
                            .getSchema(one));
        }
    }

    /**
     * The first rule an entry breaks and where, without any value of it; empty if it breaks none.
     */
    Optional<String> violation(JsonNode entry) {
        Schema schema = byKind.get(entry.path("kind").asText());
        if (schema == null) {
            return Optional.of("/kind enum");
        }
        return schema.validate(entry).stream().findFirst().map(OutputSchema::place);
    }

    private static JsonNode read() {
        try (InputStream schema = OutputContract.class.getResourceAsStream(RESOURCE)) {
            return new ObjectMapper().readTree(schema);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
