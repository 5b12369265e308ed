package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.mapping.MappingExample.Kind;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the golden pairs of {@code send.jslt} and {@code sent.jslt} cannot show. */
class SendMappingTest {

    private static final Path ROOT = Path.of("mappings");
    private static final JsonMapper JSON = new JsonMapper();

    private final Mappings mappings = new Mappings(ROOT);

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void hasAnExampleForEveryContentAndEveryErrorWord(String provider) throws IOException {
        Set<String> types = new java.util.TreeSet<>();
        Set<String> outcomes = new java.util.TreeSet<>();
        for (MappingExample example : examples(provider)) {
            switch (example.kind()) {
                case SEND -> types.add(example.input().at("/content/type").asText());
                case SENT -> outcomes.add(example.expectedOutput().get("outcome").asText());
                case WEBHOOK -> {}
            }
        }

        assertThat(types)
                .contains(
                        "text",
                        "image",
                        "audio",
                        "video",
                        "document",
                        "location",
                        "template",
                        "buttons",
                        "list");
        assertThat(outcomes).containsExactly("accepted", "consent", "refused", "retry");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sticker", "contact", "reaction", "order", ""})
    void sendsNoContentItDoesNotKnow(String type) throws IOException {
        for (String provider : List.of("twilio", "messagebird", "vonage", "smooch")) {
            for (MappingExample example : examples(provider)) {
                if (example.kind() == Kind.SEND) {
                    ObjectNode message = example.input();
                    ((ObjectNode) message.get("content")).put("type", type);

                    assertThat(mappings.send(provider, message).has("unsupported"))
                            .as(example.name())
                            .isTrue();
                }
            }
        }
    }

    /** A message may end as unsupported or as a fault of its own, but nothing strange is sent. */
    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void noOddValueMakesAnOddRequest(String provider) throws IOException {
        List<JsonNode> odd = new ArrayList<>();
        JSON.readTree(
                        "[\"../../x\", \"a b\", \"x?y=1\", \"#\", \"\", -3, 1e30, [], [null], {}, {\"a\": 1}, null, true, \"%2e%2e\"]")
                .forEach(odd::add);
        for (MappingExample example : examples(provider)) {
            if (example.kind() == Kind.SEND) {
                ObjectNode message = example.input();
                for (JsonNode value : odd) {
                    tryEverywhere(provider, message, message, value);
                }
            }
        }
    }

    private void tryEverywhere(String provider, ObjectNode message, JsonNode at, JsonNode odd) {
        if (at instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode good = object.get(name);
                object.set(name, odd);
                isWellFormed(provider, message);
                object.set(name, good);
                tryEverywhere(provider, message, good, odd);
            }
        } else if (at instanceof ArrayNode list) {
            list.forEach(element -> tryEverywhere(provider, message, element, odd));
        }
    }

    private void isWellFormed(String provider, ObjectNode message) {
        JsonNode request;
        try {
            request = mappings.send(provider, message);
        } catch (MappingFailed refused) {
            return;
        }
        if (!request.has("unsupported")) {
            assertThat(request.get("path").asText()).matches("(/[A-Za-z0-9._~-]+)+");
            assertThat(request.get("path").asText()).doesNotContain("..");
        }
    }

    @ParameterizedTest
    @CsvSource({"smooch, whatsapp-text", "messagebird, classic-messenger-text-in-conversation"})
    void neverLeavesThePathOfTheProvider(String provider, String name) throws IOException {
        ObjectNode message = example(provider, "send-" + name);
        message.put("providerConversationId", "../../../2010-04-01/Accounts");

        assertThatThrownBy(() -> mappings.send(provider, message))
                .isInstanceOf(MappingFailed.class)
                .hasMessageContaining("/path pattern")
                .hasMessageNotContaining("Accounts");
    }

    @Test
    @DisplayName("MIN-3: of the person only address and words go out, what is ours is a random id")
    void tellsTheProviderRandomIdsOnly() throws IOException {
        for (String provider : List.of("twilio", "messagebird", "vonage", "smooch")) {
            for (MappingExample example : examples(provider)) {
                if (example.kind() == Kind.SEND) {
                    JsonNode request = mappings.send(provider, example.input());
                    if (!request.has("unsupported")) {
                        JsonNode body = request.get("body");
                        String ours =
                                List.of(
                                                body.path("client_ref"),
                                                body.path("client-ref"),
                                                body.path("trackId"),
                                                body.path("reference"),
                                                body.at("/metadata/clientRef"),
                                                body.at("/message/metadata/clientRef"),
                                                body.path("StatusCallback"))
                                        .stream()
                                        .map(JsonNode::asText)
                                        .reduce("", String::concat);
                        assertThat(ours)
                                .as(example.name())
                                .contains("019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10")
                                .doesNotContain("4915112345678", "Jana");
                    }
                }
            }
        }
    }

    @Test
    void findsOurOwnReferenceInTheCallbackUrlOfTwilio() throws IOException {
        ObjectNode status =
                WebhookDocument.of(
                        "twilio",
                        "autohaus-muster",
                        "twilio",
                        List.of(),
                        "POST",
                        "application/x-www-form-urlencoded",
                        "clientRef=019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10",
                        Map.of(),
                        "MessageSid=SM20000002000000220000000220000002&MessageStatus=delivered&From=whatsapp%3A%2B493023125010&To=whatsapp%3A%2B4915112345678"
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        Instant.parse("2026-11-23T10:11:12Z"));

        JsonNode entry = mappings.map("twilio", status).entries().getFirst();

        assertThat(entry.path("clientRef").asText())
                .isEqualTo("019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void makesSomethingOfAnAnswerWithoutABody(String provider) {
        for (int status : new int[] {200, 202, 302, 400, 401, 404, 422, 429, 500, 503}) {
            ObjectNode answer = JsonNodeFactory.instance.objectNode();
            answer.put("provider", provider).putNull("api").put("channel", "sms");
            answer.put("status", status).putNull("body").putNull("retryAfter");

            JsonNode meaning = mappings.sent(provider, answer);

            assertThat(meaning.get("outcome").asText())
                    .as("%s %d", provider, status)
                    .isEqualTo(
                            status < 300
                                    ? "accepted"
                                    : Set.of(401, 429, 500, 503).contains(status)
                                            ? "retry"
                                            : "refused");
        }
    }

    private static List<MappingExample> examples(String provider) {
        return MappingExample.in(provider, ROOT.resolve(provider).resolve("examples"));
    }

    private static ObjectNode example(String provider, String name) throws IOException {
        return examples(provider).stream()
                .filter(example -> example.name().equals(name))
                .findFirst()
                .orElseThrow()
                .input();
    }
}
