package org.jawort.objects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jawort.delivery.RulePeriods;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EventPeriodsTest {

    private static final Instant ASKED = Instant.parse("2026-12-20T09:00:00Z");
    private static final Instant SENT = Instant.parse("2027-01-10T09:00:00Z");

    @Test
    @DisplayName(
            "RET-6: what is locked at an archive counts from when it was sent, of what came from its receipt")
    void countsFromTheSending() {
        EventPeriods periods = new EventPeriods(new StartItself(), () -> Instant.EPOCH);

        assertThat(periods.lockedUntil(event("jawort.message.sent.v1"))).isEqualTo(SENT);
        assertThat(periods.lockedUntil(event("jawort.message.received.v1"))).isEqualTo(ASKED);
    }

    private static JsonNode event(String type) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("tenant", "muster").put("type", type).put("time", SENT.toString());
        event.putObject("data").put("receivedAt", ASKED.toString());
        return event;
    }

    /** A period of no length. */
    private static final class StartItself implements RulePeriods {

        @Override
        public String label(String tenant, String dataType) {
            return dataType;
        }

        @Override
        public String label(
                String tenant, String dataType, String channel, String purpose, String category) {
            return dataType;
        }

        @Override
        public Instant until(
                String tenant,
                String dataType,
                String channel,
                String purpose,
                String category,
                Instant start) {
            return start;
        }
    }
}
