package org.jawort.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;
import org.apache.camel.Message;
import org.apache.hc.core5.http.io.EofSensorInputStream;

/** What came back from a request, read with care. */
final class Answers {

    static final int LARGEST = 256 * 1024;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]{1,80}");
    private static final JsonMapper JSON = new JsonMapper();

    private Answers() {}

    /**
     * The body of an answer, empty if it has none or more than {@value #LARGEST} bytes. The
     * connection is free afterwards.
     */
    static byte[] read(Message message) {
        InputStream stream = message.getBody(InputStream.class);
        if (stream == null) {
            return new byte[0];
        }
        try (stream) {
            byte[] bytes = stream.readNBytes(LARGEST + 1);
            if (bytes.length <= LARGEST) {
                return bytes;
            }
            if (stream instanceof EofSensorInputStream open) {
                open.abort(); // closing would read to the end first
            }
            return new byte[0];
        } catch (IOException cutOff) {
            throw new UncheckedIOException(cutOff);
        }
    }

    /** A JSON null for what is none. */
    static JsonNode json(byte[] bytes) {
        try {
            JsonNode json = JSON.readTree(bytes);
            return json == null || json instanceof MissingNode ? NullNode.getInstance() : json;
        } catch (IOException notJson) {
            return NullNode.getInstance();
        }
    }

    /** A code of the other side that may stand in an error; empty for anything that may be more. */
    static String word(String text) {
        return text != null && WORD.matcher(text).matches() ? text : "";
    }
}
