package org.jawort.delivery;

/** The destination will not take this delivery however often it is tried: it becomes a dead letter. */
public class DestinationRefused extends RuntimeException {

    private final Integer status;

    public DestinationRefused(String reason, Integer status) {
        super(reason, null, false, false);
        this.status = status;
    }

    public Integer status() {
        return status;
    }
}
