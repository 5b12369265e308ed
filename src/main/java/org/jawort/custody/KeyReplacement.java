package org.jawort.custody;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.Undecipherable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Replaces tenants' keys while the hub works. A new version is announced, then written under, and
 * then a walk over all subjects wraps their keys anew and hashes their addresses anew, batch by
 * batch; whatever it has not reached yet opens and is found under the older version. Registered as
 * {@code keyReplacement} for the routes. A walk that was cut off begins again, and two nodes that
 * walk at the same time do no harm: each row is changed only if it is still as it was read.
 */
public final class KeyReplacement {

    private static final Logger LOG = LoggerFactory.getLogger(KeyReplacement.class);
    private static final UUID START = new UUID(0, 0);

    /**
     * How far the walk of a tenant is.
     *
     * @param after the last subject that is done
     */
    public record Walk(
            String tenant, int version, UUID after, long keys, long lookups, boolean done) {}

    private record Wrapped(UUID subject, String group, byte[] wrapped, byte[] anew) {}

    private record Lookup(UUID id, byte[] lookup, byte[] anew) {}

    private final Tenants tenants;
    private final TenantKeyTable table;
    private final TenantKeys keys;
    private final SubjectKeys subjectKeys;
    private final Pseudonyms pseudonyms;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Duration announced;
    private final Period replaceAfter;
    private final int batchSize;

    KeyReplacement(
            Tenants tenants,
            TenantKeyTable table,
            TenantKeys keys,
            SubjectKeys subjectKeys,
            Pseudonyms pseudonyms,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters,
            Duration announced,
            Period replaceAfter,
            int batchSize) {
        this.tenants = tenants;
        this.table = table;
        this.keys = keys;
        this.subjectKeys = subjectKeys;
        this.pseudonyms = pseudonyms;
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
        this.meters = meters;
        this.announced = announced;
        this.replaceAfter = replaceAfter;
        this.batchSize = batchSize;
    }

    /** Begins the next version of a tenant's key; returns its number. */
    public int begin(String tenant) {
        int version = table.replace(tenant);
        keys.reload(tenant);
        return version;
    }

    /** Ends a version that nothing lies under; other nodes forget it with their next refresh. */
    void destroy(String tenant, int version) {
        table.destroy(tenant, version);
        keys.reload(tenant);
    }

    /**
     * Learns what other nodes have made, and begins a new version where one has reached its age.
     */
    public void refresh() {
        if (!replaceAfter.isZero()) {
            aged().forEach(this::begin);
        }
        ids().forEach(keys::reload);
    }

    /**
     * Where something may still lie under an older version; not yet while a node with a slow clock
     * may still write under it.
     */
    public List<Walk> due() {
        Instant now = clock.instant();
        return scope
                .call(
                        ids(),
                        () ->
                                Bulk.query(
                                        jdbc,
                                        """
                                select distinct on (tenant) tenant, version, rewrapped_at, writes_from from tenant_key
                                 where version > 0 and writes_from <= ?::timestamptz order by tenant, version desc""",
                                        row ->
                                                new Walk(
                                                        row.getString("tenant"),
                                                        row.getInt("version"),
                                                        START,
                                                        0,
                                                        0,
                                                        row.getObject("rewrapped_at") != null
                                                                || Bulk.instant(row, "writes_from")
                                                                        .plus(announced)
                                                                        .isAfter(now)),
                                        Column.one(now)))
                .stream()
                .filter(walk -> !walk.done())
                .toList();
    }

    /** One batch, in the caller's transaction for the tenant. */
    public Walk batch(Walk walk) {
        String tenant = walk.tenant();
        List<Wrapped> stored =
                Bulk.query(
                        jdbc,
                        """
                        select subject_id, key_group, wrapped from subject_key
                         where tenant = ? and subject_id in (
                           select distinct subject_id from subject_key where tenant = ? and subject_id > ? order by subject_id limit ?)
                         order by subject_id""",
                        row ->
                                new Wrapped(
                                        row.getObject(1, UUID.class),
                                        row.getString(2),
                                        row.getBytes(3),
                                        null),
                        Column.one(tenant),
                        Column.one(tenant),
                        Column.one(walk.after()),
                        Column.one(batchSize));
        if (stored.isEmpty()) {
            return finish(walk);
        }
        long wrapped = wrapAnew(tenant, stored);
        long hashed = hashAnew(tenant, stored);
        meters.counter("jawort.keys.rewrapped", "tenant", tenant).increment(wrapped);
        return new Walk(
                tenant,
                walk.version(),
                stored.getLast().subject(),
                walk.keys() + wrapped,
                walk.lookups() + hashed,
                false);
    }

    private Walk finish(Walk walk) {
        jdbc.update(
                "update tenant_key set rewrapped_at = ? where tenant = ? and version = ?",
                Bulk.timestamp(clock.instant()),
                walk.tenant(),
                walk.version());
        LOG.info(
                "tenant.key.replaced tenant={} version={} keys={} lookups={}",
                walk.tenant(),
                walk.version(),
                walk.keys(),
                walk.lookups());
        return new Walk(
                walk.tenant(), walk.version(), walk.after(), walk.keys(), walk.lookups(), true);
    }

