package org.jawort.retention;

import java.time.Instant;
import java.util.UUID;

/** Whether law keeps a message although its person asks to be forgotten (GDPR Art. 17(3)). */
public interface Keeping {

    /**
     * A message as far as the question needs it: no word of it.
     *
     * @param category COMMERCIAL_LETTER, VOUCHER, NONE or UNKNOWN
     */
    record Message(
            String tenant,
            UUID id,
            UUID subject,
            UUID conversation,
            String account,
            String channel,
            String direction,
            String category,
            Instant receivedAt) {}

    sealed interface Verdict {

        /** Nothing keeps it. */
        record Delete() implements Verdict {}

        /**
         * @param until {@code null} as long as a hold lasts
         * @param rule id and version of what keeps it
         * @param because in words, for the answer to the person
         */
        record Keep(Instant until, String rule, String because) implements Verdict {}
    }

    Verdict decide(Message message, Instant now);
}
