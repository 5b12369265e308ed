package org.jawort.retention;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.media.MediaFiles;
import org.jawort.message.Category;
import org.jawort.retention.Keeping.Verdict;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Moves what law keeps out of ordinary access (RET-8): sealed anew under the person's retained key,
 * so that the ordinary one can be destroyed. Works inside the caller's transaction; done twice it
 * is done once.
 */
final class RetainedItems {

    private static final Logger LOG = LoggerFactory.getLogger(RetainedItems.class);

    /**
     * @param until {@code null} as long as a hold lasts
     */
    record Kept(UUID message, String category, Instant until, String rule, String because) {}

    /**
     * A message as it is stored.
     *
     * @param closedAt end of its conversation, {@code null} if it is kept for another reason than
     *     that
     * @param classified who said what it is, and when: JSON as {@link Categories#history(String)}
     *     reads it
     */
    record Stored(
            Keeping.Message message,
            String provider,
            String contentType,
            Instant closedAt,
            byte[] body,
            byte[] original,
            List<byte[]> media,
            List<byte[]> annotations,
            String categoryRule,
            String classified,
            RetainedLabels.Filed labels) {}

    /**
     * Somebody may have written as long as the hub has been there: bodies and originals of so many.
     */
    private static final int AT_ONCE = 200;

    private static final String STORED =
            """
            select m.id, m.subject_id, m.conversation_id, m.account, m.provider, m.channel, m.direction, m.content_type, m.category,
                   m.purpose, m.received_at, m.sent_at, m.sealed_body, m.sealed_original, c.closed_at,
                   array(select d.sealed from media d where d.tenant = m.tenant and d.message_id = m.id order by d.position) as media,
                   array(select a.sealed_text from message_annotation a where a.tenant = m.tenant and a.message_id = m.id order by a.id)
                         as annotations,
                   m.category_rule,
                   (select coalesce(json_agg(json_build_object('previous', g.previous, 'category', g.category, 'source', g.source,
                                                               'by', g.changed_by, 'at', g.changed_at) order by g.id), '[]')
                      from category_change g where g.tenant = m.tenant and g.message_id = m.id)::text as classified,
                   \s"""
                    + RetainedLabels.COLUMN
                    + """

              from message m join conversation c on c.tenant = m.tenant and c.id = m.conversation_id
             where m.tenant = ?\s""";

    /** A subject s without a key, of whom nothing is kept that refers to them. */
    static final String NOTHING_LEFT =
            Stream.of(
                            "subject_key",
                            "address",
                            "conversation",
                            "consent_record",
                            "outbound",
                            "notice_delivery",
                            "retained_message",
                            "retained_evidence")
                    .map(
                            table ->
                                    "not exists (select 1 from %s x where x.tenant = s.tenant and x.subject_id = s.id)"
                                            .formatted(table))
                    .collect(Collectors.joining(" and "));

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final Keeping keeping;
    private final Pseudonyms pseudonyms;

    private final MediaFiles files;
    private final Receivers receivers;
    private final RetainedPerson person;

    RetainedItems(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Keeping keeping,
            Pseudonyms pseudonyms,
            MediaFiles files) {
        this.files = files;
        this.receivers = new Receivers(jdbc);
        this.jdbc = jdbc;
        this.keys = keys;
        this.person = new RetainedPerson(jdbc, keys, pseudonyms);
        this.keeping = keeping;
        this.pseudonyms = pseudonyms;
    }

    /**
     * Ids of messages; one is in both if some of it could be kept and some not.
     *
     * @param unreadable changed in the store, so that what law would keep cannot be kept
     */
    record Moved(List<UUID> kept, List<UUID> unreadable) {}

