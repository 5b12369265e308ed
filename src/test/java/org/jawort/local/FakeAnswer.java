package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a fake provider says.
 *
 * @param body {@code null} for none
 * @param taken the message it took, {@code null} if it refused
 */
public record FakeAnswer(int status, JsonNode body, Taken taken) {

    /**
     * @param to the person as the provider writes it
     * @param conversationId {@code null} if the provider was told none
     * @param clientRef our own reference, which comes back in statuses
     * @param statusUrl where statuses go, {@code null} if the request does not say
     */
    public record Taken(
            String id,
            String channel,
            String from,
            String to,
            String conversationId,
            String clientRef,
            String statusUrl) {}

    public static FakeAnswer refused(int status, JsonNode body) {
        return new FakeAnswer(status, body, null);
    }
}
