package org.jawort.consent;

import java.util.List;
import java.util.Set;

/** What an event did to a record. */
public sealed interface Outcome {

    /**
     * Record or overlays changed; the state may be the one it was, for example after a second STOP.
     *
     * @param previous state before the event
     * @param effects in no order
     */
    record Moved(
            ConsentRecord record,
            Overlays overlays,
            Transition transition,
            ConsentState previous,
            Set<Effect> effects)
            implements Outcome {
        public Moved {
            effects = Set.copyOf(effects);
        }
    }

    /**
     * T15: the record is gone. What is left of the person on this channel are the suppressions of a
     * stub, empty if none existed.
     */
    record Removed(List<Suppression> stub, ConsentState previous, Set<Effect> effects)
            implements Outcome {
        public Removed {
            stub = List.copyOf(stub);
            effects = Set.copyOf(effects);
        }
    }

    /** Legal, and without consequence. */
    record Unchanged(Why why) implements Outcome {
        public enum Why {
            DUPLICATE,
            /** A YES that a refusal at the same time or later has overtaken. */
            OLDER_THAN_REFUSAL,
            /** The prompt was answered, voided or replaced. */
            PROMPT_CLOSED,
            /** The text was written before the prompt went out. */
            BEFORE_PROMPT,
            /** The person chose other purposes, or the provider's opt-out covers marketing only. */
            OUT_OF_SCOPE,
            ALREADY_ASKED,
            NOT_YET_DUE,
            RETRIES_LEFT,
            /** A named person recorded compelling grounds against the objection (Art. 21(1)). */
            COMPELLING_GROUNDS,
            /** Nothing this event speaks about is open. */
            NOTHING_OPEN
        }
    }

    /** Not in the table, or a guard failed: the caller audits it. */
    record Rejected(Why why) implements Outcome {
        public enum Why {
            ILLEGAL_TRANSITION,
            WRONG_BASIS,
            PROOF_INCOMPLETE,
            /** The capture is not newer than the last refusal. */
            REFUSED_SINCE,
            /** An import or a first contact cannot undo a refusal. */
            NOT_AN_ACT_OF_THE_PERSON,
            PROMPT_ALREADY_OPEN,
            PROMPT_CARRIES_ADVERTISING,
            PROMPT_UNKNOWN,
            OTHER_ADDRESS,
            NOT_AUTHENTICATED,
            NOT_ONE_TO_ONE,
            NOT_CLASSIFIED_BY_A_PERSON,
            NO_DOCUMENT,
            MARKETING_NEEDS_CONSENT,
            NOTICE_MISSING,
            NOT_CONFIRMED
        }
    }
}
