package org.jawort.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * How the demo CRM answers, to see what the hub does about it.
 *
 * @param status the HTTP status of its answers, 200 to 599; {@code null}: 204
 * @param delayMillis how long it takes before answering, 0 to 600 000; {@code null}: at once
 * @param retryAfterSeconds value of {@code Retry-After}; {@code null}: no such header
 * @param times for how many events, after which it is normal again; {@code null}: until told
 *     otherwise
 * @param answer the body of its answers; {@code null}: none
 */
record CrmBehaviour(
        Integer status,
        Integer delayMillis,
        Integer retryAfterSeconds,
        Integer times,
        String answer) {

    static final CrmBehaviour NORMAL = new CrmBehaviour(null, null, null, null, null);

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .build();

    CrmBehaviour {
        requireWithin("status", status, 200, 599);
        requireWithin("delayMillis", delayMillis, 0, 600_000);
        requireWithin("retryAfterSeconds", retryAfterSeconds, 0, Integer.MAX_VALUE);
        requireWithin("times", times, 1, Integer.MAX_VALUE);
    }

    /**
     * @param json an object with any of the fields; {@code {}} is {@link #NORMAL}
     * @throws IllegalArgumentException if it is anything else, with the reason
     */
    static CrmBehaviour parse(byte[] json) {
        try {
            CrmBehaviour behaviour = JSON.readValue(json, CrmBehaviour.class);
            if (behaviour == null) {
                throw new IllegalArgumentException("expected an object");
            }
            return behaviour;
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(malformed.getOriginalMessage(), malformed);
        } catch (IOException neverFromBytes) {
            throw new AssertionError(neverFromBytes);
        }
    }

    int statusOrNormal() {
        return status == null ? 204 : status;
    }

    /** What holds for the event after this one. */
    CrmBehaviour next() {
        if (times == null) {
            return this;
        }
        return times == 1
                ? NORMAL
                : new CrmBehaviour(status, delayMillis, retryAfterSeconds, times - 1, answer);
    }

    private static void requireWithin(String field, Integer value, int least, int most) {
        if (value != null && (value < least || value > most)) {
            throw new IllegalArgumentException(
                    "%s must be from %d to %d".formatted(field, least, most));
        }
    }
}
