package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
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
     * @param trying the message that has leave to try it; {@code null} if none has
     */
    private record Condition(int failures, Instant until, UUID trying) {
        static final Condition WELL = new Condition(0, null, null);
    }

    private final ConcurrentMap<String, Condition> conditions = new ConcurrentHashMap<>();

    /**
     * Asks for leave to try the account. Of the messages that ask once the pause is over, one gets
     * it; the others wait for what becomes of it.
     *
     * @return empty if it may be tried, else until when it is spared
     */
    Optional<Instant> spared(String tenant, String account, UUID message, Instant now) {
        Condition[] before = new Condition[1];
        conditions.compute(
                key(tenant, account),
                (key, condition) -> {
                    before[0] = condition == null ? Condition.WELL : condition;
                    boolean over = before[0].until != null && !now.isBefore(before[0].until);
                    return over
                            ? new Condition(before[0].failures, now.plus(PAUSE), message)
                            : condition;
                });
        Instant until = before[0].until;
        return until == null || !now.isBefore(until) ? Optional.empty() : Optional.of(until);
    }

    /** Whether it is spared now; takes no leave. */
    boolean isSpared(String tenant, String account, Instant now) {
        Instant until = conditions.getOrDefault(key(tenant, account), Condition.WELL).until;
        return until != null && now.isBefore(until);
    }

    /**
     * A message ended, or waits, without having tried the account: the leave it may have had is
     * there for who asks next.
     */
    void unused(String tenant, String account, UUID message, Instant now) {
        conditions.computeIfPresent(
                key(tenant, account),
                (key, condition) ->
                        message.equals(condition.trying)
                                ? new Condition(condition.failures, now, null)
                                : condition);
    }

    void succeeded(String tenant, String account) {
        conditions.remove(key(tenant, account));
    }

    void failed(String tenant, String account, Instant now) {
        conditions.compute(
                key(tenant, account),
                (key, condition) -> {
                    int failures = (condition == null ? 0 : condition.failures) + 1;
                    return new Condition(
                            failures, failures < IN_A_ROW ? null : now.plus(PAUSE), null);
                });
    }

    private static String key(String tenant, String account) {
        return tenant + "/" + account;
    }
}
