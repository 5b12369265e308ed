package org.jawort.tenant;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tenants of this hub, as their files said at the start; their API keys as {@link TenantReload}
 * last found them. Thread-safe.
 */
public final class Tenants {

    private volatile Map<String, Tenant> tenants;

    private final List<TextVersion> texts;

    public Tenants(Map<String, Tenant> tenants) {
        this(tenants, List.of());
    }

    /**
     * @param texts every version there is a file of, whether or not a tenant shows it
     */
    public Tenants(Map<String, Tenant> tenants, List<TextVersion> texts) {
        this.tenants = Map.copyOf(tenants);
        this.texts = List.copyOf(texts);
    }

    public List<TextVersion> texts() {
        return texts;
    }

    public Optional<Tenant> find(String tenant) {
        return Optional.ofNullable(tenants.get(tenant));
    }

    /**
     * @throws IllegalArgumentException if there is none, which means that data outlived its
     *     tenant's file
     */
    public Tenant get(String tenant) {
        return find(tenant)
                .orElseThrow(() -> new IllegalArgumentException("no tenant file for " + tenant));
    }

    public Optional<Account> account(String tenant, String account) {
        return find(tenant).map(found -> found.accounts().get(account));
    }

    public Collection<Tenant> all() {
        return tenants.values();
    }

    /** Puts these keys in force instead of those the tenant had. */
    void replaceApiKeys(String tenant, List<Tenant.ApiKey> keys) {
        Map<String, Tenant> replaced = new HashMap<>(tenants);
        replaced.computeIfPresent(tenant, (id, running) -> running.withApiKeys(keys));
        tenants = Map.copyOf(replaced);
    }
}
