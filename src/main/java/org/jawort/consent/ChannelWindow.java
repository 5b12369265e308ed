package org.jawort.consent;

import java.time.Instant;

/** What the channel's own rules (table 2.3) say about this attempt. */
public sealed interface ChannelWindow {

    /**
     * The conversation is open and free text may go.
     *
     * @param endsAt null where the channel has no end
     */
    record Open(Instant endsAt) implements ChannelWindow {}

    /** No conversation is open, but this message may go, for example as an approved template. */
    record WithoutConversation() implements ChannelWindow {}

    record Closed(OutboundReason reason) implements ChannelWindow {}
}
