package org.jawort.delivery;

import java.time.Instant;

/** The destination was not asked, and shall not be before a moment: no attempt was made. */
public final class DeliveryPostponed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Instant until;

    /**
     * @param why a fixed word
     */
    public DeliveryPostponed(Instant until, String why) {
        super(why, null, false, false);
        this.until = until;
    }

    Instant until() {
        return until;
    }
}
