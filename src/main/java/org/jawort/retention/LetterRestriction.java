package org.jawort.retention;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Takes letters and vouchers out of ordinary access once the rest of their conversation goes: law
 * still keeps them, and nothing else may use them (RET-8). Works inside the caller's transaction.
 */
final class LetterRestriction {

    private static final Logger LOG = LoggerFactory.getLogger(LetterRestriction.class);

    /**
     * @param moved restricted: {@code message_id} and {@code rule}
     * @param over deleted, because the law's period is over as well: {@code message_id}, {@code
     *     conversation_id}, {@code subject_id} and {@code rule}
     * @param staying ids of those that stay where they are
     */
    record Done(
            List<Map<String, Object>> moved, List<Map<String, Object>> over, Set<UUID> staying) {

        boolean isGone(UUID message) {
            return !staying.contains(message);
        }
    }

    private final JdbcTemplate jdbc;
    private final StoredKeys stored;
    private final RetentionRules rules;
    private final RetainedItems retained;
    private final Receivers receivers;

    LetterRestriction(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            RetentionRules rules,
            RetainedItems retained,
            Receivers receivers) {
        this.jdbc = jdbc;
        this.stored = new StoredKeys(jdbc, keys);
        this.rules = rules;
        this.retained = retained;
        this.receivers = receivers;
    }

    /**
     * @param locked messages of closed conversations, locked by the caller
     * @param now when the run began
     */
    Done restrict(String tenant, UUID run, List<UUID> locked, Instant now) {
        Done done = new Done(new ArrayList<>(), new ArrayList<>(), new HashSet<>(locked));
        List<UUID> messages = new ArrayList<>(locked);
        messages.removeAll(held(tenant, locked, now));
        Map<UUID, Optional<SubjectKey>> ordinary = new HashMap<>();
        Map<UUID, List<String>> received = receivers.of(tenant, messages);
        for (RetainedItems.Stored row : retained.of(tenant, messages)) {
            Verdict verdict =
                    Precedence.decide(
                            row.message().item(row.closedAt()), List.of(), rules, null, now);
            if (verdict instanceof Verdict.Restrict restrict) {
                Optional<SubjectKey> key =
                        ordinary.computeIfAbsent(
                                row.message().subject(), subject -> key(tenant, subject));
                if (key.isPresent() && keep(row, restrict, run, received, key.get(), now)) {
                    done.moved().add(gone(row, restrict.rule()));
                }
            } else if (verdict instanceof Verdict.Delete delete) {
                done.over().add(gone(row, delete.rule()));
            }
        }
        for (Map<String, Object> row : delete(tenant, done)) {
            done.staying().remove((UUID) row.get("message_id"));
        }
        return done;
    }

    /** Empty also if it was changed in the store: then it opens no letter, and hinders nobody. */
    private Optional<SubjectKey> key(String tenant, UUID subject) {
        try {
            return stored.share(tenant, subject, SubjectKeys.ORDINARY);
        } catch (Undecipherable changed) {
            LOG.warn("retention.unreadable tenant={} subject={}", tenant, subject);
            return Optional.empty();
        }
    }

    /** Under a hold that was placed while the messages were being locked. */
    private Set<UUID> held(String tenant, List<UUID> messages, Instant now) {
        return new HashSet<>(
                Bulk.query(
                        jdbc,
                        "select message_id from held_message where tenant = ? and message_id = any(?::uuid[])"
                                + " and (released_at is null or released_at >= ?::timestamptz)",
                        row -> row.getObject(1, UUID.class),
                        Column.one(tenant),
                        Column.of("uuid", messages, id -> id),
                        Column.one(now)));
    }

    /**
     * @return false for one that was changed in the store: it stays where it is, and hinders no
     *     other
     */
    private boolean keep(
            RetainedItems.Stored row,
            Verdict.Restrict restrict,
            UUID run,
            Map<UUID, List<String>> received,
            SubjectKey key,
            Instant now) {
        var keep =
                new Keeping.Verdict.Keep(
                        restrict.until(), restrict.rule().label(), restrict.explanation());
        jdbc.execute("savepoint letter");
        try {
            retained.insert(row, keep, run, received, key, now);
            jdbc.execute("release savepoint letter");
            return true;
        } catch (Undecipherable changed) {
            jdbc.execute("rollback to savepoint letter"); // some of it may be there already
            LOG.warn(
                    "retention.unreadable tenant={} message={}",
                    row.message().tenant(),
                    row.message().id());
            return false;
        }
    }

    private static Map<String, Object> gone(RetainedItems.Stored row, RetentionRule rule) {
        return Map.of(
                "message_id", row.message().id(),
                "conversation_id", row.message().conversation(),
                "subject_id", row.message().subject(),
                "rule", rule.label());
    }

    private List<Map<String, Object>> delete(String tenant, Done done) {
        List<Map<String, Object>> all = new ArrayList<>(done.moved());
        all.addAll(done.over());
        for (String table :
                List.of(
                        "media where message_id",
                        "message_annotation where message_id",
                        "label where message_id",
                        "message where id")) {
            Bulk.update(
                    jdbc,
                    "delete from " + table + " = any(?::uuid[]) and tenant = ?",
                    Column.of("uuid", all, row -> row.get("message_id")),
                    Column.one(tenant));
        }
        return all;
    }
}