    private long wrapAnew(String tenant, List<Wrapped> stored) {
        List<Wrapped> anew = new ArrayList<>();
        for (Wrapped one : stored) {
            try {
                byte[] wrapped =
                        subjectKeys.rewrap(tenant, one.subject(), one.group(), one.wrapped());
                if (wrapped != null) {
                    anew.add(new Wrapped(one.subject(), one.group(), one.wrapped(), wrapped));
                }
            } catch (Undecipherable changed) {
                unreadable(tenant, one.subject());
            }
        }
        return anew.isEmpty()
                ? 0
                : Bulk.update(
                        jdbc,
                        """
                        update subject_key k set wrapped = n.anew
                          from unnest(?::uuid[], ?::text[], ?::bytea[], ?::bytea[]) as n(subject_id, key_group, wrapped, anew)
                         where k.tenant = ? and k.subject_id = n.subject_id and k.key_group = n.key_group and k.wrapped = n.wrapped""",
                        Column.of("uuid", anew, Wrapped::subject),
                        Column.of("text", anew, Wrapped::group),
                        Column.of("bytea", anew, Wrapped::wrapped),
                        Column.of("bytea", anew, Wrapped::anew),
                        Column.one(tenant));
    }

    private long hashAnew(String tenant, List<Wrapped> stored) {
        Map<UUID, SubjectKey> ordinary = new HashMap<>();
        for (Wrapped one : stored) {
            if (one.group().equals(SubjectKeys.ORDINARY)) {
                try {
                    ordinary.put(
                            one.subject(), subjectKeys.open(tenant, one.subject(), one.wrapped()));
                } catch (Undecipherable changed) {
                    // said where it was to be wrapped
                }
            }
        }
        List<Lookup> anew =
                Bulk.query(
                                jdbc,
                                """
                                select id, subject_id, channel, lookup, sealed_address from address
                                 where tenant = ? and subject_id = any(?::uuid[]) and channel <> '*'""",
                                row -> lookup(tenant, row, ordinary),
                                Column.one(tenant),
                                Column.of("uuid", ordinary.keySet(), id -> id))
                        .stream()
                        .filter(one -> !Arrays.equals(one.lookup(), one.anew()))
                        .toList();
        return anew.isEmpty()
                ? 0
                : Bulk.update(
                        jdbc,
                        """
                        update address a set lookup = n.anew
                          from unnest(?::uuid[], ?::bytea[], ?::bytea[]) as n(id, lookup, anew)
                         where a.tenant = ? and a.id = n.id and a.lookup = n.lookup
                           and not exists (select 1 from address o where o.tenant = a.tenant and o.lookup = n.anew)""",
                        Column.of("uuid", anew, Lookup::id),
                        Column.of("bytea", anew, Lookup::lookup),
                        Column.of("bytea", anew, Lookup::anew),
                        Column.one(tenant));
    }

    /** As it is, if nobody can read the address. */
    private Lookup lookup(String tenant, ResultSet row, Map<UUID, SubjectKey> ordinary)
            throws SQLException {
        UUID subject = row.getObject("subject_id", UUID.class);
        byte[] stored = row.getBytes("lookup");
        byte[] anew = stored;
        try {
            byte[] address = ordinary.get(subject).open("address", row.getBytes("sealed_address"));
            anew =
                    pseudonyms.address(
                            tenant,
                            row.getString("channel"),
                            new String(address, StandardCharsets.UTF_8));
        } catch (Undecipherable changed) {
            unreadable(tenant, subject);
        }
        return new Lookup(row.getObject("id", UUID.class), stored, anew);
    }

    /** What was changed in the store hinders no other; its older version is not destroyed. */
    private void unreadable(String tenant, UUID subject) {
        meters.counter("jawort.keys.unreadable", "tenant", tenant).increment();
        LOG.error("tenant.key.unreadable tenant={} subject={}", tenant, subject);
    }

    /** The root key's version is as old as the tenant's first subject; ids are in order of time. */
    private List<String> aged() {
        Instant before = clock.instant().atZone(ZoneOffset.UTC).minus(replaceAfter).toInstant();
        return scope.call(
                ids(),
                () ->
                        Bulk.query(
                                jdbc,
                                """
                                select n.tenant from unnest(?::text[]) as n(tenant)
                                 where coalesce((select max(k.created_at) from tenant_key k where k.tenant = n.tenant),
                                                (select s.created_at from subject s where s.tenant = n.tenant order by s.id limit 1)) < ?::timestamptz""",
                                row -> row.getString(1),
                                Column.of("text", ids(), id -> id),
                                Column.one(before)));
    }

    private List<String> ids() {
        return tenants.all().stream().map(Tenant::id).sorted().toList();
    }
}
