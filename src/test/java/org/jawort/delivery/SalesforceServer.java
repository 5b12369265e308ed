package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.delivery.DestinationContract.Behaviour;
import org.jawort.delivery.DestinationContract.Taken;
import org.jawort.delivery.StubbornServer.Answer;
import org.jawort.delivery.StubbornServer.Request;

/**
 * As much of Salesforce's REST API as its public documentation says of tokens by client
 * credentials, upsert and deletion by external id and SOQL, in an org with two custom fields on
 * Task. Tokens come from one host, and name another for everything else.
 *
 * @see <a
 *     href="https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html">Upsert</a>
 */
public final class SalesforceServer implements DestinationContract.Receiver {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String TASKS = "/services/data/v62.0/sobjects/Task/Jawort_Message_Id__c/";
    private static final Set<String> FIELDS =
            Set.of("Subject", "Description", "ActivityDate", "Status", "WhoId", "Jawort_Status__c");

    /** By external id. */
    public final Map<String, ObjectNode> tasks = new LinkedHashMap<>();

    private final StubbornServer instance = new StubbornServer(this::answer);
    private final StubbornServer login = new StubbornServer(this::token);
    private volatile Behaviour behaviour = Behaviour.TAKE;
    private int session = 0;
    private int valid = 1;

    /** The next answers are this error. */
    private Answer error;

    /** Sessions end; the next token opens one that is good. */
    synchronized void endSessions() {
        valid = session + 1;
    }

    void answerWith(int status, String errorCode) {
        error = refused(status, errorCode);
    }

    List<Request> requests() {
        return instance.requests();
    }

    int tokens() {
        return session;
    }

    private synchronized Answer token(Request request) {
        boolean right =
                request.target().equals("/services/oauth2/token")
                        && request.text().startsWith("grant_type=client_credentials")
                        && request.header("authorization").startsWith("Basic ");
        if (!right) {
            return Answer.json(400, "{ \"error\": \"invalid_request\" }");
        }
        session++;
        return Answer.json(
                200,
                """
                { "access_token": "00D!session-%d", "signature": "x=", "token_type": "Bearer",
                  "instance_url": "%s", "id": "https://login.example/id/00D/005", "issued_at": "1764151200000" }"""
                        .formatted(session, instance.url()));
    }

    private synchronized Answer answer(Request request) {
        String authorization = String.valueOf(request.header("authorization"));
        String prefix = "Bearer 00D!session-";
        if (!authorization.startsWith(prefix)
                || Integer.parseInt(authorization.substring(prefix.length())) < valid) {
            return refused(401, "INVALID_SESSION_ID");
        }
        if (error != null) {
            return error;
        }
        if (behaviour == Behaviour.UNAVAILABLE) {
            return refused(403, "REQUEST_LIMIT_EXCEEDED");
        }
        URI target = URI.create(request.target());
        if (target.getPath().equals("/services/data/v62.0/query")) {
            return query(target.getQuery());
        }
        if (!target.getPath().startsWith(TASKS)) {
            return refused(404, "NOT_FOUND");
        }
        String id = target.getPath().substring(TASKS.length());
        return switch (request.method()) {
            case "PATCH" ->
                    upsert(id, json(request.body()), "updateOnly=true".equals(target.getQuery()));
            case "DELETE" ->
                    tasks.remove(id) == null ? refused(404, "NOT_FOUND") : Answer.status(204);
            default -> refused(405, "METHOD_NOT_ALLOWED");
        };
    }

    private static Answer query(String query) {
        boolean known = query.contains("MobilePhone = '+4915100000011'");
        String plate =
                query.contains("Kennzeichen__c")
                        ? ", \"Kennzeichen__c\": \"M-AB 123\", \"Vorgang__c\": null"
                        : "";
        return Answer.json(
                200,
                known
                        ? """
                        { "totalSize": 1, "done": true, "records": [{ "Id": "003000000000001"%s }] }"""
                                .formatted(plate)
                        : """
                        { "totalSize": 0, "done": true, "records": [] }""");
    }

    private Answer upsert(String id, JsonNode fields, boolean updateOnly) {
        if (behaviour == Behaviour.REFUSE) {
            return refused(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
        }
        if (behaviour == Behaviour.DRIP) {
            return Answer.Fault.DRIP_HEAD;
        }
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            if (!FIELDS.contains(field.getKey())) {
                return refused(400, "INVALID_FIELD");
            }
        }
        boolean fresh = !tasks.containsKey(id);
        if (fresh && updateOnly) {
            return refused(404, "NOT_FOUND");
        }
        tasks.computeIfAbsent(id, key -> JsonNodeFactory.instance.objectNode())
                .setAll((ObjectNode) fields);
        return switch (behaviour) {
            case HANG -> Answer.Fault.HANG;
            case CUT -> Answer.Fault.CUT;
            default ->
                    Answer.json(
                            fresh ? 201 : 200,
                            "{ \"id\": \"00T01\", \"success\": true, \"errors\": [], \"created\": %s }"
                                    .formatted(fresh));
        };
    }

    private static Answer refused(int status, String errorCode) {
        return Answer.json(
                status,
                "[{ \"message\": \"about +4915100000011\", \"errorCode\": \"%s\", \"fields\": [] }]"
                        .formatted(errorCode));
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException notJson) {
            throw new UncheckedIOException(notJson);
        }
    }

    @Override
    public synchronized List<Taken> taken() {
        return tasks.entrySet().stream()
                .map(
                        task ->
                                new Taken(
                                        task.getKey(),
                                        task.getValue().get("Description").asText().substring(2)))
                .toList();
    }

    @Override
    public List<String> asked() {
        return instance.requests().stream()
                .map(Request::target)
                .filter(target -> target.startsWith(TASKS))
                .map(target -> target.substring(TASKS.length()))
                .toList();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of(
                "url",
                login.url(),
                "tokenUrl",
                login.url() + "/services/oauth2/token",
                "clientId",
                "3MVG9",
                "clientSecret",
                "consumer-secret-0c7d");
    }

    @Override
    public Set<String> secrets() {
        return Set.of("consumer-secret-0c7d", "00D!session");
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
        login.close();
        instance.close();
    }
}
