package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** The records of past runs, the evidence of deletion. Works in the caller's transaction. */
public final class RetentionHistory {

    /**
     * @param rules ids and versions of the rules in force
     * @param counts JSON object: per data type what was planned and deleted
     */
    public record Run(
            UUID run,
            boolean dryRun,
            String rules,
            String counts,
            Instant startedAt,
            Instant finishedAt) {}

    private final JdbcTemplate jdbc;

    public RetentionHistory(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Newest first.
     *
     * @param before only runs before this one, {@code null} for the start
     */
    public List<Run> page(String tenant, UUID before, int limit) {
        String id = before == null ? null : before.toString();
        return Bulk.query(
                jdbc,
                """
                select id, dry_run, rules, counts, started_at, finished_at from retention_run
                 where tenant = ? and (?::uuid is null or id < ?::uuid) order by id desc limit ?""",
                row ->
                        new Run(
                                row.getObject("id", UUID.class),
                                row.getBoolean("dry_run"),
                                row.getString("rules"),
                                row.getString("counts"),
                                Bulk.instant(row, "started_at"),
                                Bulk.instant(row, "finished_at")),
                Column.one(tenant),
                Column.one(id),
                Column.one(id),
                Column.one(limit));
    }
}
