package org.jawort.delivery;

/** The destination takes nothing any more: it is disabled, and its deliveries wait. */
public final class DestinationGone extends DestinationRefused {

    private static final long serialVersionUID = 1L;

    public DestinationGone(String reason, Integer status) {
        super(reason, status);
    }
}
