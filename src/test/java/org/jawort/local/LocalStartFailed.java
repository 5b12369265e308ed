package org.jawort.local;

/**
 * Something the local hub needs is not to be had. The message is one line for the person who typed
 * the command.
 */
public final class LocalStartFailed extends RuntimeException {

    public LocalStartFailed(String message) {
        super(message);
    }

    public LocalStartFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
