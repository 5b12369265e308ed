package org.jawort.consent;

import java.util.List;
import java.util.UUID;
import org.jawort.message.Channel;

/**
 * What the filter reads of an inbound message.
 *
 * @param trust verdict of intake on the webhook
 * @param addressId of the sender
 * @param words body or caption; of a tapped button or a chosen row its label and whatever else the
 *     person saw or wrote with it. Empty if the message has none
 * @param buttonPayload what a tapped button carries; null unless {@code kind} is {@code BUTTON}
 * @param preference what the provider itself took this message for and acted on, as it tells
 *     (Twilio {@code OptOutType}) or as {@link ProviderWords} knows; null if for nothing
 */
public record InboundMessage(
        Trust trust,
        UUID addressId,
        Channel channel,
        EventTime time,
        Kind kind,
        List<String> words,
        String buttonPayload,
        boolean forwarded,
        boolean edited,
        boolean oneToOne,
        ProviderPreference preference) {

    public InboundMessage {
        words = List.copyOf(words);
    }

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

    /** Where a channel tells no words of a button, the payload stands for them. */
    List<String> said() {
        return words.isEmpty() && buttonPayload != null ? List.of(buttonPayload) : words;
    }

    /** Without words and address. */
    @Override
    public String toString() {
        return "InboundMessage[" + channel + ", " + kind + ", " + time + "]";
    }
}
