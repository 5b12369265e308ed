package org.jawort.tenant;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How calendar periods end, and which of two is the longer one. */
public final class Periods {

    /** Nothing in a file is meant to last longer; what does has a digit too many. */
    public static final int LONGEST_YEARS = 100;

    private static final int MONTHS = 12;
    private static final int DAYS_OF_YEAR = 366;

    /** The calendar repeats itself after 400 years. */
    private static final LocalDate FIRST = LocalDate.of(2000, 1, 1);

    private static final LocalDate AFTER_ALL = FIRST.plusYears(400);

    private record Pair(Period one, Period other) {}

    private static final Map<Pair, Boolean> LONGER = new ConcurrentHashMap<>();

    private Periods() {}

    /** Longer than any period may be, forwards or backwards. */
    public static boolean isBeyondMeasure(Period period) {
        return Math.abs(period.toTotalMonths()) > (long) LONGEST_YEARS * MONTHS
                || Math.abs((long) period.getDays()) > (long) LONGEST_YEARS * DAYS_OF_YEAR;
    }

    /**
     * Months first, then days. A month that lacks the day ends with its last day (BGB §188(3)).
     *
     * @param start local time
     */
    public static LocalDateTime end(LocalDateTime start, Period period) {
        LocalDateTime month = start.plusMonths(period.toTotalMonths());
        boolean dayIsMissing = month.getDayOfMonth() < start.getDayOfMonth();
        return (dayIsMissing ? month.toLocalDate().plusDays(1).atStartOfDay() : month)
                .plusDays(period.getDays());
    }

    /**
     * Whether it ends later, be it from a single start: {@code P366D} is longer than {@code P12M},
     * as most years have a day less. Of two periods each may be longer than the other.
     */
    public static boolean isLonger(Period one, Period other) {
        return one.toTotalMonths() == other.toTotalMonths()
                ? one.getDays() > other.getDays()
                : LONGER.computeIfAbsent(new Pair(one, other), Periods::endsLaterFromAnyDay);
    }

    private static boolean endsLaterFromAnyDay(Pair pair) {
        for (LocalDate day = FIRST; day.isBefore(AFTER_ALL); day = day.plusDays(1)) {
            LocalDateTime start = day.atTime(LocalTime.NOON);
            if (end(start, pair.one()).isAfter(end(start, pair.other()))) {
                return true;
            }
        }
        return false;
    }
}
