package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SetbacksTest {

    private static final Instant NOW = Instant.parse("2026-11-27T08:00:00Z");

    private final Setbacks setbacks = new Setbacks();
    private final UUID run = UUID.randomUUID();

    @Test
    void triesAgainAfterTwiceAsLongEachTimeAndFiveMinutesAtMost() {
        assertThat(pause()).isEqualTo(Duration.ofSeconds(1));
        assertThat(pause()).isEqualTo(Duration.ofSeconds(2));
        assertThat(pause()).isEqualTo(Duration.ofSeconds(4));
        for (int time = 0; time < 20; time++) {
            setbacks.met(run, NOW);
        }
        assertThat(pause()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void holdsNoOtherBackAndForgetsWhatIsOver() {
        setbacks.met(run, NOW);

        assertThat(setbacks.holdBack(UUID.randomUUID(), NOW)).isFalse();
        setbacks.over(run);
        assertThat(setbacks.holdBack(run, NOW)).isFalse();
    }

    private Duration pause() {
        setbacks.met(run, NOW);
        Duration pause = Duration.ZERO;
        while (setbacks.holdBack(run, NOW.plus(pause))) {
            pause = pause.plusSeconds(1);
        }
        return pause;
    }
}
