package org.jawort.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * How a fake provider answers a message that it would otherwise take.
 *
 * @param provider {@code null}: any
 * @param contains only messages with this in their request, such as a number; {@code null}: all
 * @param status the HTTP status of its refusal; {@code null}: the one that goes with the code
 * @param code a documented error code of the provider; {@code null}: a refusal without body
 * @param retryAfterSeconds value of {@code Retry-After}; {@code null}: no such header
 * @param location where a redirect leads; {@code null}: no such header
 * @param then instead of a refusal it takes the message and then: {@code hang} says nothing, {@code
 *     late} answers only when told to behave otherwise, with the status or code if there is one,
 *     {@code break} cuts the connection, {@code empty} answers 2xx without a body, {@code garbage}
 *     with one that is no JSON, {@code endless} with one that does not end
 * @param times for how many messages; {@code null}: until told otherwise
 */
public record FakeBehaviour(
        String provider,
        String contains,
        Integer status,
        String code,
        Integer retryAfterSeconds,
        String location,
        String then,
        Integer times) {

    private static final Set<String> THEN =
            Set.of("hang", "late", "break", "empty", "garbage", "endless");

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .build();

    public FakeBehaviour {
        if (then != null && !THEN.contains(then)) {
            throw new IllegalArgumentException("then must be one of " + THEN);
        }
        if (then == null && status == null && code == null) {
            throw new IllegalArgumentException("say status, code or then");
        }
        if (times != null && times < 1) {
            throw new IllegalArgumentException("times must be 1 or more");
        }
    }

    /** Refuses with a code of the provider. */
    public static FakeBehaviour refuse(String code) {
        return new FakeBehaviour(null, null, null, code, null, null, null, null);
    }

    public static FakeBehaviour refuse(int status, Integer retryAfterSeconds) {
        return new FakeBehaviour(null, null, status, null, retryAfterSeconds, null, null, null);
    }

    /** Takes the message and then does this. */
    public static FakeBehaviour take(String then) {
        return new FakeBehaviour(null, null, null, null, null, null, then, null);
    }

    /**
     * @param json one behaviour or a list of them; the first that fits a message holds
     * @throws IllegalArgumentException if it is anything else, with the reason
     */
    static List<FakeBehaviour> parse(byte[] json) {
        try {
            return List.of(JSON.readValue(json, FakeBehaviour[].class));
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(malformed.getOriginalMessage(), malformed);
        } catch (IOException neverFromBytes) {
            throw new AssertionError(neverFromBytes);
        }
    }

    boolean fits(String provider, String request) {
        return (this.provider == null || this.provider.equals(provider))
                && (contains == null || request.contains(contains));
    }

    /** What holds after one more message, {@code null} if nothing does. */
    FakeBehaviour next() {
        if (times == null) {
            return this;
        }
        return times == 1
                ? null
                : new FakeBehaviour(
                        provider,
                        contains,
                        status,
                        code,
                        retryAfterSeconds,
                        location,
                        then,
                        times - 1);
    }
}
