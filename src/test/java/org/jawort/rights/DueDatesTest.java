package org.jawort.rights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("DSR-1: due dates by Regulation 1182/71")
class DueDatesTest {

    private static final long FROM = Instant.parse("2020-01-01T00:00:00Z").getEpochSecond();
    private static final long TO = Instant.parse("2099-12-31T00:00:00Z").getEpochSecond();

    @ParameterizedTest
    @CsvSource({
        "2026-03-04T10:00:00Z, 2026-04-07, 4 April is a Saturday and then comes Easter",
        "2026-11-24T10:00:00Z, 2026-12-24, a plain day",
        "2026-11-25T10:00:00Z, 2026-12-28, Christmas and the weekend behind it",
        "2026-01-30T10:00:00Z, 2026-03-02, 28 February is a Saturday",
        "2027-12-31T10:00:00Z, 2028-01-31, the last day",
        "2028-01-31T10:00:00Z, 2028-02-29, a leap year",
        "2026-08-31T10:00:00Z, 2026-09-30, a month that lacks the 31st",
        "2026-04-01T10:00:00Z, 2026-05-04, Labour Day is a Friday",
        "2026-04-14T10:00:00Z, 2026-05-15, Ascension",
        "2026-04-25T10:00:00Z, 2026-05-26, Whit Monday",
        "2025-09-03T10:00:00Z, 2025-10-06, German Unity and a weekend",
        "2026-11-30T23:30:00Z, 2027-01-04, in Berlin it is December already",
    })
    void countsAMonth(Instant received, LocalDate due, String why) {
        assertThat(DueDates.dueOn(received)).as(why).isEqualTo(due);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-25T10:00:00Z, 1, 2027-01-25",
        "2026-11-25T10:00:00Z, 2, 2027-02-25",
        "2026-11-30T10:00:00Z, 2, 2027-03-01"
    })
    @DisplayName("an extension counts from receipt")
    void addsTheExtension(Instant received, int months, LocalDate due) {
        assertThat(DueDates.dueOn(received, months)).isEqualTo(due);
    }

    @Test
    void knowsNoLongerExtension() {
        Instant received = Instant.parse("2026-11-25T10:00:00Z");

        assertThatThrownBy(() -> DueDates.dueOn(received, 3))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DueDates.dueOn(received, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void extendsOnlyWithinTheFirstMonth() {
        Instant received = Instant.parse("2026-11-24T10:00:00Z");

        assertThat(DueDates.mayExtend(received, Instant.parse("2026-12-24T22:59:59Z"))).isTrue();
        assertThat(DueDates.mayExtend(received, Instant.parse("2026-12-24T23:00:00Z"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "2024, 2024-03-31",
        "2025, 2025-04-20",
        "2026, 2026-04-05",
        "2027, 2027-03-28",
        "2038, 2038-04-25",
        "2000, 2000-04-23",
        "1818, 1818-03-22"
    })
    void knowsEaster(int year, LocalDate easter) {
        assertThat(GermanHolidays.easter(year)).isEqualTo(easter);
    }

    @Property
    void easterIsASundayBetweenItsBounds(@ForAll @IntRange(min = 1583, max = 4000) int year) {
        LocalDate easter = GermanHolidays.easter(year);

        assertThat(easter.getDayOfWeek()).isEqualTo(DayOfWeek.SUNDAY);
        assertThat(easter).isBetween(LocalDate.of(year, 3, 22), LocalDate.of(year, 4, 25));
    }

    @Property
    void endsOnAWorkingDayAtOrJustAfterTheSameDate(
            @ForAll("seconds") long second, @ForAll @IntRange(max = 2) int months) {
        Instant received = Instant.ofEpochSecond(second);
        LocalDate from = LocalDate.ofInstant(received, DueDates.BERLIN);
        YearMonth month = YearMonth.from(from).plusMonths(1L + months);
        LocalDate same = month.atDay(Math.min(from.getDayOfMonth(), month.lengthOfMonth()));

        LocalDate due = DueDates.dueOn(received, months);

        assertThat(DueDates.isWorkingDay(due)).isTrue();
        assertThat(ChronoUnit.DAYS.between(same, due)).isBetween(0L, 5L);
        for (LocalDate day = same; day.isBefore(due); day = day.plusDays(1)) {
            assertThat(DueDates.isWorkingDay(day)).as("%s is no working day", day).isFalse();
        }
    }

    @Property
    void whatComesLaterIsNeverDueEarlier(
            @ForAll("seconds") long one, @ForAll @LongRange(max = 31_536_000) long later) {
        assertThat(DueDates.dueOn(Instant.ofEpochSecond(one + later)))
                .isAfterOrEqualTo(DueDates.dueOn(Instant.ofEpochSecond(one)));
    }

    @Property
    void remindsInOrderAndBeforeTheEnd(@ForAll("seconds") long second) {
        Instant received = Instant.ofEpochSecond(second);
        LocalDate due = DueDates.dueOn(received);

        assertThat(DueDates.share(received, due, 50))
                .isAfter(received)
                .isBefore(DueDates.share(received, due, 80));
        assertThat(DueDates.share(received, due, 80)).isBefore(DueDates.endOf(due));
        assertThat(DueDates.share(received, due, 100)).isEqualTo(DueDates.endOf(due));
    }

    @Provide
    Arbitrary<Long> seconds() {
        return Arbitraries.longs().between(FROM, TO);
    }
}
