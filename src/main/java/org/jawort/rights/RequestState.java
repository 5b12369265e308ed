package org.jawort.rights;

/** How far a request is (DSR-3). */
public enum RequestState {
    RECEIVED,
    IDENTITY_CHECK,
    PLANNED,
    RUNNING,
    /** Part of what was asked for is not done, for a reason the answer names. */
    PARTLY_REFUSED,
    ANSWERED,
    CLOSED;

    /**
     * The only steps there are; who is not who they say, and what is refused as a whole, is
     * answered without any work.
     */
    public boolean mayBecome(RequestState next) {
        return switch (this) {
            case RECEIVED -> next == IDENTITY_CHECK;
            case IDENTITY_CHECK -> next == PLANNED || next == ANSWERED;
            case PLANNED -> next == RUNNING || next == ANSWERED;
            case RUNNING -> next == PARTLY_REFUSED || next == ANSWERED;
            case PARTLY_REFUSED -> next == ANSWERED;
            case ANSWERED -> next == CLOSED;
            case CLOSED -> false;
        };
    }

    boolean isAnswered() {
        return this == ANSWERED || this == CLOSED;
    }
}
