package org.jawort.custody;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The two keys of a person in the store: what statute keeps is sealed anew under the one, then the
 * other is destroyed and with it everything else that was ever said (SEC-3, SEC-5). Works inside
 * the caller's transaction.
 */
public final class SubjectKeyring {

    private record Item(UUID id, int position, byte[] body, byte[] original) {}

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final InstantSource clock;

    public SubjectKeyring(JdbcTemplate jdbc, SubjectKeys keys, InstantSource clock) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * Seals messages with their media and originals under the person's retained key, which is made
     * if there is none. Done twice it is done once.
     *
     * @param messages of this person; others are left alone
     * @return how many were sealed anew
     * @throws IllegalStateException if there are such messages and the ordinary key is destroyed,
     *     so that nothing can be kept
     */
    public int retain(String tenant, UUID subject, Collection<UUID> messages) {
        List<Item> items =
                Bulk.query(
                        jdbc,
                        """
                        select id, 0, sealed_body, sealed_original from message
                         where tenant = ? and subject_id = ? and id = any(?::uuid[]) and key_group = 'ordinary' for update""",
                        SubjectKeyring::item,
                        Column.one(tenant),
                        Column.one(subject),
                        Column.of("uuid", messages, id -> id));
        if (items.isEmpty()) {
            return 0;
        }
        SubjectKey from = key(tenant, subject, SubjectKeys.ORDINARY);
        if (from == null) {
            throw new IllegalStateException(
                    "the key of subject " + subject + " is destroyed; nothing of it can be kept");
        }
        SubjectKey to = retained(tenant, subject);
        List<Item> media =
                Bulk.query(
                        jdbc,
                        "select message_id, position, sealed, null::bytea from media where tenant = ? and message_id = any(?::uuid[])",
                        SubjectKeyring::item,
                        Column.one(tenant),
                        Column.of("uuid", items, Item::id));
        Bulk.update(
                jdbc,
                """
                update media m set sealed = n.sealed from unnest(?::uuid[], ?::int[], ?::bytea[]) as n(message_id, position, sealed)
                 where m.tenant = ? and m.message_id = n.message_id and m.position = n.position""",
                Column.of("uuid", media, Item::id),
                Column.of("int4", media, Item::position),
                Column.of("bytea", media, item -> from.reseal("media", item.body(), to)),
                Column.one(tenant));
        return Bulk.update(
                jdbc,
                """
                update message m set sealed_body = n.body, sealed_original = n.original, key_group = 'retained'
                  from unnest(?::uuid[], ?::bytea[], ?::bytea[]) as n(id, body, original)
                 where m.tenant = ? and m.id = n.id""",
                Column.of("uuid", items, Item::id),
                Column.of("bytea", items, item -> from.reseal("message.body", item.body(), to)),
                Column.of(
                        "bytea",
                        items,
                        item -> from.reseal("message.original", item.original(), to)),
                Column.one(tenant));
    }

    /**
     * Destroys the ordinary key: from now on no node opens anything of this person but what was
     * retained, and within a minute none has the key in memory.
     *
     * @return whether it was there
     */
    public boolean shred(String tenant, UUID subject) {
        return destroy(tenant, subject, SubjectKeys.ORDINARY);
    }

    /** Destroys the retained key, once the last item it was for has reached its end. */
    public boolean shredRetained(String tenant, UUID subject) {
        return destroy(tenant, subject, SubjectKeys.RETAINED);
    }

    private boolean destroy(String tenant, UUID subject, String group) {
        int destroyed =
                jdbc.update(
                        "delete from subject_key where tenant = ? and subject_id = ? and key_group = ?",
                        tenant,
                        subject,
                        group);
        keys.forget(tenant, subject);
        return destroyed > 0;
    }

    private SubjectKey retained(String tenant, UUID subject) {
        jdbc.update(
                "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at)"
                        + " values (?, ?, ?, ?, ?) on conflict do nothing",
                tenant,
                subject,
                SubjectKeys.RETAINED,
                keys.create(tenant, subject, SubjectKeys.RETAINED).wrapped(),
                Bulk.timestamp(clock.instant()));
        return key(tenant, subject, SubjectKeys.RETAINED); // another may have been first
    }

    private SubjectKey key(String tenant, UUID subject, String group) {
        return jdbc
                .query(
                        "select wrapped from subject_key where tenant = ? and subject_id = ? and key_group = ?",
                        (row, n) -> keys.open(tenant, subject, group, row.getBytes(1)),
                        tenant,
                        subject,
                        group)
                .stream()
                .findFirst()
                .orElse(null);
    }

    private static Item item(ResultSet row) throws SQLException {
        return new Item(
                row.getObject(1, UUID.class), row.getInt(2), row.getBytes(3), row.getBytes(4));
    }
}
