package org.jawort.document;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.label.StoredLabels;
import org.jawort.label.StoredLabels.Place;
import org.jawort.message.Channel;
import org.jawort.message.Label;
import org.jawort.retention.RetainedMessages;
import org.jawort.retention.RetainedMessages.Known;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds documents by date, party, case and type (RET-11). What law took out of ordinary access, and
 * what nothing may be done with at the time, is found by the role that may see it and by nobody
 * else (RET-8). Works in the caller's transaction.
 */
public final class DocumentSearch {

    /**
     * All that is given must fit; {@code null} or empty asks for nothing.
     *
     * @param from of receipt, inclusive
     * @param to exclusive
     * @param channel wire name of the one the address is known on
     * @param address of the other party
     * @param labels values by name, however they are spaced and spelt
     */
    public record Criteria(
            Instant from,
            Instant to,
            String channel,
            String address,
            UUID subject,
            UUID conversation,
            String direction,
            String category,
            String contentType,
            Map<String, String> labels) {

        /** Which were given, and no value of any (LOG-1). */
        public List<String> names() {
            return Stream.concat(
                            Stream.of(
                                            named("from", from),
                                            named("to", to),
                                            named("address", address),
                                            named("subject", subject),
                                            named("conversation", conversation),
                                            named("direction", direction),
                                            named("category", category),
                                            named("contentType", contentType))
                                    .filter(Objects::nonNull),
                            labels.keySet().stream().sorted())
                    .toList();
        }

        private static String named(String name, Object value) {
            return value == null ? null : name;
        }

        @Override
        public String toString() {
            return "Criteria" + names();
        }
    }

    /**
     * @param labels of the message and, where it has none of that name, of its conversation; {@code
     *     null} if they cannot be opened any more
     * @param restricted out of ordinary access
     * @param keptUntil of what only law keeps; {@code null} for others, and as long as a hold lasts
     */
    public record Document(
            UUID messageId,
            UUID conversationId,
            UUID subjectId,
            String channel,
            String account,
            String direction,
            String contentType,
            String category,
            Instant receivedAt,
            Map<String, String> labels,
            boolean restricted,
            Instant keptUntil) {

        Document with(Map<String, String> values) {
            return new Document(
                    messageId,
                    conversationId,
                    subjectId,
                    channel,
                    account,
                    direction,
                    contentType,
                    category,
                    receivedAt,
                    values,
                    restricted,
                    keptUntil);
        }

        @Override
        public String toString() {
            return "Document[" + messageId + "]";
        }
    }

    private record Row(Document document, byte[] wrapped) {}

    /** A statement as it grows. */
    private static final class Sql {
        final StringBuilder text = new StringBuilder();
        final List<Column> columns = new ArrayList<>();

        Sql add(String sql, Column... values) {
            text.append(sql);
            columns.addAll(Arrays.asList(values));
            return this;
        }

        Sql where(String condition, Object value) {
            return value == null ? this : add(" and " + condition, Column.one(value));
        }

        Column[] values() {
            return columns.toArray(Column[]::new);
        }
    }

    private static final String LABELED =
            """
            (select l.message_id from label l where l.tenant = ? and l.value_key = ? and l.removed_at is null and l.message_id is not null
             union
             select f.id from label l join message f on f.tenant = l.tenant and f.conversation_id = l.conversation_id
              where l.tenant = ? and l.value_key = ? and l.removed_at is null and l.message_id is null
                and not exists (select 1 from label o where o.tenant = l.tenant and o.conversation_id = l.conversation_id
                                   and o.message_id = f.id and o.name = l.name and o.removed_at is null))""";

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final Pseudonyms pseudonyms;
    private final RetainedMessages retained;
    private final StoredLabels labels;

