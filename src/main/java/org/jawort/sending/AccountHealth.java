package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * A breaker per account: after five failures in a row the account is spared, then one message at a
 * time tries whether it is well again. Thread-safe.
 */
final class AccountHealth {

    static final int IN_A_ROW = 5;
    static final Duration PAUSE = Duration.ofSeconds(30);

    /**
     * @param until spared until then; {@code null} while it is well
     */
    private record Condition(int failures, Instant until) {
        static final Condition WELL = new Condition(0, null);
    }

    private final ConcurrentMap<String, Condition> conditions = new ConcurrentHashMap<>();

    /**
     * Asks for leave to try the account. Of those who ask once the pause is over, one gets it; the
     * others wait for what becomes of it.
     *
     * @return empty if it may be tried, else until when it is spared
     */
    Optional<Instant> spared(String tenant, String account, Instant now) {
        Condition[] before = new Condition[1];
        conditions.compute(
                key(tenant, account),
                (key, condition) -> {
                    before[0] = condition == null ? Condition.WELL : condition;
                    boolean over = before[0].until != null && !now.isBefore(before[0].until);
                    return over ? new Condition(before[0].failures, now.plus(PAUSE)) : condition;
                });
        Instant until = before[0].until;
        return until == null || !now.isBefore(until) ? Optional.empty() : Optional.of(until);
    }

    /** Whether it is spared now; takes no leave. */
    boolean isSpared(String tenant, String account, Instant now) {
        Instant until = conditions.getOrDefault(key(tenant, account), Condition.WELL).until;
        return until != null && now.isBefore(until);
    }

    void succeeded(String tenant, String account) {
        conditions.remove(key(tenant, account));
    }

    void failed(String tenant, String account, Instant now) {
        conditions.compute(
                key(tenant, account),
                (key, condition) -> {
                    int failures = (condition == null ? 0 : condition.failures) + 1;
                    return new Condition(failures, failures < IN_A_ROW ? null : now.plus(PAUSE));
                });
    }

    private static String key(String tenant, String account) {
        return tenant + "/" + account;
    }
}
