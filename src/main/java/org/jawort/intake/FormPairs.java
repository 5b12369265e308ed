package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The pairs of an {@code application/x-www-form-urlencoded} body or query, in their order, decoded
 * to bytes: whether they are text is for the mapping to find out, and a signature over odd bytes is
 * still a signature.
 */
record FormPairs(List<Pair> pairs) {

    private static final int MAX_PAIRS = 2_000;

    record Pair(byte[] name, byte[] value) {}

    /**
     * @return empty if a percent escape is cut off or not hexadecimal, or if there are more than 2
     *     000 pairs
     */
    static Optional<FormPairs> parse(byte[] encoded) {
        List<Pair> pairs = new ArrayList<>();
        int start = 0;
        while (start <= encoded.length) {
            int end = indexOf(encoded, '&', start, encoded.length);
            if (end > start) {
                int equals = indexOf(encoded, '=', start, end);
                byte[] name = decode(encoded, start, equals);
                byte[] value = decode(encoded, Math.min(equals + 1, end), end);
                if (name == null || value == null || pairs.size() == MAX_PAIRS) {
                    return Optional.empty();
                }
                pairs.add(new Pair(name, value));
            }
            start = end + 1;
        }
        return Optional.of(new FormPairs(pairs));
    }

    /** As {@link #parse(byte[])}; {@code null} is an empty query. */
    static Optional<FormPairs> parseQuery(String rawQuery) {
        return parse(rawQuery == null ? new byte[0] : rawQuery.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether a Content-Type, which may be {@code null} and may carry parameters, names a form. */
    static boolean isForm(String contentType) {
        return "application/x-www-form-urlencoded".equals(mediaType(contentType));
    }

    /** Type and subtype in lower case, without parameters; empty for {@code null}. */
    static String mediaType(String contentType) {
        if (contentType == null) {
            return "";
        }
        int semicolon = contentType.indexOf(';');
        String bare = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
        return bare.strip().toLowerCase(Locale.ROOT);
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return to;
    }

    private static byte[] decode(byte[] encoded, int from, int to) {
        byte[] decoded = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            byte b = encoded[i];
            if (b == '+') {
                decoded[length++] = ' ';
            } else if (b != '%') {
                decoded[length++] = b;
            } else {
                int high = i + 2 < to ? Character.digit(encoded[i + 1], 16) : -1;
                int low = i + 2 < to ? Character.digit(encoded[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    return null;
                }
                decoded[length++] = (byte) (high << 4 | low);
                i += 2;
            }
        }
        return Arrays.copyOf(decoded, length);
    }
}
