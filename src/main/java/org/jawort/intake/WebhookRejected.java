package org.jawort.intake;

/** A webhook that gets no 200. Carries the status to answer and a fixed word for the count, never a value of the request. */
public class WebhookRejected extends RuntimeException {

    private final int status;
    private final String reason;

    WebhookRejected(int status, String reason) {
        // No stack trace: this is an answer, and an attacker must not be able to make it an expensive one.
        super(reason, null, false, false);
        this.status = status;
        this.reason = reason;
    }

    public int status() {
        return status;
    }

    public String reason() {
        return reason;
    }
}
