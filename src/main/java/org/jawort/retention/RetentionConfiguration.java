package org.jawort.retention;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.jawort.HubProperties;
import org.jawort.delivery.Outbox;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class RetentionConfiguration {

    @Bean
    RetentionRules retentionRules(Tenants tenants) {
        return new RetentionRules(tenants);
    }

    @Bean
    RetentionCoverage retentionCoverage(JdbcTemplate jdbc, RetentionRules rules, Tenants tenants) {
        return new RetentionCoverage(jdbc, rules, tenants);
    }

    @Bean
    RetentionRuns retentionRuns(
            Tenants tenants,
            RetentionRules rules,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters,
            HubProperties properties) {
        return new RetentionRuns(
                tenants,
                rules,
                scope,
                jdbc,
                new ObjectMapper(),
                clock,
                meters,
                properties.retention().batchSize());
    }

    @Bean
    DeletionNotices deletionNotices(
            Tenants tenants,
            RetentionRules rules,
            Outbox outbox,
            JdbcTemplate jdbc,
            InstantSource clock) {
        return new DeletionNotices(tenants, rules, outbox, jdbc, clock);
    }
}
