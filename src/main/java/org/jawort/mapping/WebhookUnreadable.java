package org.jawort.mapping;

/**
 * An authentic webhook whose query or body cannot be read. Final: the caller keeps the bytes in
 * quarantine. Carries no cause, because a parser's message quotes what it read.
 */
public final class WebhookUnreadable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A fixed word for metrics and quarantine. */
    public enum Reason {
        /** Bytes that are not UTF-8, in the body or behind percent escapes. */
        BAD_UTF8,
        /** Broken or truncated JSON, a repeated name in an object, or something after its end. */
        BAD_JSON,
        /** A JSON number beyond a double, or of absurdly many digits. */
        BAD_NUMBER,
        /** Objects and lists nested deeper than {@value WebhookDocument#MAX_DEPTH}. */
        TOO_DEEP,
        /** A broken percent escape in a form or query. */
        BAD_FORM,
        /** Not a GET, and yet no body. */
        NO_BODY,
        /** Neither JSON nor a form. */
        CONTENT_TYPE
    }

    private final Reason reason;

    WebhookUnreadable(Reason reason) {
        super(reason.name(), null, false, true);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
