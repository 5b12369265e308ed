package org.jawort.delivery;

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
}
