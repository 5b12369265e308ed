package org.jawort.delivery;

import java.time.Instant;

/** {@link RuleLabels} with what they stand for. */
public interface RulePeriods extends RuleLabels {

    /**
     * Until when the rule that {@link RuleLabels#label} names keeps an item at least: its period
     * counted from {@code start}, whatever may put the beginning off.
     *
     * @param channel {@code null}, as purpose and category, if the item has none
     */
    Instant until(
            String tenant,
            String dataType,
            String channel,
            String purpose,
            String category,
            Instant start);
}
