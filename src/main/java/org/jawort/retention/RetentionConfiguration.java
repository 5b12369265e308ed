package org.jawort.retention;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.jawort.HubProperties;
import org.jawort.consent.ConsentErasure;
import org.jawort.consent.ConsentLedger;
import org.jawort.conversation.QuarantinedWebhooks;
import org.jawort.delivery.Outbox;
import org.jawort.intake.SpooledWebhooks;
import org.jawort.intake.WebhookSeal;
import org.jawort.media.MediaFiles;
import org.jawort.opendsr.OpenDsr;
import org.jawort.proof.DailyAnchors;
import org.jawort.sending.ErasureCalls;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.springframework.beans.factory.ObjectProvider;
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
    HoldNotices holdNotices(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Outbox outbox,
            InstantSource clock,
            MeterRegistry meters) {
        return new HoldNotices(tenants, scope, jdbc, outbox, clock, meters);
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
    Preservation preservation(
            Holds holds,
            Categories categories,
            JdbcTemplate jdbc,
            MeterRegistry meters,
            TenantScope scope) {
        return new Preservation(holds, categories, new StubReview(jdbc, meters), scope);
    }

    @Bean
    RetentionExplanations retentionExplanations(
            JdbcTemplate jdbc,
            Tenants tenants,
            RetentionRules rules,
            Holds holds,
            Categories categories,
            InstantSource clock) {
        return new RetentionExplanations(jdbc, tenants, rules, holds, categories, clock);
    }

    @Bean
    RetentionCoverage retentionCoverage(JdbcTemplate jdbc, RetentionRules rules, Tenants tenants) {
        return new RetentionCoverage(jdbc, rules, tenants);
    }

    @Bean
    RuleVersions ruleVersions(
            Tenants tenants,
            RetentionRules rules,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock) {
        return new RuleVersions(tenants, rules, scope, jdbc, clock);
    }

    @Bean
    RetentionRuns retentionRuns(
            Tenants tenants,
            RetentionRules rules,
            Preservation preservation,
            TenantScope scope,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            InstantSource clock,
            MeterRegistry meters,
            HubProperties properties,
            Holds holds,
            RetentionBatches batches,
            Tombstones stones,
            TombstoneDirectory directory,
            ErasureCalls calls,
            Outbox outbox) {
        return new RetentionRuns(
                tenants,
                rules,
                preservation,
                scope,
                jdbc,
                keys,
                clock,
                meters,
                properties.retention().batchSize(),
                properties.retention().dailyCap(),
                holds,
                batches,
                stones,
                directory,
                calls,
                new RetentionAlerts(tenants, outbox, meters));
    }

    @Bean
    RetentionBatches retentionBatches(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            RetentionRules rules,
            RetainedItems retained,
            EndedRelationships relationships,
            Holds holds) {
        return new RetentionBatches(
                new LetterRestriction(jdbc, keys, rules, retained, new Receivers(jdbc)),
                new RetainedEnds(jdbc, rules),
                retained,
                relationships,
                holds,
                new EvidenceCut(jdbc, rules));
    }

    @Bean
    EndedRelationships endedRelationships(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            ConsentLedger ledger,
            ConsentErasure consents,
            RetainedItems retained,
            Tenants tenants,
            Outbox outbox) {
        return new EndedRelationships(
                jdbc, keys, ledger, consents, retained, new EndNotices(tenants, outbox));
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
    ProviderDeletions providerDeletions(
            ErasureCalls calls,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            InstantSource clock,
            HubProperties properties) {
        return new ProviderDeletions(
                calls, jdbc, keys, clock, properties.retention().providerCallsPerSecond());
    }

    @Bean
    DeletionAnswers deletionAnswers(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            ProviderDeletions providers,
            InterruptedRuns interrupted,
            SubjectKeys keys,
            InstantSource clock,
            MeterRegistry meters) {
        return new DeletionAnswers(
                tenants, scope, jdbc, providers, interrupted, keys, clock, meters);
    }

    @Bean
    InterruptedRuns interruptedRuns(JdbcTemplate jdbc, Tombstones stones, InstantSource clock) {
        return new InterruptedRuns(jdbc, stones, clock);
    }

    @Bean(destroyMethod = "close")
    Tombstones tombstones(HubProperties properties) {
        return new Tombstones(
                properties.tombstones().directory(), UUID.randomUUID().toString().substring(0, 8));
    }

    @Bean
    TombstoneDirectory tombstoneDirectory(
            HubProperties properties, TenantScope scope, JdbcTemplate jdbc) {
        return new TombstoneDirectory(
                properties.tombstones().directory(),
                properties.tombstones().acceptLoss(),
                scope,
                jdbc);
    }

    @Bean
    TombstoneReplay tombstoneReplay(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Tombstones stones,
            TombstoneDirectory directory,
            InterruptedRuns interrupted,
            Erasure erasure,
            RetainedItems retained,
            EndedRelationships relationships,
            RetentionRules rules,
            InstantSource clock) {
        return new TombstoneReplay(
                tenants,
                scope,
                jdbc,
                stones,
                directory,
                interrupted,
                erasure,
                retained,
                relationships,
                new OverdueRows(scope, jdbc, rules),
                clock);
    }

    @Bean
    Keeping keeping(RetentionRules rules, Holds holds) {
        return new Keeping(rules, holds);
    }

    @Bean
    RetainedItems retainedItems(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Keeping keeping,
            Pseudonyms pseudonyms,
            MediaFiles files) {
        return new RetainedItems(jdbc, keys, keeping, pseudonyms, files);
    }

    @Bean
    RetainedMessages retainedMessages(JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms) {
        return new RetainedMessages(jdbc, keys, pseudonyms);
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
            ProviderDeletions deletions,
            Outbox outbox,
            OpenDsr openDsr,
            RetainedItems retained,
            Keeping keeping,
            Categories categories,
            RetentionRules rules,
            Preservation preservation,
            Tombstones stones,
            ObjectProvider<CamelContext> camel,
            InstantSource clock,
            MeterRegistry meters) {
        KeptBesides besides = new KeptBesides(jdbc, rules);
        return new Erasure(
                tenants,
                scope,
                jdbc,
                keys,
                ledger,
                consents,
                quarantine,
                new SpooledWebhooks(jdbc, seal),
                new ErasurePropagation(
                        tenants,
                        jdbc,
                        keys,
                        calls,
                        deletions,
                        outbox,
                        openDsr,
                        to -> RouteErasure.isOfEachMessage(camel.getObject(), to)),
                retained,
                categories,
                new BoundItems(jdbc, keeping),
                besides,
                new ErasurePlans(jdbc, rules, keeping, besides),
                preservation,
                stones,
                clock,
                meters);
    }

    @Bean
    DeletionAnchors deletionAnchors(DailyAnchors daily, TenantScope scope, JdbcTemplate jdbc) {
        return new DeletionAnchors(daily, scope, jdbc);
    }
}
