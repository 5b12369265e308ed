package org.jawort.retention;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/**
 * What a night deletes by its age alone, or because what it stood beside is gone, and of which no
 * tombstone is written: there may be many such rows to a message. A restored database has them
 * again; they are deleted before the hub takes any traffic (RET-15). Done twice it is done once.
 */
final class OverdueRows {

    /** Rows of a transaction. */
    private static final int BATCH = 5000;

    private static final String NO_MESSAGE =
            "not exists (select 1 from message m where m.tenant = x.tenant and m.id = x.message_id)";

    /**
     * @param table has the rows as x
     * @param dataType by whose rule they go
     * @param over which of them
     * @param id names a row in the journal; {@code null} of rows without a name
     * @param before statements that come first, on the rows {@code :ids}
     */
    private record Rows(
            String table, String dataType, String over, String id, List<String> before) {}

    private static final List<Rows> ALL =
            List.of(
                    rows("quarantine", "delivery-metadata", "x.received_at < :metadata", "id"),
                    rows(
                            "message_status",
                            "delivery-metadata",
                            """
                            x.updated_at < :metadata
                               and not exists (select 1 from held_message h where h.tenant = x.tenant and h.message_id = x.message_id and h.released_at is null)
                               and x.subject_id not in (select f.subject_id from restriction_in_force f where f.tenant = x.tenant)""",
                            "coalesce(message_id, subject_id)"),
                    rows(
                            "outbound",
                            "delivery-metadata",
                            "x.updated_at < :metadata and " + NO_MESSAGE,
                            "message_id"),
                    rows(
                            "send_decision",
                            "delivery-metadata",
                            "x.decided_at < :metadata and " + NO_MESSAGE,
                            "id"),
                    rows(
                            "category_change",
                            "delivery-metadata",
                            "x.changed_at < :metadata and " + NO_MESSAGE,
                            "id"),
                    rows(
                            "delivery_attempt",
                            "delivery-metadata",
                            "x.began_at < :metadata",
                            "event_id"),
                    rows("replay", "delivery-metadata", "x.finished_at < :metadata", "id"),
                    rows("message_annotation", "conversation-text", NO_MESSAGE, "id"),
                    new Rows(
                            "conversation",
                            "conversation-text",
                            "x.closed_at < :text and not exists (select 1 from message m where m.tenant = x.tenant and m.conversation_id = x.id)",
                            "id",
                            List.of(
                                    """
                                    insert into last_activity as a (tenant, subject_id, last_active_at)
                                    select tenant, subject_id, max(last_message_at) from conversation
                                     where tenant = :tenant and id = any(cast(:ids as uuid[])) group by tenant, subject_id
                                    on conflict (tenant, subject_id) do update set last_active_at = greatest(a.last_active_at, excluded.last_active_at)""")),
                    new Rows(
                            "consent_record",
                            "unanswered-prompt",
                            """
                            x.state in ('EXPIRED', 'DECLINED') and cast(x.details ->> 'since' as timestamptz) < :prompt
                               and coalesce(cast(x.details ->> 'lastRefusalAt' as timestamptz), '-infinity') < :cooling
                               and not exists (select 1 from consent_event l where l.tenant = x.tenant and l.record_id = x.id
                                                  and (l.state in ('GRANTED', 'RECONSENT_DUE', 'LI_ACTIVE', 'WITHDRAWN', 'OBJECTED')
                                                       or l.previous_state in ('GRANTED', 'RECONSENT_DUE', 'LI_ACTIVE', 'WITHDRAWN', 'OBJECTED')))""",
                            "id",
                            List.of(
                                    """
                                    delete from consent_salt s using consent_event e
                                     where s.tenant = :tenant and e.tenant = s.tenant and e.id = s.event_id
                                       and e.record_id = any(cast(:ids as uuid[]))""")),
                    rows(
                            "rights_package",
                            "request-file",
                            """
                            exists (select 1 from rights_download d where d.tenant = x.tenant and d.id = x.download_id
                                       and (d.used_at is not null or d.expires_at <= :now))""",
                            "download_id"),
                    new Rows(
                            "rights_request",
                            "request-file",
                            """
                            x.state = 'CLOSED' and x.answered_at < :request
                               and not exists (select 1 from restriction_in_force f where f.tenant = x.tenant and f.request_id = x.id)""",
                            "id",
                            List.of(
                                    "delete from rights_request_step where tenant = :tenant and request_id = any(cast(:ids as uuid[]))",
                                    "delete from rights_download where tenant = :tenant and request_id = any(cast(:ids as uuid[]))")),
                    new Rows(
                            "legal_hold",
                            "hold-file",
                            "x.released_at < :hold",
                            "id",
                            List.of(
                                    "delete from held_message where tenant = :tenant and hold_id = any(cast(:ids as uuid[]))")),
                    rows(
                            "suppression",
                            "suppression-stub",
                            "x.lifted_at < :stub and x.lifted_at < :dedup and (x.since is null or x.since < x.lifted_at)",
                            "id"),
                    rows("provider_event", "dedup-key", "x.received_at < :dedup", null),
                    rows(
                            "provider_event",
                            "transport-buffer",
                            "x.unlinked_at is not null and x.received_at < :buffer",
                            null),
                    rows("idempotent_request", "transport-buffer", "x.created_at < :buffer", null));

