package org.jawort.consent;

/** How much of a channel a suppression blocks. */
public enum SuppressionScope {
    ALL,
    MARKETING;

    public boolean covers(Purpose purpose) {
        return this == ALL || purpose == Purpose.MARKETING;
    }
}
