package org.jawort.retention;

import java.sql.Array;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a batch's rows say, as JDBC returns them. */
final class BatchRows {

    private BatchRows() {}

    static List<UUID> uuids(Array ids) {
        try {
            return List.of((UUID[]) ids.getArray());
        } catch (SQLException broken) {
            throw new IllegalStateException(broken);
        }
    }

    static OffsetDateTime reached(List<Map<?, ?>> rows) {
        return rows.stream()
                .map(row -> (Timestamp) row.get("reached"))
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .map(at -> at.toInstant().atOffset(ZoneOffset.UTC))
                .orElse(RetentionTally.START);
    }

    static UUID conversation(List<Map<?, ?>> rows) {
        return rows.stream()
                .map(row -> (UUID) row.get("reached_conversation"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(RetentionTally.FIRST);
    }

    static Map<String, List<Map<?, ?>>> grouped(
            List<Map<?, ?>> rows, Function<Map<?, ?>, String> by) {
        return rows.stream()
                .collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
    }

    static List<UUID> ids(List<Map<?, ?>> rows) {
        return rows.stream().map(BatchRows::id).toList();
    }

    static Map<UUID, Instant> lastActive(List<Map<?, ?>> rows) {
        Map<UUID, Instant> times = new HashMap<>();
        for (Map<?, ?> row : rows) {
            if (row.get(RetentionTally.LAST_ACTIVE) instanceof Instant time) {
                times.put(id(row), time);
            }
        }
        return times;
    }

    static UUID id(Map<?, ?> row) {
        Object id = row.get("id");
        return (UUID) (id == null ? row.get("message_id") : id);
    }
}
