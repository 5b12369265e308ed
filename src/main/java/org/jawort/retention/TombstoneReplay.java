package org.jawort.retention;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.retention.Tombstones.Stone;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Deletes once more, before the hub takes any traffic, what the database does not know was deleted:
 * it came out of a backup (RET-15). How far the database's own knowledge reaches says its journal
 * of deletions, which is written in the same transactions; a day more is looked at, since nodes
 * write at their own pace.
 */
final class TombstoneReplay implements InitializingBean {

    private static final Logger LOG = LoggerFactory.getLogger(TombstoneReplay.class);
    private static final Duration MARGIN = Duration.ofDays(1);

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
                                    + " and e.id = s.event_id and e.record_id = any(?::uuid[])"),
                    "notice-evidence",
                    List.of(
                            "delete from notice_delivery where tenant = ? and id = any(?::uuid[])"));

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final Tombstones stones;
    private final Erasure erasure;
    private final RetainedItems retained;
    private final EndedRelationships relationships;
    private final InstantSource clock;

    TombstoneReplay(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Tombstones stones,
            Erasure erasure,
            RetainedItems retained,
            EndedRelationships relationships,
            InstantSource clock) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.stones = stones;
        this.erasure = erasure;
        this.retained = retained;
        this.relationships = relationships;
        this.clock = clock;
    }

    @Override
    public void afterPropertiesSet() {
        tenants.all().forEach(this::replay);
    }

    private void replay(Tenant tenant) {
        Instant known = scope.call(tenant.id(), () -> known(tenant.id()));
        long items = 0;
        int people = 0;
        Set<UUID> erased = new HashSet<>();
        for (Stone stone : stones.since(tenant.id(), known.minus(MARGIN))) {
            if (stone.store().equals("subject")) {
                for (UUID subject : stone.ids()) {
                    if (erased.add(subject) && isThere(tenant.id(), subject)) {
                        erasure.erase(tenant.id(), subject, stone.request(), false);
                        people++;
                    }
                }
            } else {
                items += scope.call(tenant.id(), () -> delete(tenant.id(), stone));
            }
        }
        if (items > 0 || people > 0) {
            LOG.warn("restore.replayed tenant={} items={} people={}", tenant.id(), items, people);
        }
    }

    /** Until when the database knows what was deleted. */
    private Instant known(String tenant) {
        List<Instant> last =
                Bulk.query(
                        jdbc,
                        "select to_time from deletion_journal where tenant = ? order by position desc limit 1",
                        row -> Bulk.instant(row, "to_time"),
                        Column.one(tenant));
        return last.isEmpty() ? Instant.EPOCH.plus(MARGIN) : last.getFirst();
    }

    /** Whether the person can still be read; somebody erased has no ordinary key. */
    private boolean isThere(String tenant, UUID subject) {
        return scope.call(
                tenant,
                () ->
                        !jdbc.queryForList(
                                        "select 1 from subject_key where tenant = ? and subject_id = ? and key_group = 'ordinary'",
                                        Integer.class,
                                        tenant,
                                        subject)
                                .isEmpty());
    }

    private int delete(String tenant, Stone stone) {
        if (stone.store().equals("relationship")) {
            Map<UUID, Instant> ended = new HashMap<>();
            stone.ids().forEach(subject -> ended.put(subject, stone.lastActive(subject)));
            return relationships.end(tenant, ended, false, clock.instant()).size();
        }
        int rows = 0;
        List<UUID> kept =
                Bulk.query(
                        jdbc,
                        "select distinct subject_id from retained_message where tenant = ? and id = any(?::uuid[])",
                        row -> row.getObject(1, UUID.class),
                        Column.one(tenant),
                        Column.of("uuid", stone.ids(), id -> id));
        for (String sql : BY_STORE.getOrDefault(stone.store(), List.of())) {
            rows +=
                    Bulk.update(
                            jdbc,
                            sql,
                            Column.one(tenant),
                            Column.of("uuid", stone.ids(), id -> id));
        }
        kept.forEach(subject -> retained.leave(tenant, subject));
        return rows;
    }
}
