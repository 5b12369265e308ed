package org.jawort.consent;

/**
 * What the caller must carry out in the transaction that stores the new record, or put into its
 * outbox.
 */
public enum Effect {
    /** Append to the ledger (CON-20). */
    WRITE_PROOF,
    /** Ask the person on this channel, unless a prompt is open or the cooling time forbids it. */
    QUEUE_PROMPT,
    /** One confirmation that says how to stop. */
    CONFIRM_GRANT,
    /** At most one acknowledgement of a NO. */
    ACKNOWLEDGE_DECLINE_ONCE,
    /** At most one "please answer with the words". */
    ASK_FOR_ANSWER_ONCE,
    /**
     * Exactly one confirmation per person and channel, however many records the same STOP ended.
     */
    OPTOUT_CONFIRM_ONCE,
    CANCEL_QUEUED_SENDS,
    VOID_PROMPT,
    /** Tell everyone the data went to (GDPR Art. 19). */
    TELL_RECIPIENTS,
    TELL_TENANT,
    /** Prompt and capture details are due for deletion (RET-6). */
    EXPIRE_DETAILS,
    /** Keep a suppression stub (SEC-4). */
    KEEP_STUB,
    /** The proof stays, restricted, until its retention ends. */
    RESTRICT_PROOF
}
