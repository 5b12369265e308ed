package org.jawort.sending;

import java.time.Duration;
import java.time.Instant;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.OutboundReason;

/**
 * 24 hours after the person's last message free text may go, where the channel has a conversation;
 * later only a template. A phone number's text messages need none.
 */
final class ConversationWindows implements ChannelRules {

    private static final Duration WINDOW = Duration.ofHours(24);

    @Override
    public ChannelWindow window(WindowQuestion question) {
        Instant last = question.lastInboundAt();
        boolean open = last != null && question.now().isBefore(last.plus(WINDOW));
        return switch (question.channel()) {
            case SMS, MMS, RCS ->
                    last == null
                            ? new ChannelWindow.WithoutConversation()
                            : new ChannelWindow.Open(null);
            case TELEGRAM, APPLE, VIBER, LINE, WEB ->
                    last == null
                            ? new ChannelWindow.Closed(OutboundReason.OUT_WINDOW_CLOSED)
                            : new ChannelWindow.Open(null);
            case WHATSAPP ->
                    open
                            ? new ChannelWindow.Open(last.plus(WINDOW))
                            : question.template() != null
                                    ? new ChannelWindow.WithoutConversation()
                                    : new ChannelWindow.Closed(OutboundReason.OUT_WINDOW_CLOSED);
            case MESSENGER, INSTAGRAM ->
                    open
                            ? new ChannelWindow.Open(last.plus(WINDOW))
                            : new ChannelWindow.Closed(OutboundReason.OUT_WINDOW_CLOSED);
        };
    }
}
