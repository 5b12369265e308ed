package org.jawort.consent;

/** Reason codes of table 2.1, written into events and decisions by their name. */
public enum InboundReason {
    IN_OK_USER_INITIATED,
    IN_HELD_NO_CONSENT,
    IN_CONSENT_YES,
    IN_CONSENT_NO,
    IN_OK_PENDING,
    IN_OK_NO_GRANT,
    IN_OK,
    IN_OK_AFTER_WITHDRAWAL,
    IN_STOP,
    IN_POSSIBLE_STOP,
    IN_DSR,
    IN_RESTRICTED,
    IN_DROP_BLOCKED,
    IN_REJECT_AUTH
}
