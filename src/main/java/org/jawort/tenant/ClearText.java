package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.Set;

/**
 * Events in the clear on a Kafka topic: everything else the hub puts into Kafka is ids or sealed,
 * so this takes somebody who decided it, by name, in the entry of the processor that runs the
 * topic.
 */
final class ClearText {

    private static final String ROUTE = "kafka-topic";

    private ClearText() {}

    /**
     * @throws TenantFileInvalid at the first destination nobody approved
     */
    static void check(String file, YamlDocument document) {
        Set<String> approved = approved(file, document);
        JsonNode destinations = document.json().path("destinations");
        for (int i = 0; i < destinations.size(); i++) {
            JsonNode destination = destinations.get(i);
            String processor = destination.path("processor").asText("");
            if (destination.get("route").asText().equals(ROUTE) && !approved.contains(processor)) {
                throw new TenantFileInvalid(
                        file,
                        document.line("/destinations/" + i + "/route"),
                        "events would stand in the clear on a Kafka topic, which nobody approved: write processors:"
                                + " [{ id: "
                                + (processor.isEmpty() ? "…" : processor)
                                + ", clearTextTopic: { approvedBy: …, approvedOn: … } }] and name it as processor");
            }
        }
    }

    private static Set<String> approved(String file, YamlDocument document) {
        Set<String> known = new HashSet<>();
        Set<String> approved = new HashSet<>();
        JsonNode processors = document.json().path("processors");
        for (int i = 0; i < processors.size(); i++) {
            String id = processors.get(i).get("id").asText();
            if (!known.add(id)) {
                throw new TenantFileInvalid(
                        file,
                        document.line("/processors/" + i),
                        "processor id '" + id + "' is used twice");
            }
            JsonNode decision = processors.get(i).path("clearTextTopic");
            if (decision.isObject()) {
                try {
                    LocalDate.parse(decision.get("approvedOn").asText());
                } catch (DateTimeException noDay) {
                    throw new TenantFileInvalid(
                            file,
                            document.line("/processors/" + i + "/clearTextTopic/approvedOn"),
                            "approvedOn is no day");
                }
                approved.add(id);
            }
        }
        return approved;
    }
}
