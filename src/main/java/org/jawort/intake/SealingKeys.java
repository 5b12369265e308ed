package org.jawort.intake;

import com.google.crypto.tink.Aead;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jawort.store.TenantScope;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantKeys.Use;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The daily keys that webhooks are sealed with while they wait in Kafka. Each day has its own
 * random key, stored wrapped, made a day ahead so that intake does not depend on the database;
 * destroyed once everything it sealed has left the topic, after which nothing on a broker's disk
 * can be read any more.
 */
public final class SealingKeys {

    /** As the schema of tenant files has it. */
    private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private record Slot(String tenant, LocalDate day) {}

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final TenantKeys keys;
    private final InstantSource clock;
    private final Duration retention;
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentMap<Slot, Aead> open = new ConcurrentHashMap<>();

    /**
     * @param retention how long a webhook can lie in the topic, the spool or quarantine-free
     *     storage under its daily key
     */
    public SealingKeys(
            TenantScope scope,
            JdbcTemplate jdbc,
            TenantKeys keys,
            InstantSource clock,
            Duration retention) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.keys = keys;
        this.clock = clock;
        this.retention = retention;
    }

    LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /**
     * The key of a day; that of today or tomorrow is made if it is not there yet.
     *
     * @throws GeneralSecurityException if the day's key was destroyed, or no webhook can have been
     *     sealed on that day
     * @throws org.springframework.dao.DataAccessException if it is not cached and the database is
     *     away
     */
    Aead of(String tenant, LocalDate day) throws GeneralSecurityException {
        return of(tenant, day, () -> loadOrMake(tenant, day));
    }

    /**
     * The key of a tenant this node has no file of, if another made one; none is made.
     *
     * @throws GeneralSecurityException also if only the tenant's file says where its keys are
     */
    Aead ofStranger(String tenant, LocalDate day) throws GeneralSecurityException {
        if (!TENANT.matcher(tenant).matches()) {
            throw new GeneralSecurityException("no tenant is called so");
        }
        try {
            return of(tenant, day, () -> load(tenant, day, read(tenant, day)));
        } catch (IllegalStateException keptElsewhere) {
            throw new GeneralSecurityException(keptElsewhere);
        }
    }

    private Aead of(String tenant, LocalDate day, Supplier<byte[]> make)
            throws GeneralSecurityException {
        Aead cached = open.get(new Slot(tenant, day));
        if (cached != null) {
            return cached;
        }
        if (day.isBefore(LocalDate.EPOCH) || day.isAfter(today().plusDays(1))) {
            // Not asked of the database, which knows fewer days than a record can name.
            throw new GeneralSecurityException("no sealing key is of " + day);
        }
        byte[] key = scope.call(tenant, make);
        if (key == null) {
            throw new GeneralSecurityException("the sealing key of " + day + " was destroyed");
        }
        Aead loaded = new AesGcm(key);
        open.put(new Slot(tenant, day), loaded);
        return loaded;
    }

    /**
     * Makes the keys of today and tomorrow, and destroys those whose webhooks are all gone. Returns
     * how many were destroyed.
     */
    public int rotate(Collection<String> tenants) {
        LocalDate today = today();
        for (String tenant : tenants) {
            try {
                of(tenant, today);
                of(tenant, today.plusDays(1));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        Instant before = clock.instant().minus(retention).minus(Duration.ofDays(1));
        LocalDate oldest = LocalDate.ofInstant(before, ZoneOffset.UTC);
        open.keySet().removeIf(slot -> slot.day().isBefore(oldest));
        // A key that still seals a spooled webhook stays until the spool is drained, and then for
        // as long as the topic keeps what came from there.
        return scope.call(
                tenants,
                () ->
                        jdbc.update(
                                "delete from sealing_key k where day < ? and (drained_at is null or drained_at < ?) and not exists"
                                        + " (select 1 from webhook_spool s where s.tenant = k.tenant and s.created_at::date <= k.day + 1)",
                                oldest,
                                before.atOffset(ZoneOffset.UTC)));
    }

    private byte[] loadOrMake(String tenant, LocalDate day) {
        byte[] fresh = new byte[32];
        random.nextBytes(fresh);
        List<byte[]> stored = read(tenant, day);
        if (stored.isEmpty() && !day.isBefore(today())) {
            try {
                jdbc.update(
                        "insert into sealing_key (tenant, day, wrapped, created_at) values (?, ?, ?, ?) on conflict do nothing",
                        tenant,
                        day,
                        keys.aead(tenant, Use.WRAP).encrypt(fresh, associated(tenant, day)),
                        clock.instant().atOffset(ZoneOffset.UTC));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
            stored = read(tenant, day); // another node may have been first
        }
        return load(tenant, day, stored);
    }

    private static byte[] associated(String tenant, LocalDate day) {
        return ("sealing|" + tenant + "|" + day).getBytes(StandardCharsets.UTF_8);
    }

    /** Null if there is none. */
    private byte[] load(String tenant, LocalDate day, List<byte[]> stored) {
        try {
            return stored.isEmpty()
                    ? null
                    : keys.aead(tenant, Use.WRAP)
                            .decrypt(stored.getFirst(), associated(tenant, day));
        } catch (GeneralSecurityException wrongRootKey) {
            throw new IllegalStateException(
                    "a sealing key in the database was not wrapped by this root key; is JAWORT_ROOT_KEY the one this database was"
                            + " made with?",
                    wrongRootKey);
        }
    }

    private List<byte[]> read(String tenant, LocalDate day) {
        return jdbc.queryForList(
                "select wrapped from sealing_key where tenant = ? and day = ?",
                byte[].class,
                tenant,
                day);
    }
}
