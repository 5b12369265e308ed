package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jawort.store.Bulk;

/**
 * Claims of this node of which it never heard that they were committed, and so sent nothing (R6).
 * Where the row says that one was, this node knows what no other can: it is to be sent yet.
 * Thread-safe.
 */
final class UnheardClaims {

    /**
     * Longer no message waits to be claimed again; what another node took is not forgotten else.
     */
    private static final Duration LONGEST = Duration.ofDays(7);

    /** Of each message, as one may be committed and those that tried to mend it not. */
    private final ConcurrentMap<UUID, Set<Instant>> claims = new ConcurrentHashMap<>();

    void add(UUID message, Instant claimedAt) {
        Instant forgotten = claimedAt.minus(LONGEST);
        claims.values().removeIf(times -> times.stream().allMatch(forgotten::isAfter));
        claims.computeIfAbsent(message, id -> ConcurrentHashMap.newKeySet())
                .add(Bulk.timestamp(claimedAt).toInstant());
    }

    /** Whether the row was last claimed by one of them. */
    boolean contains(Outbound row) {
        return row.state() == Outbound.State.SENDING
                && claims.getOrDefault(row.message(), Set.of()).contains(row.claimedAt());
    }

    /** What became of the message is known. */
    void forget(UUID message) {
        claims.remove(message);
    }
}
