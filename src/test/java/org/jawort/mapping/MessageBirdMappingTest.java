package org.jawort.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the golden pairs of mappings/messagebird/examples cannot show. */
class MessageBirdMappingTest {

    private static final String REPORT =
            "id=1a76a187&recipient=4915200000009&status=delivery_failed&statusErrorCode=103"
                    + "&statusDatetime=2026-11-03T08%3A12%3A44%2B00%3A00";

    @Test
    @DisplayName(
            "S3: the query of a webhook that has a body says nothing; of a GET it is the report")
    void readsTheQueryOfAGetOnly() throws IOException {
        byte[] message =
                Files.readAllBytes(Path.of("mappings/messagebird/examples/whatsapp-text.json"));

        assertThat(map("POST", "application/json", REPORT, message))
                .isEqualTo(map("POST", "application/json", null, message));
        assertThat(map("GET", null, REPORT, new byte[0]))
                .extracting(entry -> entry.get("kind").asText())
                .contains("status");
    }

    private static List<JsonNode> map(String method, String type, String query, byte[] body) {
        return RepositoryMappings.ALL
                .map(
                        "messagebird",
                        WebhookDocument.of(
                                "messagebird",
                                "autohaus-muster",
                                "messagebird",
                                List.of(),
                                method,
                                type,
                                query,
                                Map.of(),
                                body,
                                Instant.parse("2026-11-05T09:07:00Z")))
                .entries();
    }
}
