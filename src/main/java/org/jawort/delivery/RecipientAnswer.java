package org.jawort.delivery;

import java.time.Instant;

/**
 * What became of something a recipient was told to delete (RET-14).
 *
 * @param until with {@link Status#EXPIRES_AT}: it is gone by then
 * @param reason a fixed word; {@code null} with {@link Status#DONE}
 */
public record RecipientAnswer(Status status, Instant until, String reason) {

    /** From the best to the worst. */
    public enum Status {
        DONE,
        EXPIRES_AT,
        NOT_SUPPORTED,
        MANUAL
    }

    public static final RecipientAnswer DONE = new RecipientAnswer(Status.DONE, null, null);

    public static RecipientAnswer expires(Instant until, String reason) {
        return new RecipientAnswer(Status.EXPIRES_AT, until, reason);
    }

    public static RecipientAnswer notSupported(String reason) {
        return new RecipientAnswer(Status.NOT_SUPPORTED, null, reason);
    }

    public static RecipientAnswer manual(String reason) {
        return new RecipientAnswer(Status.MANUAL, null, reason);
    }

    /** Of two parts of the same thing: the worse status, the later time. */
    public RecipientAnswer and(RecipientAnswer other) {
        RecipientAnswer worse = status.compareTo(other.status) >= 0 ? this : other;
        Instant later =
                until == null || other.until != null && other.until.isAfter(until)
                        ? other.until
                        : until;
        return new RecipientAnswer(worse.status, later, worse.reason);
    }
}
