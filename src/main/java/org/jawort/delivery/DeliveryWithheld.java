package org.jawort.delivery;

/** What was to be delivered must not leave any more, or leaves by another way. */
public final class DeliveryWithheld extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param reason a fixed word
     */
    public DeliveryWithheld(String reason) {
        super(reason, null, false, false);
    }
}
