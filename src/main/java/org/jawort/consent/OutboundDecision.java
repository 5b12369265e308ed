package org.jawort.consent;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/**
 * The one decision about one attempt (FLT-1); holds no content and no address.
 *
 * @param reason {@code OUT_OK} exactly if allowed
 * @param basis null if the record could not be read
 * @param recordId null if the record could not be read
 * @param textVersion the consent text the send relies on; null without a grant
 * @param windowEndsAt null where no window ends
 */
public record OutboundDecision(
        OutboundReason reason,
        Basis basis,
        UUID recordId,
        String textVersion,
        Instant windowEndsAt,
        Set<Obligation> obligations) {

    public enum Obligation {
        SEND_NOTICE_FIRST,
        /** Of a data-subject request, only that its answer is ready, and where (DSR-6). */
        NO_PERSONAL_DATA_IN_CHAT,
        /** The provider blocks this address: answer the request by another route. */
        USE_OTHER_ROUTE,
        /** The person has withdrawn: reply to what they wrote since, and nothing beyond. */
        REPLY_ONLY,
        /** The old text only still covers this send; ask for the new one. */
        RECONSENT
    }

    public OutboundDecision {
        obligations = Set.copyOf(obligations);
    }

    public boolean isAllowed() {
        return reason == OutboundReason.OUT_OK;
    }
}
