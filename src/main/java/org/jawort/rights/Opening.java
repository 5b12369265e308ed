package org.jawort.rights;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;
import org.jawort.message.Channel;
import org.jawort.rights.RightsRequest.Identity;
import org.jawort.rights.RightsRequest.Source;

/**
 * A request that reaches the tenant by other ways than a chat.
 *
 * @param subject {@code null} if found by address
 * @param address on {@code channel}; {@code null} if found by subject
 * @param source {@code API}, {@code AGENT} or {@code EMAIL}
 * @param replyChannel where the person is told in chat; {@code null}: the tenant tells them itself
 * @param receivedAt when it reached the tenant, from which the time counts
 * @param asked what in particular: corrections, purposes, grounds
 * @param actor who brings it, the id of an API key
 */
public record Opening(
        String tenant,
        RequestType type,
        UUID subject,
        Channel channel,
        String address,
        String source,
        Channel replyChannel,
        String language,
        Instant receivedAt,
        ObjectNode asked,
        String actor) {

    @Override
    public String toString() {
        return "Opening[" + tenant + " " + type + "]";
    }

    /** A request as it begins. */
    static RightsRequest request(
            String tenant,
            UUID id,
            UUID subject,
            RequestType type,
            Source source,
            Channel channel,
            Channel replyChannel,
            UUID message,
            String language,
            Instant receivedAt) {
        return new RightsRequest(
                tenant,
                id,
                subject,
                type,
                RequestState.RECEIVED,
                source,
                channel,
                replyChannel,
                message,
                language,
                receivedAt,
                DueDates.dueOn(receivedAt),
                0,
                Identity.OPEN,
                null,
                JsonNodeFactory.instance.objectNode(),
                null,
                0,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }
}
