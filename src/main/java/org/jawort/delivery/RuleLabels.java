package org.jawort.delivery;

import java.time.Instant;

/** What an event says about how long its content is kept; retention knows. */
public interface RuleLabels {

    /** Id and version of the tenant's rule for a data type, e.g. {@code conversation-text@1}. */
    String label(String tenant, String dataType);

    /**
     * The rule by which a message is kept now.
     *
     * @param purpose {@code null} if it has none
     * @param category as stored
     */
    default String label(
            String tenant, String dataType, String channel, String purpose, String category) {
        return label(tenant, dataType);
    }

    /**
     * Until when the rule that {@link #label} names keeps an item at least: its period counted from
     * {@code start}, whatever may put the beginning off.
     *
     * @param channel {@code null}, as purpose and category, if the item has none
     */
    default Instant until(
            String tenant,
            String dataType,
            String channel,
            String purpose,
            String category,
            Instant start) {
        throw new UnsupportedOperationException("these labels know no periods");
    }
}
