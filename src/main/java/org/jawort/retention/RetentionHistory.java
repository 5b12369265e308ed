package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** The records of past runs, the evidence of deletion. Works in the caller's transaction. */
public final class RetentionHistory {

    /**
     * What one recipient came to.
     *
     * @param recipient a destination, or {@code provider:} with an account
     * @param status RETRY while something is open, then the worst of the answers
     * @param items in all
     * @param open not answered yet
     * @param until the latest of what expires, {@code null} if nothing does
     * @param reason of the last exception, a fixed word, or {@code null}
     */
    public record Recipient(
            String recipient,
            String status,
            long items,
            long open,
            long done,
            long expiresAt,
            long notSupported,
            long manual,
            Instant until,
            String reason) {}

    /**
     * @param status RUNNING until every recipient has answered, then COMPLETED or
     *     COMPLETED_WITH_EXCEPTIONS
     * @param rules ids and versions of the rules in force
     * @param counts JSON object: per data type what was planned and deleted
     * @param actor who had it done, as in {@link JournalEntry}; {@code null} if that is not on
     *     record
     * @param recipients who received what was deleted, and what they came to
     * @param finishedAt {@code null} while the hub itself deletes
     * @param answeredAt {@code null} until every recipient has answered
     */
    public record Run(
            UUID run,
            boolean dryRun,
            String status,
            String rules,
            String counts,
            String actor,
            List<Recipient> recipients,
            Instant startedAt,
            Instant finishedAt,
            Instant answeredAt) {

        private Run with(List<Recipient> known) {
            return new Run(
                    run,
                    dryRun,
                    status,
                    rules,
                    counts,
                    actor,
                    known,
                    startedAt,
                    finishedAt,
                    answeredAt);
        }
    }

    private final JdbcTemplate jdbc;

    private final DeletionTasks tasks;

    public RetentionHistory(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
        this.tasks = new DeletionTasks(jdbc);
    }

    /**
     * Newest first.
     *
     * @param before only runs before this one, {@code null} for the start
     */
    public List<Run> page(String tenant, UUID before, int limit) {
        String id = before == null ? null : before.toString();
        return read(
                tenant,
                "(?::uuid is null or id < ?::uuid) order by id desc limit ?",
                Column.one(tenant),
                Column.one(id),
                Column.one(id),
                Column.one(limit));
    }

    public Optional<Run> find(String tenant, UUID run) {
        return read(tenant, "id = ?", Column.one(tenant), Column.one(run)).stream().findFirst();
    }

    private List<Run> read(String tenant, String which, Column... columns) {
        return Bulk.query(
                        jdbc,
                        "select id, dry_run, status, rules, counts, actor, started_at, finished_at, answered_at from retention_run"
                                + " where tenant = ? and "
                                + which,
                        row ->
                                new Run(
                                        row.getObject("id", UUID.class),
                                        row.getBoolean("dry_run"),
                                        row.getString("status"),
                                        row.getString("rules"),
                                        row.getString("counts"),
                                        row.getString("actor"),
                                        List.of(),
                                        Bulk.instant(row, "started_at"),
                                        Bulk.instant(row, "finished_at"),
                                        Bulk.instant(row, "answered_at")),
                        columns)
                .stream()
                .map(run -> run.with(tasks.recipients(tenant, run.run())))
                .toList();
    }
}
