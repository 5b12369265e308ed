package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.local.SignedWebhook;
import org.junit.jupiter.api.Test;

/**
 * Every recorded webhook goes through the whole hub and arrives at the CRM as its mapping promised.
 */
class SamplesFlowIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void everySampleArrivesAsItsMappingPromisedOrIsCounted() throws IOException {
        try (HubInTest hub = HubInTest.start()) {
            Map<String, JsonNode> promised = new HashMap<>();
            List<String> unknown = new ArrayList<>();
            for (Path example : examples()) {
                assertThat(hub.send(signed(hub, example)).statusCode())
                        .as(example.toString())
                        .isEqualTo(200);
                for (JsonNode entry : JSON.readTree(expected(example).toFile())) {
                    if (entry.path("kind").asText().equals("unknown")) {
                        unknown.add(entry.get("reason").asText());
                    }
                    if (entry.path("kind").asText().equals("message")) {
                        promised.putIfAbsent(
                                key(example.getName(example.getNameCount() - 3).toString(), entry),
                                entry);
                    }
                }
            }

            HubInTest.await().untilAsserted(() -> assertThat(missing(hub, promised)).isEmpty());

            for (JsonNode event : archivedMessages(hub)) {
                JsonNode data = event.get("data");
                JsonNode entry = promised.get(key(data.get("account").asText(), data));
                assertThat(promised).containsKey(key(data.get("account").asText(), data));
                assertThat(data.at("/content/type")).isEqualTo(entry.at("/content/type"));
                assertThat(withoutMedia(data.get("content")))
                        .isEqualTo(withoutMedia(entry.get("content")));
                assertThat(data.get("from")).isEqualTo(entry.get("from"));
                if (!namesTheServiceOnly(entry)) {
                    assertThat(data.get("to")).isEqualTo(entry.get("to"));
                }
                assertThat(data.get("channel")).isEqualTo(entry.get("channel"));
                assertThat(data.get("media")).isNull();
            }
            assertThat(unknown(hub)).containsExactlyInAnyOrderElementsOf(unknown);
            assertThat(hub.crmEvents())
                    .allMatch(got -> got.get("signature").asText().equals("valid"));
        }
    }

    /**
     * A conversation at Twilio names its service where the account's own address is meant, which
     * the hub knows and an example does not.
     */
    private static boolean namesTheServiceOnly(JsonNode entry) {
        return entry.at("/to/address").asText().matches("(MG|IS)[0-9a-f]{32}");
    }

    private static Set<String> missing(HubInTest hub, Map<String, JsonNode> promised) {
        Set<String> missing = new TreeSet<>(promised.keySet());
        for (JsonNode event : archivedMessages(hub)) {
            missing.remove(key(event.get("data").get("account").asText(), event.get("data")));
        }
        return missing;
    }

    private static List<JsonNode> archivedMessages(HubInTest hub) {
        return hub.archived().stream()
                .filter(event -> event.get("type").asText().equals("jawort.message.received.v1"))
                .toList();
    }

    /** The words of events that are held because no mapping knows them. */
    private static List<String> unknown(HubInTest hub) {
        return hub.sql()
                .queryForList(
                        "select location from quarantine where reason = 'UNKNOWN_EVENT'",
                        String.class);
    }

    /** Tells messages apart that have no id of their own, as a pressed button at Smooch. */
    private static String key(String account, JsonNode said) {
        return Stream.of("/providerMessageId", "/from/address", "/content/text", "/sentAt")
                .map(field -> said.at(field).isTextual() ? said.at(field).asText() : "-")
                .collect(Collectors.joining(" ", account + " ", ""));
    }

    private static JsonNode withoutMedia(JsonNode content) {
        return ((ObjectNode) content.deepCopy()).without("media");
    }

    private static SignedWebhook signed(HubInTest hub, Path example) throws IOException {
        String provider = example.getName(example.getNameCount() - 3).toString();
        String name = example.getFileName().toString();
        byte[] body = Files.readAllBytes(example);
        if (name.endsWith(".query")) {
            return hub.signed(
                    provider,
                    "GET",
                    "?" + new String(body, StandardCharsets.UTF_8).strip(),
                    null,
                    new byte[0]);
        }
        String contentType =
                name.endsWith(".form") ? "application/x-www-form-urlencoded" : "application/json";
        return hub.signed(provider, "POST", "", contentType, body);
    }

    private static Path expected(Path example) {
        return example.resolveSibling(
                example.getFileName().toString().replaceFirst("\\.[^.]+$", ".expected.json"));
    }

    private static List<Path> examples() throws IOException {
        List<Path> examples = new ArrayList<>();
        for (String provider : List.of("twilio", "messagebird", "vonage", "smooch")) {
            try (var files = Files.list(Path.of("mappings", provider, "examples"))) {
                files.filter(file -> !file.toString().endsWith(".expected.json"))
                        .filter(file -> !file.toString().endsWith(".channels.json"))
                        .filter(
                                file ->
                                        !file.getFileName()
                                                .toString()
                                                .matches("(sen[dt]|erased?)-.*"))
                        .sorted()
                        .forEach(examples::add);
            }
        }
        return examples;
    }
}
