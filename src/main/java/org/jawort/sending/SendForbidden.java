package org.jawort.sending;

/**
 * A message came to a provider's route without a valid decision. Final, and never the fault of a
 * provider: somebody tried to pass by the consent filter, or took too long.
 */
public final class SendForbidden extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public enum Reason {
        /** No request on the exchange, or no token. */
        MISSING,
        /** The request is for another tenant or account than the route. */
        OTHER_ACCOUNT,
        /** Not made by this process, or changed since. */
        FORGED,
        /** More than 60 s after the decision. */
        EXPIRED,
        /** Decided for another person. */
        OTHER_RECIPIENT,
        /** Decided for another message, or the message was changed since. */
        OTHER_MESSAGE
    }

    private final Reason reason;

    SendForbidden(Reason reason) {
        super(reason.name(), null, false, true);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
