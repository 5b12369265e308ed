package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The record of each nightly run: there from its beginning, brought up with each batch in the
 * batch's own transaction, so that a run that is killed has left what it did. Works inside the
 * caller's transaction.
 */
final class RunRecords {

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;

    RunRecords(JdbcTemplate jdbc, SubjectKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    /** A run that deletes; it has a key for what must be told to providers. */
    void begin(String tenant, UUID run, String rules, String counts, String actor, Instant now) {
        jdbc.update(
                """
                insert into retention_run (tenant, id, dry_run, rules, counts, actor, started_at, status, beat_at, wrapped_key)
                values (?, ?, false, ?, ?::jsonb, ?, ?, 'RUNNING', ?, ?)""",
                tenant,
                run,
                rules,
                counts,
                actor,
                Bulk.timestamp(now),
                Bulk.timestamp(now),
                keys.create(tenant, run).wrapped());
    }

    /**
     * Until the transaction ends nobody gives the run up, and its statements keep their plans:
     * batch after batch is the same, and to plan one anew takes a tenth of its time.
     *
     * @return whether something was replayed to a destination since it began
     * @throws IllegalStateException if it was given up
     */
    boolean hold(String tenant, UUID run) {
        List<Boolean> found =
                jdbc.query(
                        """
                        select exists (select 1 from replay p where p.tenant = r.tenant
                                          and (p.status = 'running' or p.finished_at >= r.started_at)),
                               set_config('plan_cache_mode', 'force_generic_plan', true)
                          from retention_run r where r.tenant = ? and r.id = ? and r.finished_at is null for key share of r""",
                        (row, n) -> row.getBoolean(1),
                        tenant,
                        run);
        if (found.isEmpty()) {
            throw new IllegalStateException("run " + run + " was given up");
        }
        return found.getFirst();
    }

    /** Until the transaction ends each statement is planned for its own parameters. */
    void planAnew() {
        jdbc.query("select set_config('plan_cache_mode', 'force_custom_plan', true)", row -> {});
    }

    /** A batch of a run that is held is done, whatever it found. */
    void progress(String tenant, UUID run, String counts, Instant now) {
        jdbc.update(
                "update retention_run set counts = ?::jsonb, beat_at = ? where tenant = ? and id = ?",
                counts,
                Bulk.timestamp(now),
                tenant,
                run);
    }

    /**
     * What is to be deleted here is; it is over if nobody else is to do so.
     *
     * @return the run's status now
     * @throws org.springframework.dao.EmptyResultDataAccessException if it was given up
     */
    String finish(String tenant, UUID run, String counts, Instant now) {
        return jdbc.queryForObject(
                """
                update retention_run r set counts = ?::jsonb, beat_at = ?, finished_at = ?,
                       status = case when told then 'RUNNING' else 'COMPLETED' end,
                       answered_at = case when told then null else ?::timestamptz end,
                       wrapped_key = case when told then wrapped_key end
                  from (select exists (select 1 from deletion_task where tenant = ? and run = ?) as told) t
                 where r.tenant = ? and r.id = ? and r.finished_at is null returning status""",
                String.class,
                counts,
                Bulk.timestamp(now),
                Bulk.timestamp(now),
                Bulk.timestamp(now),
                tenant,
                run,
                tenant,
                run);
    }

    /** A run that only counted. */
    void dry(
            String tenant,
            UUID run,
            String rules,
            String counts,
            String actor,
            Instant started,
            Instant now) {
        jdbc.update(
                """
                insert into retention_run (tenant, id, dry_run, rules, counts, actor, started_at, finished_at, answered_at, status)
                values (?, ?, true, ?, ?::jsonb, ?, ?, ?, ?, 'COMPLETED')""",
                tenant,
                run,
                rules,
                counts,
                actor,
                Bulk.timestamp(started),
                Bulk.timestamp(now),
                Bulk.timestamp(now));
    }

    /** Empty once all have answered. */
    Optional<SubjectKey> key(String tenant, UUID run) {
        return jdbc
                .query(
                        "select wrapped_key from retention_run where tenant = ? and id = ? and wrapped_key is not null",
                        (row, n) -> keys.open(tenant, run, row.getBytes(1)),
                        tenant,
                        run)
                .stream()
                .findFirst();
    }
}
