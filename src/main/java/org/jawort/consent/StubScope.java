package org.jawort.consent;

/**
 * What a stub keeps (SEC-4): as its scope says, also by whom it can be lifted, since that is
 * forgotten with the rest (section 1.1).
 */
enum StubScope {
    ALL(SuppressionSource.SUBJECT, SuppressionScope.ALL),
    MARKETING(SuppressionSource.SUBJECT, SuppressionScope.MARKETING),
    TENANT_ALL(SuppressionSource.TENANT, SuppressionScope.ALL),
    TENANT_MARKETING(SuppressionSource.TENANT, SuppressionScope.MARKETING),
    /** On the tenant's block list for abuse, by whatever channel. */
    BLOCKED(SuppressionSource.TENANT, null);

    final SuppressionSource source;

    /** {@code null} if it suppresses nothing. */
    final SuppressionScope scope;

    StubScope(SuppressionSource source, SuppressionScope scope) {
        this.source = source;
        this.scope = scope;
    }

    /** What a provider blocks is the person's own refusal once nobody could lift it. */
    static StubScope of(Suppression block) {
        return of(block.source(), block.scope());
    }

    static StubScope of(SuppressionSource source, SuppressionScope scope) {
        boolean isTenants = source == SuppressionSource.TENANT;
        return switch (scope) {
            case ALL -> isTenants ? TENANT_ALL : ALL;
            case MARKETING -> isTenants ? TENANT_MARKETING : MARKETING;
        };
    }
}
