package org.jawort.sending;

/** A message that never became a request: ends the provider's route before anything is called. */
final class NotSent extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient SendResult.Refused result;

    NotSent(SendError error) {
        super(error.code(), null, false, false);
        this.result = new SendResult.Refused(error, false);
    }

    SendResult.Refused result() {
        return result;
    }
}
