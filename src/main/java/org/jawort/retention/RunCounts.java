package org.jawort.retention;

import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What one run counts, by data type: what is over, in which tables, who received it, what went. */
final class RunCounts {

    private final Map<String, Object> types = new LinkedHashMap<>();
    private final Map<String, Map<String, Object>> recipients = new TreeMap<>();

    /**
     * One row of the plan. The first of a data type counts its items, the others what goes with
     * them.
     *
     * @param row {@code data_type}, {@code store}, {@code due}, {@code oldest}, {@code newest}
     */
    void planned(Map<?, ?> row) {
        String type = (String) row.get("data_type");
        Map<String, Object> entry = of(type);
        if (!entry.containsKey("due")) {
            entry.put("due", row.get("due"));
            entry.put("oldest", text(row.get("oldest")));
            entry.put("newest", text(row.get("newest")));
            entry.put("stores", new TreeMap<String, Object>());
            recipients.put(type, new TreeMap<>());
        }
        @SuppressWarnings("unchecked")
        Map<String, Object> stores = (Map<String, Object>) entry.get("stores");
        stores.put((String) row.get("store"), row.get("due"));
    }

    /**
     * @param row {@code data_type}, {@code recipient}, {@code due}
     */
    void received(Map<?, ?> row) {
        recipients
                .computeIfAbsent((String) row.get("data_type"), type -> new TreeMap<>())
                .put((String) row.get("recipient"), row.get("due"));
    }

    void deleted(String type, long more) {
        of(type).merge("deleted", more, (before, plus) -> (Long) before + (Long) plus);
    }

    /**
     * By data type: {@code due}, {@code oldest}, {@code newest}, {@code stores}, {@code deleted}.
     */
    Map<String, Object> types() {
        return types;
    }

    /** By data type, how many of the items each received. */
    Map<String, Map<String, Object>> recipients() {
        return recipients;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> of(String type) {
        return (Map<String, Object>)
                types.computeIfAbsent(
                        type, none -> new LinkedHashMap<>(Map.<String, Object>of("deleted", 0L)));
    }

    private static String text(Object time) {
        return time == null
                ? null
                : time instanceof Timestamp at ? at.toInstant().toString() : time.toString();
    }
}
