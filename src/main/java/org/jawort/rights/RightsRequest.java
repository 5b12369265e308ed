package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.jawort.message.Channel;

/**
 * A request as it stands.
 *
 * @param channel the channel whose data it covers, {@code null} for all the hub has
 * @param replyChannel where the person is told in chat, {@code null} if not there
 * @param language lower-case ISO 639-1, {@code null} if the person did not tell
 * @param identityMethod {@code null} until somebody decided
 * @param outcome what was done, refused and kept, without personal data
 * @param replyMessage tells the person in chat; {@code null} if they cannot be told there
 * @param nextAt when the hub goes on; {@code null} while it waits for a human or for nothing
 */
record RightsRequest(
        String tenant,
        UUID id,
        UUID subject,
        RequestType type,
        RequestState state,
        Source source,
        Channel channel,
        Channel replyChannel,
        UUID message,
        String language,
        Instant receivedAt,
        LocalDate dueOn,
        int extendedMonths,
        Identity identity,
        String identityMethod,
        ObjectNode outcome,
        UUID replyMessage,
        int reminded,
        int attempts,
        String lastError,
        Instant nextAt,
        Instant liftAt,
        UUID liftMessage,
        Instant liftedAt,
        Instant answeredAt,
        Instant closedAt) {

    /** How it came. */
    public enum Source {
        CHAT,
        API,
        AGENT,
        EMAIL
    }

    /** Whether it is clear who asks (DSR-2). */
    public enum Identity {
        OPEN,
        PROOF_RECEIVED,
        CONFIRMED,
        NOT_CONFIRMED
    }

    /** Ids only (LOG-1). */
    @Override
    public String toString() {
        return "RightsRequest[" + tenant + " " + id + " " + type + " " + state + "]";
    }
}
