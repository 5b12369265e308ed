package org.jawort.mapping;

/**
 * A webhook or event a mapping could not make anything of. Trying again does not help, correcting
 * the mapping and replaying does, so the caller keeps the original. Neither message nor cause
 * carries a value of the webhook: JSLT's own errors quote them.
 */
public final class MappingFailed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A fixed word for metrics and quarantine. */
    public enum Reason {
        /** There is no such file as {@code mappings/<provider>/webhook.jslt}. */
        NO_MAPPING,
        /** The mapping stopped: a value of a type it did not expect. */
        MAPPING_ERROR,
        /** The mapping returned something other than the contract allows. */
        SCHEMA,
        /** The mapping returned an empty list: it must say {@code ignored} and why. */
        EMPTY,
        /** The mapping says that it does not know the event. */
        UNKNOWN_EVENT
    }

    private final Reason reason;
    private final String where;

    MappingFailed(Reason reason, String where) {
        super(reason + " at " + where, null, false, true);
        this.reason = reason;
        this.where = where;
    }

    public Reason reason() {
        return reason;
    }

    /**
     * File, line and column, e.g. {@code twilio/message.jslt:12:7}, as far as known; lines and
     * columns count from 1.
     */
    public String where() {
        return where;
    }
}
