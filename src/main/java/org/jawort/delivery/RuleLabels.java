package org.jawort.delivery;

/** What an event says about how long its content is kept; retention knows. */
public interface RuleLabels {

    /** Id and version of the tenant's rule for a data type, e.g. {@code conversation-text@1}. */
    String label(String tenant, String dataType);
}
