package org.jawort.retention;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** What tombstones name, in the database. Works inside the caller's transaction. */
final class StoredItems {

    private static final String MESSAGE =
            "select id from message where tenant = ? and id = any(?::uuid[])";

    private static final String LETTERS =
            "select id from retained_message where tenant = ? and id = any(?::uuid[])";

    /** How the items of a store that are there are found by their ids. */
    private static final Map<String, List<String>> FOUND =
            Map.of(
                    "conversation-text",
                    List.of(MESSAGE),
                    "transport-buffer",
                    List.of(MESSAGE),
                    "media",
                    List.of("select id from media where tenant = ? and id = any(?::uuid[])"),
                    "delivery-metadata",
                    List.of("select id from event where tenant = ? and id = any(?::uuid[])"),
                    "commercial-letter",
                    List.of(LETTERS, MESSAGE),
                    "voucher",
                    List.of(LETTERS, MESSAGE),
                    "consent-proof",
                    List.of(
                            "select event_id from retained_evidence where tenant = ? and event_id = any(?::uuid[])",
                            "select event_id from consent_salt where tenant = ? and event_id = any(?::uuid[])"),
                    "unanswered-prompt",
                    List.of(
                            "select e.record_id from consent_event e join consent_salt s on s.tenant = e.tenant and s.event_id = e.id"
                                    + " where e.tenant = ? and e.record_id = any(?::uuid[])",
                            "select id from consent_record where tenant = ? and id = any(?::uuid[])"
                                    + " and state in ('EXPIRED', 'DECLINED') and details ->> 'prompt' is not null"),
                    "notice-evidence",
                    List.of(
                            "select id from notice_delivery where tenant = ? and id = any(?::uuid[])"),
                    "relationship",
                    List.of(
                            "select id from subject where tenant = ? and ended_at is null and id = any(?::uuid[])"));

    private static final List<String> LETTER =
            List.of(
                    "delete from retained_message where tenant = ? and id = any(?::uuid[])",
                    "delete from media where tenant = ? and message_id = any(?::uuid[])",
                    "delete from label where tenant = ? and message_id = any(?::uuid[])",
                    "delete from message where tenant = ? and id = any(?::uuid[])");

    /** How the items of a store are deleted by their ids, and what goes with them. */
    private static final Map<String, List<String>> BY_STORE =
            Map.of(
                    "conversation-text",
                    List.of(
                            "delete from media where tenant = ? and message_id = any(?::uuid[])",
                            "delete from label where tenant = ? and message_id = any(?::uuid[])",
                            "delete from message where tenant = ? and id = any(?::uuid[])"),
                    "transport-buffer",
                    List.of(
                            "delete from media where tenant = ? and message_id = any(?::uuid[])",
                            "delete from label where tenant = ? and message_id = any(?::uuid[])",
                            "delete from message where tenant = ? and id = any(?::uuid[])"),
                    "media",
                    List.of(
                            "update message set sealed_original = null where tenant = ? and id in"
                                    + " (select message_id from media where id = any(?::uuid[]))",
                            "delete from media where tenant = ? and id = any(?::uuid[])"),
                    "delivery-metadata",
                    List.of(
                            "delete from delivery_attempt where tenant = ? and event_id = any(?::uuid[])",
                            "delete from delivery where tenant = ? and event_id = any(?::uuid[])",
                            "delete from event where tenant = ? and id = any(?::uuid[])"),
                    "commercial-letter",
                    LETTER,
                    "voucher",
                    LETTER,
                    "consent-proof",
                    List.of(
                            "delete from retained_evidence where tenant = ? and event_id = any(?::uuid[])",
                            "delete from consent_salt where tenant = ? and event_id = any(?::uuid[])"),
                    "unanswered-prompt",
                    List.of(
                            "delete from consent_salt s using consent_event e where s.tenant = ? and e.tenant = s.tenant"
                                    + " and e.id = s.event_id and e.record_id = any(?::uuid[])",
                            "update consent_record set details = details - 'prompt' where tenant = ? and id = any(?::uuid[])"
                                    + " and state in ('EXPIRED', 'DECLINED')"),
                    "notice-evidence",
                    List.of(
                            "delete from notice_delivery where tenant = ? and id = any(?::uuid[])"));

    private final JdbcTemplate jdbc;

    StoredItems(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Those of the items that are there. */
    Set<UUID> found(String tenant, String store, Collection<UUID> ids) {
        Set<UUID> found = new LinkedHashSet<>();
        for (String sql : FOUND.getOrDefault(store, List.of())) {
            found.addAll(
                    Bulk.query(
                            jdbc,
                            sql,
                            row -> row.getObject(1, UUID.class),
                            Column.one(tenant),
                            Column.of("uuid", ids, id -> id)));
        }
        return found;
    }

    void delete(String tenant, String store, Collection<UUID> ids) {
        for (String sql : BY_STORE.getOrDefault(store, List.of())) {
            Bulk.update(jdbc, sql, Column.one(tenant), Column.of("uuid", ids, id -> id));
        }
    }
}
