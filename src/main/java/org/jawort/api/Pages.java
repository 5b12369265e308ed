package org.jawort.api;

import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jawort.store.TenantScope;

/**
 * Reads a page of what is ordered by its id, as {@code limit} and {@code after} of the query say.
 */
final class Pages {

    /** Rows of a tenant, read within the tenant's transaction. */
    @FunctionalInterface
    interface Rows<T> {
        /**
         * @param after the last row of the page before, {@code null} for the first page
         */
        List<T> read(String tenant, UUID after, int limit);
    }

    private final TenantScope scope;

    Pages(TenantScope scope) {
        this.scope = scope;
    }

    /**
     * @throws ApiProblem for a query that says anything else
     */
    <T> Page<T> read(ApiCall call, Rows<T> rows, Function<T, UUID> id) {
        Query query = call.query().only("limit", "after");
        int limit = query.limit();
        UUID after = Cursor.id(query.after());
        List<T> found = scope.call(call.tenant(), () -> rows.read(call.tenant(), after, limit + 1));
        return Page.of(found, limit, row -> Cursor.of(id.apply(row)));
    }
}
