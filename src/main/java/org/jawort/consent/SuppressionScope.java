package org.jawort.consent;

/** How much of a channel a suppression blocks. */
public enum SuppressionScope {
    ALL,
    MARKETING;

    boolean covers(Purpose purpose) {
        return this == ALL || purpose == Purpose.MARKETING;
    }
}
