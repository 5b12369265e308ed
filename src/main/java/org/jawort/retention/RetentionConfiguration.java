package org.jawort.retention;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.jawort.HubProperties;
import org.jawort.delivery.Outbox;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.TenantKeys;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class RetentionConfiguration {

    @Bean
    RetentionRules retentionRules(Tenants tenants, InstantSource clock) {
        return new RetentionRules(tenants, clock);
    }

    @Bean
    Holds holds(JdbcTemplate jdbc, TenantKeys keys, RetentionRules rules, InstantSource clock) {
        return new Holds(new HoldRows(jdbc, keys), rules, jdbc, clock);
    }

    @Bean
    Categories categories(JdbcTemplate jdbc, RetentionRules rules, InstantSource clock) {
        return new Categories(jdbc, rules, clock);
    }

    @Bean
    Relationships relationships(JdbcTemplate jdbc, RetentionRules rules, InstantSource clock) {
        return new Relationships(jdbc, rules, clock);
    }

    @Bean
    Preservation preservation(Holds holds, Categories categories, TenantScope scope) {
        return new Preservation(holds, categories, scope);
    }

    @Bean
    RetentionExplanations retentionExplanations(
            JdbcTemplate jdbc,
            RetentionRules rules,
            Holds holds,
            Categories categories,
            InstantSource clock) {
        return new RetentionExplanations(jdbc, rules, holds, categories, clock);
    }

    @Bean
    RetentionCoverage retentionCoverage(JdbcTemplate jdbc, RetentionRules rules, Tenants tenants) {
        return new RetentionCoverage(jdbc, rules, tenants);
    }

    @Bean
    RetentionRuns retentionRuns(
            Tenants tenants,
            RetentionRules rules,
            Preservation preservation,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters,
            HubProperties properties) {
        return new RetentionRuns(
                tenants,
                rules,
                preservation,
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
