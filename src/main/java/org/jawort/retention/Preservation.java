package org.jawort.retention;

import java.time.Instant;
import org.jawort.store.TenantScope;

/**
 * What must be known before anything of a tenant is deleted: which messages holds cover by now
 * (RET-10), and what those count as that nobody classified in time (RET-7). What nothing ever
 * deletes is put up for review on that occasion. In transactions of its own.
 */
public final class Preservation {

    private final Holds holds;
    private final Categories categories;
    private final StubReview stubs;
    private final TenantScope scope;

    Preservation(Holds holds, Categories categories, StubReview stubs, TenantScope scope) {
        this.stubs = stubs;
        this.holds = holds;
        this.categories = categories;
        this.scope = scope;
    }

    /** Whoever deletes calls this first, with the time by which it then judges what is over. */
    public void prepare(String tenant, Instant now) {
        while (scope.call(tenant, () -> categories.fallBack(tenant, now))) {}
        look(tenant, now);
    }

    /**
     * The same for whoever plans, or deletes what was planned: nobody's message is said to be
     * something it was not, so that what waits to be classified counts in neither.
     */
    void look(String tenant, Instant now) {
        scope.run(tenant, () -> holds.match(tenant, now));
        scope.run(tenant, () -> stubs.look(tenant, now));
    }
}
