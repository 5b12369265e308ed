package org.jawort.sending;

import java.time.Duration;
import java.util.List;
import org.jawort.message.MessageStatus;

/**
 * How one attempt to send ended; the body of the exchange after a route of {@code routes/sending}.
 * None of them carries an address or a word of the message in its {@code toString}.
 */
public sealed interface SendResult {

    /**
     * The provider took it; more comes by status webhook.
     *
     * @param providerMessageId never null
     * @param providerConversationId {@code null} if the provider named none
     * @param status queued or sent
     * @param parts what it calls each part of a text that goes in several, the first included;
     *     empty for any other
     */
    record Accepted(
            String providerMessageId,
            String providerConversationId,
            MessageStatus status,
            List<String> parts)
            implements SendResult {

        /** A provider's id may hold a phone number. */
        @Override
        public String toString() {
            return "Accepted[" + status.wireName() + "]";
        }
    }

    /**
     * Final for this message: sending it again ends the same. Another provider may take it.
     *
     * @param asked whether the provider said so; false if there was nothing to ask it, so that this
     *     tells nothing of how it is
     */
    record Refused(SendError error, boolean asked) implements SendResult {}

    /**
     * The person opted out of this sender or blocked it: final for the message, and transition T9
     * for the person.
     *
     * @param marketingOnly only of marketing messages
     */
    record OptedOut(SendError error, boolean marketingOnly) implements SendResult {}

    /**
     * The provider did not take it and may later; surely nothing was sent.
     *
     * @param retryAfter how long it asked to wait, {@code null} if it did not
     */
    record Retry(SendError error, Duration retryAfter) implements SendResult {}

    /**
     * The request may have reached the provider, and what became of it is not known. Never to be
     * sent again blindly: a status webhook with our own reference settles it.
     *
     * @param reason a fixed word: {@code response_timeout}, {@code connection_broken}, {@code
     *     answer_unreadable}, {@code accepted_without_id}, {@code gateway_timeout}
     */
    record Unknown(String reason) implements SendResult {}
}
