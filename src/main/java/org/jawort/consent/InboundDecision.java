package org.jawort.consent;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What becomes of an inbound message.
 *
 * @param record the record the decision speaks about; null if there is none
 * @param state of that record before the message; {@code NONE} if there is none
 * @param purpose of an answer to it
 * @param steps consent events to apply, in this order, in the transaction that stores the message
 */
public record InboundDecision(
        Decision decision,
        InboundReason reason,
        UUID record,
        ConsentState state,
        Purpose purpose,
        Set<Flag> flags,
        List<Step> steps) {

    public enum Decision {
        ACCEPT,
        HOLD,
        CONSUME,
        DROP,
        STORE_ONLY,
        REJECT
    }

    public enum Flag {
        /** First contact: send the notice (INF-1). */
        SEND_NOTICE,
        /** Content is purged after 72 h unless a YES comes. */
        PURGE_UNLESS_GRANTED,
        /**
         * Set {@link Overlays#withPossibleWithdrawal} to the time of the message; a human decides
         * within a working day.
         */
        HOLD_PROACTIVE,
        /**
         * Data-subject request: its clock starts at receipt. Beside {@link #HUMAN_NEEDED} it is not
         * clear what is asked for, and nothing is done until somebody said so.
         */
        DATA_REQUEST,
        HUMAN_NEEDED,
        /** Send the privacy text and a contact. */
        HELP,
        /** The provider has answered already; say nothing. */
        ANSWERED_BY_PROVIDER,
        /** More than one prompt is open here, words decide none: ask with buttons. */
        ASK_WITH_BUTTONS,
        /** Agents see that this person has withdrawn, and may reply to this message only. */
        WITHDRAWN_BANNER,
        /** The person's message opens or extends the channel's window. */
        WINDOW_OPENED
    }

    /** One event for one record. */
    public record Step(UUID record, ConsentEvent event) {}

    public InboundDecision {
        flags = Set.copyOf(flags);
        steps = List.copyOf(steps);
    }
}
