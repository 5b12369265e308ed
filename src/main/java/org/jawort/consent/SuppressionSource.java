package org.jawort.consent;

/**
 * Who blocked, which is also who can lift it: the person by a newer YES, the provider by its
 * opt-in, the tenant itself.
 */
public enum SuppressionSource {
    SUBJECT,
    PROVIDER,
    TENANT
}
