package org.jawort.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BulkTest {

    private static final Instant FINE = Instant.parse("2026-11-23T10:11:12.123456789Z");

    @Test
    @DisplayName("CON-7: one moment written to two tables is one moment in both")
    void keepsMicrosecondsRoundedDown() {
        Instant kept = Instant.parse("2026-11-23T10:11:12.123456Z");

        assertThat(Bulk.timestamp(FINE).toInstant()).isEqualTo(kept);
        assertThat(Bulk.Column.one(FINE).value()).isEqualTo(Bulk.timestamp(kept));
        assertThat((Object[]) Bulk.Column.of("timestamptz", List.of(FINE), one -> one).value())
                .containsExactly(kept.toString());
    }
}
