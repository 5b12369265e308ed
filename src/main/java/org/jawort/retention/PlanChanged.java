package org.jawort.retention;

/** A plan is not what would be executed any more: make a new one and look at it (RET-12). */
public final class PlanChanged extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** No plan of the tenant has this hash. */
        UNKNOWN,
        /** It was executed before. */
        EXECUTED,
        /** Other rules are in force than it was made under. */
        RULES_CHANGED,
        /** A count is more than 5 % off. */
        COUNTS_DRIFTED
    }

    private final Reason reason;

    PlanChanged(Reason reason) {
        super(reason.name(), null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