    private static Rows rows(String table, String dataType, String over, String id) {
        return new Rows(table, dataType, over, id, List.of());
    }

    private final TenantScope scope;
    private final NamedParameterJdbcTemplate jdbc;
    private final RetentionRules rules;
    private final DeletionJournal journal;

    OverdueRows(TenantScope scope, JdbcTemplate jdbc, RetentionRules rules) {
        this.scope = scope;
        this.jdbc = new NamedParameterJdbcTemplate(jdbc);
        this.rules = rules;
        this.journal = new DeletionJournal(jdbc);
    }

    /**
     * In transactions of its own.
     *
     * @return how many rows went
     */
    long delete(Tenant tenant, UUID replay, Instant now) {
        Map<String, Object> at = cutoffs(tenant, now);
        long gone = 0;
        for (Rows rows : ALL) {
            int last = BATCH;
            while (last == BATCH) {
                last = scope.call(tenant.id(), () -> delete(tenant.id(), rows, at, replay, now));
                gone += last;
            }
        }
        return gone;
    }

    private int delete(String tenant, Rows rows, Map<String, Object> at, UUID replay, Instant now) {
        Map<String, Object> parameters = new HashMap<>(at);
        String due =
                "x.tenant = :tenant and x.ctid = any(array(select x.ctid from %s x where x.tenant = :tenant and %s limit %d))"
                        .formatted(rows.table(), rows.over(), BATCH);
        if (!rows.before().isEmpty()) {
            parameters.put(
                    "ids",
                    jdbc
                            .queryForList(
                                    "select x.id::text from " + rows.table() + " x where " + due,
                                    parameters,
                                    String.class)
                            .stream()
                            .collect(Collectors.joining(",", "{", "}")));
            rows.before().forEach(statement -> jdbc.update(statement, parameters));
            due = "x.tenant = :tenant and x.id = any(cast(:ids as uuid[]))";
        }
        String delete = "delete from " + rows.table() + " x where " + due;
        if (rows.id() == null) {
            return jdbc.update(delete, parameters);
        }
        List<UUID> ids =
                jdbc.queryForList(delete + " returning " + rows.id(), parameters, UUID.class);
        journal.append(
                tenant,
                new DeletionJournal.Done(
                        replay,
                        "RESTORE",
                        "DELETED",
                        rules.rule(tenant, rows.dataType()).label(),
                        rows.dataType(),
                        ids.stream().filter(Objects::nonNull).toList(),
                        null,
                        "hub",
                        now,
                        now));
        return ids.size();
    }

    private Map<String, Object> cutoffs(Tenant tenant, Instant now) {
        String id = tenant.id();
        Map<String, Object> at = new HashMap<>();
        at.put("tenant", id);
        at.put("now", Bulk.timestamp(now));
        at.put("metadata", before(id, "delivery-metadata", now));
        at.put("text", Bulk.timestamp(Cutoffs.of(rules, id, "conversation-text", now).latest()));
        at.put("prompt", before(id, "unanswered-prompt", now));
        at.put("request", before(id, "request-file", now));
        at.put("hold", before(id, "hold-file", now));
        at.put("stub", before(id, "suppression-stub", now));
        at.put("dedup", before(id, "dedup-key", now));
        at.put("buffer", before(id, "transport-buffer", now));
        at.put(
                "cooling",
                now.atOffset(ZoneOffset.UTC).minus(tenant.consentRules().declineCooling()));
        return at;
    }

    private OffsetDateTime before(String tenant, String dataType, Instant now) {
        return Bulk.timestamp(rules.rule(tenant, dataType).cutoff(now));
    }
}
