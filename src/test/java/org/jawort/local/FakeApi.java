package org.jawort.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;

/** One provider's send API, as its documentation describes it and no more forgiving than that. */
interface FakeApi {

    JsonMapper JSON = new JsonMapper();

    /** Takes the message or refuses it with the documented error. */
    FakeAnswer answer(FakeCall call, Instant now);

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
