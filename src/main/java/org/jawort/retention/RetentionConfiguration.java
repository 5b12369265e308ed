package org.jawort.retention;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.UUID;
import org.jawort.HubProperties;
import org.jawort.consent.ConsentErasure;
import org.jawort.consent.ConsentLedger;
import org.jawort.conversation.QuarantinedWebhooks;
import org.jawort.delivery.Outbox;
import org.jawort.intake.SpooledWebhooks;
import org.jawort.intake.WebhookSeal;
import org.jawort.sending.ErasureCalls;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantSigner;
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
            HubProperties properties,
            PlannedHolds holds,
            RetentionBatches batches,
            Tombstones stones,
            Outbox outbox) {
        return new RetentionRuns(
                tenants,
                rules,
                preservation,
                scope,
                jdbc,
                new ObjectMapper(),
                clock,
                meters,
                properties.retention().batchSize(),
                properties.retention().dailyCap(),
                holds,
                batches,
                stones,
                new RetentionAlerts(tenants, outbox, meters));
    }

    @Bean
    RetentionBatches retentionBatches(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            RetentionRules rules,
            RetainedItems retained,
            EndedRelationships relationships) {
        return new RetentionBatches(
                new LetterRestriction(jdbc, keys, rules, retained, new Receivers(jdbc)),
                new RetainedEnds(jdbc, rules),
                retained,
                relationships);
    }

    @Bean
    EndedRelationships endedRelationships(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            ConsentLedger ledger,
            ConsentErasure consents,
            RetainedItems retained) {
        return new EndedRelationships(jdbc, keys, ledger, consents, retained);
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

    @Bean
    PlannedHolds plannedHolds(Holds holds) {
        return holds::hit;
    }

    @Bean(destroyMethod = "close")
    Tombstones tombstones(HubProperties properties) {
        return new Tombstones(
                properties.tombstones().directory(), UUID.randomUUID().toString().substring(0, 8));
    }

    @Bean
    TombstoneReplay tombstoneReplay(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Tombstones stones,
            Erasure erasure,
            EndedRelationships relationships,
            InstantSource clock) {
        return new TombstoneReplay(tenants, scope, jdbc, stones, erasure, relationships, clock);
    }

    @Bean
    Keeping keeping(RetentionRules rules, Holds holds) {
        return new KeepingByPrecedence(rules, holds);
    }

    @Bean
    RetainedItems retainedItems(JdbcTemplate jdbc, SubjectKeys keys, Keeping keeping) {
        return new RetainedItems(jdbc, keys, keeping);
    }

    @Bean
    Erasure erasure(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            ConsentLedger ledger,
            ConsentErasure consents,
            QuarantinedWebhooks quarantine,
            WebhookSeal seal,
            ErasureCalls calls,
            Outbox outbox,
            RetainedItems retained,
            Preservation preservation,
            Tombstones stones,
            InstantSource clock,
            MeterRegistry meters) {
        return new Erasure(
                tenants,
                scope,
                jdbc,
                keys,
                ledger,
                consents,
                quarantine,
                new SpooledWebhooks(jdbc, seal),
                new ErasurePropagation(tenants, jdbc, keys, calls, outbox),
                retained,
                preservation,
                stones,
                clock,
                meters);
    }

    @Bean
    DeletionAnchors deletionAnchors(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Outbox outbox,
            TenantKeys keys,
            InstantSource clock) {
        return new DeletionAnchors(tenants, scope, jdbc, outbox, new TenantSigner(keys), clock);
    }
}
