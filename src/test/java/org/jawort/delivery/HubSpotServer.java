package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jawort.delivery.DestinationContract.Behaviour;
import org.jawort.delivery.DestinationContract.Taken;
import org.jawort.delivery.StubbornServer.Answer;
import org.jawort.delivery.StubbornServer.Request;

/**
 * As much of HubSpot's CRM API as its public documentation says of contacts, communications, notes
 * and associations, with an account where the unique properties were made. Faults come when a
 * record is written, {@code UNAVAILABLE} as its rate limit from the first request on.
 *
 * @see <a href="https://developers.hubspot.com/docs/api/crm/communications">Communications</a>
 */
public final class HubSpotServer implements DestinationContract.Receiver {

    static final String TOKEN = "pat-eu1-5d0c1b2a";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> RECORD_PROPERTIES =
            Set.of(
                    "jawort_message_id",
                    "jawort_status",
                    "hs_timestamp",
                    "hs_note_body",
                    "hs_communication_channel_type",
                    "hs_communication_logged_from",
                    "hs_communication_body",
                    "hubspot_owner_id");

    /** By type, by HubSpot's own id. */
    public final Map<String, Map<String, ObjectNode>> objects = new TreeMap<>();

    /** Id of a record to id of its contact. */
    final Map<String, String> associations = new LinkedHashMap<>();

    private final StubbornServer server = new StubbornServer(this::answer);
    private volatile Behaviour behaviour = Behaviour.TAKE;
    private Map<String, String> limitHeaders =
            Map.of("X-HubSpot-RateLimit-Interval-Milliseconds", "10000");
    private String limitPolicy = "TEN_SECONDLY_ROLLING";
    private String conflictAt = "";
    private String searchesFail;
    private int lastId = 100;

    public HubSpotServer() {
        for (String type : List.of("contacts", "communications", "notes")) {
            objects.put(type, new LinkedHashMap<>());
        }
        contact("+4915100000011");
    }

    /** Somebody HubSpot knows by this number. */
    public String contact(String phone) {
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        properties.put("phone", phone);
        return insert("contacts", properties);
    }

    /** From now on, an answer 429 of this policy. */
    void limit(String policy, Map<String, String> headers) {
        limitPolicy = policy;
        limitHeaders = headers;
        behaviour = Behaviour.UNAVAILABLE;
    }

    /** Whoever upserts objects of this type meets somebody who does the same just now. */
    void conflict(String type) {
        conflictAt = type;
    }

    /** From now on what is looked for is not found for this reason, whether it is there or not. */
    public void searchesFail(String category) {
        searchesFail = category;
    }

    List<Request> requests() {
        return server.requests();
    }

    private synchronized Answer answer(Request request) {
        if (!("Bearer " + TOKEN).equals(request.header("authorization"))) {
            return error(401, "INVALID_AUTHENTICATION", "not authenticated");
        }
        if (behaviour == Behaviour.UNAVAILABLE) {
            return limited();
        }
        String[] path = URI.create(request.target()).getPath().substring(1).split("/");
        String what = request.method() + " " + String.join("/", path);
        JsonNode body = json(request.body());
        if (path.length == 9 && what.startsWith("PUT crm/v4/objects/")) {
            return associate(path[3], path[4], path[8]);
        }
        if (path.length < 5 || !objects.containsKey(path[3])) {
            return error(404, "OBJECT_NOT_FOUND", "no such path");
        }
        String type = path[3];
        return switch (request.method() + (path.length == 6 ? " " + path[5] : " " + path[4])) {
            case "POST search" -> search(type, body);
            case "POST upsert" -> upsert(type, body.at("/inputs/0"));
            case "POST read" -> read(type, body);
            default ->
                    switch (request.method()) {
                        case "PATCH" -> patch(type, path[4], request.target(), body);
                        case "DELETE" -> delete(type, path[4]);
                        default -> error(405, "METHOD_NOT_ALLOWED", what);
                    };
        };
    }

    private Answer limited() {
        return new Answer.Http(
                429,
                limitHeaders,
                """
                { "status": "error", "message": "You have reached your limit.", "errorType": "RATE_LIMIT",
                  "correlationId": "c033cdaa", "policyName": "%s" }"""
                        .formatted(limitPolicy));
    }

