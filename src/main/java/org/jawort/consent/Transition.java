package org.jawort.consent;

/**
 * Rows of the transition table by their id, and steps that have none: putting a prompt on its way,
 * CON-3, what a human decides by CON-12, and what a tenant suppresses of itself.
 */
public enum Transition {
    T1,
    T2,
    T3,
    T4,
    T5,
    T6,
    T7,
    T8,
    T9,
    T10,
    T11,
    T12,
    T13,
    T14,
    T15,
    T16,
    PROMPT_OFFERED,
    ADDRESS_INVALID,
    POSSIBLE_WITHDRAWAL_DECIDED,
    TENANT_SUPPRESSED,
    TENANT_RELEASED
}
