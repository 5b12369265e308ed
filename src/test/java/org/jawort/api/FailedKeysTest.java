package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("S17: guessing keys is slow")
class FailedKeysTest {

    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
    private final FailedKeys failed = new FailedKeys(3, () -> now);

    @Test
    void areTooManyBeyondTheLimit() {
        assertThat(counted(3, "192.0.2.1")).containsOnly(false);

        assertThat(counted(2, "192.0.2.1")).containsOnly(true);
    }

    @Test
    void countAgainstTheirOwnAddressOnly() {
        counted(3, "192.0.2.1");

        assertThat(counted(1, "192.0.2.2")).containsOnly(false);
    }

    @Test
    void areForgottenWhenTheMinuteIsOver() {
        counted(3, "192.0.2.1");

        now = now.plusSeconds(59);
        assertThat(counted(1, "192.0.2.1")).containsOnly(true);
        now = now.plusSeconds(1);
        assertThat(counted(1, "192.0.2.1")).containsOnly(false);
    }

    private List<Boolean> counted(int times, String address) {
        return Stream.generate(() -> failed.count(address)).limit(times).toList();
    }
}
