package org.jawort.consent;

import java.time.Instant;
import java.util.UUID;
import org.jawort.message.Channel;

/**
 * One attempt to send, as it stands at the instant of sending (FLT-1). What cannot be known is
 * false or null, and denies.
 *
 * @param purpose set by route or template; null if unknown
 * @param channel null if unknown
 * @param record of this person, channel and purpose; for a prompt the record it asks about; null if
 *     it could not be read
 * @param overlays null if they could not be read
 * @param gates what others have found out about tenant, platform and notice
 * @param window null if unknown
 * @param lastInboundAt the person's last message to this sender; null if they never wrote
 * @param lastWrittenAt when they wrote last, by the clock that times refusals ({@link
 *     EventTime#effective}); null if they never did
 * @param authTriggeredAt when the person asked for this authentication message; null if they did
 *     not
 * @param promptInvited a prompt was provoked from the chat itself: the person's start word, or a
 *     strict tenant
 * @param promptEmbedsNotice the text carries the short notice (INF-1)
 * @param alreadySent this notice, confirmation or prompt has gone out for the same trigger
 */
public record OutboundAttempt(
        Purpose purpose,
        Channel channel,
        UUID addressId,
        ConsentRecord record,
        Overlays overlays,
        Gates gates,
        ChannelWindow window,
        Instant lastInboundAt,
        Instant lastWrittenAt,
        Instant authTriggeredAt,
        boolean promptInvited,
        boolean promptEmbedsNotice,
        boolean alreadySent) {

    /**
     * @param storeAvailable the record read is the record that holds
     * @param senderActive tenant and sender are both active
     * @param residencyAllowed the tenant's residency permits this channel (RES-4)
     * @param platformPermission the platform's own opt-in is on file (CON-6); the YES of a grant on
     *     this channel is one
     * @param marketingApproved a named approver switched marketing on (CON-24)
     * @param noticeDelivered the current notice was delivered (INF-3)
     * @param contentSensitive the content guard objects (FLT-8)
     */
    public record Gates(
            boolean storeAvailable,
            boolean senderActive,
            boolean residencyAllowed,
            boolean platformPermission,
            boolean marketingApproved,
            boolean noticeDelivered,
            boolean contentSensitive) {}
}
