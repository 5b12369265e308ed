package org.jawort.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Supplier;
import org.jawort.vault.SubjectKey;

/**
 * One delivery being tried.
 *
 * @param attempts made before this one
 * @param woken whether it was parked before, so that others may have parked behind it meanwhile
 * @param messageId the message it is about, {@code null} if none
 * @param event makes the CloudEvent to send, which is many times as large as what it is made of, or
 *     says by {@link DeliveryWithheld} that it must not leave after all; {@code null} if that is
 *     known already
 * @param withheld why it must not leave, {@code null} if it may
 * @param key of the person it is about; {@code null} if it is about nobody or the key is gone
 */
record Attempt(
        UUID eventId,
        UUID lane,
        long sequence,
        int attempts,
        boolean woken,
        String type,
        UUID messageId,
        Supplier<ObjectNode> event,
        String withheld,
        SubjectKey key) {

    /**
     * What is known of one try beside how it ended.
     *
     * @param status of HTTP, {@code null} if the destination speaks something else or did not
     *     answer
     * @param answer the beginning of what it said, {@code null} if nothing; may quote a person
     */
    record Made(Instant beganAt, int millis, Integer status, byte[] answer) {

        @Override
        public String toString() {
            return "Made[" + beganAt + ", " + millis + " ms, " + status + "]";
        }
    }

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
