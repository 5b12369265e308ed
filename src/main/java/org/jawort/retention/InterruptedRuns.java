package org.jawort.retention;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jawort.retention.Tombstones.Stone;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Nightly runs that did not come to say that they are over. A batch commits as a whole: where
 * nothing is left of what a line names, its batch did, and its line counts; where something is, it
 * did not, and the next run finds it due and tells whom it must.
 */
final class InterruptedRuns {

    private final StoredItems items;
    private final Tombstones stones;
    private final InstantSource clock;

    InterruptedRuns(JdbcTemplate jdbc, Tombstones stones, InstantSource clock) {
        this.items = new StoredItems(jdbc);
        this.stones = stones;
        this.clock = clock;
    }

    /**
     * In a transaction of the tenant.
     *
     * @param after when the run had not begun
     */
    void settle(String tenant, UUID run, Instant after) {
        settle(tenant, run, stones.since(tenant, after).open().getOrDefault(run, List.of()));
    }

    /**
     * The same.
     *
     * @param of all lines of the run
     */
    void settle(String tenant, UUID run, List<Stone> of) {
        for (Stone stone : of) {
            if (items.found(tenant, stone.store(), stone.ids()).isEmpty()) {
                stones.write(
                        tenant,
                        new Stone(
                                stone.at(),
                                stone.store(),
                                stone.request(),
                                null,
                                stone.ids(),
                                stone.lastActive()));
            }
        }
        stones.over(tenant, run, false, clock.instant());
    }
}
