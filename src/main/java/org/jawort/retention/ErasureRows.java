package org.jawort.retention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** Runs of erasure and what their recipients answered. Works inside the caller's transaction. */
final class ErasureRows {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param wrappedKey {@code null} once every provider has answered
     * @param planHash SHA-256, {@code null} of a run of an older hub
     */
    record Run(
            String tenant,
            UUID id,
            UUID request,
            UUID subject,
            String phase,
            String status,
            boolean propagates,
            byte[] wrappedKey,
            byte[] planHash,
            Instant startedAt) {}

    private static final String COLUMNS =
            "tenant, id, request, subject_id, phase, status, propagates, wrapped_key, plan_hash, started_at";

    private final JdbcTemplate jdbc;

    ErasureRows(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** The run that answers a request, which may be that of an earlier one. */
    Optional<UUID> of(String tenant, UUID request) {
        return jdbc
                .queryForList(
                        "select coalesce(follows, id) from erasure_run where tenant = ? and request = ?",
                        UUID.class,
                        tenant,
                        request)
                .stream()
                .findFirst();
    }

    /**
     * @return false if the request has a run already
     */
    boolean begin(Run run, ObjectNode plan) {
        return jdbc.update(
                        """
                        insert into erasure_run (tenant, id, request, subject_id, phase, status, propagates, kept, counts, wrapped_key, plan, plan_hash,
                                                 started_at)
                        values (?, ?, ?, ?, ?, ?, ?, '[]', '{}', ?, ?::jsonb, ?, ?) on conflict (tenant, request) do nothing""",
                        run.tenant(),
                        run.id(),
                        run.request(),
                        run.subject(),
                        run.phase(),
                        run.status(),
                        run.propagates(),
                        run.wrappedKey(),
                        plan.toString(),
                        run.planHash(),
                        Bulk.timestamp(run.startedAt()))
                == 1;
    }

    Optional<UUID> subject(String tenant, UUID run) {
        return jdbc
                .queryForList(
                        "select subject_id from erasure_run where tenant = ? and id = ?",
                        UUID.class,
                        tenant,
                        run)
                .stream()
                .findFirst();
    }

    /** A run of the person that is not over, and of which everybody hears. */
    Optional<UUID> underWay(String tenant, UUID subject) {
        return jdbc
                .queryForList(
                        "select id from erasure_run where tenant = ? and subject_id = ? and propagates"
                                + " and status in ('RUNNING', 'PROPAGATING') order by id limit 1",
                        UUID.class,
                        tenant,
                        subject)
                .stream()
                .findFirst();
    }

    /** Nothing is left to do for the request but what the run does. */
    void follow(String tenant, UUID request, UUID subject, UUID run, Instant now) {
        jdbc.update(
                """
                insert into erasure_run (tenant, id, request, subject_id, phase, status, propagates, kept, counts, started_at, finished_at, follows)
                values (?, ?, ?, ?, 'DELETED', 'COMPLETED', false, '[]', '{}', ?, ?, ?) on conflict (tenant, request) do nothing""",
                tenant,
                UuidCreator.getTimeOrderedEpoch(),
                request,
                subject,
                Bulk.timestamp(now),
                Bulk.timestamp(now),
                run);
    }

    /** The run, locked until the transaction ends; empty if another node is at it or it is over. */
    Optional<Run> lock(String tenant, UUID id) {
        return jdbc
                .query(
                        "select "
                                + COLUMNS
                                + " from erasure_run where tenant = ? and id = ? and status in ('RUNNING', 'PROPAGATING')"
                                + " for update skip locked",
                        (row, n) ->
                                new Run(
                                        row.getString("tenant"),
                                        row.getObject("id", UUID.class),
                                        row.getObject("request", UUID.class),
                                        row.getObject("subject_id", UUID.class),
                                        row.getString("phase"),
                                        row.getString("status"),
                                        row.getBoolean("propagates"),
                                        row.getBytes("wrapped_key"),
                                        row.getBytes("plan_hash"),
                                        Bulk.instant(row, "started_at")),
                        tenant,
                        id)
                .stream()
                .findFirst();
    }

    /** Whether the rows are gone; whoever is at it is waited for. */
    boolean awaitDeleted(String tenant, UUID id) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject(
                        "select deleted_at is not null from erasure_run where tenant = ? and id = ? for update",
                        Boolean.class,
                        tenant,
                        id));
    }

    /** A run that is not over. */
    record Open(String tenant, UUID run) {}

    /**
     * @param waiting also those that only wait for their recipients
     */
    List<Open> open(List<String> tenants, boolean waiting) {
        return Bulk.query(
                jdbc,
                "select tenant, id from erasure_run where tenant = any(?::text[])"
                        + (waiting
                                ? " and status in ('RUNNING', 'PROPAGATING')"
                                : " and status = 'RUNNING'")
                        + " order by tenant, id",
                row -> new Open(row.getString(1), row.getObject(2, UUID.class)),
                Column.of("text", tenants, tenant -> tenant));
    }

    /** A dead letter that was replayed and arrived is no exception any more. */
    void settleExceptions(List<String> tenants, Instant now) {
        List<Open> mended =
                Bulk.query(
                        jdbc,
                        """
                        update erasure_task t set status = coalesce(d.answer, 'DONE'), until = d.answer_until, reason = d.answer_reason,
                               updated_at = ?::timestamptz
                          from delivery d
                         where t.tenant = any(?::text[]) and t.status = 'MANUAL' and t.event_id is not null
                           and t.reason in ('DEAD_LETTER', 'WITHHELD', 'DESTINATION_GONE')
                           and d.tenant = t.tenant and d.event_id = t.event_id and d.destination = t.recipient
                           and d.state = 'delivered'
                           and not exists (select 1 from erasure_run r join event e on e.tenant = r.tenant and e.subject_id = r.subject_id
                                             join delivery l on l.tenant = e.tenant and l.event_id = e.id and l.destination = t.recipient
                                            where r.tenant = t.tenant and r.id = t.run and %s
                                              and e.detail ->> 'request' = t.request::text and l.state <> 'delivered')
                        returning t.tenant, t.run"""
                                .formatted(ErasedMessages.ARE_TOLD),
                        row -> new Open(row.getString(1), row.getObject(2, UUID.class)),
                        Column.one(now),
                        Column.of("text", tenants, tenant -> tenant));
        for (Open one : mended) {
            jdbc.update(
                    """
                    update erasure_run r set status = 'COMPLETED'
                     where r.tenant = ? and r.id = ? and r.status = 'COMPLETED_WITH_EXCEPTIONS'
                       and not exists (select 1 from erasure_task t where t.tenant = r.tenant and t.run = r.id
                                          and t.status not in ('DONE', 'EXPIRES_AT'))""",
                    one.tenant(),
                    one.run());
        }
    }

    void shredded(
            Run run,
            List<RetainedItems.Kept> kept,
            List<KeptBesides.Besides> besides,
            Instant now) {
        jdbc.update(
                "update erasure_run set phase = 'SHREDDED', shredded_at = ?, kept = ?::jsonb, kept_besides = ?::jsonb where tenant = ? and id = ?",
                Bulk.timestamp(now),
                KeptJson.messages(kept),
                KeptJson.besides(besides),
                run.tenant(),
                run.id());
    }

    void deleted(Run run, Object counts, Instant now) {
        jdbc.update(
                "update erasure_run set phase = 'DELETED', status = 'PROPAGATING', deleted_at = ?, counts = ?::jsonb where tenant = ? and id = ?",
                Bulk.timestamp(now),
                json(counts),
                run.tenant(),
                run.id());
    }

    void finish(Run run, String status, Instant now) {
        jdbc.update(
                "update erasure_run set status = ?, finished_at = ?, wrapped_key = null where tenant = ? and id = ?",
                status,
                Bulk.timestamp(now),
                run.tenant(),
                run.id());
    }

    void task(Run run, String recipient, String status, String reason, UUID event, Instant now) {
        jdbc.update(
                """
                insert into erasure_task (tenant, run, request, recipient, status, reason, event_id, updated_at)
                values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""",
                run.tenant(),
                run.id(),
                run.request(),
                recipient,
                status,
                reason,
                event,
                Bulk.timestamp(now));
    }

    /** What nightly runs could not have providers delete stands among the answers. */
    void remaining(Run run, Instant now) {
        jdbc.update(
                """
                insert into erasure_call (tenant, id, run, recipient, event_id, step, status, until, reason, not_before, updated_at)
                select tenant, id, ?, recipient, id, 'delete', status, until, reason, ?, ?
                  from (select *, gen_random_uuid() as id from provider_remainder
                         where tenant = ? and subject_id = ? and (status <> 'EXPIRES_AT' or until > ?)) r""",
                run.id(),
                Bulk.timestamp(now),
                Bulk.timestamp(now),
                run.tenant(),
                run.subject(),
                Bulk.timestamp(now));
    }

    /** When the person asked; of a run that nobody asked for in the hub, when it began. */
    Instant submitted(Run run) {
        return Bulk.query(
                        jdbc,
                        "select received_at from rights_request where tenant = ? and id = ?",
                        row -> Bulk.instant(row, "received_at"),
                        Column.one(run.tenant()),
                        Column.one(run.request()))
                .stream()
                .findFirst()
                .orElse(run.startedAt());
    }

    /** One task for each provider that has calls. */
    void tasksOfCalls(Run run, Instant now) {
        jdbc.update(
                """
                insert into erasure_task (tenant, run, request, recipient, status, updated_at)
                select distinct tenant, run, ?::uuid, recipient, 'RETRY', ?::timestamptz from erasure_call
                 where tenant = ? and run = ? on conflict do nothing""",
                run.request(),
                Bulk.timestamp(now),
                run.tenant(),
                run.id());
    }

    /** The event that tells the destinations, {@code null} if there is nobody to tell. */
    UUID event(Run run) {
        return jdbc
                .queryForList(
                        "select event_id from erasure_task where tenant = ? and run = ? and event_id is not null limit 1",
                        UUID.class,
                        run.tenant(),
                        run.id())
                .stream()
                .findFirst()
                .orElse(null);
    }

    List<String> told(Run run) {
        return jdbc.queryForList(
                "select recipient from erasure_task where tenant = ? and run = ? and event_id is not null",
                String.class,
                run.tenant(),
                run.id());
    }

    /**
     * Takes over what the deliveries and calls came to by now; of several to one recipient, that
     * with which most is left to do.
     */
    void collect(Run run, Instant now) {
        jdbc.update(
                """
                update erasure_task t set status = 'MANUAL', reason = 'DELIVERY_GONE', updated_at = ?
                 where t.tenant = ? and t.run = ? and t.event_id is not null and t.status = 'RETRY'
                   and not exists (select 1 from delivery d where d.tenant = t.tenant and d.event_id = t.event_id and d.destination = t.recipient)""",
                Bulk.timestamp(now),
                run.tenant(),
                run.id());
        giveUp(jdbc, run.tenant(), run.id(), now);
        Bulk.update(
                jdbc,
                """
                update erasure_task t set status = a.status, until = a.until, reason = a.reason, updated_at = ?::timestamptz
                  from (select recipient, max(until) as until,
                               (array_agg(status order by array_position(array['RETRY', 'MANUAL', 'NOT_SUPPORTED', 'EXPIRES_AT', 'DONE'], status)))[1] as status,
                               (array_agg(reason order by array_position(array['RETRY', 'MANUAL', 'NOT_SUPPORTED', 'EXPIRES_AT', 'DONE'], status)))[1] as reason
                          from (select recipient, status, until, reason from erasure_call where tenant = ? and run = ? union all
                                select k.recipient, case when d.state = 'delivered' then coalesce(d.answer, 'DONE')
                                                         when d.state in ('dead', 'withheld') then 'MANUAL' else 'RETRY' end,
                                       case when d.state = 'delivered' then d.answer_until end,
                                       case when d.state = 'delivered' then d.answer_reason when d.last_error = 'DESTINATION_GONE' then d.last_error
                                            when d.state = 'dead' then 'DEAD_LETTER' else 'WITHHELD' end
                                  from erasure_task k
                                 cross join lateral (select k.event_id as id union all
                                       select e.id from event e where e.tenant = k.tenant and e.subject_id = ?::uuid and %s
                                                                  and e.detail ->> 'request' = k.request::text) o
                                  join delivery d on d.tenant = k.tenant and d.event_id = o.id and d.destination = k.recipient
                                 where k.tenant = ? and k.run = ? and k.event_id is not null and k.status = 'RETRY') b
                         group by recipient) a
                 where t.tenant = ? and t.run = ? and t.recipient = a.recipient and t.status is distinct from a.status"""
                        .formatted(ErasedMessages.ARE_TOLD),
                Column.one(now),
                Column.one(run.tenant()),
                Column.one(run.id()),
                Column.one(run.subject()),
                Column.one(run.tenant()),
                Column.one(run.id()),
                Column.one(run.tenant()),
                Column.one(run.id()));
    }

    /** Calls of a run that nothing carries any more are somebody's to make. */
    static void giveUp(JdbcTemplate jdbc, String tenant, UUID run, Instant now) {
        Bulk.update(
                jdbc,
                """
                update erasure_call c set status = 'MANUAL', reason = coalesce(c.reason, 'DEAD_LETTER'), sealed = null, updated_at = ?::timestamptz
                 where c.tenant = ? and c.run = ? and c.status = 'RETRY'
                   and not exists (select 1 from delivery d where d.tenant = c.tenant and d.event_id = c.event_id and d.state in ('pending', 'parked'))""",
                Column.one(now),
                Column.one(tenant),
                Column.one(run));
    }

    List<String> states(Run run) {
        return jdbc.queryForList(
                "select status from erasure_task where tenant = ? and run = ?",
                String.class,
                run.tenant(),
                run.id());
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
