package org.jawort.conversation;

import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jawort.consent.Basis;
import org.jawort.consent.ConsentRules;
import org.jawort.consent.InboundFilter;
import org.jawort.consent.Keywords;
import org.jawort.consent.Purpose;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/**
 * What a tenant's file means for consent.
 *
 * @param purposes the legal basis of each purpose the tenant pursues (CON-5), in the order of
 *     {@link Purpose}
 */
public record TenantPolicy(
        Tenant tenant,
        Map<Purpose, Basis> purposes,
        InboundFilter filter,
        ConsentRules rules,
        boolean strict) {

    /** By tenant id. */
    public static Map<String, TenantPolicy> all(Tenants tenants) {
        Map<String, TenantPolicy> policies = new LinkedHashMap<>();
        for (Tenant tenant : tenants.all()) {
            policies.put(tenant.id(), of(tenant));
        }
        return policies;
    }

    /** The destinations that are to be told of an event. */
    Collection<Destination> receivers(NewEvent event) {
        return tenant.destinations().values().stream()
                .filter(destination -> destination.receives(event.type(), event.consumed()))
                .toList();
    }

    private static TenantPolicy of(Tenant tenant) {
        Map<Purpose, Basis> purposes = new EnumMap<>(Purpose.class);
        tenant.purposes()
                .forEach(
                        (name, basis) -> {
                            Optional<Purpose> purpose = Purpose.of(name);
                            if (purpose.isPresent() && !basis.equals("off")) {
                                purposes.put(purpose.get(), Basis.valueOf(basis));
                            }
                        });
        Keywords keywords =
                new Keywords(new Keywords.Additions(Map.of(), Map.of(), tenant.stopWords()));
        return new TenantPolicy(
                tenant,
                purposes,
                new InboundFilter(keywords),
                tenant.consentRules(),
                tenant.consentMode() == Tenant.ConsentMode.STRICT);
    }
}
