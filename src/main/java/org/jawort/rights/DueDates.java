package org.jawort.rights;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * When a request must be answered (GDPR Art. 12(3)), counted by Regulation (EEC, Euratom) No
 * 1182/71: a month from receipt ends with the day of the next month that has the same date, or with
 * the last day of a month that lacks it (Art. 3(2)(c)); if that is a Saturday, a Sunday or a public
 * holiday, with the following working day (Art. 3(4)). Days are those of Europe/Berlin. Pure.
 */
public final class DueDates {

    static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** Months an extension may add at most. */
    static final int LONGEST_EXTENSION = 2;

    private DueDates() {}

    /** The day with whose end the answer is late. */
    public static LocalDate dueOn(Instant received) {
        return dueOn(received, 0);
    }

    /**
     * @param months of extension, 0 to 2; counted from receipt, so that a weekend at the end of the
     *     first month adds nothing
     * @throws IllegalArgumentException for an extension the law does not know
     */
    public static LocalDate dueOn(Instant received, int months) {
        if (months < 0 || months > LONGEST_EXTENSION) {
            throw new IllegalArgumentException("an extension of " + months + " months");
        }
        LocalDate last = LocalDate.ofInstant(received, BERLIN).plusMonths(1L + months);
        while (!isWorkingDay(last)) {
            last = last.plusDays(1);
        }
        return last;
    }

    /** Whether the person can still be told in time that the answer takes longer. */
    public static boolean mayExtend(Instant received, Instant now) {
        return now.isBefore(endOf(dueOn(received)));
    }

    /** The first instant after a day. */
    public static Instant endOf(LocalDate day) {
        return day.plusDays(1).atStartOfDay(BERLIN).toInstant();
    }

    /** When this share of the time between receipt and the end of the due day is over. */
    public static Instant share(Instant received, LocalDate dueOn, int percent) {
        Duration whole = Duration.between(received, endOf(dueOn));
        return received.plus(whole.multipliedBy(percent).dividedBy(100));
    }

    static boolean isWorkingDay(LocalDate day) {
        return day.getDayOfWeek() != DayOfWeek.SATURDAY
                && day.getDayOfWeek() != DayOfWeek.SUNDAY
                && !GermanHolidays.isHoliday(day);
    }
}
