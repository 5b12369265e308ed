package org.jawort.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** One provider's send API, as its documentation describes it and no more forgiving than that. */
interface FakeApi {

    JsonMapper JSON = new JsonMapper();

    /** Takes the message or refuses it with the documented error. */
    FakeAnswer answer(FakeCall call, Instant now);

    /**
     * Erases what a request names, {@code null} if it is no request to erase.
     *
     * @param takenAt when the provider took the message of an id; {@code null} for one that is not
     *     of its making
     * @param erased ids that are erased already; what this one erases is added
     */
    default FakeAnswer erase(
            String method,
            FakeCall call,
            Instant now,
            Function<String, Instant> takenAt,
            Set<String> erased) {
        return null;
    }

    /**
     * A documented refusal.
     *
     * @param status 0 for the one that usually comes with the code
     */
    FakeAnswer error(FakeCall call, int status, String code);

    /** The body of the webhook in which the provider tells what became of a message. */
    FakeWebhook status(FakeMessage message, String status, String code, Instant now);

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** Hexadecimal digits nobody has had before. */
    static String hex(int digits) {
        String random = (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
        return random.substring(0, digits);
    }
}
