package org.jawort.retention;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.util.Map;
import org.jawort.retention.RetentionRule.Action;
import org.jawort.retention.RetentionRule.Rounding;
import org.jawort.retention.RetentionRule.StartType;

/** Rules and times as the tests of retention write them. */
final class Rules {

    static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private Rules() {}

    static RetentionRule exact(String period) {
        return rule(period, Rounding.EXACT);
    }

    static RetentionRule toYearEnd(String period) {
        return rule(period, Rounding.END_OF_YEAR);
    }

    static RetentionRule rule(String period, Rounding rounding) {
        return new RetentionRule(
                "test",
                1,
                "test",
                StartType.S1,
                "received",
                Period.parse(period),
                rounding,
                BERLIN,
                Map.of(),
                Action.DELETE,
                "a test",
                "hub",
                LocalDate.of(2026, 1, 1));
    }

    /** Local time in Berlin; where it is there twice, the earlier. */
    static Instant berlin(String local) {
        return LocalDateTime.parse(local).atZone(BERLIN).toInstant();
    }
}
