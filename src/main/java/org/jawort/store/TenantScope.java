package org.jawort.store;

import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Opens transactions for named tenants. Row-level security shows such a transaction the rows of these tenants and of no other;
 * outside one, nothing is visible at all.
 */
public final class TenantScope {

    private final TransactionTemplate transactions;
    private final JdbcTemplate jdbc;

    public TenantScope(TransactionTemplate transactions, JdbcTemplate jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    public <T> T call(String tenant, Supplier<T> work) {
        return call(List.of(tenant), work);
    }

    public <T> T call(Collection<String> tenants, Supplier<T> work) {
        return transactions.execute(status -> {
            enter(tenants);
            return work.get();
        });
    }

    public void run(String tenant, Runnable work) {
        call(tenant, () -> {
            work.run();
            return null;
        });
    }

    /** For a transaction that is already open, such as that of a route. */
    public void enter(String tenant) {
        enter(List.of(tenant));
    }

    private void enter(Collection<String> tenants) {
        // The setting ends with the transaction (third argument), so that a pooled connection carries nothing over.
        jdbc.queryForObject("select set_config('app.tenants', ?, true)", String.class, String.join(",", tenants));
    }
}
