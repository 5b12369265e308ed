package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jawort.HubInTest;
import org.jawort.local.DemoTenant;

/**
 * Calls operations of {@code openapi.yaml} by their id and holds every answer against the schema
 * the description gives for its status.
 */
final class ApiClient {

    static final ObjectMapper JSON = new ObjectMapper();
    static final String NOBODY = "019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10";

    /** One operation as described. */
    record Operation(String id, String method, String path, JsonNode description) {
        boolean isPost() {
            return method.equals("POST");
        }

        /** The query it cannot do without: each such parameter is an id. */
        String requiredQuery() {
            String query = "";
            for (JsonNode parameter : description.path("parameters")) {
                if (parameter.path("in").asText().equals("query")
                        && parameter.path("required").asBoolean()) {
                    query +=
                            (query.isEmpty() ? "?" : "&")
                                    + parameter.get("name").asText()
                                    + "="
                                    + UUID.randomUUID();
                }
            }
            return query;
        }

        /** The description's own example of a body. */
        String example() {
            JsonNode body = description.at("/requestBody/content/application~1json/example");
            return body.isMissingNode() ? "{}" : body.toString();
        }
    }

    private static final Contract CONTRACT = new Contract();
    private static final JsonNode API = CONTRACT.description();

    private final HubInTest hub;
    private final Set<String> called = ConcurrentHashMap.newKeySet();

    ApiClient(HubInTest hub) {
        this.hub = hub;
    }

    static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        API.get("paths")
                .properties()
                .forEach(
                        path -> {
                            for (String method : List.of("get", "post", "delete")) {
                                JsonNode operation = path.getValue().get(method);
                                if (operation != null) {
                                    operations.add(
                                            new Operation(
                                                    operation.get("operationId").textValue(),
                                                    method.toUpperCase(java.util.Locale.ROOT),
                                                    path.getKey(),
                                                    operation));
                                }
                            }
                        });
        return operations;
    }

    /** Operations behind the gate. */
    static List<Operation> keyed() {
        return operations().stream()
                .filter(operation -> operation.path().startsWith("/api/v1/"))
                .toList();
    }

    static Operation operation(String id) {
        return operations().stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
    }

    Set<String> called() {
        return called;
    }

    static String path(Operation operation, String tenant, Map<String, String> parameters) {
        String path = operation.path().replace("{tenant}", tenant);
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            path = path.replace("{" + parameter.getKey() + "}", parameter.getValue());
        }
        return path.replace("{id}", NOBODY)
                .replace("{file}", NOBODY)
                .replace("{destination}", "crm")
                .replace("{name}", "case");
    }

    /** As the hub's tenant, with a new Idempotency-Key. */
    HttpResponse<String> call(
            String id, Map<String, String> parameters, String query, String body) {
        return call(id, parameters, query, body, UUID.randomUUID().toString());
    }

    HttpResponse<String> call(
            String id,
            Map<String, String> parameters,
            String query,
            String body,
            String idempotencyKey) {
        Operation operation = operation(id);
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", "Bearer " + DemoTenant.API_KEY);
        if (idempotencyKey != null) {
            headers.put("Idempotency-Key", idempotencyKey);
        }
        return send(operation, path(operation, hub.tenant, parameters) + query, headers, body);
    }

    /** With another key than the tenant's first. */
    HttpResponse<String> as(String key, String id, Map<String, String> parameters, String body) {
        return as(key, id, parameters, body, UUID.randomUUID().toString());
    }

    HttpResponse<String> as(
            String key,
            String id,
            Map<String, String> parameters,
            String body,
            String idempotencyKey) {
        Operation operation = operation(id);
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", "Bearer " + key);
        if (operation.isPost() && idempotencyKey != null) {
            headers.put("Idempotency-Key", idempotencyKey);
        }
        return send(operation, path(operation, hub.tenant, parameters), headers, body);
    }

    HttpResponse<String> send(
            Operation operation, String path, Map<String, String> headers, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(hub.url() + path));
        headers.forEach(request::header);
        if (operation.isPost()) {
            if (!headers.containsKey("Content-Type")) {
                request.header("Content-Type", "application/json");
            }
            request.POST(BodyPublishers.ofString(body));
        } else {
            request.method(operation.method(), BodyPublishers.noBody());
        }
        HttpResponse<String> answer = hub.send(request.build());
        called.add(operation.id());
        check(operation, answer);
        return answer;
    }

    private static void check(Operation operation, HttpResponse<String> answer) {
        JsonNode response =
                resolve(
                        operation
                                .description()
                                .path("responses")
                                .path(String.valueOf(answer.statusCode())));
        assertThat(response.isObject())
                .as("%s describes status %s", operation.id(), answer.statusCode())
                .isTrue();
        String type = answer.headers().firstValue("Content-Type").orElse("");
        JsonNode schema = response.path("content").path(type.split(";")[0]).path("schema");
        assertThat(schema.isObject()).as("%s describes %s", operation.id(), type).isTrue();
        if (type.endsWith("json") && schema.has("$ref")) {
            String name =
                    schema.get("$ref").textValue().substring("#/components/schemas/".length());
            assertThat(CONTRACT.violations(name, json(answer)))
                    .as("%s answers %s", operation.id(), name)
                    .isEmpty();
        }
    }

    private static JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? API.at(node.get("$ref").textValue().substring(1)) : node;
    }

    static JsonNode json(HttpResponse<String> answer) {
        return json(answer.body());
    }

    static ObjectNode object(String text) {
        return (ObjectNode) json(text);
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException broken) {
            throw new AssertionError("no JSON", broken);
        }
    }

    /** Rules of a served schema an event breaks. */
    List<String> violations(String schemaPath, JsonNode document) {
        JsonNode schema =
                json(hub.send(HttpRequest.newBuilder(URI.create(hub.url() + schemaPath)).build()));
        SchemaRegistryConfig config =
                SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
        return SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2020_12,
                        builder -> builder.schemaRegistryConfig(config))
                .getSchema(schema)
                .validate(document)
                .stream()
                .map(error -> error.getInstanceLocation() + " " + error.getKeyword())
                .toList();
    }
}
