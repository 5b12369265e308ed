package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;

/**
 * A message a fake provider got.
 *
 * @param headers without credentials
 * @param request a form as an object
 * @param answered HTTP status; 0 if it took the message and never answered
 * @param taken {@code null} if it was refused
 */
public record FakeMessage(
        Instant receivedAt,
        String provider,
        String path,
        Map<String, String> headers,
        JsonNode request,
        int answered,
        FakeAnswer.Taken taken) {

    /** What the provider calls it; {@code null} if it was refused. */
    public String id() {
        return taken == null ? null : taken.id();
    }

    /** The same of one part of a long SMS that Vonage's old API took, from 1. */
    public String id(int part) {
        return FakeVonage.part(id(), part);
    }
}
