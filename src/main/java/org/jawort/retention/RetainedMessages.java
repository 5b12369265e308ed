package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What law keeps although its person was erased or the rest of its conversation is gone, for the
 * role that may see it and for nobody else (RET-8). Works in the caller's transaction.
 */
public final class RetainedMessages {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param keptUntil {@code null} as long as a hold lasts
     */
    public record Summary(
            UUID messageId,
            UUID subjectId,
            String channel,
            String direction,
            String category,
            Instant receivedAt,
            Instant keptUntil,
            String rule,
            String because,
            Instant restrictedAt) {}

    /**
     * Under what somebody is known who may have been erased before.
     *
     * @param channel wire name of the channel consent is kept for
     */
    public record Known(String channel, String address) {
        @Override
        public String toString() {
            return "Known[" + channel + "]";
        }
    }

    private static final String SUMMARY =
            "id, subject_id, channel, direction, category, received_at, kept_until, rule, because, restricted_at";

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final StoredKeys stored;
    private final Pseudonyms pseudonyms;

    public RetainedMessages(JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.stored = new StoredKeys(jdbc, keys);
        this.pseudonyms = pseudonyms;
    }

    /** Who was erased and had one of these addresses, as far as law keeps something of them. */
    public List<UUID> people(String tenant, Collection<Known> addresses) {
        List<byte[]> parties =
                addresses.stream()
                        .flatMap(
                                one ->
                                        pseudonyms
                                                .addresses(tenant, one.channel(), one.address())
                                                .stream())
                        .map(lookup -> pseudonyms.retained(tenant, lookup))
                        .toList();
        return Bulk.query(
                jdbc,
                "select distinct subject_id from retained_party where tenant = ? and party_key = any(?::bytea[])",
                row -> row.getObject(1, UUID.class),
                Column.one(tenant),
                Column.of("bytea", parties, one -> one));
    }

    /**
     * Of these people, oldest first.
     *
     * @param channels wire names of those that count
     */
    public List<Summary> of(String tenant, Collection<UUID> people, Collection<String> channels) {
        return Bulk.query(
                jdbc,
                "select "
                        + SUMMARY
                        + " from retained_message where tenant = ? and subject_id = any(?::uuid[])"
                        + " and channel = any(?::text[]) order by id",
                RetainedMessages::summary,
                Column.one(tenant),
                Column.of("uuid", people, one -> one),
                Column.of("text", channels, one -> one));
    }

    private static Summary summary(ResultSet row) throws SQLException {
        return new Summary(
                row.getObject("id", UUID.class),
                row.getObject("subject_id", UUID.class),
                row.getString("channel"),
                row.getString("direction"),
                row.getString("category"),
                Bulk.instant(row, "received_at"),
                Bulk.instant(row, "kept_until"),
                row.getString("rule"),
                row.getString("because"),
                Bulk.instant(row, "restricted_at"));
    }

    /**
     * Newest first.
     *
     * @param before only those before this one, {@code null} for the start
     */
    public List<Summary> page(String tenant, UUID before, int limit) {
        String id = before == null ? null : before.toString();
        return Bulk.query(
                jdbc,
                "select "
                        + SUMMARY
                        + " from retained_message where tenant = ? and (?::uuid is null or id < ?::uuid)"
                        + " order by id desc limit ?",
                RetainedMessages::summary,
                Column.one(tenant),
                Column.one(id),
                Column.one(id),
                Column.one(limit));
    }

    /**
     * The letter itself: {@code messageId, body} as an event's data has it, {@code media}, and in
     * {@code annotations} what its person said is wrong in it (DSR-9).
     */
    public Optional<ObjectNode> read(String tenant, UUID message) {
        return Bulk.query(
                        jdbc,
                        """
                        select r.subject_id, r.sealed_body, r.sealed_media, k.wrapped, r.sealed_annotations, r.sealed_labels from retained_message r
                          join subject_key k on k.tenant = r.tenant and k.subject_id = r.subject_id and k.key_group = 'retained'
                         where r.tenant = ? and r.id = ?""",
                        row -> {
                            SubjectKey key =
                                    keys.open(
                                            tenant,
                                            row.getObject(1, UUID.class),
                                            SubjectKeys.RETAINED,
                                            row.getBytes(4));
                            ObjectNode letter = JSON.createObjectNode();
                            letter.put("messageId", message.toString());
                            letter.set("body", json(key.open("message.body", row.getBytes(2))));
                            ArrayNode media = letter.putArray("media");
                            for (byte[] one : (byte[][]) row.getArray(3).getArray()) {
                                media.add(json(key.open("media", one)));
                            }
                            ArrayNode annotations = letter.putArray("annotations");
                            for (byte[] one : (byte[][]) row.getArray(5).getArray()) {
                                annotations.add(
                                        new String(
                                                key.open("message.annotation", one),
                                                StandardCharsets.UTF_8));
                            }
                            letter.set("labels", RetainedLabels.opened(key, row.getBytes(6)));
                            return letter;
                        },
                        Column.one(tenant),
                        Column.one(message))
                .stream()
                .findFirst();
    }

    /**
     * Adds what the person says is wrong in a letter, under the key it is kept under (DSR-9).
     *
     * @return false if none of these people has such a letter on these channels
     */
    public boolean annotate(
            String tenant,
            Collection<UUID> people,
            Collection<String> channels,
            UUID message,
            String text) {
        Optional<SubjectKey> key =
                Bulk.query(
                                jdbc,
                                """
                                select subject_id from retained_message
                                 where tenant = ? and id = ? and subject_id = any(?::uuid[]) and channel = any(?::text[]) for update""",
                                row -> row.getObject(1, UUID.class),
                                Column.one(tenant),
                                Column.one(message),
                                Column.of("uuid", people, one -> one),
                                Column.of("text", channels, one -> one))
                        .stream()
                        .findFirst()
                        .flatMap(subject -> stored.share(tenant, subject, SubjectKeys.RETAINED));
        key.ifPresent(
                one ->
                        jdbc.update(
                                "update retained_message set sealed_annotations = sealed_annotations || ?::bytea where tenant = ? and id = ?",
                                one.seal(
                                        "message.annotation",
                                        text.getBytes(StandardCharsets.UTF_8)),
                                tenant,
                                message));
        return key.isPresent();
    }

    /** What letters are filed under, by message and name; of the others no entry. */
    public Map<UUID, Map<String, String>> labels(String tenant, Collection<UUID> messages) {
        Map<UUID, Map<String, String>> labels = new HashMap<>();
        Bulk.query(
                jdbc,
                """
                select r.id, r.subject_id, r.sealed_labels, k.wrapped from retained_message r
                  join subject_key k on k.tenant = r.tenant and k.subject_id = r.subject_id and k.key_group = 'retained'
                 where r.tenant = ? and r.id = any(?::uuid[]) and r.sealed_labels is not null""",
                row -> {
                    SubjectKey key =
                            keys.open(
                                    tenant,
                                    row.getObject(2, UUID.class),
                                    SubjectKeys.RETAINED,
                                    row.getBytes(4));
                    // those of the message come after those of its conversation
                    Map<String, String> values = new TreeMap<>();
                    for (JsonNode label : RetainedLabels.opened(key, row.getBytes(3))) {
                        values.put(label.get("name").textValue(), label.get("value").textValue());
                    }
                    return labels.put(row.getObject(1, UUID.class), values);
                },
                Column.one(tenant),
                Column.of("uuid", messages, one -> one));
        return labels;
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
