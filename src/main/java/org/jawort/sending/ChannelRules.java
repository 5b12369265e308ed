package org.jawort.sending;

import java.time.Instant;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;

/** What the channels' own rules (table 2.3) say about a message. */
public interface ChannelRules {

    /**
     * @param template id of the tenant file's template, {@code null} if none
     * @param tag a channel's message tag, {@code null} if none
     * @param lastInboundAt the person's last message to this sender; {@code null} if they never
     *     wrote
     * @param adClickAt when the person last came by an advertisement; {@code null} if never
     * @param human whether a human wrote the message
     * @param carrier provider, or provider and API, as {@code messagebird/classic}
     */
    record WindowQuestion(
            String tenant,
            Channel channel,
            Purpose purpose,
            String template,
            String tag,
            Instant lastInboundAt,
            Instant adClickAt,
            boolean human,
            String carrier,
            Instant now) {}

    ChannelWindow window(WindowQuestion question);
}
