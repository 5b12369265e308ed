package org.jawort.retention;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Deletes the rows of one person from every table that has some, but for the ledger of consents,
 * what law keeps, and the subject itself (RET-16). Works inside the caller's transaction; done
 * twice it is done once.
 */
final class PersonRows {

    /**
     * Tables by subject and what identifies their rows; in the order of deletion, which follows the
     * foreign keys.
     */
    private static final Map<String, String> BY_SUBJECT = bySubject();

    /** Ids of the deleted rows by table. */
    record Gone(Map<String, List<UUID>> ids) {
        Map<String, Object> counts() {
            Map<String, Object> counts = new LinkedHashMap<>();
            ids.forEach(
                    (table, gone) -> {
                        if (!gone.isEmpty()) {
                            counts.put(table, gone.size());
                        }
                    });
            return counts;
        }
    }

    private final JdbcTemplate jdbc;

    PersonRows(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    private static Map<String, String> bySubject() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("message_status", "coalesce(message_id, subject_id)");
        tables.put("notice_delivery", "id");
        tables.put("send_decision", "id");
        tables.put("outbound", "message_id");
        tables.put("message_annotation", "id");
        tables.put("rights_package", "download_id"); // copies nobody collected
        tables.put("label", "id");
        tables.put("message", "id");
        tables.put("conversation", "id");
        tables.put("address", "id");
        tables.put("disclosure", "subject_id");
        tables.put("provider_remainder", "subject_id");
        tables.put("last_activity", "subject_id");
        return tables;
    }

    /** How many rows {@link #delete} would take, by table; what goes with events is left out. */
    Map<String, Long> counts(String tenant, UUID subject) {
        Map<String, Long> counts = new LinkedHashMap<>();
        BY_SUBJECT
                .keySet()
                .forEach(
                        table ->
                                count(
                                        counts,
                                        table,
                                        "select count(*) from "
                                                + table
                                                + " where tenant = ? and subject_id = ?",
                                        tenant,
                                        subject));
        for (String table : List.of("media", "media_file")) {
            count(
                    counts,
                    table,
                    "select count(*) from "
                            + table
                            + " f join message m on m.tenant = f.tenant and m.id = f.message_id where m.tenant = ? and m.subject_id = ?",
                    tenant,
                    subject);
        }
        count(
                counts,
                "delivery",
                "select count(*) from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id"
                        + " where e.tenant = ? and e.subject_id = ?",
                tenant,
                subject);
        return counts;
    }

    private void count(
            Map<String, Long> counts, String table, String sql, String tenant, UUID subject) {
        long found = jdbc.queryForObject(sql, Long.class, tenant, subject);
        if (found > 0) {
            counts.put(table, found);
        }
    }

    /** What tells recipients to delete the person stays, whichever run or end it is from. */
    Gone delete(String tenant, UUID subject, Instant now) {
        Map<String, List<UUID>> gone = new LinkedHashMap<>();
        List<UUID> events =
                ids(
                        "select id from event e where tenant = ? and subject_id = ? and type not in ('"
                                + ErasurePropagation.EVENT
                                + "', '"
                                + EndNotices.EVENT
                                + "') and not ("
                                + ErasedMessages.ARE_TOLD
                                + ")",
                        tenant,
                        subject);
        List<UUID> messages =
                ids("select id from message where tenant = ? and subject_id = ?", tenant, subject);
        gone.put("provider_event", unlink(tenant, events, now));
        gone.put("idempotent_request", answers(tenant, subject, messages));
        gone.put(
                "media",
                in(
                        "delete from media where tenant = ? and message_id = any(?::uuid[]) returning id",
                        tenant,
                        messages));
        gone.put(
                "delivery",
                in(
                        "delete from delivery where tenant = ? and event_id = any(?::uuid[]) returning event_id",
                        tenant,
                        events));
        // After their deliveries: an attempt is written with its delivery's row locked.
        gone.put(
                "delivery_attempt",
                in(
                        "delete from delivery_attempt where tenant = ? and event_id = any(?::uuid[]) returning event_id",
                        tenant,
                        events));
        gone.put("replay", replays(tenant, events));
        gone.put(
                "event",
                in(
                        "delete from event where tenant = ? and id = any(?::uuid[]) returning id",
                        tenant,
                        events));
        BY_SUBJECT.forEach(
                (table, id) ->
                        gone.put(
                                table,
                                ids(
                                        "delete from "
                                                + table
                                                + " where tenant = ? and subject_id = ? returning "
                                                + id,
                                        tenant,
                                        subject)));
        jdbc.update(
                "update rights_request set sealed_asked = null, sealed_proof = null where tenant = ? and subject_id = ?",
                tenant,
                subject);
        return new Gone(gone);
    }

    /**
     * The keys of what providers told lead nowhere any more. They stay until no copy of the webhook
     * can come again, or a repetition would bring the person back. They were written in the
     * transaction of their events, at the same instant, which is how they are found.
     */
    private List<UUID> unlink(String tenant, List<UUID> events, Instant now) {
        return in(
                """
                with told as materialized (
                  select distinct e.tenant, e.created_at from event e where e.tenant = ? and e.id = any(?::uuid[])),
                linked as materialized (
                  select p.tenant, p.account, p.event_key, p.event_ids
                    from told join provider_event p on p.tenant = told.tenant and p.received_at = told.created_at
                   where p.event_ids && ?::uuid[])
                update provider_event p set event_ids = '{}', unlinked_at = ?::timestamptz from linked
                 where p.tenant = linked.tenant and p.account = linked.account and p.event_key = linked.event_key
                returning linked.event_ids[1]""",
                tenant,
                events,
                events,
                now);
    }

    /** Requests to deliver again that name an event, a message or a conversation of the person. */
    private List<UUID> replays(String tenant, List<UUID> events) {
        return in(
                """
                delete from replay r where r.tenant = ? and (r.events && ?::uuid[] or exists (
                         select 1 from event e where e.tenant = r.tenant and e.id = any(?::uuid[])
                                                 and (e.message_id = r.message_id or e.conversation_id = r.conversation_id)))
                returning r.id""",
                tenant,
                events,
                events);
    }

    /** Answers kept for repeated requests that name the person or what is theirs. */
    private List<UUID> answers(String tenant, UUID subject, List<UUID> messages) {
        List<UUID> named = new ArrayList<>(messages);
        named.add(subject);
        for (String table : List.of("retained_message", "conversation", "rights_request")) {
            named.addAll(
                    ids(
                            "select id from " + table + " where tenant = ? and subject_id = ?",
                            tenant,
                            subject));
        }
        return in(
                "delete from idempotent_request where tenant = ? and about && ?::uuid[] returning about[1]",
                tenant,
                named);
    }

    private List<UUID> ids(String sql, String tenant, UUID subject) {
        return new ArrayList<>(jdbc.queryForList(sql, UUID.class, tenant, subject));
    }

    private List<UUID> in(String sql, Object... parameters) {
        Column[] columns = new Column[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            columns[i] =
                    parameters[i] instanceof List<?> ids
                            ? Column.of("uuid", ids, id -> id)
                            : Column.one(parameters[i]);
        }
        return Bulk.query(jdbc, sql, row -> row.getObject(1, UUID.class), columns);
    }
}
