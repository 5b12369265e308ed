package org.jawort.delivery;

import java.time.Duration;

/** The destination did not take a delivery but may later: it is parked and tried again. */
public class DestinationUnavailable extends RuntimeException {

    private final Integer status;
    private final Duration retryAfter;

    /**
     * @param status what it answered, {@code null} if nothing
     * @param retryAfter how long it asked to wait, {@code null} if it did not
     */
    public DestinationUnavailable(String reason, Integer status, Duration retryAfter) {
        super(reason, null, false, false);
        this.status = status;
        this.retryAfter = retryAfter;
    }

    public Integer status() {
        return status;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
