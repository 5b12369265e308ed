package org.jawort.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Signed events that no mapping knows, from quarantine to the day a mapping does. */
class UnknownEventsIT {

    private static final String JSON = "application/json";
    private static final String STOP =
            """
            {"channel": "telegram", "message_uuid": "5a3c0000-0000-4000-8000-0000000020a1", "from": "700000077", "to": "700000001",
             "timestamp": "2026-11-03T12:40:00Z", "message_type": "text", "text": "STOP"}
            """;
    private static final String WITHOUT_ID =
            """
            {"channel": "telegram", "from": "700000078", "to": "700000001", "message_type": "text", "text": "Hallo"}
            """;

    @Test
    @DisplayName(
            "R9: a STOP on a channel no mapping knows is held, sealed and counted, and is a STOP once one does")
    void holdsWhatNoMappingKnowsUntilOneDoes() throws IOException {
        HomeFolder home = HomeFolder.copy();
        try (HubInTest hub = HubInTest.hub().home(home.path()).start()) {
            for (String webhook : List.of(STOP, WITHOUT_ID)) {
                assertThat(hub.post("vonage", JSON, webhook.getBytes(UTF_8)).statusCode())
                        .isEqualTo(200);
            }
            await().until(() -> held(hub).size() == 2);

            assertThat(held(hub)).containsOnly("UNKNOWN_EVENT channel:telegram 0 held");
            assertThat(counted(hub)).isEqualTo(2);
            assertThat(
                            hub.sql()
                                    .queryForList(
                                            "select encode(sealed_webhook, 'escape') from quarantine",
                                            String.class))
                    .noneMatch(bytes -> bytes.contains("700000077") || bytes.contains("STOP"));

            knowTelegram(home);
            try (HubInTest mended =
                    HubInTest.hub().home(home.path()).database(hub.databaseUrl()).start()) {
                ApiClient api = new ApiClient(mended);

                var replayed =
                        api.call(
                                "replayQuarantine",
                                Map.of(),
                                "",
                                "{\"provider\":\"vonage\",\"reason\":\"UNKNOWN_EVENT\"}");

                assertThat(ApiClient.json(replayed).get("replayed").intValue()).isEqualTo(2);
                await().untilAsserted(
                                () ->
                                        assertThat(decisions(mended))
                                                .containsExactly(
                                                        "5a3c0000-0000-4000-8000-0000000020a1 consume"));
                // what has no id is no message to the mended mapping either: held again, with that
                await().untilAsserted(
                                () ->
                                        assertThat(held(mended))
                                                .containsExactlyInAnyOrder(
                                                        "UNKNOWN_EVENT channel:telegram 0 replayed",
                                                        "UNKNOWN_EVENT channel:telegram 0 replayed",
                                                        "SCHEMA  required eventId 0 held"));
            }
        }
    }

    @Test
    @DisplayName("one unknown event holds up none of its webhook's others")
    void takesTheOtherEventsOfTheWebhook() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode webhook =
                mapper.readTree(
                        Path.of("mappings/smooch/examples/multi-three-events.json").toFile());
        ((ArrayNode) webhook.get("events"))
                .insert(
                        1,
                        mapper.readTree(
                                "{\"type\":\"conversation:poll\",\"payload\":{\"answer\":\"STOP\"}}"));
        try (HubInTest hub = HubInTest.start()) {
            hub.post("smooch", JSON, mapper.writeValueAsBytes(webhook));

            await().until(
                            () ->
                                    held(hub)
                                            .equals(
                                                    List.of(
                                                            "UNKNOWN_EVENT conversation:poll 1 held")));
            await().untilAsserted(
                            () ->
                                    assertThat(
                                                    hub.sql()
                                                            .queryForObject(
                                                                    "select count(*) from provider_event",
                                                                    Long.class))
                                            .isEqualTo(3));
        }
    }

    private static void knowTelegram(HomeFolder home) throws IOException {
        Path file = home.path().resolve("mappings/vonage/party.jslt");
        String mapping = Files.readString(file);
        Files.writeString(file, mapping.replace("\"messenger\"]", "\"messenger\", \"telegram\"]"));
        assertThat(Files.readString(file)).isNotEqualTo(mapping);
    }

    private static List<String> held(HubInTest hub) {
        return hub.sql()
                .queryForList(
                        "select reason || ' ' || location || ' ' || entry || ' ' || state from quarantine",
                        String.class);
    }

    private static double counted(HubInTest hub) {
        return hub.bean(MeterRegistry.class)
                .get("jawort.quarantined")
                .tag("provider", "vonage")
                .tag("reason", "UNKNOWN_EVENT")
                .counter()
                .count();
    }

    private static List<String> decisions(HubInTest hub) {
        return hub.archived().stream()
                .map(event -> event.get("data"))
                .filter(data -> data.path("channel").asText().equals("telegram"))
                .filter(data -> data.has("content"))
                .map(
                        data ->
                                data.get("providerMessageId").asText()
                                        + " "
                                        + data.at("/consent/decision").asText())
                .toList();
    }
}
