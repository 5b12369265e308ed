package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.Period;
import org.jawort.consent.ConsentRules;

/**
 * The periods of consent a tenant's lawyer decides about: {@code consent.periods} of its file, each
 * within bounds that leave a person what the rule is for.
 */
final class ConsentPeriods {

    private static final LocalDate ANY_DAY = LocalDate.of(2001, 1, 1);

    private final String file;
    private final YamlDocument document;
    private final JsonNode periods;

    private ConsentPeriods(String file, YamlDocument document) {
        this.file = file;
        this.document = document;
        periods = document.json().at("/consent/periods");
    }

    /**
     * @throws TenantFileInvalid at the first period that is none, or out of its bounds
     */
    static ConsentRules parse(String file, YamlDocument document) {
        ConsentPeriods own = new ConsentPeriods(file, document);
        ConsentRules usual = ConsentRules.DEFAULT;
        return new ConsentRules(
                own.days("promptDeadline", usual.promptDeadline(), "P1D", "P30D"),
                own.period("declineCooling", usual.declineCooling(), "P3M", "P36M"),
                own.period("validity", usual.validity(), "P1M", "P36M"),
                own.days("grace", usual.grace(), "P0D", "P30D"),
                usual.reconsentWindow(),
                usual.lateYes(),
                usual.authenticationTrigger());
    }

    private Duration days(String name, Duration usual, String least, String most) {
        if (!periods.has(name)) {
            return usual;
        }
        Period period = period(name, null, least, most);
        if (period.toTotalMonths() != 0) {
            throw invalid(name, "is counted in days, such as P7D");
        }
        return Duration.ofDays(period.getDays());
    }

    private Period period(String name, Period usual, String least, String most) {
        if (!periods.has(name)) {
            return usual;
        }
        Period period;
        try {
            period = Period.parse(periods.get(name).asText());
        } catch (DateTimeException notAPeriod) {
            throw invalid(name, "is no ISO 8601 period such as P7D or P24M");
        }
        if (Periods.isBeyondMeasure(period)) {
            throw invalid(name, "is longer than " + Periods.LONGEST_YEARS + " years");
        }
        LocalDate end = ANY_DAY.plus(period);
        if (end.isBefore(ANY_DAY.plus(Period.parse(least)))
                || end.isAfter(ANY_DAY.plus(Period.parse(most)))) {
            throw invalid(name, "is a period from " + least + " to " + most);
        }
        return period;
    }

    private TenantFileInvalid invalid(String name, String problem) {
        return new TenantFileInvalid(
                file, document.line("/consent/periods/" + name), name + " " + problem);
    }
}
