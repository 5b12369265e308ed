package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.message.Category;
import org.jawort.retention.Hold.Scope;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantKeys.Use;
import org.springframework.jdbc.core.JdbcTemplate;

/** Reads and writes {@code legal_hold} and {@code held_message}, in the caller's transaction. */
public final class HoldRows {

    /**
     * A hold with its file.
     *
     * @param scope {@code null} if it names its items
     * @param messages it covers now; before it is in effect, those it would cover
     */
    public record View(
            UUID id,
            Hold.Type type,
            Hold.State state,
            String reason,
            String owner,
            LocalDate reviewOn,
            Scope scope,
            List<UUID> items,
            long messages,
            Instant createdAt,
            String createdBy,
            Instant approvedAt,
            String approvedBy,
            Instant reviewedAt,
            String reviewedBy,
            Instant releaseAskedAt,
            String releaseAskedBy,
            Instant releasedAt,
            String releasedBy) {

        Hold hold(Set<UUID> frozen) {
            return new Hold(id, type, state, reviewOn, scope, frozen);
        }

        /** Names nobody. */
        @Override
        public String toString() {
            return "View[" + id + "]";
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    /** As long as a run may take that began before a release. */
    private static final Duration LONGEST_RUN = Duration.ofDays(1);

    /**
     * Messages m, restricted ones too, in the scope of a hold h; {@link Hold#covers} says the same
     * of one item.
     */
    private static final String MATCHES =
            """
            (m.id = any(h.items) or h.by_query
               and (h.type = 'LEGAL' or m.category in ('COMMERCIAL_LETTER', 'VOUCHER'))
               and (h.channel is null or m.channel = h.channel)
               and (h.subject_id is null or m.subject_id = h.subject_id)
               and (h.conversation_id is null or m.conversation_id = h.conversation_id)
               and (h.from_at is null or m.received_at >= h.from_at)
               and (h.until_at is null or m.received_at < h.until_at)
               and (h.category is null or m.category = h.category))""";

    private static final String SELECT =
            """
            select h.*, case when h.state = 'PROPOSED'
                   then (select count(*) from message m where m.tenant = h.tenant and\s"""
                    + MATCHES
                    + """
                    ) + (select count(*) from retained_message m where m.tenant = h.tenant and\s"""
                    + MATCHES
                    + """
                    )
                   else (select count(*) from held_message x where x.tenant = h.tenant and x.hold_id = h.id and x.released_at is null)
                   end as messages
              from legal_hold h where h.tenant = ?\s""";

    private final JdbcTemplate jdbc;
    private final TenantKeys keys;

    HoldRows(JdbcTemplate jdbc, TenantKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    void insert(String tenant, UUID id, Holds.Proposal hold, String by, Instant now) {
        Scope scope = hold.scope();
        byte[] details =
                JSON.createObjectNode()
                        .put("reason", hold.reason())
                        .put("owner", hold.owner())
                        .toString()
                        .getBytes(StandardCharsets.UTF_8);
        Bulk.update(
                jdbc,
                """
                insert into legal_hold (tenant, id, type, state, review_on, by_query, channel, subject_id, conversation_id, from_at,
                                        until_at, category, items, sealed_details, created_at, created_by)
                values (?, ?, ?, 'PROPOSED', ?, ?, ?, ?::uuid, ?::uuid, ?::timestamptz, ?::timestamptz, ?, ?::uuid[], ?,
                        ?::timestamptz, ?)""",
                Column.one(tenant),
                Column.one(id),
                Column.one(hold.type().name()),
                Column.one(hold.reviewOn()),
                Column.one(scope != null),
                Column.one(scope == null ? null : scope.channel()),
                Column.one(scope == null ? null : text(scope.subject())),
                Column.one(scope == null ? null : text(scope.conversation())),
                Column.one(scope == null ? null : scope.from()),
                Column.one(scope == null ? null : scope.until()),
                Column.one(
                        scope == null || scope.category() == null ? null : scope.category().name()),
                Column.of("uuid", hold.items(), item -> item),
                Column.one(seal(tenant, id, details)),
                Column.one(now),
                Column.one(by));
    }

    Optional<View> find(String tenant, UUID id) {
        return Bulk.query(
                        jdbc,
                        SELECT + "and h.id = ?",
                        row -> view(tenant, row),
                        Column.one(tenant),
                        Column.one(id))
                .stream()
                .findFirst();
    }

    /** The row stays locked until the transaction ends: two steps at once are taken in turn. */
    Optional<View> lock(String tenant, UUID id) {
        jdbc.queryForList(
                "select 1 from legal_hold where tenant = ? and id = ? for update",
                Integer.class,
                tenant,
                id);
        return find(tenant, id);
    }

    List<View> page(String tenant, UUID before, int limit) {
        return Bulk.query(
                jdbc,
                SELECT + "and (?::uuid is null or h.id < ?::uuid) order by h.id desc limit ?",
                row -> view(tenant, row),
                Column.one(tenant),
                Column.one(text(before)),
                Column.one(text(before)),
                Column.one(limit));
    }

    /** Those in force, without counting what they cover. */
    List<View> effective(String tenant) {
        return Bulk.query(
                jdbc,
                "select *, 0 as messages from legal_hold where tenant = ? and state = 'EFFECTIVE' order by id",
                row -> view(tenant, row),
                Column.one(tenant));
    }

    /** Which holds have messages frozen, by id of the message; nothing for one that is not. */
    Map<UUID, Set<UUID>> holding(String tenant, Collection<UUID> messages) {
        Map<UUID, Set<UUID>> holding = new HashMap<>();
        Bulk.query(
                        jdbc,
                        "select message_id, hold_id from held_message where tenant = ? and message_id = any(?::uuid[]) and released_at is null",
                        row ->
                                Map.entry(
                                        row.getObject(1, UUID.class), row.getObject(2, UUID.class)),
                        Column.one(tenant),
                        Column.of("uuid", messages, id -> id))
                .forEach(
                        one ->
                                holding.computeIfAbsent(one.getKey(), id -> new HashSet<>())
                                        .add(one.getValue()));
        return holding;
    }

    /**
     * Adds what a hold covers and has not frozen yet. Each row is written anew: a batch that was
     * about to delete it then finds another version than the one it chose, and leaves it.
     */
    void freeze(String tenant, View hold, Instant now) {
        if (!hold.items().isEmpty()) {
            Column items = Column.of("uuid", hold.items(), item -> item);
            freeze(tenant, hold.id(), "m.id = any(?::uuid[])", List.of(items), now);
        }
        Scope scope = hold.scope();
        if (scope == null) {
            return;
        }
        // Only what is given, so that the plan begins with the person or the conversation.
        Map<String, Object> given = new LinkedHashMap<>();
        given.put("m.subject_id = ?", scope.subject());
        given.put("m.conversation_id = ?", scope.conversation());
        given.put("m.channel = ?", scope.channel());
        given.put("m.received_at >= ?::timestamptz", scope.from());
        given.put("m.received_at < ?::timestamptz", scope.until());
        given.put("m.category = ?", scope.category() == null ? null : scope.category().name());
        given.values().removeIf(Objects::isNull);
        String ofType =
                hold.type() == Hold.Type.LEGAL
                        ? "true"
                        : "m.category in ('COMMERCIAL_LETTER', 'VOUCHER')";
        List<Column> values = given.values().stream().map(Column::one).toList();
        freeze(
                tenant,
                hold.id(),
                String.join(" and ", given.keySet()) + (given.isEmpty() ? "" : " and ") + ofType,
                values,
                now);
    }

    private void freeze(String tenant, UUID id, String matches, List<Column> values, Instant now) {
        List<Column> columns = new ArrayList<>(List.of(Column.one(tenant), Column.one(id)));
        columns.addAll(values);
        columns.addAll(List.of(Column.one(id), Column.one(now)));
        for (String table : List.of("message", "retained_message")) {
            Bulk.update(
                    jdbc,
                    """
                    with touched as (
                      update %s m set tenant = m.tenant
                       where m.tenant = ?
                         and not exists (select 1 from held_message x where x.tenant = m.tenant and x.message_id = m.id and x.hold_id = ?)
                         and %s
                      returning m.tenant, m.id)
                    insert into held_message (tenant, message_id, hold_id, since)
                    select tenant, id, ?, ?::timestamptz from touched on conflict do nothing"""
                            .formatted(table, matches),
                    columns.toArray(Column[]::new));
        }
    }

    /**
     * How many messages of a released hold are under no other; without restricted ones.
     *
     * @param over count only those whose conversation closed long enough ago; {@code null}: all
     */
    long freed(String tenant, UUID id, Cutoffs over) {
        return Bulk.query(
                        jdbc,
                        """
                        select count(*) from held_message x join message m on m.tenant = x.tenant and m.id = x.message_id
                               join conversation c on c.tenant = m.tenant and c.id = m.conversation_id
                         where x.tenant = ? and x.hold_id = ?
                           and not exists (select 1 from held_message o where o.tenant = x.tenant and o.message_id = x.message_id
                                                                          and o.released_at is null)
                           and (?::timestamptz is null
                                or c.closed_at < ?::timestamptz and m.category in ('NONE', 'UNKNOWN')
                                   and (? = '{}' or c.closed_at < retention_cutoff(?, m.channel, m.purpose, m.category)))""",
                        row -> row.getLong(1),
                        Column.one(tenant),
                        Column.one(id),
                        Column.one(over == null ? null : over.latest()),
                        Column.one(over == null ? null : over.latest()),
                        Column.one(over == null ? "{}" : over.exceptions()),
                        Column.one(over == null ? "{}" : over.exceptions()))
                .getFirst();
    }

    /** How many messages that are over by their rule holds keep, restricted ones among them. */
    long hit(String tenant, Cutoffs over, Instant now) {
        return Bulk.query(
                        jdbc,
                        """
                        select (select count(distinct r.id) from held_message x
                                  join retained_message r on r.tenant = x.tenant and r.id = x.message_id
                                 where x.tenant = ? and (x.released_at is null or x.released_at >= ?::timestamptz)
                                   and (r.kept_until is null or r.kept_until <= ?::timestamptz))
                             + (select count(distinct m.id) from held_message x join message m on m.tenant = x.tenant and m.id = x.message_id
                               join conversation c on c.tenant = m.tenant and c.id = m.conversation_id
                         where x.tenant = ? and (x.released_at is null or x.released_at >= ?::timestamptz)
                           and c.closed_at < ?::timestamptz and m.category in ('NONE', 'UNKNOWN')
                           and (? = '{}' or c.closed_at < retention_cutoff(?, m.channel, m.purpose, m.category)))""",
                        row -> row.getLong(1),
                        Column.one(tenant),
                        Column.one(now),
                        Column.one(now),
                        Column.one(tenant),
                        Column.one(now),
                        Column.one(over.latest()),
                        Column.one(over.exceptions()),
                        Column.one(over.exceptions()))
                .getFirst();
    }

    /**
     * Removes what holds released long ago had frozen, once everybody was told, and, once their
     * time is over, their files.
     *
     * @return the holds whose files are gone
     */
    List<UUID> forget(String tenant, Instant now, Instant filesBefore, int limit) {
        jdbc.update(
                "delete from held_message where tenant = ? and released_at < ? and released_told_at is not null",
                tenant,
                Bulk.timestamp(now.minus(LONGEST_RUN)));
        return jdbc.queryForList(
                "delete from legal_hold where tenant = ? and id in (select h.id from legal_hold h"
                        + " where h.tenant = ? and h.released_at < ?"
                        + " and not exists (select 1 from held_message x where x.tenant = h.tenant and x.hold_id = h.id)"
                        + " order by h.id limit ?) returning id",
                UUID.class,
                tenant,
                tenant,
                Bulk.timestamp(filesBefore),
                limit);
    }

    private View view(String tenant, ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        JsonNode details = open(tenant, id, row.getBytes("sealed_details"));
        String category = row.getString("category");
        return new View(
                id,
                Hold.Type.valueOf(row.getString("type")),
                Hold.State.valueOf(row.getString("state")),
                details.get("reason").asText(),
                details.get("owner").asText(),
                row.getObject("review_on", LocalDate.class),
                row.getBoolean("by_query")
                        ? new Scope(
                                row.getString("channel"),
                                row.getObject("subject_id", UUID.class),
                                row.getObject("conversation_id", UUID.class),
                                Bulk.instant(row, "from_at"),
                                Bulk.instant(row, "until_at"),
                                category == null ? null : Category.valueOf(category))
                        : null,
                List.of((UUID[]) row.getArray("items").getArray()),
                row.getLong("messages"),
                Bulk.instant(row, "created_at"),
                row.getString("created_by"),
                Bulk.instant(row, "approved_at"),
                row.getString("approved_by"),
                Bulk.instant(row, "reviewed_at"),
                row.getString("reviewed_by"),
                Bulk.instant(row, "release_asked_at"),
                row.getString("release_asked_by"),
                Bulk.instant(row, "released_at"),
                row.getString("released_by"));
    }

    private byte[] seal(String tenant, UUID id, byte[] plain) {
        try {
            return keys.aead(tenant, Use.API).encrypt(plain, associatedData(tenant, id));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private JsonNode open(String tenant, UUID id, byte[] sealed) {
        try {
            return JSON.readTree(
                    keys.aead(tenant, Use.API).decrypt(sealed, associatedData(tenant, id)));
        } catch (GeneralSecurityException notOurs) {
            throw new IllegalStateException("the file of a hold does not open", notOurs);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] associatedData(String tenant, UUID id) {
        return ("hold|" + tenant + "|" + id).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(UUID id) {
        return id == null ? null : id.toString();
    }
}