    /**
     * What was changed in the store hinders no other.
     *
     * @param ordinary opens what is stored
     */
    Moved move(String tenant, UUID subject, UUID run, SubjectKey ordinary, Instant now) {
        Moved moved = new Moved(new ArrayList<>(), new ArrayList<>());
        List<UUID> all =
                jdbc.queryForList(
                        "select id from message where tenant = ? and subject_id = ? order by id",
                        UUID.class,
                        tenant,
                        subject);
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            List<UUID> some = all.subList(from, Math.min(from + AT_ONCE, all.size()));
            move(tenant, some, run, ordinary, moved, now);
        }
        keepProof(tenant, subject, ordinary, now);
        return moved;
    }

    /** Whether a file of what law keeps is still to come. */
    boolean awaitsFile(String tenant, UUID subject, Instant now) {
        return verdicts(tenant, awaited(tenant, subject), now).values().stream()
                .anyMatch(verdict -> verdict instanceof Verdict.Keep);
    }

    /** Whether a file is still to come that may tell what nobody knows by now (RET-7). */
    boolean awaitsFileOfTheUnclassified(String tenant, UUID subject) {
        return awaited(tenant, subject).stream()
                .anyMatch(row -> row.message().category().equals(Category.UNKNOWN.name()));
    }

    private List<Stored> awaited(String tenant, UUID subject) {
        return stored(tenant, files.awaited(tenant, subject));
    }

    private void move(
            String tenant,
            List<UUID> messages,
            UUID run,
            SubjectKey ordinary,
            Moved moved,
            Instant now) {
        Map<Stored, Verdict.Keep> keeps = new LinkedHashMap<>();
        List<Stored> rows = stored(tenant, messages);
        Map<UUID, Verdict> verdicts = verdicts(tenant, rows, now);
        for (Stored row : rows) {
            switch (verdicts.get(row.message().id())) {
                case Verdict.Delete delete -> {}
                case Verdict.Keep keep -> keeps.put(row, keep);
            }
        }
        List<UUID> bound = keeps.keySet().stream().map(row -> row.message().id()).toList();
        // Their deliveries go with the person; who is to hear of the end must be known without.
        Map<UUID, List<String>> received = receivers.of(tenant, bound);
        keeps.forEach(
                (row, keep) -> {
                    UUID message = row.message().id();
                    try {
                        letter(row, keep, run, received, ordinary, now);
                        moved.kept().add(message);
                        files.retain(tenant, message, ordinary, retainedKey(row, now), now);
                    } catch (Undecipherable changed) {
                        LOG.warn("erasure.unreadable tenant={} message={}", tenant, message);
                        moved.unreadable().add(message);
                    }
                });
    }

    private Map<UUID, Verdict> verdicts(String tenant, List<Stored> rows, Instant now) {
        return keeping.decide(tenant, rows.stream().map(Stored::message).toList(), now);
    }

    /** As if their conversations were open: what asks to delete them is the person. */
    private List<Stored> stored(String tenant, List<UUID> messages) {
        return Bulk.query(
                jdbc,
                STORED + "and m.id = any(?::uuid[]) order by m.id",
                row -> stored(tenant, row, null),
                Column.one(tenant),
                Column.of("uuid", messages, id -> id));
    }

    List<Stored> of(String tenant, Collection<UUID> messages) {
        return Bulk.query(
                jdbc,
                STORED + "and m.id = any(?::uuid[]) order by m.subject_id, m.id",
                row -> stored(tenant, row, Bulk.instant(row, "closed_at")),
                Column.one(tenant),
                Column.of("uuid", messages, id -> id));
    }

    private static Stored stored(String tenant, ResultSet row, Instant closedAt)
            throws SQLException {
        return new Stored(
                Keeping.Message.of(tenant, row),
                row.getString("provider"),
                row.getString("content_type"),
                closedAt,
                row.getBytes("sealed_body"),
                row.getBytes("sealed_original"),
                List.of((byte[][]) row.getArray("media").getArray()),
                List.of((byte[][]) row.getArray("annotations").getArray()),
                row.getString("category_rule"),
                row.getString("classified"),
                RetainedLabels.Filed.read(row.getString(RetainedLabels.NAME)));
    }

    /**
     * Keeps a message under the person's retained key; the message itself stays where it is.
     *
     * @param received who received each message; one that is missing went nowhere
     * @throws Undecipherable if it is not what the ordinary key sealed
     */
    void insert(
            Stored row,
            Verdict.Keep keep,
            UUID run,
            Map<UUID, List<String>> received,
            SubjectKey ordinary,
            Instant now) {
        letter(row, keep, run, received, ordinary, now);
        Keeping.Message message = row.message();
        files.retain(message.tenant(), message.id(), ordinary, retainedKey(row, now), now);
    }

    /** All of it but the bytes of its files. */
    private void letter(
            Stored row,
            Verdict.Keep keep,
            UUID run,
            Map<UUID, List<String>> received,
            SubjectKey ordinary,
            Instant now) {
        Keeping.Message message = row.message();
        SubjectKey retained = retainedKey(row, now);
        Bulk.update(
                jdbc,
                """
                insert into retained_message (tenant, id, subject_id, conversation_id, run, account, provider, channel, direction,
                                              content_type, category, purpose, received_at, sent_at, closed_at, kept_until, rule, because,
                                              sealed_body, sealed_original, sealed_media, sealed_annotations, category_rule,
                                              classified, recipients, restricted_at, sealed_labels, label_keys)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?) on conflict do nothing""",
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
                Column.one(message.purpose()),
                Column.one(message.receivedAt()),
                Column.one(message.sentAt()),
                Column.one(row.closedAt() == null ? null : Bulk.timestamp(row.closedAt())),
                Column.one(keep.until() == null ? null : Bulk.timestamp(keep.until())),
                Column.one(keep.rule()),
                Column.one(because(row, keep)),
                Column.one(RetainedPerson.anew("message.body", row.body(), ordinary, retained)),
                Column.one(
                        RetainedPerson.anew(
                                "message.original", row.original(), ordinary, retained)),
                Column.of(
                        "bytea",
                        row.media(),
                        one -> RetainedPerson.anew("media", one, ordinary, retained)),
                Column.of(
                        "bytea",
                        row.annotations(),
                        one -> RetainedPerson.anew("message.annotation", one, ordinary, retained)),
                Column.one(row.categoryRule()),
                Column.one(row.classified()),
                Column.of("text", received.getOrDefault(message.id(), List.of()), one -> one),
                Column.one(now),
                Column.one(row.labels().anew(ordinary, retained)),
                Column.of(
                        "bytea",
                        row.labels().keys(),
                        key -> pseudonyms.retained(message.tenant(), key)));
    }

    /** Whoever reads why it is kept is to know that nobody looked at it (RET-7). */
    private static String because(Stored row, Verdict.Keep keep) {
        return keep.because()
                + (Categories.isFallback(Categories.history(row.classified()))
                        ? "; unclassified"
                        : "");
    }

    private SubjectKey retainedKey(Stored row, Instant now) {
        return person.key(row.message().tenant(), row.message().subject(), now);
    }

    /**
     * What the person declared stays provable as long as its proof is kept (T15), and who they were
     * is known as long as anything is kept.
     */
    void keepProof(String tenant, UUID subject, SubjectKey ordinary, Instant now) {
        person.keep(tenant, subject, ordinary, now);
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
     * Destroys the retained key once it opens nothing any more, and removes the subject once
     * nothing at all is left of it. Another transaction that is about to keep something has locked
     * the key, and is waited for.
     */
    void leave(String tenant, UUID subject) {
        jdbc.queryForList(
                "select 1 from subject_key where tenant = ? and subject_id = ? and key_group = ? for update",
                Integer.class,
                tenant,
                subject,
                SubjectKeys.RETAINED);
        int destroyed =
                Bulk.update(
                        jdbc,
                        """
                        delete from subject_key k where k.tenant = ? and k.subject_id = ? and k.key_group = ?
                           and not exists (select 1 from retained_message r where r.tenant = k.tenant and r.subject_id = k.subject_id)
                           and not exists (select 1 from retained_evidence r where r.tenant = k.tenant and r.subject_id = k.subject_id)""",
                        Column.one(tenant),
                        Column.one(subject),
                        Column.one(SubjectKeys.RETAINED));
        if (destroyed > 0) {
            jdbc.update(
                    "delete from retained_party where tenant = ? and subject_id = ?",
                    tenant,
                    subject);
            keys.forget(tenant, subject);
        }
        int removed =
                Bulk.update(
                        jdbc,
                        "delete from subject s where s.tenant = ? and s.id = ? and " + NOTHING_LEFT,
                        Column.one(tenant),
                        Column.one(subject));
        if (removed > 0) {
            jdbc.update(
                    "delete from disclosure where tenant = ? and subject_id = ?", tenant, subject);
        }
    }
}
