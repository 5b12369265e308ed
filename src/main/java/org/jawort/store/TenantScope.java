package org.jawort.store;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Opens transactions for named tenants. Row-level security shows such a transaction the rows of
 * these tenants and of no other; outside one, nothing is visible at all.
 */
public final class TenantScope {

    private final TransactionTemplate transactions;
    private final JdbcTemplate jdbc;

    /** {@code null}: as many as the pool has. */
    private final Semaphore turns;

    private final Duration patience;

    private final boolean keepsPlans;

    public TenantScope(TransactionTemplate transactions, JdbcTemplate jdbc) {
        this(transactions, jdbc, null, null, false);
    }

    private TenantScope(
            TransactionTemplate transactions,
            JdbcTemplate jdbc,
            Semaphore turns,
            Duration patience,
            boolean keepsPlans) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.turns = turns;
        this.patience = patience;
        this.keepsPlans = keepsPlans;
    }

    /**
     * The same for work that many threads do at once: together they hold so many connections of the
     * pool, and leave the others to everybody else.
     *
     * @param patience how long one waits for its turn until it fails, as it would at a pool that is
     *     exhausted
     */
    public TenantScope atMost(int connections, Duration patience) {
        return new TenantScope(
                transactions,
                jdbc,
                new Semaphore(Math.max(1, connections), true),
                patience,
                keepsPlans);
    }

    /**
     * The same for work that comes again and again, batch after batch: one plan for each statement,
     * whatever its parameters (docs/decisions/0013).
     */
    public TenantScope keepingPlans() {
        return new TenantScope(transactions, jdbc, turns, patience, true);
    }

    public <T> T call(String tenant, Supplier<T> work) {
        return call(List.of(tenant), work);
    }

    /**
     * @throws CannotCreateTransactionException if no connection was free in time
     */
    public <T> T call(Collection<String> tenants, Supplier<T> work) {
        if (turns == null || TransactionSynchronizationManager.isActualTransactionActive()) {
            return inTransaction(tenants, work);
        }
        try {
            if (!turns.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CannotCreateTransactionException("no connection was free in time");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CannotCreateTransactionException("stopped", stopped);
        }
        try {
            return inTransaction(tenants, work);
        } finally {
            turns.release();
        }
    }

    private <T> T inTransaction(Collection<String> tenants, Supplier<T> work) {
        return transactions.execute(
                status -> {
                    enter(tenants);
                    return work.get();
                });
    }

    public void run(String tenant, Runnable work) {
        call(
                tenant,
                () -> {
                    work.run();
                    return null;
                });
    }

    /** For a transaction that is already open, such as that of a route. */
    public void enter(String tenant) {
        enter(List.of(tenant));
    }

    private void enter(Collection<String> tenants) {
        // What is set ends with the transaction (third argument), so that a pooled connection
        // carries nothing over.
        jdbc.query(
                keepsPlans
                        ? "select set_config('app.tenants', ?, true), set_config('plan_cache_mode', 'force_generic_plan', true)"
                        : "select set_config('app.tenants', ?, true)",
                row -> {},
                String.join(",", tenants));
    }
}
