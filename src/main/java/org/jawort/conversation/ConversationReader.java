package org.jawort.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.delivery.MessageMedia;
import org.jawort.delivery.MessageMedia.Medium;
import org.jawort.label.StoredLabels;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Conversations and what was said in them, decrypted. Works in the caller's transaction. */
public final class ConversationReader {

    /**
     * @param channel {@code null} where the provider did not tell
     * @param closedAt {@code null} while open
     */
    public record Summary(
            UUID id,
            UUID subjectId,
            String account,
            String channel,
            Instant openedAt,
            Instant lastMessageAt,
            Instant lastInboundAt,
            Instant closedAt) {}

    /** What the provider said of a message; the part that may be closed to readers. */
    private static final List<String> BODY =
            List.of("providerMessageId", "providerConversationId", "from", "to", "sentAt");

    private record Row(UUID id, ObjectNode facts, byte[] sealedBody, String withheld, byte[] key) {}

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final ObjectMapper json;
    private final StoredLabels labels;

    private final MessageMedia messageMedia;

    ConversationReader(
            JdbcTemplate jdbc, SubjectKeys keys, ObjectMapper json, MessageMedia messageMedia) {
        this.messageMedia = messageMedia;
        this.jdbc = jdbc;
        this.keys = keys;
        this.json = json;
        this.labels = new StoredLabels(jdbc);
    }

    /**
     * Newest first.
     *
     * @param before only those opened before this one, {@code null} for the start
     */
    public List<Summary> conversations(String tenant, UUID before, int limit) {
        return Bulk.query(
                jdbc,
                """
                select id, subject_id, account, nullif(channel, '') as channel, opened_at, last_message_at, last_inbound_at, closed_at
                  from conversation where tenant = ? and (?::uuid is null or id < ?::uuid) order by id desc limit ?""",
                row ->
                        new Summary(
                                row.getObject("id", UUID.class),
                                row.getObject("subject_id", UUID.class),
                                row.getString("account"),
                                row.getString("channel"),
                                Bulk.instant(row, "opened_at"),
                                Bulk.instant(row, "last_message_at"),
                                Bulk.instant(row, "last_inbound_at"),
                                Bulk.instant(row, "closed_at")),
                Column.one(tenant),
                Column.one(text(before)),
                Column.one(text(before)),
                Column.one(limit));
    }

    public boolean exists(String tenant, UUID conversation) {
        return !jdbc.queryForList(
                        "select 1 from conversation where tenant = ? and id = ?",
                        Integer.class,
                        tenant,
                        conversation)
                .isEmpty();
    }

    /**
     * Messages in the order the hub took them, each as an event's data has it, with {@code
     * withheld}: null, or why content, parties and provider ids are null: {@code RESTRICTED} (Art.
     * 18), {@code ERASURE_RUNNING}, {@code HELD} until the person agrees, {@code KEY_DESTROYED}.
     *
     * @param after only those after this one, {@code null} for the start
     */
    public List<ObjectNode> messages(String tenant, UUID conversation, UUID after, int limit) {
        List<Row> rows =
                Bulk.query(
                        jdbc,
                        """
                        select m.id, m.conversation_id, m.subject_id, m.account, m.provider, m.channel, m.direction, m.received_at,
                               m.sealed_body, m.decision, m.reason, m.purpose, m.consent_state, m.consent_record, m.content_type,
                               m.category, m.held_until, s.restricted_at, s.erasing_at, k.wrapped
                          from message m
                          join subject s on s.tenant = m.tenant and s.id = m.subject_id
                          left join subject_key k on k.tenant = m.tenant and k.subject_id = m.subject_id and k.key_group = 'ordinary'
                         where m.tenant = ? and m.conversation_id = ? and (?::uuid is null or m.id > ?::uuid)
                         order by m.id limit ?""",
                        this::row,
                        Column.one(tenant),
                        Column.one(conversation),
                        Column.one(text(after)),
                        Column.one(text(after)),
                        Column.one(limit));
        Map<UUID, List<Medium>> media =
                messageMedia.of(tenant, rows.stream().map(Row::id).toList());
        Map<UUID, List<StoredLabels.Sealed>> filed =
                labels.of(
                        tenant,
                        rows.stream()
                                .map(row -> new StoredLabels.Place(conversation, row.id()))
                                .toList());
        return rows.stream()
                .map(
                        row ->
                                message(
                                        tenant,
                                        row,
                                        media.getOrDefault(row.id(), List.of()),
                                        filed.getOrDefault(row.id(), List.of())))
                .toList();
    }

    private Row row(ResultSet row) throws SQLException {
        ObjectNode facts = json.createObjectNode();
        facts.put("messageId", row.getString("id"));
        facts.put("conversationId", row.getString("conversation_id"));
        facts.put("subjectId", row.getString("subject_id"));
        facts.put("direction", row.getString("direction"));
        facts.put("channel", row.getString("channel"));
        facts.put("provider", row.getString("provider"));
        facts.put("account", row.getString("account"));
        facts.put("contentType", row.getString("content_type"));
        facts.put("category", row.getString("category"));
        facts.put("receivedAt", Bulk.instant(row, "received_at").toString());
        ObjectNode consent = facts.putObject("consent");
        consent.put("decision", row.getString("decision"));
        consent.put("reason", row.getString("reason"));
        consent.put("state", row.getString("consent_state"));
        consent.put("purpose", row.getString("purpose"));
        consent.put("record", row.getString("consent_record"));
        String withheld =
                row.getObject("erasing_at") != null
                        ? "ERASURE_RUNNING"
                        : row.getObject("restricted_at") != null
                                ? "RESTRICTED"
                                : row.getObject("held_until") != null ? "HELD" : null;
        return new Row(
                row.getObject("id", UUID.class),
                facts,
                row.getBytes("sealed_body"),
                withheld,
                row.getBytes("wrapped"));
    }

    private ObjectNode message(
            String tenant, Row row, List<Medium> media, List<StoredLabels.Sealed> filed) {
        ObjectNode message = row.facts();
        String withheld = row.withheld();
        ObjectNode body = null;
        ArrayNode opened = json.createArrayNode();
        ObjectNode under = null;
        if (withheld == null) {
            try {
                if (row.key() == null) {
                    withheld = "KEY_DESTROYED";
                } else {
                    UUID subject = UUID.fromString(message.get("subjectId").textValue());
                    SubjectKey key = keys.open(tenant, subject, row.key());
                    body = (ObjectNode) read(key.open("message.body", row.sealedBody()));
                    media.forEach(medium -> opened.add(medium.described(key)));
                    under = json.valueToTree(StoredLabels.opened(filed, key));
                }
            } catch (Undecipherable shredded) {
                withheld = "KEY_DESTROYED";
                body = null;
                under = null;
            }
        }
        for (String field : BODY) {
            message.set(field, body == null ? null : body.get(field));
        }
        message.set("replyTo", body == null ? null : body.get("replyTo"));
        ObjectNode content = body == null ? null : (ObjectNode) body.get("content");
        if (content != null) {
            content.set("media", opened);
        }
        message.set("content", content);
        message.set("labels", under);
        message.put("withheld", withheld);
        return message;
    }

    private JsonNode read(byte[] bytes) {
        try {
            return json.readTree(bytes);
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }

    private static String text(UUID id) {
        return id == null ? null : id.toString();
    }
}
