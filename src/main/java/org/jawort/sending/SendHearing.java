package org.jawort.sending;

import java.time.Instant;
import java.util.UUID;
import java.util.function.Predicate;
import org.jawort.consent.Purpose;

/**
 * Hears how the hub's own duties ended: prompts, notices. Inside the transaction that writes the
 * end down, the person locked.
 */
public interface SendHearing {

    /**
     * {@code TAKEN}: the provider has it. {@code ARRIVED}: the person has it, which was told before
     * the provider answered. {@code FAILED}: it was tried and is given up. {@code DENIED}: it never
     * left.
     */
    enum End {
        TAKEN,
        ARRIVED,
        FAILED,
        DENIED
    }

    /**
     * @param isTrigger tells by its reference what the message answers
     * @param providerMessageId as the provider has just named it, {@code null} if it did not
     */
    record Ended(
            String tenant,
            UUID subject,
            UUID message,
            Purpose purpose,
            Predicate<String> isTrigger,
            End end,
            String providerMessageId,
            Instant at) {

        /** Whether anybody listens to the end of such a message. */
        public static boolean matters(Purpose purpose) {
            return purpose == Purpose.CONSENT_PROMPT || purpose == Purpose.PRIVACY_NOTICE;
        }

        @Override
        public String toString() {
            return "Ended[" + message + " " + end + "]"; // a provider's id may hold a number
        }
    }

    void ended(Ended ended);
}
