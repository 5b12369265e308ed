package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("R11, R13: when a failed delivery is tried again")
class RetryScheduleTest {

    private final RetrySchedule schedule = new RetrySchedule(() -> new Random(1));

    @ParameterizedTest
    @CsvSource({
        "1, PT5S",
        "2, PT30S",
        "3, PT2M",
        "4, PT10M",
        "5, PT1H",
        "6, PT6H",
        "7, PT24H",
        "8, PT24H",
        "9, PT24H",
        "10, PT24H"
    })
    void waitsAsScheduledAndUpToAFifthLonger(int attempts, Duration least) {
        Duration most = least.plus(least.dividedBy(5));

        for (int i = 0; i < 200; i++) {
            RandomGenerator random = new Random(i);
            assertThat(new RetrySchedule(() -> random).waitAfter(attempts, null))
                    .hasValueSatisfying(wait -> assertThat(wait).isBetween(least, most));
        }
    }

    @Test
    void spreadsTheWaits() {
        RandomGenerator random = new Random(7);
        RetrySchedule spread = new RetrySchedule(() -> random);

        assertThat(spread.waitAfter(5, null)).isNotEqualTo(spread.waitAfter(5, null));
    }

    @Test
    void givesUpAfterTheEleventhAttempt() {
        assertThat(schedule.waitAfter(10, null)).isPresent();
        assertThat(schedule.waitAfter(11, null)).isEmpty();
        assertThat(schedule.waitAfter(11, Duration.ofSeconds(1))).isEmpty();
        assertThat(schedule.waitAfter(1000, null)).isEmpty();
    }

    @Test
    void givesUpAMessageToAPersonAfterTheEighth() {
        assertThat(schedule.waitToSend(7, null)).isPresent();
        assertThat(schedule.waitToSend(8, null)).isEmpty();
    }

    @Test
    void neverWaitsLessThanWasAskedAndAtMostADay() {
        assertThat(schedule.waitAfter(1, Duration.ofMinutes(3))).contains(Duration.ofMinutes(3));
        assertThat(schedule.waitAfter(1, Duration.ofDays(30))).contains(Duration.ofDays(1));
        assertThat(schedule.waitAfter(5, Duration.ofSeconds(1)).orElseThrow())
                .isGreaterThanOrEqualTo(Duration.ofHours(1));
    }
}
