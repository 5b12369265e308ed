package org.jawort.tenant;

import java.time.Period;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.consent.ConsentRules;

/** A tenant of Muster GmbH that has nothing but what a test gives it. */
public final class TenantInTest {

    private final String id;
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final Map<String, Destination> destinations = new LinkedHashMap<>();
    private String residency = "NOT_LIMITED";
    private final Map<String, ProcessorRegion> regions = new LinkedHashMap<>();
    private SendingPolicy sending = SendingPolicy.DEFAULT;
    private Map<String, Period> retention = Map.of();
    private List<String> keys = List.of();
    private List<Tenant.ApiKey> apiKeys = List.of();

    private TenantInTest(String id) {
        this.id = id;
    }

    public static TenantInTest of(String id) {
        return new TenantInTest(id);
    }

    /** The only tenant, with this destination. */
    public static Tenants with(Destination destination) {
        return of(destination.tenant()).destination(destination).alone();
    }

    public TenantInTest account(Account account) {
        accounts.put(account.id(), account);
        return this;
    }

    public TenantInTest destination(Destination destination) {
        destinations.put(destination.id(), destination);
        return this;
    }

    public TenantInTest residency(String wanted) {
        residency = wanted;
        return this;
    }

    /** Where a processor stores and processes. */
    public TenantInTest region(String processor, String country) {
        regions.put(processor, new ProcessorRegion(country, country));
        return this;
    }

    public TenantInTest sending(SendingPolicy policy) {
        sending = policy;
        return this;
    }

    /**
     * @param periods by data type, as far as they differ from the hub's
     */
    public TenantInTest retention(Map<String, Period> periods) {
        retention = periods;
        return this;
    }

    /**
     * @param lines of {@code keys} in the tenant file
     */
    public TenantInTest keys(String... lines) {
        keys = List.of(lines);
        return this;
    }

    public TenantInTest apiKey(Tenant.ApiKey key) {
        apiKeys = List.of(key);
        return this;
    }

    public Tenants alone() {
        return new Tenants(Map.of(id, build()));
    }

    public Tenant build() {
        return new Tenant(
                id,
                "Muster GmbH",
                new Controller("Muster GmbH", null, null, null, null, List.of()),
                residency,
                regions,
                Tenant.ConsentMode.OPEN,
                ConsentRules.DEFAULT,
                "de",
                Map.of(),
                Map.of(),
                accounts,
                Map.of(),
                sending,
                Set.of(),
                destinations,
                Map.of(),
                TenantRetention.of(id, retention),
                apiKeys,
                keys,
                LabelRules.NONE);
    }
}
