package org.jawort.retention;

import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Map;

/**
 * One deletion rule (RET-2, after DIN 66398).
 *
 * @param dataType what it is about; exactly one rule per data type and criteria
 * @param startEvent what happened when the period begins
 * @param period how long from the start, the time to execute included
 * @param rounding {@link Rounding#END_OF_YEAR}: the period begins with the end of the year of the start, as HGB §257(5) counts
 * @param tz where days and years begin and end
 * @param criteria channel, purpose, category, tenant: which items of the data type; empty for all
 * @param basis the law or reason behind the period
 */
public record RetentionRule(
        String id,
        int version,
        String dataType,
        StartType startType,
        String startEvent,
        Period period,
        Rounding rounding,
        ZoneId tz,
        Map<String, String> criteria,
        Action action,
        String basis,
        String owner,
        LocalDate validFrom) {

    public enum StartType {
        /** Creation or receipt. */
        S1,
        /** End of a case: conversation closed, order finished, request answered. */
        S2,
        /** End of the relationship or the consent. */
        S3
    }

    public enum Rounding {
        EXACT,
        END_OF_YEAR
    }

    public enum Action {
        DELETE,
        RESTRICT_THEN_DELETE,
        ARCHIVE_THEN_DELETE
    }

    /** Id and version, as events and evidence name a rule. */
    public String label() {
        return id + "@" + version;
    }

    /** The first instant at which an item that started at {@code start} may be gone. */
    public Instant dueAt(Instant start) {
        ZonedDateTime local = start.atZone(tz);
        return switch (rounding) {
            // Days are calendar days: across a change to daylight saving time the hour of the day stays, the hours between do not.
            case EXACT -> local.plus(period).toInstant();
            case END_OF_YEAR -> LocalDate.of(local.getYear() + 1, 1, 1)
                    .plus(period)
                    .atStartOfDay(tz)
                    .toInstant();
        };
    }

    /**
     * The latest start whose items are due at {@code now}: items that started before it, and only they, may be deleted. A cutoff
     * instead of a due date per row lets one index find them.
     */
    public Instant cutoff(Instant now) {
        ZonedDateTime local = now.atZone(tz);
        return switch (rounding) {
            case EXACT -> exactCutoff(local);
            case END_OF_YEAR -> LocalDate.of(local.minus(period).getYear(), 1, 1)
                    .atStartOfDay(tz)
                    .toInstant();
        };
    }

    /** Counting months back is not the inverse of counting them on (31 March less a month), so the result is checked and moved. */
    private Instant exactCutoff(ZonedDateTime now) {
        ZonedDateTime cutoff = now.minus(period);
        while (dueAt(cutoff.toInstant()).isAfter(now.toInstant())) {
            cutoff = cutoff.minusHours(1);
        }
        return cutoff.toInstant();
    }
}
