package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What AsyncApi holds real events against is checked by {@code api/RecipientsIT}. */
@DisplayName("The description of events")
class AsyncApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private final AsyncApi api = new AsyncApi();

    @Test
    void describesEveryTypeOfEventOnBothChannels() throws Exception {
        Set<String> types = new TreeSet<>();
        JSON.readTree(AsyncApi.served("/schemas/event-v1.json"))
                .at("/properties/type/enum")
                .forEach(type -> types.add(type.asText()));

        assertThat(api.types().keySet()).isEqualTo(types);
        api.document()
                .get("channels")
                .forEach(
                        channel -> {
                            Set<String> named = new TreeSet<>();
                            channel.get("messages")
                                    .forEach(
                                            message ->
                                                    named.add(
                                                            api.resolve(
                                                                            message.get("$ref")
                                                                                    .asText())
                                                                    .get("name")
                                                                    .asText()));
                            assertThat(named).isEqualTo(types);
                        });
    }

    @Test
    void refersToNothingThatIsNotThere() {
        List<String> missing = new ArrayList<>();
        List<JsonNode> open = new ArrayList<>(List.of(api.document()));
        while (!open.isEmpty()) {
            JsonNode node = open.removeLast();
            node.forEach(open::add);
            String reference = node.path("$ref").asText("");
            boolean isThere =
                    reference.startsWith("#")
                            ? !api.resolve(reference).isMissingNode()
                            : reference.isEmpty() || AsyncApi.served(reference) != null;
            if (!isThere) {
                missing.add(reference);
            }
        }

        assertThat(missing).isEmpty();
        assertThat(api.document().get("asyncapi").asText()).isEqualTo("3.0.0");
        assertThat(api.document().get("operations")).hasSize(2);
    }

    @Test
    void namesEveryLoginAndTheHeadersOfBothWays() {
        JsonNode components = api.document().get("components");
        Set<String> logins = new TreeSet<>();
        components
                .get("securitySchemes")
                .forEach(scheme -> logins.add(scheme.get("type").asText()));
        Set<String> headers = new TreeSet<>();
        components
                .at("/schemas/headers/oneOf")
                .forEach(
                        way ->
                                api.resolve(way.get("$ref").asText())
                                        .get("required")
                                        .forEach(name -> headers.add(name.asText())));

        assertThat(logins).containsExactly("X509", "plain", "scramSha256", "scramSha512");
        assertThat(api.document().at("/servers/topic/security")).hasSize(4);
        assertThat(headers)
                .contains("webhook-id", "webhook-timestamp", "webhook-signature", "ce_id");
    }

    @Test
    @DisplayName(
            "an event with a part missing, of another type or with another shape is told from a good one")
    void tellsABadEvent() throws Exception {
        ObjectNode good =
                (ObjectNode)
                        JSON.readTree(
                                """
                                { "specversion": "1.0", "id": "019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10", "type": "jawort.message.deleted.v1",
                                  "source": "/tenants/muster", "subject": "conversations/019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b11",
                                  "time": "2026-11-23T10:11:12Z", "datacontenttype": "application/json",
                                  "dataschema": "/schemas/message-deleted-v1.json", "tenant": "muster", "sequence": "7",
                                  "data": { "messageId": "019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b12", "conversationId": null, "subjectId": null,
                                            "reason": "RETENTION", "dataType": "media", "rule": "media@1" } }\
                                """);

        assertThat(faults(good)).isEmpty();
        assertThat(faults(good.deepCopy().put("sequence", "x"))).isNotEmpty();
        assertThat(faults(good.deepCopy().put("type", "jawort.message.sent.v1"))).isNotEmpty();
        assertThat(faults(good.deepCopy().put("type", "jawort.message.moved.v1"))).isNotEmpty();
        ObjectNode without = good.deepCopy();
        ((ObjectNode) without.get("data")).remove("messageId");
        assertThat(faults(without)).anyMatch(fault -> fault.contains("messageId"));
    }

    private List<String> faults(JsonNode event) {
        return api.faults(event.toString().getBytes(StandardCharsets.UTF_8));
    }
}
