package org.jawort.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** The query of a URL, read strictly: what an operation does not know is refused, not ignored. */
final class Query {

    static final int DEFAULT_LIMIT = 50;
    static final int MAX_LIMIT = 200;

    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

    private final Map<String, String> values;

    private Query(Map<String, String> values) {
        this.values = values;
    }

    /**
     * @param raw still percent-encoded; {@code null} if there is none
     * @throws ApiProblem for a repeated parameter or one that does not decode
     */
    static Query parse(String raw) {
        Map<String, String> values = new HashMap<>();
        if (raw != null && !raw.isEmpty()) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                try {
                    String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                    String value = decode(equals < 0 ? "" : pair.substring(equals + 1));
                    if (values.put(name, value) != null) {
                        throw new ApiProblem(Problem.INVALID_PARAMETER);
                    }
                } catch (IllegalArgumentException malformed) {
                    throw new ApiProblem(Problem.INVALID_PARAMETER);
                }
            }
        }
        return new Query(values);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    Query only(String... names) {
        if (!Set.of(names).containsAll(values.keySet())) {
            throw new ApiProblem(Problem.INVALID_PARAMETER);
        }
        return this;
    }

    int limit() {
        String limit = values.get("limit");
        if (limit == null) {
            return DEFAULT_LIMIT;
        }
        if (!limit.matches("[1-9][0-9]{0,2}") || Integer.parseInt(limit) > MAX_LIMIT) {
            throw new ApiProblem(Problem.INVALID_PARAMETER);
        }
        return Integer.parseInt(limit);
    }

    /** The last thing of the page before, {@code null} for the first page. */
    Cursor after() {
        String after = values.get("after");
        return after == null ? null : Cursor.parse(after);
    }

    /** {@code null} if absent. */
    String word(String name, Set<String> allowed) {
        String value = values.get(name);
        if (value != null && !allowed.contains(value)) {
            throw new ApiProblem(Problem.INVALID_PARAMETER);
        }
        return value;
    }

    /** {@code null} if absent. */
    String matching(String name, Pattern pattern) {
        String value = values.get(name);
        if (value != null && !pattern.matcher(value).matches()) {
            throw new ApiProblem(Problem.INVALID_PARAMETER);
        }
        return value;
    }

    /** {@code null} if absent; at most 18 digits. */
    Long number(String name) {
        String value = matching(name, NUMBER);
        return value == null ? null : Long.valueOf(value);
    }

    /** {@code null} if absent. */
    UUID uuid(String name) {
        String value = values.get(name);
        if (value != null && !isId(value)) {
            throw new ApiProblem(Problem.INVALID_PARAMETER);
        }
        return value == null ? null : UUID.fromString(value);
    }

    /** {@code null} if absent. */
    Instant time(String name) {
        String value = values.get(name);
        if (value == null) {
            return null;
        }
        return RequestFields.instant(value)
                .orElseThrow(() -> new ApiProblem(Problem.INVALID_PARAMETER));
    }

    /**
     * An id of a path.
     *
     * @throws ApiProblem 404: nothing has such an id
     */
    static UUID id(String text) {
        if (!UUID_TEXT.matcher(text).matches()) {
            throw new ApiProblem(Problem.NOT_FOUND);
        }
        return UUID.fromString(text);
    }

    static boolean isId(String text) {
        return UUID_TEXT.matcher(text).matches();
    }
}
