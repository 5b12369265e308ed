package org.jawort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code asyncapi.yaml} as a receiver uses it: an event is held against the message of its type.
 */
public final class AsyncApi {

    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_2020_12,
                    builder ->
                            builder.schemaRegistryConfig(
                                            SchemaRegistryConfig.builder()
                                                    .formatAssertionsEnabled(true)
                                                    .build())
                                    .schemas(
                                            id -> {
                                                int at = id.indexOf("/schemas/");
                                                return at < 0 ? null : served(id.substring(at));
                                            }));

    private final JsonNode document;
    private final Map<String, Schema> byType = new TreeMap<>();

    public AsyncApi() {
        try (InputStream yaml = AsyncApi.class.getResourceAsStream("/asyncapi.yaml")) {
            document = new YAMLMapper().readTree(yaml);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        document.at("/components/messages")
                .forEach(
                        message -> {
                            JsonNode payload = resolve(message.at("/payload/$ref").asText());
                            ObjectNode schema = (ObjectNode) payload.get("schema").deepCopy();
                            schema.put(
                                    "$id",
                                    "https://hub.example/api/" + message.get("name").asText());
                            byType.put(message.get("name").asText(), SCHEMAS.getSchema(schema));
                        });
    }

    public JsonNode document() {
        return document;
    }

    /** Of {@code #/…} in the document; missing if there is nothing. */
    public JsonNode resolve(String reference) {
        return document.at(reference.substring(1));
    }

    /** As the hub serves it under {@code /schemas}; {@code null} if it does not. */
    public static String served(String path) {
        try (InputStream schema =
                AsyncApi.class.getResourceAsStream(path.replace("/schemas/", "/schema/"))) {
            return schema == null
                    ? null
                    : new String(schema.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    public Map<String, Schema> types() {
        return byType;
    }

    /** What of an event is not as described; empty if all is. */
    public List<String> faults(byte[] event) {
        try {
            JsonNode json = new ObjectMapper().readTree(event);
            Schema schema = byType.get(json.path("type").asText());
            if (schema == null) {
                return List.of("no message for " + json.path("type"));
            }
            List<String> faults = new ArrayList<>();
            schema.validate(json).forEach(error -> faults.add(error.toString()));
            return faults;
        } catch (IOException noJson) {
            return List.of("no JSON");
        }
    }
}
