package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the golden pairs of mappings/vonage/examples cannot show: tables, and webhooks nobody sent
 * yet.
 */
class VonageMappingTest {

    private static final Path EXAMPLES = Path.of("mappings/vonage/examples");
    private static final Mappings MAPPINGS = RepositoryMappings.ALL;
    private static final List<String> STRANGE_VALUES =
            List.of(
                    "null",
                    "0",
                    "1.5",
                    "1e300",
                    "12345678901234567890123",
                    "true",
                    "\"\"",
                    "\" \\u0000 \"",
                    "\"1e999\"",
                    "[]",
                    "[1, \"a\", null, {}]",
                    "{}",
                    "{\"number\": {\"a\": 1}, \"type\": [], \"url\": 7}");

    @ParameterizedTest
    @CsvSource({
        "1000, rate_limited",
        "1022, template_rejected",
        "1030, provider_fault",
        "1050, recipient_blocked_sender",
        "1100, provider_fault",
        "1170, invalid_recipient",
        "1180, recipient_unreachable",
        "1190, invalid_recipient",
        "1210, content_rejected",
        "1220, recipient_unreachable",
        "1230, recipient_unreachable",
        "1240, recipient_opted_out",
        "1241, rate_limited",
        "1250, recipient_unreachable",
        "1260, recipient_unreachable",
        "1280, recipient_blocked_sender",
        "1300, invalid_recipient",
        "1310, device_unsupported",
        "1320, already_sent",
        "1330, provider_fault",
        "1331, provider_fault",
        "1340, window_closed",
        "1360, expired",
        "1370, configuration",
        "1380, content_rejected",
        "1382, content_rejected",
        "1399, unknown",
        "1400, configuration",
        "1450, configuration",
        "1451, unknown",
        "9, unknown"
    })
    void namesTheErrorOfAStatusByTheCodeBehindTheHash(String code, String meaning) {
        String type = "https://developer.vonage.com/api-errors/messages#" + code;

        JsonNode status = map(status("{\"type\": \"" + type + "\", \"title\": \"1\"}")).get(0);

        assertThat(status.at("/error/code").asText()).isEqualTo(meaning);
        assertThat(status.at("/error/providerCode").asText()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({"\"1340\"", "1340"})
    void takesTheTitleForTheCodeWhenTheTypeNamesNone(String title) {
        String error = "{\"type\": \"about:blank\", \"title\": " + title + "}";

        JsonNode status = map(status(error)).get(0);

        assertThat(status.at("/error/code").asText()).isEqualTo("window_closed");
    }

    @ParameterizedTest
    @CsvSource({
        "2, recipient_unreachable",
        "3, invalid_recipient",
        "4, recipient_blocked_sender",
        "6, content_rejected",
        "7, recipient_unreachable",
        "8, provider_fault",
        "9, recipient_opted_out",
        "53, recipient_blocked_sender",
        "99, unknown",
        "1240, unknown"
    })
    void namesTheErrorOfALegacyReceipt(String code, String meaning) {
        List<JsonNode> entries = map(receipt("failed", code));

        assertThat(entries.get(0).at("/error/code").asText()).isEqualTo(meaning);
    }

    @Test
    void seesNoErrorInALegacyReceiptWithCodeZero() {
        List<JsonNode> entries = map(receipt("delivered", "0"));

        assertThat(entries.get(0).has("error")).isFalse();
    }

    @Test
    @DisplayName(
            "T9: the provider's opt-out becomes a preference of its own, whichever API reports it")
    void reportsAnOptOutBesidesTheFailedStatus() {
        List<JsonNode> messages = map(status("{\"title\": 1240}"));
        List<JsonNode> legacy = map(receipt("rejected", "9"));

        assertThat(messages)
                .extracting(entry -> entry.get("kind").asText())
                .containsExactly("status", "preference");
        assertThat(legacy)
                .extracting(entry -> entry.get("kind").asText())
                .containsExactly("status", "preference");
        assertThat(messages.get(1).at("/address/address").asText()).isEqualTo("+4915100000044");
        assertThat(legacy.get(1).at("/address/address").asText()).isEqualTo("+4915100000046");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "14", "53"})
    @DisplayName("T9: a block by carrier or register is no declaration of the person")
    void reportsNoOptOutForACarriersBlock(String code) {
        List<JsonNode> entries = map(receipt("rejected", code));

        assertThat(entries)
                .extracting(entry -> entry.get("kind").asText())
                .containsExactly("status");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1.5", "0", ""})
    @DisplayName("CON-11: a piece of a long SMS never passes for a whole one")
    void keepsAPartApartWhoseNumberCannotBeRead(String index) {
        String part =
                """
                {"messageId": "2B00000012ABCDF1", "msisdn": "4915100000045", "to": "493023125020", "text": "Ja",
                 "type": "text", "concat": "true", "concat-ref": "77", "concat-total": "3", "concat-part": "%s"}
                """;

        MappedWebhook mapped = MAPPINGS.map("vonage", json(part.formatted(index)));

        assertThat(mapped.entries()).isEmpty();
        assertThat(mapped.bad()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"channel\": \"whatsapp\", \"message_type\": \"text\", \"text\": \"ohne Id\"}",
                "{\"message_uuid\": \"5a3c\", \"channel\": \"whatsapp\", \"message_type\": \"text\", \"text\": \"ohne Absender\"}",
                "{\"message_uuid\": \"5a3c\", \"from\": \"4915100000031\", \"to\": \"493023125010\", \"text\": \"ohne Kanal\"}",
                "{\"message_uuid\": \"5a3c\", \"channel\": \"sms\", \"from\": \"4915100000031\", \"to\": \"1\", \"message_type\": \"image\"}",
                "{\"messageId\": \"2B\", \"text\": \"ohne Nummern\"}",
                "{\"status\": \"delivered\"}"
            })
    void endsAnUnreadableWebhookInQuarantine(String body) {
        MappedWebhook mapped = MAPPINGS.map("vonage", json(body));

        assertThat(mapped.entries()).isEmpty();
        assertThat(mapped.bad()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "[{\"message_uuid\": \"5a3c\"}]",
                "\"text\"",
                "7",
                "null",
                "{\"hello\": \"world\"}"
            })
    void makesNothingOfWhatIsNoWebhookOfVonage(String body) {
        assertThatThrownBy(() -> MAPPINGS.map("vonage", json(body)))
                .isInstanceOfSatisfying(
                        MappingFailed.class,
                        failed ->
                                assertThat(failed.reason()).isEqualTo(MappingFailed.Reason.EMPTY));
    }

    @ParameterizedTest
    @MethodSource("jsonExamples")
    void neverStopsWhateverAFieldHolds(Path example) throws IOException {
        ObjectNode webhook = json(Files.readString(example));
        List<String> stopped = new ArrayList<>();

        for (String place : placesIn(webhook.get("body"), "/body")) {
            for (String strange : STRANGE_VALUES) {
                if (stopsAt(webhook, place, strange)) {
                    stopped.add(place + " = " + strange);
                }
            }
        }

        assertThat(stopped).isEmpty();
    }

    static Stream<Path> jsonExamples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files
                    .filter(
                            file ->
                                    file.toString().endsWith(".json")
                                            && !file.toString().endsWith(".expected.json")
                                            && !file.getFileName().toString().matches("sen[dt]-.*"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static boolean stopsAt(ObjectNode webhook, String place, String strange) {
        ObjectNode changed = webhook.deepCopy();
        String parent = place.substring(0, place.lastIndexOf('/'));
        String name = place.substring(parent.length() + 1);
        JsonNode value = JsonText.parse(strange.getBytes(StandardCharsets.UTF_8));
        if (changed.at(parent) instanceof ArrayNode list) {
            list.set(Integer.parseInt(name), value);
        } else {
            ((ObjectNode) changed.at(parent)).set(name, value);
        }
        try {
            MAPPINGS.map("vonage", changed);
            return false;
        } catch (MappingFailed failed) {
            return failed.reason() == MappingFailed.Reason.MAPPING_ERROR;
        }
    }

    private static List<String> placesIn(JsonNode node, String at) {
        List<String> places = new ArrayList<>(List.of(at));
        node.properties()
                .forEach(
                        field ->
                                places.addAll(
                                        placesIn(field.getValue(), at + "/" + field.getKey())));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            places.addAll(placesIn(node.get(i), at + "/" + i));
        }
        return places;
    }

    private static ObjectNode status(String error) {
        return json(
                """
                {"message_uuid": "5a3c0000-0000-4000-8000-00000000038b", "channel": "sms", "status": "rejected",
                 "from": "493023125020", "to": "4915100000044", "timestamp": "2026-11-05T08:02:00Z", "error": %s}
                """
                        .formatted(error));
    }

    private static ObjectNode receipt(String word, String code) {
        return json(
                """
                {"messageId": "0C000000217B7F03", "msisdn": "4915100000046", "to": "MUSTER", "status": "%s",
                 "err-code": "%s", "message-timestamp": "2026-11-05 09:06:00"}
                """
                        .formatted(word, code));
    }

    private static List<JsonNode> map(ObjectNode webhook) {
        MappedWebhook mapped = MAPPINGS.map("vonage", webhook);
        assertThat(mapped.bad()).isEmpty();
        return mapped.entries();
    }

    private static ObjectNode json(String body) {
        return WebhookDocument.of(
                "vonage",
                "autohaus-muster",
                "vonage",
                List.of(),
                "POST",
                "application/json",
                null,
                Map.of(),
                body.getBytes(StandardCharsets.UTF_8),
                Instant.parse("2026-11-05T09:07:00Z"));
    }
}
