package org.jawort.retention;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.retention.Keeping.Verdict;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
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
            Keeping.Message message,
            String provider,
            String contentType,
            byte[] body,
            byte[] original) {}

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final Keeping keeping;
    private final Pseudonyms pseudonyms;

    RetainedItems(JdbcTemplate jdbc, SubjectKeys keys, Keeping keeping, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.keeping = keeping;
        this.pseudonyms = pseudonyms;
    }

    /**
     * @param ordinary opens what is stored
     * @return ids of the messages moved
     */
    List<UUID> move(String tenant, UUID subject, UUID run, SubjectKey ordinary, Instant now) {
        SubjectKey[] retained = new SubjectKey[1];
        List<UUID> moved = new ArrayList<>();
        Map<UUID, List<byte[]>> media = media(tenant, subject);
        for (Row row : messages(tenant, subject)) {
            switch (keeping.decide(row.message(), now)) {
                case Verdict.Delete delete -> {}
                case Verdict.Keep keep -> {
                    if (retained[0] == null) {
                        retained[0] = retainedKey(tenant, subject, now);
                    }
                    insert(
                            row,
                            media.getOrDefault(row.message().id(), List.of()),
                            keep,
                            run,
                            ordinary,
                            retained[0],
                            now);
                    moved.add(row.message().id());
                }
            }
        }
        if (evidence(tenant, subject, ordinary, now) || !moved.isEmpty()) {
            parties(tenant, subject);
        }
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
                                new Keeping.Message(
                                        tenant,
                                        row.getObject("id", UUID.class),
                                        subject,
                                        row.getObject("conversation_id", UUID.class),
                                        row.getString("account"),
                                        row.getString("channel"),
                                        row.getString("direction"),
                                        row.getString("category"),
                                        Bulk.instant(row, "received_at")),
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
            Verdict.Keep keep,
            UUID run,
            SubjectKey ordinary,
            SubjectKey retained,
            Instant now) {
        Keeping.Message message = row.message();
        Bulk.update(
                jdbc,
                """
                insert into retained_message (tenant, id, subject_id, conversation_id, run, account, provider, channel, direction,
                                              content_type, category, received_at, kept_until, rule, because, sealed_body,
                                              sealed_original, sealed_media, restricted_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""",
                Column.one(message.tenant()),
                Column.one(message.id()),
                Column.one(message.subject()),
                Column.one(message.conversation()),
                Column.one(run),
                Column.one(message.account()),
                Column.one(row.provider()),
                Column.one(message.channel()),
                Column.one(message.direction()),
                Column.one(row.contentType()),
                Column.one(message.category()),
                Column.one(message.receivedAt()),
                Column.one(keep.until() == null ? null : Bulk.timestamp(keep.until())),
                Column.one(keep.rule()),
                Column.one(keep.because()),
                Column.one(anew("message.body", row.body(), ordinary, retained)),
                Column.one(anew("message.original", row.original(), ordinary, retained)),
                Column.of("bytea", media, one -> anew("media", one, ordinary, retained)),
                Column.one(now));
    }

    private static byte[] anew(String field, byte[] sealed, SubjectKey from, SubjectKey to) {
        return to.seal(field, from.open(field, sealed));
    }

    /** Who comes back under one of these addresses may have a copy of what is kept (DSR-4). */
    private void parties(String tenant, UUID subject) {
        record Party(String channel, byte[] key) {}
        List<Party> parties =
                Bulk.query(
                        jdbc,
                        "select channel, lookup from address where tenant = ? and subject_id = ? and channel <> '*'",
                        row ->
                                new Party(
                                        row.getString(1),
                                        pseudonyms.retained(tenant, row.getBytes(2))),
                        Column.one(tenant),
                        Column.one(subject));
        Bulk.update(
                jdbc,
                """
                insert into retained_party (tenant, subject_id, channel, party_key)
                select ?, ?::uuid, channel, key from unnest(?::text[], ?::bytea[]) as n(channel, key) on conflict do nothing""",
                Column.one(tenant),
                Column.one(subject),
                Column.of("text", parties, Party::channel),
                Column.of("bytea", parties, Party::key));
    }

    /**
     * What the person declared stays provable as long as its proof is kept (T15).
     *
     * @return whether there was anything
     */
    private boolean evidence(String tenant, UUID subject, SubjectKey ordinary, Instant now) {
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
            return false;
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
        return true;
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
     * Judges again what a hold alone kept, once that is released and forgotten by all runs
     * (RET-10).
     */
    private void reconsider(String tenant, Instant now, int limit) {
        List<Keeping.Message> free =
                Bulk.query(
                        jdbc,
                        """
                        select id, subject_id, conversation_id, account, channel, direction, category, received_at from retained_message r
                         where tenant = ? and kept_until is null
                           and not exists (select 1 from held_message h where h.tenant = r.tenant and h.message_id = r.id)
                         order by id limit ?""",
                        row ->
                                new Keeping.Message(
                                        tenant,
                                        row.getObject("id", UUID.class),
                                        row.getObject("subject_id", UUID.class),
                                        row.getObject("conversation_id", UUID.class),
                                        row.getString("account"),
                                        row.getString("channel"),
                                        row.getString("direction"),
                                        row.getString("category"),
                                        Bulk.instant(row, "received_at")),
                        Column.one(tenant),
                        Column.one(limit));
        for (Keeping.Message message : free) {
            switch (keeping.decide(message, now)) {
                case Verdict.Delete delete ->
                        jdbc.update(
                                "update retained_message set kept_until = ? where tenant = ? and id = ?",
                                Bulk.timestamp(now),
                                tenant,
                                message.id());
                case Verdict.Keep keep ->
                        jdbc.update(
                                "update retained_message set kept_until = ?, rule = ?, because = ? where tenant = ? and id = ?",
                                keep.until() == null ? null : Bulk.timestamp(keep.until()),
                                keep.rule(),
                                keep.because(),
                                tenant,
                                message.id());
            }
        }
    }

    /**
     * Deletes what was kept long enough and no hold covers, with the retained keys that open
     * nothing any more and the people nothing is left of.
     *
     * @return ids of the messages deleted
     */
    List<UUID> deleteOver(String tenant, Instant now, int limit) {
        record Over(UUID id, UUID subject) {}
        reconsider(tenant, now, limit);
        List<Over> over =
                Bulk.query(
                        jdbc,
                        """
                        delete from retained_message where tenant = ? and id in (
                          select id from retained_message r where tenant = ? and kept_until <= ?
                             and not exists (select 1 from held_message h where h.tenant = r.tenant and h.message_id = r.id)
                           order by kept_until limit ?)
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
