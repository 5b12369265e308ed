package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.retention.Rules.berlin;
import static org.jawort.retention.Rules.exact;
import static org.jawort.retention.Rules.toYearEnd;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jawort.retention.RetentionRule.Rounding;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RET-2: when something is over")
class RetentionRuleTest {

    private static final Instant SOME_DAY = Instant.parse("2026-01-01T00:00:00Z");

    @Property(tries = 3000)
    void isDueIfAndOnlyIfItStartedBeforeTheCutoff(
            @ForAll("rules") RetentionRule rule,
            @ForAll("instants") Instant now,
            @ForAll("offsets") long micros) {
        Instant cutoff = rule.cutoff(now);
        Instant start = cutoff.plus(micros, ChronoUnit.MICROS);

        boolean due = !rule.dueAt(start).isAfter(now);

        assertThat(due).isEqualTo(start.isBefore(cutoff));
    }

    @Property(tries = 3000)
    void neverMakesALaterStartDueEarlier(
            @ForAll("rules") RetentionRule rule,
            @ForAll("instants") Instant start,
            @ForAll("offsets") long micros) {
        Instant later = start.plus(Math.abs(micros), ChronoUnit.MICROS);

        assertThat(rule.dueAt(later)).isAfterOrEqualTo(rule.dueAt(start));
    }

    @Property
    void movesTheCutoffForwardOnly(
            @ForAll("rules") RetentionRule rule,
            @ForAll("instants") Instant now,
            @ForAll("offsets") long micros) {
        Instant later = now.plus(Math.abs(micros), ChronoUnit.MICROS);

        assertThat(rule.cutoff(later)).isAfterOrEqualTo(rule.cutoff(now));
    }

    @ParameterizedTest
    @CsvSource({
        // starts in Berlin time, the first instant of being over
        "P6Y, 2026-12-31T23:59:59, 2033-01-01T00:00:00",
        "P6Y, 2027-01-01T00:00:00, 2034-01-01T00:00:00",
        "P8Y, 2026-06-15T12:00:00, 2035-01-01T00:00:00",
        "P3Y, 2028-02-29T08:00:00, 2032-01-01T00:00:00"
    })
    @DisplayName("HGB §257(5): a year-end period begins with the end of the year of the start")
    void beginsAtTheEndOfTheYear(String period, String start, String due) {
        assertThat(toYearEnd(period).dueAt(berlin(start))).isEqualTo(berlin(due));
    }

    @Test
    void countsTheYearInBerlinAndNotInGreenwich() {
        RetentionRule rule = toYearEnd("P3Y");

        assertThat(rule.dueAt(Instant.parse("2026-12-31T22:59:59Z")))
                .isEqualTo(Instant.parse("2029-12-31T23:00:00Z"));
        assertThat(rule.dueAt(Instant.parse("2026-12-31T23:00:00Z")))
                .isEqualTo(Instant.parse("2030-12-31T23:00:00Z"));
    }

    @Test
    void releasesAWholeYearAtOnceAndNotASecondEarlier() {
        RetentionRule rule = toYearEnd("P6Y");

        assertThat(rule.cutoff(berlin("2032-12-31T23:59:59")))
                .isEqualTo(berlin("2026-01-01T00:00:00"));
        assertThat(rule.cutoff(berlin("2033-01-01T00:00:00")))
                .isEqualTo(berlin("2027-01-01T00:00:00"));
    }

    @ParameterizedTest
    @CsvSource({
        "P12M, 2028-02-29T10:00:00, 2029-03-01T00:00:00",
        "P24M, 2028-02-29T10:00:00, 2030-03-01T00:00:00",
        "P48M, 2028-02-29T10:00:00, 2032-02-29T10:00:00",
        "P12M, 2027-02-28T10:00:00, 2028-02-28T10:00:00",
        "P1M,  2027-01-31T10:00:00, 2027-03-01T00:00:00",
        "P1M,  2027-02-28T10:00:00, 2027-03-28T10:00:00",
        "P90D, 2027-12-01T10:00:00, 2028-02-29T10:00:00"
    })
    @DisplayName("BGB §188(3): a month that lacks the day ends the period with its last day")
    void endsWithTheMonthThatLacksTheDay(String period, String start, String due) {
        assertThat(exact(period).dueAt(berlin(start))).isEqualTo(berlin(due));
    }

