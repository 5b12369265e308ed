package org.jawort.consent;

/** Where one person stands with one purpose on one channel. */
public enum ConsentState {
    /** Nothing is known. */
    NONE,
    /** Agreed elsewhere, or asked to be asked; not confirmed on this channel. */
    REQUESTED,
    /** The prompt was accepted by the provider and its clock runs. */
    PENDING,
    GRANTED,
    DECLINED,
    /** Prompt unanswered, validity over, or address invalid. */
    EXPIRED,
    /** Granted for a text that has changed materially since. */
    RECONSENT_DUE,
    /** Consent withdrawn, GDPR Art. 7(3). */
    WITHDRAWN,
    /** Contract or legitimate interest in force, no objection. */
    LI_ACTIVE,
    /** Objected, GDPR Art. 21. */
    OBJECTED;

    /** The person said no; only a newer act of theirs leads out again. */
    public boolean isRefusal() {
        return this == DECLINED || isWithdrawal();
    }

    /** Something may be sent on it, unless something else stands against that. */
    boolean isAgreement() {
        return this == GRANTED || this == RECONSENT_DUE || this == LI_ACTIVE;
    }

    public boolean isWithdrawal() {
        return this == WITHDRAWN || this == OBJECTED;
    }
}
