package org.jawort.intake;

import java.time.Instant;
import java.util.Map;

/**
 * One raw HTTP request as the provider made it.
 *
 * @param url the URL the provider called: the configured public base URL, the raw path, and {@code
 *     ?} with the raw query if there is one; byte for byte, never from a Host header
 * @param rawQuery the query as received, still percent-encoded; {@code null} if none
 * @param contentType as received; {@code null} if none
 * @param headers allow-listed headers under lower-case names
 * @param body the bytes received; empty if none
 */
public record WebhookRequest(
        String method,
        String url,
        String rawQuery,
        String contentType,
        Map<String, String> headers,
        byte[] body,
        Instant receivedAt) {

    /** The value of a header, {@code null} if absent. */
    public String header(String lowerCaseName) {
        return headers.get(lowerCaseName);
    }

    /** About as many as are sealed of it: the body and what is kept beside it. */
    long bytes() {
        return (long) body.length
                + (rawQuery == null ? 0 : rawQuery.length())
                + (contentType == null ? 0 : contentType.length())
                + headers.values().stream().mapToLong(String::length).sum();
    }

    /** Identifies nothing: headers, query and body are personal data or secrets (LOG-1). */
    @Override
    public String toString() {
        return "WebhookRequest[" + method + ", " + body.length + " bytes]";
    }
}
