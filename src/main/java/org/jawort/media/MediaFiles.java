package org.jawort.media;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.delivery.LateFiles;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Files that are to be fetched, were, or will not be. Works inside the caller's transaction. */
public final class MediaFiles {

    static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A medium of a message that is being stored.
     *
     * @param isSomewhere whether the provider told a place; otherwise it is given up at once
     */
    public record Expected(
            String tenant,
            UUID id,
            UUID message,
            UUID subject,
            String account,
            boolean isSomewhere) {}

    /** An account of a tenant. */
    record Place(String tenant, String account) {}

    /** A file that is due, leased to this node. */
    record Due(String tenant, UUID id, String account, int attempt) {}

    /**
     * A file a node may fetch.
     *
     * @param described what the provider said of it
     */
    record Open(UUID subject, Instant createdAt, ObjectNode described) {}

    private static final String DUE =
            """
            with turns as materialized (
              select due.tenant, due.id
                from unnest(?::text[], ?::text[]) as place(tenant, account)
               cross join lateral (
                       select f.tenant, f.id, row_number() over (order by f.next_attempt_at) as turn
                         from media_file f
                        where f.tenant = place.tenant and f.account = place.account and f.state = 'waiting'
                          and f.next_attempt_at <= ?::timestamptz
                        order by f.next_attempt_at limit ?) due
               order by due.turn limit ?),
            due as materialized (
              select f.tenant, f.id from turns join media_file f on f.tenant = turns.tenant and f.id = turns.id
               where f.state = 'waiting' and f.next_attempt_at <= ?::timestamptz for update of f skip locked)
            update media_file f set running = true, attempts = f.attempts + 1, next_attempt_at = ?::timestamptz from due
             where f.tenant = due.tenant and f.id = due.id
            returning f.tenant, f.id, f.account, f.attempts""";

    /**
     * The deliveries of a message whose files are there, or will not be in time. One that is on its
     * way without them is left alone: a second attempt beside it would be no earlier.
     */
    private static final String RELEASE =
            """
            with late as materialized (
              select 1 from media_file f where f.tenant = ? and f.message_id = ? and f.state = 'waiting'
                 and (f.running or f.next_attempt_at < f.created_at + ?::interval) limit 1),
            told as materialized (
              select e.tenant, e.id from event e where e.tenant = ? and e.message_id = ? and not exists (select 1 from late))
            update delivery d set next_attempt_at = ?::timestamptz from told
             where d.tenant = told.tenant and d.event_id = told.id
               and d.state = 'parked' and d.attempts = 0 and d.next_attempt_at > ?::timestamptz
               and d.next_attempt_at is distinct from d.leased_until""";

    private final JdbcTemplate jdbc;
    private final StoredKeys keys;
    private final LateFiles lateFiles;
    private final TypedMessages typed;
    private final Duration wait;

    MediaFiles(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            LateFiles lateFiles,
            TypedMessages typed,
            Duration wait) {
        this.jdbc = jdbc;
        this.typed = typed;
        this.lateFiles = lateFiles;
        this.keys = new StoredKeys(jdbc, keys);
        this.wait = wait;
    }

    /**
     * From now on these files are fetched.
     *
     * @return until when the deliveries of their messages wait for them
     */
    public Map<UUID, Instant> expect(List<Expected> files, Instant now) {
        Map<UUID, Instant> waiting = new HashMap<>();
        if (files.isEmpty()) {
            return waiting;
        }
        Bulk.update(
                jdbc,
                """
                insert into media_file (tenant, id, media_id, message_id, subject_id, account, state, reason, next_attempt_at,
                                        created_at, updated_at)
                select tenant, id, id, message_id, subject_id, account, state, reason, next_attempt_at, ?::timestamptz, ?::timestamptz
                  from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])
                    as n(tenant, id, message_id, subject_id, account, state, reason, next_attempt_at)""",
                Column.one(now),
                Column.one(now),
                Column.of("text", files, Expected::tenant),
                Column.of("uuid", files, Expected::id),
                Column.of("uuid", files, Expected::message),
                Column.of("uuid", files, Expected::subject),
                Column.of("text", files, Expected::account),
                Column.of("text", files, one -> one.isSomewhere() ? "waiting" : "given_up"),
                Column.of(
                        "text",
                        files,
                        one -> (one.isSomewhere() ? FetchFault.NOT_YET : FetchFault.NO_URL).name()),
                Column.of("timestamptz", files, one -> one.isSomewhere() ? now : null));
        for (Expected file : files) {
            if (file.isSomewhere() && !wait.isZero()) {
                waiting.put(file.message(), now.plus(wait));
            }
        }
        return waiting;
    }

