package org.jawort.label;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.springframework.jdbc.core.JdbcTemplate;

/** Reads labels. Works in the caller's transaction. */
public final class StoredLabels {

    /** What has labels: a message, or with {@code null} for it a conversation. */
    public record Place(UUID conversation, UUID message) {}

    /** A label in force. */
    public record Sealed(String name, byte[] value, boolean ofMessage) {}

    /**
     * A label in force, or one that was.
     *
     * @param source {@code rule}, {@code api} or {@code destination}
     * @param by id of the rule, the API key or the destination
     * @param removedAt {@code null} while in force
     */
    public record Entry(
            String name,
            String value,
            String source,
            String by,
            Instant at,
            String removedBy,
            Instant removedAt) {

        /** Not its value (LOG-1). */
        @Override
        public String toString() {
            return "Entry[" + name + "]";
        }
    }

    private final JdbcTemplate jdbc;

    public StoredLabels(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** By message those in force of it and of its conversation; of the others no entry. */
    public Map<UUID, List<Sealed>> of(String tenant, Collection<Place> messages) {
        Map<UUID, List<Sealed>> labels = new HashMap<>();
        if (!messages.isEmpty()) {
            Bulk.query(
                    jdbc,
                    """
                    with wanted as materialized (select * from unnest(?::text[], ?::uuid[], ?::uuid[]) as w(tenant, conversation, message))
                    select w.message, l.name, l.sealed_value, true as own from wanted w
                      join label l on l.tenant = w.tenant and l.conversation_id = w.conversation and l.message_id = w.message and l.removed_at is null
                    union all
                    select w.message, l.name, l.sealed_value, false from wanted w
                      join label l on l.tenant = w.tenant and l.conversation_id = w.conversation and l.message_id is null and l.removed_at is null""",
                    row ->
                            labels.computeIfAbsent(
                                            row.getObject(1, UUID.class), id -> new ArrayList<>())
                                    .add(
                                            new Sealed(
                                                    row.getString(2),
                                                    row.getBytes(3),
                                                    row.getBoolean(4))),
                    Column.of("text", messages, place -> tenant),
                    Column.of("uuid", messages, Place::conversation),
                    Column.of("uuid", messages, Place::message));
        }
        return labels;
    }

    /**
     * Values by name; a message's own label goes before that of its conversation.
     *
     * @throws org.jawort.vault.Undecipherable if the key does not open them
     */
    public static Map<String, String> opened(List<Sealed> labels, SubjectKey key) {
        Map<String, String> values = new TreeMap<>();
        labels.stream()
                .sorted(Comparator.comparing(Sealed::ofMessage))
                .forEach(label -> values.put(label.name(), text(key, label.value())));
        return values;
    }

    /** All there ever were of a message or of a conversation itself, oldest first. */
    public List<Entry> history(String tenant, Place place, SubjectKey key) {
        return Bulk.query(
                jdbc,
                """
                select name, sealed_value, source, set_by, set_at, removed_by, removed_at from label
                 where tenant = ? and conversation_id = ? and message_id is not distinct from ?::uuid order by set_at, id""",
                row ->
                        new Entry(
                                row.getString("name"),
                                text(key, row.getBytes("sealed_value")),
                                row.getString("source"),
                                row.getString("set_by"),
                                Bulk.instant(row, "set_at"),
                                row.getString("removed_by"),
                                Bulk.instant(row, "removed_at")),
                Column.one(tenant),
                Column.one(place.conversation()),
                Column.one(place.message() == null ? null : place.message().toString()));
    }

    private static String text(SubjectKey key, byte[] sealed) {
        return new String(key.open("label.value", sealed), StandardCharsets.UTF_8);
    }
}
