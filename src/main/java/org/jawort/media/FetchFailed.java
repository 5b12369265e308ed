package org.jawort.media;

import java.io.IOException;
import java.time.Duration;

/** A fetch that did not give the file. Says why, never from where. */
final class FetchFailed extends IOException {

    private static final long serialVersionUID = 1L;

    private final FetchFault fault;
    private final Duration retryAfter;
    private final boolean isFinal;

    FetchFailed(FetchFault fault) {
        this(fault, null);
    }

    /**
     * @param retryAfter how long the provider wants to be left alone, {@code null} if it did not
     *     say
     */
    FetchFailed(FetchFault fault, Duration retryAfter) {
        this(fault, retryAfter, fault.isFinal());
    }

    private FetchFailed(FetchFault fault, Duration retryAfter, boolean isFinal) {
        super(fault.name());
        this.fault = fault;
        this.retryAfter = retryAfter;
        this.isFinal = isFinal;
    }

    /** Where trying again cannot help, although it could with others of this fault. */
    static FetchFailed forGood(FetchFault fault) {
        return new FetchFailed(fault, null, true);
    }

    boolean isFinal() {
        return isFinal;
    }

    FetchFault fault() {
        return fault;
    }

    Duration retryAfter() {
        return retryAfter;
    }
}
