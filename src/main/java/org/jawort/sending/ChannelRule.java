package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;

/**
 * One version of one rule of {@code channel-rules.yaml}, which says what each kind means.
 *
 * @param validUntil first instant it holds no more; {@code null} while it holds
 * @param period {@code null} where nothing ends by itself
 * @param onAd counts from a tap on an advertisement
 * @param purposes whom it binds; empty means all
 * @param tag of a message, {@code null} unless the kind is one of tags
 * @param humanOnly no bot may use the tag (FLT-7)
 * @param carriedBy providers, as {@link ChannelQuestion#carrier} names them, that are known to hand
 *     on the tag, or the template as one; {@code null} where that is of no matter
 * @param from first quiet minute; {@code until} is the first that is not
 * @param denies {@code null} only where nothing is denied
 */
record ChannelRule(
        String id,
        Channel channel,
        Kind kind,
        Instant validFrom,
        Instant validUntil,
        Duration period,
        boolean onAd,
        Set<Purpose> purposes,
        String tag,
        boolean humanOnly,
        Set<String> carriedBy,
        LocalTime from,
        LocalTime until,
        ZoneId zone,
        OutboundReason denies) {

    enum Kind {
        CONTACT,
        WINDOW,
        TAG,
        TEMPLATE,
        OPEN,
        QUIET
    }

    boolean holdsAt(Instant now) {
        return !now.isBefore(validFrom) && (validUntil == null || now.isBefore(validUntil));
    }

    boolean binds(Purpose purpose) {
        return purposes.isEmpty() || purposes.contains(purpose);
    }

    /** Whether local time is within the quiet hours, which may go over midnight. */
    boolean isQuietAt(Instant now) {
        LocalTime local = LocalTime.ofInstant(now, zone);
        boolean afterStart = !local.isBefore(from);
        boolean beforeEnd = local.isBefore(until);
        return from.isAfter(until) ? afterStart || beforeEnd : afterStart && beforeEnd;
    }
}
