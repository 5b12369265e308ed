package org.jawort.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A point in time as providers sign it: whole seconds since 1970, not negative. */
record EpochSeconds(long value) {

    // twelve digits reach the year 33658, and sums of them cannot overflow
    private static final int MAX_DIGITS = 12;

    /** Empty unless the text is one to twelve ASCII digits and nothing else. */
    static Optional<EpochSeconds> parse(String text) {
        if (text == null || text.isEmpty() || text.length() > MAX_DIGITS) {
            return Optional.empty();
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return Optional.empty();
            }
        }
        return Optional.of(new EpochSeconds(Long.parseLong(text)));
    }

    boolean isBefore(Instant now, Duration by) {
        return value < now.getEpochSecond() - by.toSeconds();
    }

    boolean isAfter(Instant now, Duration by) {
        return value > now.getEpochSecond() + by.toSeconds();
    }

    /** {@code Forged("too_old")}, {@code Forged("in_future")} or {@code Authentic}. */
    SignatureCheck within(Instant now, Duration backwards, Duration forward) {
        if (isBefore(now, backwards)) {
            return new SignatureCheck.Forged("too_old");
        }
        return isAfter(now, forward)
                ? new SignatureCheck.Forged("in_future")
                : new SignatureCheck.Authentic();
    }
}
