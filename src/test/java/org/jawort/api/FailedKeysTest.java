package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("S17: guessing keys is slow")
class FailedKeysTest {

    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
    private final FailedKeys failed = new FailedKeys(3, () -> now);

    @Test
    void areTooManyFromTheLimitOn() {
        count(2, "192.0.2.1");
        assertThat(failed.areTooMany("192.0.2.1")).isFalse();

        count(1, "192.0.2.1");

        assertThat(failed.areTooMany("192.0.2.1")).isTrue();
    }

    @Test
    void countAgainstTheirOwnAddressOnly() {
        count(3, "192.0.2.1");

        assertThat(failed.areTooMany("192.0.2.2")).isFalse();
    }

    @Test
    void areForgottenWhenTheMinuteIsOver() {
        count(3, "192.0.2.1");

        now = now.plusSeconds(59);
        assertThat(failed.areTooMany("192.0.2.1")).isTrue();
        now = now.plusSeconds(1);
        assertThat(failed.areTooMany("192.0.2.1")).isFalse();
    }

    private void count(int times, String address) {
        for (int i = 0; i < times; i++) {
            failed.count(address);
        }
    }
}
