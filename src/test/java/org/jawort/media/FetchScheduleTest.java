package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FetchScheduleTest {

    private static final Instant STORED = Instant.parse("2026-11-26T10:00:00Z");

    @Test
    void asksAsLongAsTheProviderKeepsTheFileAndThenGivesUp() {
        Instant until = STORED.plus(Duration.ofHours(48));
        List<Instant> asked = new ArrayList<>();
        Optional<Instant> next = Optional.of(STORED);

        while (next.isPresent()) {
            asked.add(next.get());
            next =
                    FetchSchedule.next(
                            new FetchFailed(FetchFault.NOT_FOUND), asked.size(), next.get(), until);
        }

        assertThat(asked).hasSizeBetween(10, 20).allMatch(at -> at.isBefore(until));
        assertThat(asked.getLast()).isAfter(until.minus(Duration.ofHours(7)));
    }

    @Test
    void triesTwiceWithinWhatDeliveriesWait() {
        assertThat(
                        FetchSchedule.next(
                                new FetchFailed(FetchFault.PROVIDER_FAULT),
                                1,
                                STORED,
                                STORED.plus(Duration.ofDays(1))))
                .hasValue(STORED.plusSeconds(3));
    }

    @Test
    void leavesAProviderAloneForAsLongAsItWants() {
        FetchFailed busy = new FetchFailed(FetchFault.RATE_LIMITED, Duration.ofMinutes(5));

        assertThat(FetchSchedule.next(busy, 1, STORED, STORED.plus(Duration.ofDays(1))))
                .hasValue(STORED.plus(Duration.ofMinutes(5)));
    }

    @Test
    void asksOnceMoreBeforeTheEndOfAProviderThatWantsToBeLeftAloneForLonger() {
        FetchFailed busy = new FetchFailed(FetchFault.RATE_LIMITED, Duration.ofDays(7));
        Instant until = STORED.plus(Duration.ofDays(2));

        Instant last = until.minus(Duration.ofHours(1));
        assertThat(FetchSchedule.next(busy, 1, STORED, until)).hasValue(last);
        assertThat(FetchSchedule.next(busy, 7, last, until)).isEmpty();
    }

    @Test
    void givesUpWhatNobodyCanMend() {
        Instant until = STORED.plus(Duration.ofDays(1));

        assertThat(
                        FetchSchedule.next(
                                FetchFailed.forGood(FetchFault.HOST_NOT_ALLOWED), 1, STORED, until))
                .isEmpty();
        for (FetchFault mended : List.of(FetchFault.HOST_NOT_ALLOWED, FetchFault.ADDRESS_REFUSED)) {
            assertThat(FetchSchedule.next(new FetchFailed(mended), 1, STORED, until)).isPresent();
        }
    }

    @Test
    void givesUpAtOnceWhatCannotGetBetter() {
        for (FetchFault fault : FetchFault.values()) {
            assertThat(
                            FetchSchedule.next(
                                            new FetchFailed(fault),
                                            1,
                                            STORED,
                                            STORED.plus(Duration.ofDays(1)))
                                    .isEmpty())
                    .as("%s", fault)
                    .isEqualTo(fault.isFinal());
        }
    }
}
