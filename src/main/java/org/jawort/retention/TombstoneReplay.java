package org.jawort.retention;

import com.github.f4b6a3.uuid.UuidCreator;
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

    /** In place of a rule in the journal: it was one once. */
    private static final String TOMBSTONE = "tombstone";

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final StoredItems items;
    private final DeletionJournal journal;
    private final Tombstones stones;
    private final TombstoneDirectory directory;
    private final InterruptedRuns interrupted;
    private final Erasure erasure;
    private final RetainedItems retained;
    private final EndedRelationships relationships;
    private final OverdueRows overdue;
    private final InstantSource clock;

    TombstoneReplay(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Tombstones stones,
            TombstoneDirectory directory,
            InterruptedRuns interrupted,
            Erasure erasure,
            RetainedItems retained,
            EndedRelationships relationships,
            OverdueRows overdue,
            InstantSource clock) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.items = new StoredItems(jdbc);
        this.journal = new DeletionJournal(jdbc);
        this.stones = stones;
        this.directory = directory;
        this.interrupted = interrupted;
        this.erasure = erasure;
        this.retained = retained;
        this.relationships = relationships;
        this.overdue = overdue;
        this.clock = clock;
    }

    /**
     * @throws IllegalStateException if somebody who was erased is still there, or tombstones are
     *     missing or damaged
     */
    @Override
    public void afterPropertiesSet() {
        tenants.all().forEach(this::replay);
    }

    private void replay(Tenant tenant) {
        directory.require(tenant.id(), clock.instant());
        Instant known = scope.call(tenant.id(), () -> known(tenant.id()));
        Tombstones.Found found = stones.since(tenant.id(), known.minus(MARGIN));
        if (!found.damaged().isEmpty()) {
            String damaged = TombstoneDirectory.damaged(found.damaged());
            if (!directory.acceptsLoss()) {
                throw new IllegalStateException(damaged);
            }
            LOG.warn("restore.loss.accepted tenant={} {}", tenant.id(), damaged);
        }
        found.open()
                .forEach((run, of) -> scope.run(tenant.id(), () -> settle(tenant.id(), run, of)));
        UUID replay = UuidCreator.getTimeOrderedEpoch();
        long deleted = 0;
        int people = 0;
        Set<UUID> erased = new HashSet<>();
        for (Stone stone : found.deleted()) {
            if (stone.store().equals("subject")) {
                for (UUID subject : stone.ids()) {
                    if (erased.add(subject) && isThere(tenant.id(), subject)) {
                        if (people++ == 0) {
                            erasure.prepare(tenant.id());
                        }
                        erasure.eraseAgain(tenant.id(), subject, stone.request());
                    }
                }
            } else {
                deleted += scope.call(tenant.id(), () -> delete(tenant.id(), stone, replay));
            }
        }
        directory.used(tenant.id(), clock.instant());
        if (deleted > 0 || people > 0 || lacksRun(tenant.id(), found.ended())) {
            deleted += overdue.delete(tenant, replay, clock.instant());
            LOG.warn("restore.replayed tenant={} items={} people={}", tenant.id(), deleted, people);
        }
    }

    /** Whether the database is older than a night that deleted something (RET-15). */
    private boolean lacksRun(String tenant, Set<UUID> ended) {
        return scope.call(
                tenant,
                () ->
                        Bulk.query(
                                                jdbc,
                                                "select 1 from unnest(?::uuid[]) as n(id) where not exists"
                                                        + " (select 1 from retention_run r where r.tenant = ? and r.id = n.id) limit 1",
                                                row -> row.getInt(1),
                                                Column.of("uuid", List.copyOf(ended), id -> id),
                                                Column.one(tenant))
                                        .size()
                                > 0);
    }

    /** A run this database knows the end of; of one it has never heard nothing can be said. */
    private void settle(String tenant, UUID run, List<Stone> of) {
        if (!jdbc.queryForList(
                        "select 1 from retention_run where tenant = ? and id = ? and finished_at is not null",
                        Integer.class,
                        tenant,
                        run)
                .isEmpty()) {
            interrupted.settle(tenant, run, of);
        }
    }

    /**
     * Until when the database knows what was deleted; what was replayed says nothing of that, as
     * the replay may have been interrupted.
     */
    private Instant known(String tenant) {
        List<Instant> last =
                Bulk.query(
                        jdbc,
                        "select to_time from deletion_journal where tenant = ? and kind <> 'RESTORE' order by position desc limit 1",
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

    private int delete(String tenant, Stone stone, UUID replay) {
        Set<UUID> there = items.found(tenant, stone.store(), stone.ids());
        if (there.isEmpty()) {
            return 0;
        }
        Instant now = clock.instant();
        if (stone.store().equals("relationship")) {
            Map<UUID, Instant> ended = new HashMap<>();
            there.forEach(subject -> ended.put(subject, stone.lastActive(subject)));
            there = Set.copyOf(relationships.end(tenant, ended, false, now));
        } else {
            List<UUID> kept =
                    Bulk.query(
                            jdbc,
                            "select distinct subject_id from retained_message where tenant = ? and id = any(?::uuid[])",
                            row -> row.getObject(1, UUID.class),
                            Column.one(tenant),
                            Column.of("uuid", there, id -> id));
            items.delete(tenant, stone.store(), there);
            kept.forEach(subject -> retained.leave(tenant, subject));
        }
        journal.append(
                tenant,
                new DeletionJournal.Done(
                        replay,
                        "RESTORE",
                        "DELETED",
                        TOMBSTONE,
                        stone.store(),
                        there,
                        null,
                        JournalEntry.HUB,
                        stone.at(),
                        now));
        return there.size();
    }
}
