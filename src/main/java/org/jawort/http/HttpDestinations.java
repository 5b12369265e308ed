package org.jawort.http;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;

/** All destinations that are reached by HTTP, as the tenant files said at the start. */
public final class HttpDestinations {

    private final Map<String, HttpDestination> destinations;

    /**
     * @throws IllegalArgumentException naming tenant file, destination and setting that cannot be
     *     used
     */
    public HttpDestinations(Tenants tenants) {
        destinations =
                tenants.all().stream()
                        .flatMap(tenant -> tenant.destinations().values().stream())
                        .filter(HttpDestination::is)
                        .map(HttpDestination::of)
                        .collect(Collectors.toMap(it -> key(it.tenant(), it.id()), it -> it));
    }

    /** Whether routes reach a destination by {@code http-call}. */
    public static boolean has(Destination destination) {
        return HttpDestination.is(destination);
    }

    /**
     * @throws IllegalArgumentException as the constructor does, for one destination
     */
    public static void check(Destination destination) {
        if (HttpDestination.is(destination)) {
            HttpDestination.of(destination);
        }
    }

    Collection<HttpDestination> all() {
        return destinations.values();
    }

    HttpDestination get(String tenant, String destination) {
        return destinations.get(key(tenant, destination));
    }

    private static String key(String tenant, String destination) {
        return tenant + "/" + destination;
    }
}
