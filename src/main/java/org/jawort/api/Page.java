package org.jawort.api;

import java.util.List;
import java.util.function.Function;

/**
 * @param next cursor of the page after this one, {@code null} if this is the last
 */
record Page<T>(List<T> items, String next) {

    /**
     * @param found up to one more than the page holds, which tells that there is another page
     */
    static <T> Page<T> of(List<T> found, int limit, Function<T, Cursor> cursor) {
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        List<T> items = found.subList(0, limit);
        return new Page<>(items, cursor.apply(items.getLast()).text());
    }
}
