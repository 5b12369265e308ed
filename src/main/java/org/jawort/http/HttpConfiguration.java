package org.jawort.http;

import java.time.InstantSource;
import org.jawort.TenantRoutes;
import org.jawort.mapping.Mappings;
import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

@Configuration(proxyBeanMethods = false)
class HttpConfiguration {

    @Bean
    HttpDestinations httpDestinations(Tenants tenants) {
        return new HttpDestinations(tenants);
    }

    @Bean
    AccessTokens accessTokens(HttpDestinations destinations, InstantSource clock) {
        return new AccessTokens(destinations, clock);
    }

    @Bean
    HttpCalls httpCalls(HttpDestinations destinations, AccessTokens tokens, Mappings mappings) {
        return new HttpCalls(destinations, tokens, mappings);
    }

    /** Before the routes that use them begin to take deliveries. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    HttpRoutes httpRoutes(HttpDestinations destinations, TenantRoutes routes) {
        return new HttpRoutes(destinations, routes);
    }
}