    /** Groups are alternatives; numbers are compared as HubSpot calculates them. */
    private Answer search(String type, JsonNode body) {
        List<ObjectNode> found = new ArrayList<>();
        for (ObjectNode object : objects.get(type).values()) {
            for (JsonNode group : body.get("filterGroups")) {
                JsonNode filter = group.at("/filters/0");
                String name =
                        filter.get("propertyName")
                                .asText()
                                .replaceFirst(
                                        "hs_searchable_calculated_international_(.*)_number", "$1");
                String value = object.at("/properties/" + name).asText("");
                if (!name.equals(filter.get("propertyName").asText())) {
                    value = value.replaceAll("[^0-9]", "");
                }
                if (!value.isEmpty() && value.equals(filter.get("value").asText())) {
                    found.add(object);
                    break;
                }
            }
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("total", found.size());
        List<String> asked = new ArrayList<>();
        body.get("properties").forEach(name -> asked.add(name.asText()));
        found.stream()
                .limit(body.get("limit").asInt())
                .map(ObjectNode::deepCopy)
                .peek(object -> ((ObjectNode) object.get("properties")).retain(asked))
                .forEach(answer.putArray("results")::add);
        return Answer.json(200, answer.toString());
    }

    private Answer upsert(String type, JsonNode input) {
        if (type.equals(conflictAt)) {
            conflictAt = "";
            if (!type.equals("contacts")) {
                return error(409, "CONFLICT", "written by another request");
            }
            String id = insert(type, (ObjectNode) input.get("properties").deepCopy());
            return error(409, "CONFLICT", "Contact already exists. Existing ID: " + id);
        }
        boolean record = !type.equals("contacts");
        if (record && behaviour == Behaviour.REFUSE) {
            return error(400, "VALIDATION_ERROR", "Property values were not valid: +49151");
        }
        if (record && behaviour == Behaviour.DRIP) {
            return Answer.Fault.DRIP_HEAD;
        }
        for (String name : names(input.get("properties"))) {
            if (record && !RECORD_PROPERTIES.contains(name)) {
                return error(400, "VALIDATION_ERROR", "Property " + name + " does not exist");
            }
        }
        if (record && !input.at("/properties/hs_timestamp").isTextual()) {
            return error(400, "VALIDATION_ERROR", "hs_timestamp is required");
        }
        String id = find(type, input.get("idProperty").asText(), input.get("id").asText());
        boolean fresh = id == null;
        if (fresh) {
            id = insert(type, (ObjectNode) input.get("properties").deepCopy());
        } else {
            ((ObjectNode) objects.get(type).get(id).get("properties"))
                    .setAll((ObjectNode) input.get("properties"));
        }
        if (record && behaviour == Behaviour.HANG) {
            return Answer.Fault.HANG;
        }
        if (record && behaviour == Behaviour.CUT) {
            return Answer.Fault.CUT;
        }
        return Answer.json(
                fresh ? 201 : 200,
                """
                { "status": "COMPLETE", "results": [{ "id": "%s", "new": %s }] }"""
                        .formatted(id, fresh));
    }

    private Answer read(String type, JsonNode body) {
        String id = find(type, body.get("idProperty").asText(), body.at("/inputs/0/id").asText());
        return id == null || searchesFail != null
                ? Answer.json(
                        207,
                        """
                        { "status": "COMPLETE", "results": [], "numErrors": 1,
                          "errors": [{ "status": "error", "category": "%s" }] }"""
                                .formatted(
                                        searchesFail == null ? "OBJECT_NOT_FOUND" : searchesFail))
                : Answer.json(
                        200,
                        "{ \"status\": \"COMPLETE\", \"results\": [{ \"id\": \"%s\" }] }"
                                .formatted(id));
    }

    private Answer patch(String type, String value, String target, JsonNode body) {
        String id = find(type, target.replaceFirst(".*[?&]idProperty=", ""), value);
        if (id == null) {
            return error(404, "OBJECT_NOT_FOUND", "resource not found");
        }
        ((ObjectNode) objects.get(type).get(id).get("properties"))
                .setAll((ObjectNode) body.get("properties"));
        return Answer.json(200, "{ \"id\": \"" + id + "\" }");
    }

    private Answer delete(String type, String id) {
        objects.get(type).remove(id);
        associations.remove(id);
        return Answer.status(204);
    }

    private Answer associate(String type, String record, String contact) {
        if (!objects.get(type).containsKey(record)
                || !objects.get("contacts").containsKey(contact)) {
            return error(404, "OBJECT_NOT_FOUND", "resource not found");
        }
        associations.put(record, contact);
        return Answer.json(200, "{ \"status\": \"COMPLETE\" }");
    }

    private String find(String type, String property, String value) {
        return objects.get(type).entrySet().stream()
                .filter(it -> it.getValue().at("/properties/" + property).asText("").equals(value))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private String insert(String type, ObjectNode properties) {
        String id = String.valueOf(++lastId);
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("id", id);
        object.set("properties", properties);
        objects.get(type).put(id, object);
        return id;
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).collect(Collectors.toList());
    }

    private static Answer error(int status, String category, String message) {
        return Answer.json(
                status,
                "{ \"status\": \"error\", \"message\": \"%s\", \"correlationId\": \"a43683b0\", \"category\": \"%s\" }"
                        .formatted(message, category));
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException notJson) {
            throw new UncheckedIOException(notJson);
        }
    }

    /** What of the account's records stands on a contact's timeline. */
    @Override
    public synchronized List<Taken> taken() {
        return objects.entrySet().stream()
                .filter(type -> !type.getKey().equals("contacts"))
                .flatMap(type -> type.getValue().values().stream())
                .filter(record -> associations.containsKey(record.get("id").asText()))
                .map(
                        record ->
                                new Taken(
                                        record.at("/properties/jawort_message_id").asText(),
                                        record.at("/properties/hs_communication_body")
                                                .asText()
                                                .substring(2)))
                .toList();
    }

    @Override
    public List<String> asked() {
        return server.requests().stream()
                .filter(it -> it.target().matches(".*/(communications|notes)/batch/upsert"))
                .map(it -> json(it.body()).at("/inputs/0/id").asText())
                .toList();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("url", server.url(), "token", TOKEN);
    }

    @Override
    public Set<String> secrets() {
        return Set.of(TOKEN);
    }

    @Override
    public Set<Behaviour> faults() {
        return Set.of(
                Behaviour.REFUSE,
                Behaviour.UNAVAILABLE,
                Behaviour.HANG,
                Behaviour.DRIP,
                Behaviour.CUT);
    }

    @Override
    public void behave(Behaviour next) {
        behaviour = next;
    }

    @Override
    public void close() {
        server.close();
    }
}
