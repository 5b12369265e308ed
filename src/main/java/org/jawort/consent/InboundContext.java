package org.jawort.consent;

import java.time.Instant;
import java.util.List;

/**
 * Where the sender stands when the message arrives.
 *
 * @param records one per configured purpose of this person and channel, in state {@code NONE} where
 *     nothing is known
 * @param refusable those and whatever else a STOP reaches, see {@link ConsentBook#refusable}
 * @param strict the tenant hears nobody without consent
 * @param lastOtherOutboundAt last message sent to this address other than prompt, confirmation and
 *     notice: a "Nein" after it may answer that one. Null if none
 */
public record InboundContext(
        List<ConsentRecord> records,
        List<ConsentRecord> refusable,
        Overlays overlays,
        boolean strict,
        Instant lastOtherOutboundAt) {

    public InboundContext {
        records = List.copyOf(records);
        refusable = List.copyOf(refusable);
    }

    /** Where nothing is on record but the purposes pursued. */
    InboundContext(
            List<ConsentRecord> records,
            Overlays overlays,
            boolean strict,
            Instant lastOtherOutboundAt) {
        this(records, records, overlays, strict, lastOtherOutboundAt);
    }
}
