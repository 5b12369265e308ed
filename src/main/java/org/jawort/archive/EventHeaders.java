package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;

/**
 * Everything an event says beside its text, as header fields: {@code X-Jawort-Event-Sequence} and
 * so on of the event, {@code X-Jawort-Message-Id}, {@code X-Jawort-Consent-Decision}, {@code
 * X-Jawort-Content-Media-1-Sha256} and so on of its data. What is null has no field.
 */
final class EventHeaders {

    private static final String PREFIX = "X-Jawort-";
    private static final Set<String> OF_THE_FORM = Set.of("specversion", "datacontenttype", "data");
    private static final int LONGEST = 900;
    private static final int FOLD = 76;

    /** A word of RFC 2047 has 75 characters at most, "=?UTF-8?B?" and "?=" of them its frame. */
    private static final int BYTES_PER_WORD = 45;

    private EventHeaders() {}

    static void put(JsonNode event, Part part) throws MessagingException {
        for (Map.Entry<String, JsonNode> field : event.properties()) {
            if (!OF_THE_FORM.contains(field.getKey())) {
                put(PREFIX + "Event-" + name(field.getKey()), field.getValue(), part);
            }
        }
        for (Map.Entry<String, JsonNode> field : event.path("data").properties()) {
            put(PREFIX + name(field.getKey()), field.getValue(), part);
        }
    }

    private static void put(String name, JsonNode value, Part part) throws MessagingException {
        if (value.isObject()) {
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                boolean body = name.equals(PREFIX + "Content") && field.getKey().equals("text");
                if (!body) {
                    put(name + "-" + name(field.getKey()), field.getValue(), part);
                }
            }
        } else if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                put(name + "-" + (i + 1), value.get(i), part);
            }
        } else if (!value.isNull()) {
            part.addHeader(name, value(name, value.asText()));
        }
    }

    /** {@code providerMessageId} is Provider-Message-Id; what no field name may hold is a dash. */
    private static String name(String field) {
        String parted = field.replaceAll("([a-z0-9])([A-Z])", "$1-$2");
        String safe = parted.replaceAll("[^A-Za-z0-9-]", "-");
        StringBuilder name = new StringBuilder(safe.length());
        boolean first = true;
        for (char c : safe.toCharArray()) {
            name.append(first ? Character.toUpperCase(c) : c);
            first = c == '-';
        }
        return name.toString();
    }

    /** A value no header can be made of: what is not plain is encoded by RFC 2047, lines folded. */
    static String value(String name, String text) {
        boolean plain =
                text.length() <= LONGEST
                        && text.equals(text.strip())
                        && !text.isEmpty()
                        && !text.contains("=?")
                        && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        return plain ? fold(name, text) : words(text);
    }

    private static String fold(String name, String text) {
        StringBuilder folded = new StringBuilder(text.length());
        int column = name.length() + 2;
        for (String word : text.split("(?= )")) {
            // a line of spaces alone would end the fields for some readers
            if (column + word.length() > FOLD && !word.isBlank() && word.startsWith(" ")) {
                folded.append("\r\n");
                column = 0;
            }
            folded.append(word);
            column += word.length();
        }
        return folded.toString();
    }

    private static String words(String text) {
        StringBuilder words = new StringBuilder();
        StringBuilder chunk = new StringBuilder();
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            int length =
                    new String(Character.toChars(codePoint))
                            .getBytes(StandardCharsets.UTF_8)
                            .length;
            if (bytes + length > BYTES_PER_WORD) {
                word(chunk, words);
                bytes = 0;
            }
            chunk.appendCodePoint(codePoint);
            bytes += length;
            i += Character.charCount(codePoint);
        }
        word(chunk, words);
        return words.toString();
    }

    private static void word(StringBuilder chunk, StringBuilder words) {
        if (!words.isEmpty()) {
            words.append("\r\n ");
        }
        words.append("=?UTF-8?B?")
                .append(
                        Base64.getEncoder()
                                .encodeToString(chunk.toString().getBytes(StandardCharsets.UTF_8)))
                .append("?=");
        chunk.setLength(0);
    }
}
