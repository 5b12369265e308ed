package org.jawort.rights;

import java.time.LocalDate;
import java.time.MonthDay;
import java.util.Set;

/**
 * Public holidays of all of Germany. Those of single Länder are not among them: what is due on one
 * is answered a day early by whoever keeps it.
 */
final class GermanHolidays {

    private static final Set<MonthDay> FIXED =
            Set.of(
                    MonthDay.of(1, 1),
                    MonthDay.of(5, 1),
                    MonthDay.of(10, 3),
                    MonthDay.of(12, 25),
                    MonthDay.of(12, 26));

    /** Good Friday, Easter Monday, Ascension, Whit Monday: days after Easter Sunday. */
    private static final Set<Long> AFTER_EASTER = Set.of(-2L, 1L, 39L, 50L);

    private GermanHolidays() {}

    static boolean isHoliday(LocalDate day) {
        return FIXED.contains(MonthDay.from(day))
                || AFTER_EASTER.contains(day.toEpochDay() - easter(day.getYear()).toEpochDay());
    }

    /** Easter Sunday of the Gregorian calendar, after Meeus, Jones and Butcher. */
    static LocalDate easter(int year) {
        int a = year % 19;
        int b = year / 100;
        int c = year % 100;
        int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
        int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
        int m = (a + 11 * h + 22 * l) / 451;
        int n = h + l - 7 * m + 114;
        return LocalDate.of(year, n / 31, n % 31 + 1);
    }
}
