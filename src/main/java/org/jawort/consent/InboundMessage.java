package org.jawort.consent;

import java.util.UUID;
import org.jawort.message.Channel;

/**
 * What the filter reads of an inbound message.
 *
 * @param trust verdict of intake on the webhook
 * @param addressId of the sender
 * @param text body, caption or button label; null if the message has none
 * @param buttonPayload what a tapped button carries; null unless {@code kind} is {@code BUTTON}
 * @param preference the provider's own reading of this message (Twilio {@code OptOutType}); null if
 *     it says nothing
 */
public record InboundMessage(
        Trust trust,
        UUID addressId,
        Channel channel,
        EventTime time,
        Kind kind,
        String text,
        String buttonPayload,
        boolean forwarded,
        boolean edited,
        boolean oneToOne,
        ProviderPreference preference) {

    public enum Trust {
        AUTHENTIC,
        BAD_SIGNATURE,
        REPLAY,
        OVERSIZE
    }

    /**
     * {@code OTHER} is everything else, its words a caption or a piece of a longer text, if it has
     * any: images, reactions, locations.
     */
    public enum Kind {
        TEXT,
        BUTTON,
        OTHER
    }

    public enum ProviderPreference {
        STOP,
        START,
        HELP
    }

    /** Whether the sender's words are their own and final, not passed on or edited. */
    boolean isOwnWords() {
        return !forwarded && !edited;
    }

    /** Whether it can answer the hub (CON-10). */
    boolean isToUsAlone() {
        return kind != Kind.OTHER && isOwnWords() && oneToOne;
    }

    /** Where a channel does not tell a button's label, the payload stands for it. */
    String said() {
        return text == null ? buttonPayload : text;
    }

    /** Without words and address. */
    @Override
    public String toString() {
        return "InboundMessage[" + channel + ", " + kind + ", " + time + "]";
    }
}
