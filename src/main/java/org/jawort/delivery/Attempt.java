package org.jawort.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;

/**
 * One delivery being tried.
 *
 * @param attempts made before this one
 * @param woken whether it was parked before, so that others may have parked behind it meanwhile
 * @param event the CloudEvent to send; {@code null} if it must not leave any more
 * @param withheld why it must not leave, {@code null} if it may
 */
record Attempt(
        UUID eventId,
        UUID lane,
        long sequence,
        int attempts,
        boolean woken,
        String type,
        ObjectNode event,
        String withheld) {

    /** How an attempt ended. */
    sealed interface Outcome {

        record Delivered() implements Outcome {}

        record Withheld(String reason) implements Outcome {}

        /**
         * @param tried whether the destination was really asked, or an earlier delivery of the lane
         *     stands before this one
         */
        record Parked(Instant nextAttemptAt, boolean tried, Integer status, String error)
                implements Outcome {}

        record Dead(Integer status, String error) implements Outcome {}
    }
}
