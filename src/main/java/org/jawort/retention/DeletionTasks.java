package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.retention.RetentionHistory.Recipient;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Who is to delete what a nightly run deleted, and how many of it they have (RET-14). Works inside
 * the caller's transaction.
 */
final class DeletionTasks {

    /** A run that waits for answers, or for a process that was killed. */
    record Open(String tenant, UUID run) {}

    /**
     * What is on its way to a destination, dead there, or answered by it is counted where it
     * stands, until the run is over.
     */
    private static final String COUNTS =
            """
            select t.recipient, t.told, t.done, t.expires_at + d.expires_at as expires_at, t.not_supported + d.not_supported as not_supported,
                   t.manual + d.manual as manual, greatest(t.until, d.until) as until, coalesce(d.reason, t.reason) as reason, d.parked, d.dead, d.given_up, d.gone,
                   (select count(*) from erasure_call c where c.tenant = t.tenant and c.recipient = t.recipient and c.run = t.run
                       and c.status = 'RETRY') as asked,
                   (select coalesce(sum(p.entries - p.taken), 0) from provider_deletion p where p.tenant = t.tenant
                       and p.recipient = t.recipient and p.run = t.run) as waiting
              from deletion_task t join retention_run r on r.tenant = t.tenant and r.id = t.run
              cross join lateral (
                select count(*) filter (where state = 'parked') as parked, count(*) filter (where state = 'dead') as dead,
                       count(*) filter (where state = 'withheld') as given_up, bool_or(state = 'dead' and last_error = 'DESTINATION_GONE') as gone,
                       count(*) filter (where state = 'delivered' and answer = 'EXPIRES_AT') as expires_at,
                       count(*) filter (where state = 'delivered' and answer = 'NOT_SUPPORTED') as not_supported,
                       count(*) filter (where state = 'delivered' and answer = 'MANUAL') as manual,
                       max(answer_until) filter (where state = 'delivered') as until,
                       max(answer_reason) filter (where state = 'delivered' and answer in ('NOT_SUPPORTED', 'MANUAL')) as reason
                  from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id
                 where t.first_sequence is not null and r.status = 'RUNNING' and d.tenant = t.tenant and d.destination = t.recipient
                   and (d.state in ('parked', 'dead', 'withheld') or d.answer is not null)
                   and d.sequence between t.first_sequence and t.last_sequence and e.type = 'jawort.message.deleted.v1'
                   and e.detail ->> 'reason' = 'RETENTION') d
             where t.tenant = ? and t.run = ? order by t.recipient""";

    private final JdbcTemplate jdbc;

