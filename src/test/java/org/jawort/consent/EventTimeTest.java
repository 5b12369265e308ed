package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EventTimeTest {

    @Test
    @DisplayName("CON-7: times compare after they were stored as they did before")
    void isAsPreciseAsTheStore() {
        var time =
                new EventTime(
                        Instant.parse("2026-11-26T00:33:05.123456789Z"),
                        Instant.parse("2026-11-26T00:33:05.239276230Z"));

        assertThat(time.provider()).isEqualTo("2026-11-26T00:33:05.123456Z");
        assertThat(time.received()).isEqualTo("2026-11-26T00:33:05.239276Z");
    }
}
