package org.jawort.retention;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.Map;
import org.jawort.tenant.Periods;

/**
 * One deletion rule (RET-2, after DIN 66398).
 *
 * @param version raised with each change; of several the newest valid one is in force
 * @param dataType what it is about; exactly one rule per data type and criteria
 * @param startEvent what happened when the period begins
 * @param period how long from the start, the time to execute included
 * @param rounding {@link Rounding#END_OF_YEAR}: the period begins with the end of the year of the
 *     start, as HGB §257(5) counts
 * @param tz where days and years begin and end
 * @param criteria channel, purpose, category, tenant, sector: which items of the data type; empty
 *     for all
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
        /** The law asks to keep it so long. */
        RESTRICT_THEN_DELETE,
        /**
         * Only where the tenant has an archive, which is waited for as {@link ArchiveWaits} says;
         * who has none may not start.
         */
        ARCHIVE_THEN_DELETE
    }

    /** The law asks to keep what the rule is about; nobody may do with less. */
    public boolean isStatutory() {
        return action == Action.RESTRICT_THEN_DELETE;
    }

    /** By their periods, be it from a single start of all there can be. */
    boolean isLongerThan(RetentionRule other) {
        return Periods.isLonger(period, other.period);
    }

    /** When this version is in force. */
    Instant inForceFrom() {
        return validFrom.atStartOfDay(tz).toInstant();
    }

    /**
     * Neither of the two is the more exact one for an item that both are about. Statutory ones
     * never clash: of them the longest holds.
     */
    boolean clashesWith(RetentionRule other) {
        return !id.equals(other.id)
                && dataType.equals(other.dataType)
                && !isStatutory()
                && criteria.size() == other.criteria.size()
                && criteria.entrySet().stream()
                        .allMatch(
                                one ->
                                        other.criteria
                                                .getOrDefault(one.getKey(), one.getValue())
                                                .equals(one.getValue()));
    }

    /**
     * Whether an item with these traits is one of those the rule is about; whose tenant it is was
     * settled before.
     *
     * @param traits channel, purpose and category, as far as known
     */
    boolean isAbout(Map<String, String> traits) {
        return criteria.entrySet().stream()
                .filter(one -> !one.getKey().equals("tenant") && !one.getKey().equals("sector"))
                .allMatch(one -> one.getValue().equals(traits.get(one.getKey())));
    }

    /** Id and version, as events and evidence name a rule. */
    public String label() {
        return id + "@" + version;
    }

    /**
     * The first instant at which an item that started at {@code start} may be gone. Days are
     * calendar days: across a change to or from daylight saving time the hour of the day stays. A
     * month that lacks the day ends the period with its last day (BGB §188(3)). A later start is
     * never due earlier: where the clock repeats an hour, its end counts.
     */
    public Instant dueAt(Instant start) {
        LocalDateTime local = localEnd(start);
        return switch (rounding) {
            case EXACT -> lastInstant(Periods.end(local, period));
            case END_OF_YEAR ->
                    LocalDate.of(local.getYear() + 1, 1, 1)
                            .plus(period)
                            .atStartOfDay(tz)
                            .toInstant();
        };
    }

    /**
     * The first start, in microseconds as the store counts, that is not due at {@code now}: items
     * that started before it, and only they, may be deleted. A cutoff instead of a due date per row
     * lets one index find them. Found by halving, because counting months back is not the inverse
     * of counting them on.
     */
    public Instant cutoff(Instant now) {
        ZonedDateTime local = now.atZone(tz);
        Instant due = local.minus(period).minusYears(2).toInstant();
        Instant notDue = now.plusSeconds(86_400);
        while (due.plus(1, ChronoUnit.MICROS).isBefore(notDue)) {
            Instant middle =
                    due.plus(ChronoUnit.MICROS.between(due, notDue) / 2, ChronoUnit.MICROS);
            if (dueAt(middle).isAfter(now)) {
                notDue = middle;
            } else {
                due = middle;
            }
        }
        return notDue;
    }

    /** Local time of a start; of one in an hour that comes twice, the hour's end. */
    private LocalDateTime localEnd(Instant start) {
        LocalDateTime local = LocalDateTime.ofInstant(start, tz);
        ZoneOffsetTransition change = tz.getRules().getTransition(local);
        return change != null && change.isOverlap() ? change.getDateTimeBefore() : local;
    }

    /**
     * Of a local time that does not exist, the instant it is left out; of one that is there twice,
     * the later.
     */
    private Instant lastInstant(LocalDateTime local) {
        ZoneOffsetTransition change = tz.getRules().getTransition(local);
        if (change == null) {
            return local.atZone(tz).toInstant();
        }
        return change.isGap() ? change.getInstant() : local.toInstant(change.getOffsetAfter());
    }
}