    @ParameterizedTest
    @CsvSource({
        // the night of 24 to 25 October 2026 has 25 hours, that of 27 to 28 March 2027 has 23
        "P3D, 2026-10-23T12:00:00Z, 2026-10-26T13:00:00Z, 73",
        "P3D, 2027-03-26T12:00:00Z, 2027-03-29T11:00:00Z, 71",
        "P90D, 2026-08-01T10:00:00Z, 2026-10-30T11:00:00Z, 2161"
    })
    void keepsTheHourOfTheDayAcrossDaylightSaving(
            String period, Instant start, Instant due, long hours) {
        assertThat(exact(period).dueAt(start)).isEqualTo(due);
        assertThat(ChronoUnit.HOURS.between(start, due)).isEqualTo(hours);
    }

    @Test
    void takesTheMomentTheHourIsLeftOutForATimeInIt() {
        assertThat(exact("P1D").dueAt(berlin("2027-03-27T02:30:00")))
                .isEqualTo(Instant.parse("2027-03-28T01:00:00Z"));
    }

    @Test
    void takesTheLaterOfATimeThatIsThereTwice() {
        assertThat(exact("P1D").dueAt(berlin("2026-10-24T02:30:00")))
                .isEqualTo(Instant.parse("2026-10-25T01:30:00Z"));
    }

    @Test
    void takesTheEndOfAnHourThatIsThereTwiceForAStartInIt() {
        Instant first = Instant.parse("2026-10-25T00:59:00Z");
        Instant second = Instant.parse("2026-10-25T01:00:00Z");

        assertThat(exact("P1D").dueAt(first)).isEqualTo(exact("P1D").dueAt(second));
        assertThat(exact("P1D").dueAt(second)).isEqualTo(berlin("2026-10-26T03:00:00"));
    }

    @Provide
    Arbitrary<RetentionRule> rules() {
        return Combinators.combine(
                        Arbitraries.of(
                                "P0D", "P1D", "P3D", "P30D", "P90D", "P1M", "P12M", "P24M", "P3Y",
                                "P6Y", "P8Y", "P10Y", "P1M3D"),
                        Arbitraries.of(Rounding.values()))
                .as(Rules::rule);
    }

    /**
     * Any time of twelve years, half of them near a year's end, a leap day or a change of the
     * clock.
     */
    @Provide
    Arbitrary<Instant> instants() {
        Arbitrary<Instant> any =
                Arbitraries.longs().between(0, 12L * 366 * 86_400).map(SOME_DAY::plusSeconds);
        Arbitrary<Instant> critical =
                Combinators.combine(
                                Arbitraries.of(
                                        "2026-10-25T01:00:00Z",
                                        "2027-03-28T01:00:00Z",
                                        "2026-12-31T23:00:00Z",
                                        "2028-02-29T12:00:00Z",
                                        "2027-01-31T12:00:00Z"),
                                Arbitraries.longs().between(-100_000, 100_000))
                        .as((time, seconds) -> Instant.parse(time).plusSeconds(seconds));
        return Arbitraries.oneOf(any, critical);
    }

    /** Microseconds, from one to forty days, to both sides. */
    @Provide
    Arbitrary<Long> offsets() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(-2, 2),
                Arbitraries.longs().between(-7_200_000_000L, 7_200_000_000L),
                Arbitraries.longs().between(-3_456_000_000_000L, 3_456_000_000_000L));
    }
}
