package org.jawort.consent;

import java.time.Duration;
import java.time.Period;

/**
 * A tenant's periods. Months are calendar months in UTC.
 *
 * @param promptDeadline time to answer a prompt, 1 to 30 days (T2)
 * @param declineCooling no new prompt after a NO, unless the person asks for it (T5)
 * @param validity of a grant after its last use (T12)
 * @param grace how long the old text covers the old processing after a material change (T11)
 * @param reconsentWindow how long {@code RECONSENT_DUE} waits for a prompt (T7)
 * @param lateYes how long after a prompt's deadline a YES still asks for a new prompt (T7)
 * @param authenticationTrigger how fresh the person's own trigger of an authentication message must
 *     be (table 2.2)
 */
public record ConsentRules(
        Duration promptDeadline,
        Period declineCooling,
        Period validity,
        Duration grace,
        Duration reconsentWindow,
        Duration lateYes,
        Duration authenticationTrigger) {

    public static final ConsentRules DEFAULT =
            new ConsentRules(
                    Duration.ofDays(7),
                    Period.ofMonths(6),
                    Period.ofMonths(24),
                    Duration.ZERO,
                    Duration.ofDays(30),
                    Duration.ofDays(30),
                    Duration.ofMinutes(10));

    public ConsentRules {
        if (promptDeadline.compareTo(Duration.ofDays(1)) < 0
                || promptDeadline.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException("promptDeadline must be 1 to 30 days");
        }
        if (grace.isNegative() || declineCooling.isNegative() || validity.isNegative()) {
            throw new IllegalArgumentException("periods must not be negative");
        }
    }
}
