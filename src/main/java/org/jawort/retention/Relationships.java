package org.jawort.retention;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * People a tenant has had nothing to do with for so long that somebody should look (RET-4). Works
 * in the caller's transaction.
 */
public final class Relationships {

    /**
     * @param lastActiveAt newest message, declaration or first contact
     */
    public record Idle(UUID subjectId, Instant createdAt, Instant lastActiveAt) {}

    private final JdbcTemplate jdbc;
    private final RetentionRules rules;
    private final InstantSource clock;

    Relationships(JdbcTemplate jdbc, RetentionRules rules, InstantSource clock) {
        this.jdbc = jdbc;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Oldest first. What remains of a conversation that is gone is the day it ended.
     *
     * @param after only those known after this one, {@code null} for the start
     */
    public List<Idle> idle(String tenant, UUID after, int limit) {
        Instant before = rules.rule(tenant, "relationship").cutoff(clock.instant());
        return Bulk.query(
                jdbc,
                """
                select s.id, s.created_at, a.last_active_at
                  from subject s cross join lateral (
                       select greatest(s.created_at,
                              (select l.last_active_at from last_activity l where l.tenant = s.tenant and l.subject_id = s.id),
                              (select max(c.last_message_at) from conversation c where c.tenant = s.tenant and c.subject_id = s.id),
                              (select max(e.received_time) from consent_event e where e.tenant = s.tenant and e.subject_id = s.id))
                              as last_active_at) a
                 where s.tenant = ? and s.ended_at is null and s.created_at < ?::timestamptz and a.last_active_at < ?::timestamptz
                   and (?::uuid is null or s.id > ?::uuid) order by s.id limit ?""",
                row ->
                        new Idle(
                                row.getObject("id", UUID.class),
                                Bulk.instant(row, "created_at"),
                                Bulk.instant(row, "last_active_at")),
                Column.one(tenant),
                Column.one(before),
                Column.one(before),
                Column.one(after == null ? null : after.toString()),
                Column.one(after == null ? null : after.toString()),
                Column.one(limit));
    }
}
