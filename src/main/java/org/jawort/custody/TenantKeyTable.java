package org.jawort.custody;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Custodians;
import org.jawort.vault.KeyCustodian;
import org.jawort.vault.RootKey;
import org.jawort.vault.TenantKey;
import org.jawort.vault.TenantKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The versions of each tenant's key, wrapped in table {@code tenant_key}. What the tenant file says
 * is made true here: a tenant with a custodian of its own gets its first version, one that had
 * another custodian before is taken over from it, and a changed custodian begins a new version.
 */
final class TenantKeyTable implements TenantKeys.Source {

    private static final Logger LOG = LoggerFactory.getLogger(TenantKeyTable.class);

    private record Row(int version, String custodian, byte[] wrapped, Instant writesFrom) {}

    private record Slot(String tenant, int version) {}

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final Tenants tenants;
    private final Custodians custodians;
    private final RootKey root;
    private final InstantSource clock;
    private final Duration announced;
    private final SecureRandom random = new SecureRandom();
    private final Map<Slot, TenantKey> open = new ConcurrentHashMap<>();

    /**
     * @param scope opens transactions of their own, whatever the caller has open
     * @param root {@code null} if every tenant has a custodian of its own
     */
    TenantKeyTable(
            TenantScope scope,
            JdbcTemplate jdbc,
            Tenants tenants,
            Custodians custodians,
            RootKey root,
            InstantSource clock,
            Duration announced) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.custodians = custodians;
        this.root = root;
        this.clock = clock;
        this.announced = announced;
    }

    @Override
    public List<TenantKey> versions(String tenant) {
        return scope.call(
                tenant,
                () -> {
                    List<KeyCustodian> known = custodians(tenant);
                    List<Row> rows = rows(tenant);
                    if (!known.getFirst().name().equals(Custodians.ROOT)
                            && follow(tenant, known, rows)) {
                        rows = rows(tenant); // another node may have been first
                    }
                    forgetAllBut(tenant, rows);
                    List<TenantKey> keys = new ArrayList<>();
                    for (Row row : rows) {
                        keys.add(open(tenant, row, known));
                    }
                    boolean underRoot =
                            rows.isEmpty() || rows.getFirst().custodian().equals(Custodians.ROOT);
                    if (underRoot && rows.stream().noneMatch(row -> row.version() == 0)) {
                        keys.add(TenantKey.ofRoot(root, tenant));
                    }
                    return keys;
                });
    }

    /** What was destroyed, here or by another node, leaves the memory. */
    private void forgetAllBut(String tenant, List<Row> rows) {
        Set<Integer> there = rows.stream().map(Row::version).collect(Collectors.toSet());
        open.keySet()
                .removeIf(slot -> slot.tenant().equals(tenant) && !there.contains(slot.version()));
    }

    /** Makes the next version, which new things are written under once every node knows it. */
    int replace(String tenant) {
        return scope.call(
                tenant,
                () -> {
                    Instant now = clock.instant();
                    List<Row> rows = rows(tenant);
                    int next = rows.isEmpty() ? 1 : rows.getLast().version() + 1;
                    make(tenant, next, custodians(tenant).getFirst(), now.plus(announced));
                    return next;
                });
    }

    /** Destroys a version; with what wraps it in backups it is gone once those are. */
    void destroy(String tenant, int version) {
        scope.run(
                tenant,
                () ->
                        jdbc.update(
                                "delete from tenant_key where tenant = ? and version = ?",
                                tenant,
                                version));
        LOG.info("tenant.key.destroyed tenant={} version={}", tenant, version);
    }

    private List<KeyCustodian> custodians(String tenant) {
        List<String> lines = tenants.find(tenant).map(Tenant::keys).orElse(List.of());
        List<KeyCustodian> known = new ArrayList<>();
        for (String line : lines) {
            try {
                known.add(custodians.of(line));
            } catch (IllegalStateException unusable) {
                throw new IllegalStateException(
                        "tenants/" + tenant + ".yaml: " + unusable.getMessage(),
                        unusable.getCause());
            }
        }
        if (root != null) {
            known.add(custodians.root(root, tenant));
        }
        if (known.isEmpty()) {
            throw new IllegalStateException(
                    "tenant "
                            + tenant
                            + " has no key: set JAWORT_ROOT_KEY or JAWORT_ROOT_KEY_FILE, or write key: in tenants/"
                            + tenant
                            + ".yaml");
        }
        return known;
    }

    /** Whether rows changed so that the tenant's own custodian is in charge. */
    private boolean follow(String tenant, List<KeyCustodian> known, List<Row> rows) {
        KeyCustodian own = known.getFirst();
        Instant now = clock.instant();
        boolean changed = false;
        boolean wasUnderRoot =
                rows.isEmpty()
                        ? hasData(tenant)
                        : rows.getFirst().custodian().equals(Custodians.ROOT);
        if (wasUnderRoot && rows.stream().noneMatch(row -> row.version() == 0)) {
            if (root == null) {
                throw new IllegalStateException(
                        "tenant "
                                + tenant
                                + " has data under the root key: set JAWORT_ROOT_KEY or JAWORT_ROOT_KEY_FILE for one start, so that "
                                + own.name()
                                + " can take over");
            }
            insert(tenant, 0, own, TenantKey.ofRoot(root, tenant).stored(), Instant.EPOCH);
            changed = true;
        }
        for (Row row : rows) {
            if (!row.custodian().equals(own.name())) {
                byte[] stored = open(tenant, row, known).stored();
                jdbc.update(
                        "update tenant_key set custodian = ?, wrapped = ? where tenant = ? and version = ?",
                        own.name(),
                        wrap(tenant, row.version(), own, stored),
                        tenant,
                        row.version());
                changed = true;
            }
        }
        if (rows.isEmpty() || !rows.getLast().custodian().equals(own.name())) {
            int next = rows.isEmpty() ? 1 : rows.getLast().version() + 1;
            make(tenant, next, own, changed ? now.plus(announced) : now);
            changed = true;
        }
        return changed;
    }

    private boolean hasData(String tenant) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject(
                        "select exists (select 1 from subject where tenant = ?)"
                                + " or exists (select 1 from sealing_key where tenant = ?)"
                                + " or exists (select 1 from quarantine where tenant = ?)",
                        Boolean.class,
                        tenant,
                        tenant,
                        tenant));
    }

    private void make(String tenant, int version, KeyCustodian custodian, Instant writesFrom) {
        byte[] fresh = new byte[32];
        random.nextBytes(fresh);
        insert(tenant, version, custodian, fresh, writesFrom);
        LOG.info(
                "tenant.key.made tenant={} version={} custodian={} writesFrom={}",
                tenant,
                version,
                custodian.name(),
                writesFrom);
    }

    private void insert(
            String tenant, int version, KeyCustodian custodian, byte[] stored, Instant writesFrom) {
        jdbc.update(
                "insert into tenant_key (tenant, version, custodian, wrapped, created_at, writes_from)"
                        + " values (?, ?, ?, ?, ?, ?) on conflict do nothing",
                tenant,
                version,
                custodian.name(),
                wrap(tenant, version, custodian, stored),
                Bulk.timestamp(clock.instant()),
                Bulk.timestamp(writesFrom));
    }

    private TenantKey open(String tenant, Row row, List<KeyCustodian> known) {
        Slot slot = new Slot(tenant, row.version());
        TenantKey opened = open.get(slot);
        if (opened != null) {
            return opened;
        }
        List<KeyCustodian> order = new ArrayList<>(known);
        order.sort(
                (one, other) ->
                        Boolean.compare(
                                other.name().equals(row.custodian()),
                                one.name().equals(row.custodian())));
        Optional<byte[]> stored = Optional.empty();
        GeneralSecurityException last = null;
        for (KeyCustodian custodian : order) {
            try {
                stored =
                        Optional.of(
                                custodian.unwrap(
                                        row.wrapped(), associatedData(tenant, row.version())));
                break;
            } catch (GeneralSecurityException notItsOwn) {
                last = notItsOwn;
            }
        }
        TenantKey key =
                TenantKey.of(
                        tenant,
                        row.version(),
                        row.writesFrom(),
                        stored.orElseThrow(unopened(tenant, row, known, last)));
        open.put(slot, key);
        return key;
    }

    private static java.util.function.Supplier<IllegalStateException> unopened(
            String tenant, Row row, List<KeyCustodian> known, GeneralSecurityException cause) {
        return () ->
                new IllegalStateException(
                        "version %d of the key of tenant %s was wrapped by %s and not by what is there now (%s); give that key back, or name it too in tenants/%s.yaml, key:"
                                .formatted(
                                        row.version(),
                                        tenant,
                                        row.custodian().equals(Custodians.ROOT)
                                                ? "the root key"
                                                : row.custodian(),
                                        String.join(
                                                ", ",
                                                known.stream().map(KeyCustodian::name).toList()),
                                        tenant),
                        cause);
    }

    private static byte[] wrap(String tenant, int version, KeyCustodian custodian, byte[] stored) {
        try {
            return custodian.wrap(stored, associatedData(tenant, version));
        } catch (GeneralSecurityException refused) {
            throw new IllegalStateException(
                    custodian.name() + " does not wrap the key of tenant " + tenant, refused);
        }
    }

    private static byte[] associatedData(String tenant, int version) {
        return ("tenant-key|" + tenant + "|" + version).getBytes(StandardCharsets.UTF_8);
    }

    private List<Row> rows(String tenant) {
        return Bulk.query(
                jdbc,
                "select version, custodian, wrapped, writes_from from tenant_key where tenant = ? order by version",
                row ->
                        new Row(
                                row.getInt(1),
                                row.getString(2),
                                row.getBytes(3),
                                Bulk.instant(row, "writes_from")),
                Column.one(tenant));
    }
}
