package org.jawort.sending;

import java.time.Instant;
import java.util.UUID;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;

/** What the decision needs to know beside consent, read inside its transaction (FLT-1). */
public interface SendFacts {

    /**
     * @param written what it says
     * @param record the decision is about; {@code null} if there is none
     */
    record About(
            String tenant,
            UUID message,
            UUID subject,
            Channel channel,
            Purpose purpose,
            String template,
            Trigger.Kind trigger,
            Written written,
            ConsentRecord record) {}

    /**
     * What is not known is false or {@code null}, and denies.
     *
     * @param platformPermission CON-6
     * @param marketingApproved CON-24
     * @param noticeDelivered INF-3
     * @param contentSensitive FLT-8
     * @param authTriggeredAt when the person asked for this authentication message
     * @param promptInvited a prompt was provoked from the chat itself
     * @param promptEmbedsNotice INF-1
     */
    record Found(
            boolean platformPermission,
            boolean marketingApproved,
            boolean noticeDelivered,
            boolean contentSensitive,
            Instant authTriggeredAt,
            boolean promptInvited,
            boolean promptEmbedsNotice) {}

    Found about(About message);
}
