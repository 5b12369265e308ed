package org.jawort.http;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jawort.TenantRoutes;
import org.jawort.http.Credentials.ClientCredentials;

/** Starts, per HTTP destination, the route its requests take, and the one to its access tokens. */
public final class HttpRoutes implements CamelContextConfiguration {

    private final HttpDestinations destinations;

    private final TenantRoutes routes;

    public HttpRoutes(HttpDestinations destinations, TenantRoutes routes) {
        this.destinations = destinations;
        this.routes = routes;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        for (HttpDestination destination : destinations.all()) {
            destination
                    .tls()
                    .ifPresent(tls -> context.getRegistry().bind(destination.tlsName(), tls));
        }
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        for (HttpDestination destination : destinations.all()) {
            String name = destination.tenant() + "-" + destination.id();
            Map<String, Object> parameters = new HashMap<>();
            parameters.put("tenant", destination.tenant());
            parameters.put("destination", destination.id());
            parameters.put("url", destination.url());
            destination.tls().ifPresent(tls -> parameters.put("tls", "#" + destination.tlsName()));
            routes.start(() -> start(context, "http-call", name, parameters));
            if (destination.credentials() instanceof ClientCredentials credentials) {
                Map<String, Object> ofToken = new HashMap<>(parameters);
                ofToken.put("url", credentials.tokenUrl());
                routes.start(() -> start(context, "http-token", name, ofToken));
            }
        }
    }

    private static void start(
            CamelContext context, String template, String name, Map<String, Object> parameters) {
        try {
            context.addRouteFromTemplate(template + "-" + name, template, parameters);
        } catch (Exception unusable) {
            throw new IllegalStateException(
                    "route " + template + " of destination " + name + ": " + unusable.getMessage(),
                    unusable);
        }
    }
}