    /**
     * Leases what is due to this node, each account in its turn.
     *
     * @param perAccount how many of one account at most
     */
    List<Due> due(
            Collection<Place> places, Instant now, int perAccount, int limit, Duration lease) {
        return Bulk.query(
                jdbc,
                DUE,
                row ->
                        new Due(
                                row.getString(1),
                                row.getObject(2, UUID.class),
                                row.getString(3),
                                row.getInt(4)),
                Column.of("text", places, Place::tenant),
                Column.of("text", places, Place::account),
                Column.one(now),
                Column.one(perAccount),
                Column.one(limit),
                Column.one(now),
                Column.one(now.plus(lease)));
    }

    /**
     * Empty if this attempt is nobody's any more, or its person was erased. As long as an erasure
     * waits, law may keep the message, and its file with it.
     */
    Optional<Open> open(Fetch.Claim claim) {
        return Bulk.query(
                        jdbc,
                        """
                        select f.subject_id, f.created_at, d.sealed from media_file f
                          join media d on d.tenant = f.tenant and d.id = f.media_id
                         where f.tenant = ? and f.id = ? and f.account = ? and f.state = 'waiting' and f.running and f.attempts = ?""",
                        row -> {
                            UUID subject = row.getObject(1, UUID.class);
                            Instant createdAt = Bulk.instant(row, "created_at");
                            byte[] sealed = row.getBytes(3);
                            return keys.find(claim.tenant(), subject, SubjectKeys.ORDINARY)
                                    .map(
                                            key ->
                                                    new Open(
                                                            subject,
                                                            createdAt,
                                                            read(key.open("media", sealed))));
                        },
                        Column.one(claim.tenant()),
                        Column.one(claim.file()),
                        Column.one(claim.account()),
                        Column.one(claim.attempt()))
                .stream()
                .findFirst()
                .flatMap(open -> open);
    }

    /**
     * The file is there, and whoever was given its message without it is told.
     *
     * @return false if this attempt is nobody's any more, or its person's key is gone: then what
     *     was stored belongs to nobody
     */
    boolean stored(Fetch.Claim claim, UUID subject, StoredFile file, Instant now) {
        typed.lock(claim.tenant(), claim.file()); // the message before the key, as an erasure does
        Optional<SubjectKey> key = keys.share(claim.tenant(), subject, SubjectKeys.ORDINARY);
        if (key.isEmpty()) {
            return false;
        }
        ObjectNode facts = JSON.createObjectNode();
        facts.put("contentType", file.contentType());
        facts.put("size", file.size());
        facts.put("sha256", file.sha256());
        List<UUID> message =
                Bulk.query(
                        jdbc,
                        """
                        update media_file set state = 'stored', running = false, reason = null, next_attempt_at = null, object_id = ?,
                               sealed_key = ?, sealed_facts = ?, updated_at = ?::timestamptz
                         where tenant = ? and id = ? and state = 'waiting' and running and attempts = ? returning message_id""",
                        row -> row.getObject(1, UUID.class),
                        Column.one(file.object()),
                        Column.one(file.key().sealed(key.get())),
                        Column.one(
                                key.get()
                                        .seal(
                                                "media.facts",
                                                facts.toString()
                                                        .getBytes(
                                                                java.nio.charset.StandardCharsets
                                                                        .UTF_8))),
                        Column.one(now),
                        Column.one(claim.tenant()),
                        Column.one(claim.file()),
                        Column.one(claim.attempt()));
        for (UUID one : message) {
            typed.classify(claim.tenant(), one, key.get(), now);
            lateFiles.stored(claim.tenant(), one, claim.file(), now);
            release(claim.tenant(), one, now);
        }
        return !message.isEmpty();
    }