    DeletionTasks(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Events to a destination, the last of those that were put in its queue in this transaction.
     */
    void told(String tenant, UUID run, String destination, int events, Instant now) {
        jdbc.update(
                """
                insert into deletion_task as t (tenant, run, recipient, told, first_sequence, last_sequence, updated_at)
                select tenant, ?, destination, ?, last - ? + 1, last, ? from destination_sequence where tenant = ? and destination = ?
                on conflict (tenant, run, recipient) do update
                   set told = t.told + excluded.told, first_sequence = coalesce(t.first_sequence, excluded.first_sequence),
                       last_sequence = excluded.last_sequence, updated_at = excluded.updated_at""",
                run,
                events,
                events,
                Bulk.timestamp(now),
                tenant,
                destination);
    }

    /** A recipient that has to answer, whatever for. */
    void asked(String tenant, UUID run, String recipient, Instant now) {
        jdbc.update(
                "insert into deletion_task (tenant, run, recipient, updated_at) values (?, ?, ?, ?) on conflict do nothing",
                tenant,
                run,
                recipient,
                Bulk.timestamp(now));
    }

    /** What nobody can tell the recipient. */
    void manual(String tenant, UUID run, String recipient, int items, String reason, Instant now) {
        jdbc.update(
                """
                insert into deletion_task as t (tenant, run, recipient, manual, reason, updated_at) values (?, ?, ?, ?, ?, ?)
                on conflict (tenant, run, recipient) do update
                   set manual = t.manual + excluded.manual, reason = excluded.reason, updated_at = excluded.updated_at""",
                tenant,
                run,
                recipient,
                items,
                reason,
                Bulk.timestamp(now));
    }

    /** Whether a provider was given something within a time, by whichever run. */
    boolean isFed(String tenant, String recipient, Instant from, Instant to) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject(
                        """
                        select exists (select 1 from retention_run r join deletion_task t on t.tenant = r.tenant and t.run = r.id
                                        where r.tenant = ? and r.status = 'RUNNING' and t.recipient = ? and t.fed_at > ? and t.fed_at <= ?)""",
                        Boolean.class,
                        tenant,
                        recipient,
                        Bulk.timestamp(from),
                        Bulk.timestamp(to)));
    }

    void fed(String tenant, UUID run, String recipient, Instant now) {
        jdbc.update(
                "update deletion_task set fed_at = ? where tenant = ? and run = ? and recipient = ?",
                Bulk.timestamp(now),
                tenant,
                run,
                recipient);
    }

    /** The recipient still has something of these people, and nobody can ask it. */
    void remain(String tenant, String recipient, List<UUID> subjects, String reason) {
        Bulk.update(
                jdbc,
                """
                insert into provider_remainder (tenant, subject_id, recipient, status, reason)
                select ?, id, ?, 'MANUAL', ? from unnest(?::uuid[]) as s(id)
                on conflict (tenant, subject_id, recipient) do update set status = 'MANUAL', reason = excluded.reason""",
                Column.one(tenant),
                Column.one(recipient),
                Column.one(reason),
                Column.of("uuid", subjects, id -> id));
    }

    List<Open> open(List<String> tenants) {
        return Bulk.query(
                jdbc,
                "select tenant, id from retention_run where tenant = any(?::text[]) and status = 'RUNNING' order by tenant, id",
                row -> new Open(row.getString(1), row.getObject(2, UUID.class)),
                Column.of("text", tenants, tenant -> tenant));
    }

    /** The run until the transaction ends; false if another node is at it. */
    boolean lock(Open run) {
        return !jdbc.queryForList(
                        "select id from retention_run where tenant = ? and id = ? and status = 'RUNNING' for no key update skip locked",
                        UUID.class,
                        run.tenant(),
                        run.run())
                .isEmpty();
    }

    /**
     * A run whose process died came as far as its last batch. One whose batch is at work is held
     * ({@link RunRecords#hold}), however long that takes.
     *
     * @return when it began; empty if it is at work
     */
    Optional<Instant> giveUp(Open run, Instant beatBefore) {
        return Bulk.query(
                        jdbc,
                        """
                        update retention_run set finished_at = beat_at where (tenant, id) in (
                          select tenant, id from retention_run
                           where tenant = ? and id = ? and finished_at is null and beat_at < ?::timestamptz for update skip locked)
                        returning started_at""",
                        row -> Bulk.instant(row, "started_at"),
                        Column.one(run.tenant()),
                        Column.one(run.run()),
                        Column.one(beatBefore))
                .stream()
                .findFirst();
    }

    /**
     * Counts the answers of providers; of what was answered nothing stays but the count. An answer
     * whose delivery is not written down yet waits for that.
     */
    void fold(Open run, Instant now) {
        ErasureRows.giveUp(jdbc, run.tenant(), run.run(), now);
        Bulk.update(
                jdbc,
                """
                with answered as (
                  delete from erasure_call c where c.tenant = ? and c.run = ? and c.status <> 'RETRY'
                     and not exists (select 1 from delivery d where d.tenant = c.tenant and d.event_id = c.event_id and d.state in ('pending', 'parked'))
                  returning tenant, subject_id, recipient, event_id, status, until, reason),
                remaining as (
                  insert into provider_remainder as r (tenant, subject_id, recipient, status, until, reason)
                  select tenant, subject_id, recipient, (array_agg(status order by array_position(array['MANUAL', 'NOT_SUPPORTED', 'EXPIRES_AT'], status)))[1],
                         max(until), max(reason)
                    from answered where status <> 'DONE' and subject_id is not null and (status <> 'EXPIRES_AT' or until > ?::timestamptz) group by tenant, subject_id, recipient
                  on conflict (tenant, subject_id, recipient) do update
                     set status = case when 'MANUAL' in (r.status, excluded.status) then 'MANUAL'
                                       when 'NOT_SUPPORTED' in (r.status, excluded.status) then 'NOT_SUPPORTED' else 'EXPIRES_AT' end,
                         until = greatest(r.until, excluded.until), reason = coalesce(excluded.reason, r.reason)),
                called as (
                  delete from delivery d using answered a where d.tenant = a.tenant and d.event_id = a.event_id),
                tried as (
                  delete from delivery_attempt t using answered a where t.tenant = a.tenant and t.event_id = a.event_id),
                sent as (
                  delete from event e using answered a where e.tenant = a.tenant and e.id = a.event_id)
                update deletion_task t
                   set done = t.done + a.done, expires_at = t.expires_at + a.expires_at, not_supported = t.not_supported + a.not_supported,
                       manual = t.manual + a.manual, until = greatest(t.until, a.until), reason = coalesce(a.reason, t.reason), updated_at = ?::timestamptz
                  from (select recipient, count(*) filter (where status = 'DONE') as done, count(*) filter (where status = 'EXPIRES_AT') as expires_at,
                               count(*) filter (where status = 'NOT_SUPPORTED') as not_supported, count(*) filter (where status = 'MANUAL') as manual,
                               max(until) as until, max(reason) filter (where status in ('NOT_SUPPORTED', 'MANUAL')) as reason
                          from answered group by recipient) a
                 where t.tenant = ? and t.run = ? and t.recipient = a.recipient""",
                Column.one(run.tenant()),
                Column.one(run.run()),
                Column.one(now),
                Column.one(now),
                Column.one(run.tenant()),
                Column.one(run.run()));
    }

    /** Whether nobody is left to wait for. False as well while the run itself goes on. */
    boolean isAnswered(Open run) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject(
                        """
                        select r.finished_at is not null
                           and not exists (select 1 from erasure_call c where c.tenant = r.tenant and c.run = r.id)
                           and not exists (select 1 from provider_deletion p where p.tenant = r.tenant and p.run = r.id)
                           and not exists (select 1 from deletion_task t where t.tenant = r.tenant and t.run = r.id and exists (
                                 select 1 from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id
                                  where d.tenant = t.tenant and d.destination = t.recipient and d.state = 'parked'
                                    and d.sequence between t.first_sequence and t.last_sequence and e.type = 'jawort.message.deleted.v1'
                                    and e.detail ->> 'reason' = 'RETENTION'))
                          from retention_run r where r.tenant = ? and r.id = ?""",
                        Boolean.class,
                        run.tenant(),
                        run.run()));
    }

    /**
     * Writes down what everybody came to.
     *
     * @return the run's status
     */
    String close(Open run, Instant now) {
        jdbc.update(
                "delete from provider_remainder where tenant = ? and status = 'EXPIRES_AT' and until < ?",
                run.tenant(),
                Bulk.timestamp(now));
        for (Recipient one : recipients(run.tenant(), run.run())) {
            jdbc.update(
                    "update deletion_task set done = ?, expires_at = ?, not_supported = ?, manual = ?, until = ?, reason = ?, updated_at = ?"
                            + " where tenant = ? and run = ? and recipient = ?",
                    one.done(),
                    one.expiresAt(),
                    one.notSupported(),
                    one.manual(),
                    one.until() == null ? null : Bulk.timestamp(one.until()),
                    one.reason(),
                    Bulk.timestamp(now),
                    run.tenant(),
                    run.run(),
                    one.recipient());
        }
        return jdbc.queryForObject(
                """
                update retention_run r set answered_at = ?, wrapped_key = null, status = case
                         when exists (select 1 from deletion_task t where t.tenant = r.tenant and t.run = r.id and (t.manual > 0 or t.not_supported > 0))
                         then 'COMPLETED_WITH_EXCEPTIONS' else 'COMPLETED' end
                 where tenant = ? and id = ? returning status""",
                String.class,
                Bulk.timestamp(now),
                run.tenant(),
                run.run());
    }

    List<Recipient> recipients(String tenant, UUID run) {
        return Bulk.query(
                jdbc,
                COUNTS,
                row -> {
                    long parked = row.getLong("parked");
                    long dead = row.getLong("dead");
                    long givenUp = row.getLong("given_up");
                    long told = row.getLong("told");
                    long open = row.getLong("waiting") + row.getLong("asked") + parked;
                    long manual = row.getLong("manual") + dead + givenUp;
                    long kept = row.getLong("done");
                    long expires = row.getLong("expires_at");
                    long notSupported = row.getLong("not_supported");
                    // of a destination's events all that is neither open, dead nor answered
                    // otherwise has arrived
                    long done =
                            kept > 0 || told == 0
                                    ? kept
                                    : told - parked - manual - expires - notSupported;
                    String reason =
                            row.getBoolean("gone")
                                    ? "DESTINATION_GONE"
                                    : dead > 0
                                            ? "DEAD_LETTER"
                                            : givenUp > 0 ? "WITHHELD" : row.getString("reason");
                    return new Recipient(
                            row.getString("recipient"),
                            status(open, manual, notSupported, expires),
                            open + done + expires + notSupported + manual,
                            open,
                            done,
                            expires,
                            notSupported,
                            manual,
                            Bulk.instant(row, "until"),
                            reason);
                },
                Column.one(tenant),
                Column.one(run));
    }

    private static String status(long open, long manual, long notSupported, long expires) {
        return open > 0
                ? "RETRY"
                : manual > 0
                        ? "MANUAL"
                        : notSupported > 0 ? "NOT_SUPPORTED" : expires > 0 ? "EXPIRES_AT" : "DONE";
    }
}