    DocumentSearch(
            JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms, RetainedMessages retained) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.pseudonyms = pseudonyms;
        this.retained = retained;
        this.labels = new StoredLabels(jdbc);
    }

    /**
     * Newest first.
     *
     * @param restricted whether the asker may see what is out of ordinary access
     * @param before only those stored before this one, {@code null} for the start
     */
    public List<Document> find(
            String tenant, Criteria criteria, boolean restricted, UUID before, int limit) {
        List<Document> found =
                new ArrayList<>(ordinary(tenant, criteria, restricted, before, limit));
        if (restricted) {
            found.addAll(kept(tenant, criteria, before, limit));
            // as PostgreSQL orders them, which is not how Java does
            found.sort(
                    Comparator.comparing((Document one) -> one.messageId().toString()).reversed());
        }
        return List.copyOf(found.subList(0, Math.min(limit, found.size())));
    }

    private List<Document> ordinary(
            String tenant, Criteria criteria, boolean restricted, UUID before, int limit) {
        Sql sql =
                new Sql()
                        .add(
                                "select m.id, m.conversation_id, m.subject_id, m.channel, m.account, m.direction, m.content_type,"
                                        + " m.category, m.received_at, s.restricted_at is not null or s.erasing_at is not null as closed,"
                                        + " null::timestamptz as kept_until, k.wrapped from ");
        List<byte[]> keyed = labelKeys(tenant, criteria);
        for (int i = 0; i < keyed.size(); i++) {
            sql.add(
                    (i == 0 ? "(" : " intersect ") + LABELED,
                    Column.one(tenant),
                    Column.one(keyed.get(i)),
                    Column.one(tenant),
                    Column.one(keyed.get(i)));
        }
        if (keyed.isEmpty()) {
            sql.add("message m");
        } else {
            sql.add(
                    ") as named(id) join message m on m.tenant = ? and m.id = named.id",
                    Column.one(tenant));
        }
        sql.add(
                " join subject s on s.tenant = m.tenant and s.id = m.subject_id"
                        + " left join subject_key k on k.tenant = m.tenant and k.subject_id = m.subject_id and k.key_group = 'ordinary'"
                        + " where m.tenant = ? and m.held_until is null",
                Column.one(tenant));
        if (!restricted) {
            sql.add(" and s.restricted_at is null and s.erasing_at is null");
        }
        if (criteria.address() != null) {
            sql.add(
                    " and m.subject_id = any(select subject_id from address where tenant = ? and lookup = any(?::bytea[]))",
                    Column.one(tenant),
                    Column.of("bytea", lookups(tenant, criteria), one -> one));
        }
        page(sql, "m", criteria, before, limit);
        List<Row> rows =
                Bulk.query(
                        jdbc,
                        sql.text.toString(),
                        row -> new Row(document(row), row.getBytes("wrapped")),
                        sql.values());
        Map<UUID, List<StoredLabels.Sealed>> sealed =
                labels.of(
                        tenant,
                        rows.stream()
                                .map(Row::document)
                                .map(one -> new Place(one.conversationId(), one.messageId()))
                                .toList());
        return rows.stream().map(row -> opened(tenant, row, sealed)).toList();
    }

    /** What law keeps of somebody erased, or of a conversation that is over. */
    private List<Document> kept(String tenant, Criteria criteria, UUID before, int limit) {
        Sql sql =
                new Sql()
                        .add(
                                "select r.id, r.conversation_id, r.subject_id, r.channel, r.account, r.direction, r.content_type,"
                                        + " r.category, r.received_at, true as closed, r.kept_until from retained_message r"
                                        + " where r.tenant = ?",
                                Column.one(tenant));
        for (byte[] key : labelKeys(tenant, criteria)) {
            sql.add(" and ? = any(r.label_keys)", Column.one(pseudonyms.retained(tenant, key)));
        }
        if (criteria.address() != null) {
            List<UUID> people =
                    new ArrayList<>(
                            retained.people(
                                    tenant,
                                    channels(criteria)
                                            .map(one -> new Known(one, criteria.address()))
                                            .toList()));
            people.addAll(present(tenant, criteria));
            sql.add(" and r.subject_id = any(?::uuid[])", Column.of("uuid", people, one -> one));
        }
        page(sql, "r", criteria, before, limit);
        List<Document> rows =
                Bulk.query(jdbc, sql.text.toString(), DocumentSearch::document, sql.values());
        Map<UUID, Map<String, String>> filed =
                retained.labels(tenant, rows.stream().map(Document::messageId).toList());
        return rows.stream()
                .map(one -> one.with(filed.getOrDefault(one.messageId(), Map.of())))
                .toList();
    }

    /** Of a person who is still there a letter may be restricted all the same. */
    private List<UUID> present(String tenant, Criteria criteria) {
        return Bulk.query(
                jdbc,
                "select distinct subject_id from address where tenant = ? and lookup = any(?::bytea[])",
                row -> row.getObject(1, UUID.class),
                Column.one(tenant),
                Column.of("bytea", lookups(tenant, criteria), one -> one));
    }

    private static void page(Sql sql, String of, Criteria criteria, UUID before, int limit) {
        sql.where(of + ".received_at >= ?::timestamptz", criteria.from())
                .where(of + ".received_at < ?::timestamptz", criteria.to())
                .where(of + ".subject_id = ?", criteria.subject())
                .where(of + ".conversation_id = ?", criteria.conversation())
                .where(of + ".direction = ?", criteria.direction())
                .where(of + ".category = ?", criteria.category())
                .where(of + ".content_type = ?", criteria.contentType())
                .where(of + ".id < ?", before)
                .add(" order by " + of + ".id desc limit ?", Column.one(limit));
    }

    private List<byte[]> labelKeys(String tenant, Criteria criteria) {
        return criteria.labels().entrySet().stream()
                .map(
                        label ->
                                pseudonyms.label(
                                        tenant, label.getKey(), Label.folded(label.getValue())))
                .toList();
    }

    private List<byte[]> lookups(String tenant, Criteria criteria) {
        return channels(criteria)
                .flatMap(
                        channel ->
                                pseudonyms.addresses(tenant, channel, criteria.address()).stream())
                .toList();
    }

    /** Those an address may be known on. */
    private static Stream<String> channels(Criteria criteria) {
        return criteria.channel() != null
                ? Stream.of(Channel.of(criteria.channel()).consentChannel().wireName())
                : Arrays.stream(Channel.values())
                        .map(Channel::consentChannel)
                        .distinct()
                        .map(Channel::wireName);
    }

    private static Document document(ResultSet row) throws SQLException {
        return new Document(
                row.getObject("id", UUID.class),
                row.getObject("conversation_id", UUID.class),
                row.getObject("subject_id", UUID.class),
                row.getString("channel"),
                row.getString("account"),
                row.getString("direction"),
                row.getString("content_type"),
                row.getString("category"),
                Bulk.instant(row, "received_at"),
                null,
                row.getBoolean("closed"),
                Bulk.instant(row, "kept_until"));
    }

    private Document opened(String tenant, Row row, Map<UUID, List<StoredLabels.Sealed>> sealed) {
        Document one = row.document();
        List<StoredLabels.Sealed> own = sealed.getOrDefault(one.messageId(), List.of());
        if (own.isEmpty()) {
            return one.with(Map.of());
        }
        try {
            return row.wrapped() == null
                    ? one
                    : one.with(
                            StoredLabels.opened(
                                    own, keys.open(tenant, one.subjectId(), row.wrapped())));
        } catch (Undecipherable shredded) {
            return one;
        }
    }
}