    /**
     * The file is not there.
     *
     * @param next {@code null}: it is given up
     */
    void failed(Fetch.Claim claim, FetchFault fault, Instant next, Instant now) {
        Bulk.query(
                        jdbc,
                        """
                        update media_file set state = case when ?::timestamptz is null then 'given_up' else 'waiting' end, running = false,
                               reason = ?, next_attempt_at = ?::timestamptz, updated_at = ?::timestamptz
                         where tenant = ? and id = ? and state = 'waiting' and running and attempts = ? returning message_id""",
                        row -> row.getObject(1, UUID.class),
                        Column.one(next),
                        Column.one(fault.name()),
                        Column.one(next),
                        Column.one(now),
                        Column.one(claim.tenant()),
                        Column.one(claim.file()),
                        Column.one(claim.attempt()))
                .forEach(message -> release(claim.tenant(), message, now));
    }

    private void release(String tenant, UUID message, Instant now) {
        Bulk.update(
                jdbc,
                RELEASE,
                Column.one(tenant),
                Column.one(message),
                Column.one(wait.toString()),
                Column.one(tenant),
                Column.one(message),
                Column.one(now),
                Column.one(now));
    }

    /** Messages of a person of which a file is still to come. */
    public List<UUID> awaited(String tenant, UUID subject) {
        return jdbc.queryForList(
                "select distinct m.id from message m join media_file f on f.tenant = m.tenant and f.message_id = m.id"
                        + " where m.tenant = ? and m.subject_id = ? and f.state = 'waiting'",
                UUID.class,
                tenant,
                subject);
    }

    /**
     * The files of a message go over to its person's other key, with which they are kept by law
     * (RET-8); their bytes stay as they are. What was not fetched by now will not be.
     *
     * @throws Undecipherable once the others have gone over, if one is not what the ordinary key
     *     sealed
     */
    public void retain(
            String tenant, UUID message, SubjectKey ordinary, SubjectKey retained, Instant now) {
        record Sealed(UUID id, byte[] key, byte[] facts) {}
        List<Sealed> files =
                Bulk.query(
                        jdbc,
                        "select id, sealed_key, sealed_facts from media_file where tenant = ? and message_id = ? and retained_id is null"
                                + " for update",
                        row ->
                                new Sealed(
                                        row.getObject(1, UUID.class),
                                        row.getBytes(2),
                                        row.getBytes(3)),
                        Column.one(tenant),
                        Column.one(message));
        Undecipherable unreadable = null;
        for (Sealed file : files) {
            try {
                Bulk.update(
                        jdbc,
                        """
                        update media_file set media_id = null, retained_id = message_id, sealed_key = ?, sealed_facts = ?,
                               state = case state when 'stored' then state else 'given_up' end,
                               reason = case state when 'waiting' then 'RETAINED' else reason end,
                               running = false, next_attempt_at = null, updated_at = ?::timestamptz
                         where tenant = ? and id = ?""",
                        Column.one(
                                file.key() == null
                                        ? null
                                        : ordinary.reseal("media.key", file.key(), retained)),
                        Column.one(
                                file.facts() == null
                                        ? null
                                        : ordinary.reseal("media.facts", file.facts(), retained)),
                        Column.one(now),
                        Column.one(tenant),
                        Column.one(file.id()));
            } catch (Undecipherable changed) {
                unreadable = changed;
            }
        }
        if (unreadable != null) {
            throw unreadable;
        }
    }

    static ObjectNode read(byte[] bytes) {
        try {
            JsonNode json = JSON.readTree(bytes);
            return (ObjectNode) json;
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
