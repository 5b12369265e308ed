package org.jawort;

import java.time.Instant;
import java.util.List;
import org.jawort.retention.RetentionRule;
import org.jawort.retention.RetentionRules;
import org.jawort.rights.Periods;

/** The rules of retention as a person is told of them. */
final class RetentionPeriods implements Periods {

    private final RetentionRules rules;

    RetentionPeriods(RetentionRules rules) {
        this.rules = rules;
    }

    @Override
    public List<Kept> of(String tenant) {
        return rules.rules(tenant).stream()
                .map(
                        rule ->
                                new Kept(
                                        rule.dataType(),
                                        rule.label(),
                                        rule.startEvent(),
                                        rule.period().toString(),
                                        rule.rounding() == RetentionRule.Rounding.END_OF_YEAR,
                                        rule.basis()))
                .toList();
    }

    @Override
    public Instant cutoff(String tenant, String dataType, Instant now) {
        return rules.rule(tenant, dataType).cutoff(now);
    }
}
