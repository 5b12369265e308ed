package org.jawort.retention;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.message.Category;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Moves what law keeps out of ordinary access (RET-8): sealed anew under the person's retained key,
 * so that the ordinary one can be destroyed. Works inside the caller's transaction; done twice it
 * is done once.
 */
final class RetainedItems {

    /**
     * @param until {@code null} as long as a hold lasts
     */
    record Kept(UUID message, String category, Instant until, String rule, String because) {}

    private record Row(
            Item item,
            String account,
            String direction,
            String provider,
            String contentType,
            byte[] body,
            byte[] original) {}

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final Keeping keeping;

    RetainedItems(JdbcTemplate jdbc, SubjectKeys keys, Keeping keeping) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.keeping = keeping;
    }

    /**
     * @param ordinary opens what is stored
     * @return ids of the messages moved
     */
    List<UUID> move(String tenant, UUID subject, UUID run, SubjectKey ordinary, Instant now) {
        List<UUID> moved = new ArrayList<>();
        Map<UUID, List<byte[]>> media = media(tenant, subject);
        for (Row row : messages(tenant, subject)) {
            UUID message = row.item().id();
            keeping.decide(row.item(), now)
                    .ifPresent(
                            reason -> {
                                insert(
                                        row,
                                        media.getOrDefault(message, List.of()),
                                        reason,
                                        run,
                                        ordinary,
                                        retainedKey(tenant, subject, now),
                                        now);
                                moved.add(message);
                            });
        }
        evidence(tenant, subject, ordinary, now);
        return moved;
    }

    private List<Row> messages(String tenant, UUID subject) {
        return Bulk.query(
                jdbc,
                """
                select id, conversation_id, account, provider, channel, direction, content_type, category, received_at, sealed_body,
                       sealed_original from message where tenant = ? and subject_id = ? order by id""",
                row ->
                        new Row(
                                new Item(
                                        tenant,
                                        row.getObject("id", UUID.class),
                                        subject,
                                        row.getObject("conversation_id", UUID.class),
                                        "conversation-text",
                                        row.getString("channel"),
                                        null,
                                        Category.valueOf(row.getString("category")),
                                        Bulk.instant(row, "received_at"),
                                        null,
                                        null),
                                row.getString("account"),
                                row.getString("direction"),
                                row.getString("provider"),
                                row.getString("content_type"),
                                row.getBytes("sealed_body"),
                                row.getBytes("sealed_original")),
                Column.one(tenant),
                Column.one(subject));
    }

    private Map<UUID, List<byte[]>> media(String tenant, UUID subject) {
        Map<UUID, List<byte[]>> media = new HashMap<>();
        Bulk.query(
                jdbc,
                """
                select d.message_id, d.sealed from message m join media d on d.tenant = m.tenant and d.message_id = m.id
                 where m.tenant = ? and m.subject_id = ? order by d.message_id, d.position""",
                row ->
                        media.computeIfAbsent(row.getObject(1, UUID.class), id -> new ArrayList<>())
                                .add(row.getBytes(2)),
                Column.one(tenant),
                Column.one(subject));
        return media;
    }

    private void insert(
            Row row,
            List<byte[]> media,
            Keeping.Reason reason,
            UUID run,
            SubjectKey ordinary,
            SubjectKey retained,
            Instant now) {
        Item item = row.item();
        Bulk.update(
                jdbc,
                """
                insert into retained_message (tenant, id, subject_id, conversation_id, run, account, provider, channel, direction,
                                              content_type, category, received_at, kept_until, rule, because, sealed_body,
                                              sealed_original, sealed_media, restricted_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""",
                Column.one(item.tenant()),
                Column.one(item.id()),
                Column.one(item.subject()),
                Column.one(item.conversation()),
                Column.one(run),
                Column.one(row.account()),
                Column.one(row.provider()),
                Column.one(item.channel()),
                Column.one(row.direction()),
                Column.one(row.contentType()),
                Column.one(item.category().name()),
                Column.one(item.created()),
                Column.one(reason.until() == null ? null : Bulk.timestamp(reason.until())),
                Column.one(reason.rule()),
                Column.one(reason.because()),
                Column.one(anew("message.body", row.body(), ordinary, retained)),
                Column.one(anew("message.original", row.original(), ordinary, retained)),
                Column.of("bytea", media, one -> anew("media", one, ordinary, retained)),
                Column.one(now));
    }

    private static byte[] anew(String field, byte[] sealed, SubjectKey from, SubjectKey to) {
        return to.seal(field, from.open(field, sealed));
    }

    /** What the person declared stays provable as long as its proof is kept (T15). */
    private void evidence(String tenant, UUID subject, SubjectKey ordinary, Instant now) {
        record Declared(UUID event, byte[] sealed) {}
        List<Declared> declared =
                Bulk.query(
                        jdbc,
                        """
                        select s.event_id, s.sealed_evidence from consent_salt s
                         where s.tenant = ? and s.subject_id = ? and s.sealed_evidence is not null
                           and not exists (select 1 from retained_evidence r where r.tenant = s.tenant and r.event_id = s.event_id)""",
                        row -> new Declared(row.getObject(1, UUID.class), row.getBytes(2)),
                        Column.one(tenant),
                        Column.one(subject));
        if (declared.isEmpty()) {
            return;
        }
        SubjectKey retained = retainedKey(tenant, subject, now);
        for (Declared one : declared) {
            try {
                jdbc.update(
                        "insert into retained_evidence (tenant, event_id, subject_id, sealed) values (?, ?, ?, ?)",
                        tenant,
                        one.event(),
                        subject,
                        anew("consent.evidence", one.sealed(), ordinary, retained));
            } catch (Undecipherable changedInTheStore) {
                // The ledger's own check names it; here it is no reason to keep all the rest.
            }
        }
    }

    private SubjectKey retainedKey(String tenant, UUID subject, Instant now) {
        Optional<SubjectKey> there =
                jdbc
                        .query(
                                "select wrapped from subject_key where tenant = ? and subject_id = ? and key_group = ?",
                                (row, n) ->
                                        keys.open(
                                                tenant,
                                                subject,
                                                SubjectKeys.RETAINED,
                                                row.getBytes(1)),
                                tenant,
                                subject,
                                SubjectKeys.RETAINED)
                        .stream()
                        .findFirst();
        if (there.isPresent()) {
            return there.get();
        }
        SubjectKeys.NewKey fresh = keys.create(tenant, subject, SubjectKeys.RETAINED);
        jdbc.update(
                "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at) values (?, ?, ?, ?, ?)",
                tenant,
                subject,
                SubjectKeys.RETAINED,
                fresh.wrapped(),
                Bulk.timestamp(now));
        return fresh.key();
    }

    /** Messages of the person that are kept at present. */
    List<Kept> kept(String tenant, UUID subject) {
        return Bulk.query(
                jdbc,
                "select id, category, kept_until, rule, because from retained_message where tenant = ? and subject_id = ? order by id",
                row ->
                        new Kept(
                                row.getObject(1, UUID.class),
                                row.getString(2),
                                Bulk.instant(row, "kept_until"),
                                row.getString(4),
                                row.getString(5)),
                Column.one(tenant),
                Column.one(subject));
    }

    /**
     * Deletes what was kept long enough, with the retained keys that open nothing any more and the
     * people nothing is left of.
     *
     * @return ids of the messages deleted
     */
    List<UUID> deleteOver(String tenant, Instant now, int limit) {
        record Over(UUID id, UUID subject) {}
        List<Over> over =
                Bulk.query(
                        jdbc,
                        """
                        delete from retained_message where tenant = ? and id in (
                          select id from retained_message where tenant = ? and kept_until <= ? order by kept_until limit ?)
                        returning id, subject_id""",
                        row -> new Over(row.getObject(1, UUID.class), row.getObject(2, UUID.class)),
                        Column.one(tenant),
                        Column.one(tenant),
                        Column.one(now),
                        Column.one(limit));
        over.stream().map(Over::subject).distinct().forEach(subject -> leave(tenant, subject));
        return over.stream().map(Over::id).toList();
    }

    /** Removes the subject, unless something of it is kept. */
    void leave(String tenant, UUID subject) {
        boolean needed =
                !jdbc.queryForList(
                                """
                                select 1 from retained_message where tenant = ? and subject_id = ? union all
                                select 1 from retained_evidence where tenant = ? and subject_id = ? limit 1""",
                                Integer.class,
                                tenant,
                                subject,
                                tenant,
                                subject)
                        .isEmpty();
        if (!needed) {
            jdbc.update(
                    "delete from subject_key where tenant = ? and subject_id = ? and key_group = ?",
                    tenant,
                    subject,
                    SubjectKeys.RETAINED);
            jdbc.update("delete from subject where tenant = ? and id = ?", tenant, subject);
            keys.forget(tenant, subject);
        }
    }
}
