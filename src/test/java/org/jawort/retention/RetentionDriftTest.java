package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a count is another count. */
class RetentionDriftTest {

    @ParameterizedTest
    @CsvSource({
        "100, 100, false",
        "100, 105, false",
        "100, 95, false",
        "100, 106, true",
        "100, 94, true",
        "0, 0, false",
        "0, 1, true",
        "1, 0, true"
    })
    @DisplayName("RET-12: a plan holds for counts up to 5 % off, up or down")
    void isMoreThanFivePercent(long planned, long present, boolean drifted) {
        assertThat(RetentionPlans.drifted(due(planned), due(present))).isEqualTo(drifted);
        assertThat(RetentionPlans.drifted(due(planned), JsonNodeFactory.instance.objectNode()))
                .isEqualTo(planned > 0);
    }

    @Test
    @DisplayName("RET-12: buffers go all day without a plan, so their number is no reason")
    void leavesBuffersOut() {
        assertThat(RetentionPlans.drifted(due("transport-buffer", 5), due("media", 0))).isFalse();
    }

    private static JsonNode due(long count) {
        return due("media", count);
    }

    private static JsonNode due(String dataType, long count) {
        ObjectNode counts = JsonNodeFactory.instance.objectNode();
        counts.putObject(dataType).put("due", count);
        return counts;
    }
}
