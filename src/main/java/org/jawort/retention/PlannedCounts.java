package org.jawort.retention;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a run would delete, from the rows that count it. */
final class PlannedCounts {

    private static final Comparator<Instant> NATURAL = Comparator.naturalOrder();

    private PlannedCounts() {}

    /**
     * @param counts by data type, as {@link RetentionTally#counts} has them
     * @param rows as {@link RetentionRuns#planned} takes them
     */
    static void add(Map<String, Map<String, Object>> counts, List<Map<?, ?>> rows) {
        for (Map<?, ?> row : rows) {
            Map<String, Object> entry =
                    counts.computeIfAbsent(
                            String.valueOf(row.get("data_type")),
                            type -> new LinkedHashMap<>(Map.of("deleted", 0L)));
            long due = ((Number) row.get("due")).longValue();
            if (!(Boolean) row.get("beside")) {
                entry.put("due", due + (Long) entry.getOrDefault("due", 0L));
                entry.put("oldest", first(entry.get("oldest"), row.get("oldest"), NATURAL));
                entry.put(
                        "newest",
                        first(entry.get("newest"), row.get("newest"), NATURAL.reversed()));
            }
            @SuppressWarnings("unchecked")
            Map<String, Object> stores =
                    (Map<String, Object>)
                            entry.computeIfAbsent("stores", none -> new LinkedHashMap<>());
            stores.put(String.valueOf(row.get("store")), due);
        }
    }

    /**
     * @param recipients by data type, how many of the items each received
     * @param dataTypes each of which is named, though nobody received anything
     * @param rows as {@link RetentionRuns#recipients} takes them
     */
    static void addRecipients(
            Map<String, Map<String, Object>> recipients,
            Collection<String> dataTypes,
            List<Map<?, ?>> rows) {
        dataTypes.forEach(type -> recipients.put(type, new TreeMap<>()));
        for (Map<?, ?> row : rows) {
            recipients
                    .computeIfAbsent((String) row.get("data_type"), type -> new TreeMap<>())
                    .put((String) row.get("recipient"), row.get("due"));
        }
    }

    /** Of two times, as text or as JDBC has them, the first that there is. */
    private static String first(Object one, Object other, Comparator<Instant> order) {
        return Stream.of(instant(one), instant(other))
                .flatMap(Optional::stream)
                .min(order)
                .map(Instant::toString)
                .orElse(null);
    }

    private static Optional<Instant> instant(Object time) {
        return Optional.ofNullable(time)
                .map(
                        at ->
                                at instanceof Timestamp row
                                        ? row.toInstant()
                                        : Instant.parse((String) at));
    }
}
