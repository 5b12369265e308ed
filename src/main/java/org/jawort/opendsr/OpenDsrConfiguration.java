package org.jawort.opendsr;

import java.time.InstantSource;
import org.jawort.HubProperties;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class OpenDsrConfiguration {

    @Bean
    OpenDsr openDsr(
            Tenants tenants,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            TenantScope scope,
            InstantSource clock,
            HubProperties hub) {
        return new OpenDsr(
                tenants,
                new ProcessorRequests(jdbc),
                keys,
                scope,
                clock,
                hub.publicUrl().toString());
    }
}
