package org.jawort.sending;

/**
 * What a message answers: unique per tenant, kind and reference, so it goes out once.
 *
 * @param reference an id of the hub's or of the caller; no address, no name
 */
public record Trigger(Kind kind, String reference) {

    public enum Kind {
        /** Somebody called the API; the reference is the message's id. */
        API,
        /** A consent record asks; the reference is the prompt. */
        PROMPT,
        /** The person has not been informed yet; the reference is subject, channel and version. */
        NOTICE,
        /** A declaration is confirmed; the reference is the message that declared it. */
        CONFIRMATION,
        /** A STOP is confirmed; the reference is the message that said it. */
        OPTOUT_CONFIRM,
        /** Who writes from here on is told; the reference is the message's own id (FLT-7). */
        DISCLOSURE,
        /** A data-subject request is answered. */
        DSR
    }

    /** The person's STOP, "Ja" or request is not in it, but whose it is may be. */
    @Override
    public String toString() {
        return kind.name();
    }
}
