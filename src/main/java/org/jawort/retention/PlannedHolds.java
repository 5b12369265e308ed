package org.jawort.retention;

import java.time.Instant;

/** How many items that are over a hold keeps from being deleted. */
@FunctionalInterface
public interface PlannedHolds {

    /** Inside the caller's transaction. */
    long hit(String tenant, Instant now);
}
