package org.jawort.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jawort.mapping.WebhookUnreadable.Reason;

/**
 * {@code application/x-www-form-urlencoded} as an object: decoded strings, a name that comes more
 * than once as a list in the order of the text. Stricter than the WHATWG URL standard: a broken
 * percent escape or byte sequence is an error, not a replacement character, so that no message is
 * stored other than it was written.
 */
final class FormText {

    /** What Java puts in the place of bytes that are none; a text may also hold it. */
    private static final char REPLACEMENT = '\uFFFD';

    private FormText() {}

    static ObjectNode parse(byte[] form) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        int start = 0;
        for (int i = 0; i <= form.length; i++) {
            if (i == form.length || form[i] == '&') {
                if (i > start) {
                    addPair(fields, form, start, i);
                }
                start = i + 1;
            }
        }
        return fields;
    }

    private static void addPair(ObjectNode fields, byte[] form, int start, int end) {
        int equals = start;
        while (equals < end && form[equals] != '=') {
            equals++;
        }
        String name = decode(form, start, equals);
        TextNode value = TextNode.valueOf(decode(form, Math.min(equals + 1, end), end));
        JsonNode before = fields.get(name);
        if (before == null) {
            fields.set(name, value);
        } else if (before instanceof ArrayNode list) {
            list.add(value);
        } else {
            fields.set(name, JsonNodeFactory.instance.arrayNode().add(before).add(value));
        }
    }

    private static String decode(byte[] form, int start, int end) {
        byte[] bytes = new byte[end - start];
        int length = 0;
        for (int i = start; i < end; i++) {
            switch (form[i]) {
                case '+' -> bytes[length++] = ' ';
                case '%' -> {
                    if (i + 2 >= end) {
                        throw new WebhookUnreadable(Reason.BAD_FORM);
                    }
                    bytes[length++] = (byte) (hex(form[i + 1]) << 4 | hex(form[i + 2]));
                    i += 2;
                }
                default -> bytes[length++] = form[i];
            }
        }
        return utf8(Arrays.copyOf(bytes, length));
    }

    private static int hex(byte digit) {
        // Character.digit also takes digits of other scripts, but a byte can only be one of
        // Latin-1.
        int value = digit < 0 ? -1 : Character.digit(digit, 16);
        if (value < 0) {
            throw new WebhookUnreadable(Reason.BAD_FORM);
        }
        return value;
    }

    static String utf8(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) {
            return text; // nothing was replaced; a decoder for each value costs more than it reads
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException wrong) {
            throw new WebhookUnreadable(Reason.BAD_UTF8);
        }
    }
}
