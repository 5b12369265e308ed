package org.jawort.sending;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jawort.HubProperties;
import org.jawort.TenantRoutes;
import org.jawort.consent.ConsentLedger;
import org.jawort.delivery.DeliveryTopics;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.RetrySchedule;
import org.jawort.label.Filing;
import org.jawort.mapping.Mappings;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKeys;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class SendingConfiguration {

    @Bean
    DecisionGate decisionGate(InstantSource clock) {
        return new DecisionGate(clock);
    }

    @Bean
    SendingAccounts sendingAccounts(Tenants tenants) {
        return new SendingAccounts(tenants);
    }

    @Bean
    ProviderRequest providerRequest(
            Mappings mappings, SendingAccounts accounts, InstantSource clock) {
        return new ProviderRequest(mappings, accounts, clock);
    }

    @Bean
    ProviderAnswer providerAnswer(Mappings mappings, InstantSource clock) {
        return new ProviderAnswer(mappings, clock);
    }

    @Bean
    SendingHttpClient sendingHttpClient() {
        return new SendingHttpClient();
    }

    @Bean
    ChannelRules channelRules(Tenants tenants, JdbcTemplate jdbc) {
        return ChannelRulesBook.shipped(new StoredCategories(tenants, jdbc));
    }

    @Bean
    SendFacts sendFacts(Tenants tenants, Informing informing) {
        return new StoredFacts(tenants, informing);
    }

    @Bean
    AccountHealth accountHealth() {
        return new AccountHealth();
    }

    @Bean
    AccountChoice accountChoice(SendingAccounts accounts, AccountHealth health) {
        return new AccountChoice(accounts, health);
    }

    @Bean
    OutboundRows outboundRows(JdbcTemplate jdbc, Outbox outbox, Tenants tenants) {
        return new OutboundRows(jdbc, outbox, tenants);
    }

    @Bean
    Senders senders(JdbcTemplate jdbc, Pseudonyms pseudonyms) {
        return new Senders(jdbc, pseudonyms);
    }

    @Bean
    SendDocuments sendDocuments(
            Tenants tenants,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Senders senders,
            HubProperties properties) {
        return new SendDocuments(tenants, jdbc, keys, senders, properties.publicUrl().toString());
    }

    @Bean
    Outgoing outgoing(
            Tenants tenants,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Senders senders,
            Pseudonyms pseudonyms,
            AccountChoice choice,
            OutboundRows rows,
            SendDocuments documents,
            Filing filing) {
        return new Outgoing(
                tenants,
                jdbc,
                new Placement(tenants, jdbc, new Recipients(jdbc, keys), senders, choice),
                pseudonyms,
                choice,
                rows,
                documents,
                new SendEvents(tenants),
                filing);
    }

    @Bean
    SentMessages sentMessages(
            JdbcTemplate jdbc,
            Pseudonyms pseudonyms,
            Tenants tenants,
            OutboundRows rows,
            SendDocuments documents,
            ConsentLedger ledger,
            SendHearing hearing) {
        return new SentMessages(
                jdbc,
                pseudonyms,
                tenants,
                rows,
                documents,
                new SendEvents(tenants),
                ledger,
                hearing);
    }

    @Bean
    SendDecider sendDecider(
            Tenants tenants,
            SendingAccounts accounts,
            ChannelRules rules,
            SendFacts facts,
            Senders senders,
            Pseudonyms pseudonyms,
            JdbcTemplate jdbc) {
        return new SendDecider(tenants, accounts, rules, facts, senders, pseudonyms, jdbc);
    }

    @Bean
    MonthlyCaps monthlyCaps(Tenants tenants, JdbcTemplate jdbc) {
        return new MonthlyCaps(tenants, jdbc);
    }

    @Bean
    Disclosures disclosures(JdbcTemplate jdbc, Disclosing words) {
        return new Disclosures(jdbc, words);
    }

    /**
     * The part of the pool that the threads of all accounts share: there are many of them, and a
     * burst to send must leave connections to what comes in.
     *
     * @param scope of three eighths of the pool
     */
    record Share(TenantScope scope) {}

    @Bean
    Share sendingShare(
            TenantScope scope,
            @Value("${spring.datasource.hikari.maximum-pool-size}") int poolSize) {
        return new Share(scope.atMost(poolSize * 3 / 8, Duration.ofSeconds(10)));
    }

    @Bean
    SendClaim sendClaim(
            Share share,
            Tenants tenants,
            OutboundRows rows,
            SentMessages sent,
            ConsentLedger ledger,
            SendDecider decider,
            JdbcTemplate jdbc,
            SendDocuments documents,
            AccountChoice choice,
            MonthlyCaps caps,
            SendHearing hearing,
            Informing informing,
            Disclosures disclosures,
            Pseudonyms pseudonyms,
            InstantSource clock) {
        return new SendClaim(
                share.scope(),
                tenants,
                rows,
                sent,
                ledger,
                decider,
                new SendDecisions(jdbc),
                documents,
                new SendEvents(tenants),
                choice,
                caps,
                hearing,
                informing,
                disclosures,
                pseudonyms,
                clock);
    }

    @Bean
    SendSteps sendSteps(
            Share share,
            Tenants tenants,
            OutboundRows rows,
            SentMessages sent,
            ConsentLedger ledger,
            SendDocuments documents,
            Senders senders,
            SendClaim claim,
            MonthlyCaps caps,
            OptOuts optOuts,
            SendHearing hearing,
            Pseudonyms pseudonyms,
            RetrySchedule schedule,
            DecisionGate gate,
            AccountHealth health,
            InstantSource clock,
            MeterRegistry meters) {
        return new SendSteps(
                tenants,
                claim,
                new SendSettlement(
                        share.scope(),
                        tenants,
                        rows,
                        sent,
                        ledger,
                        documents,
                        senders,
                        new SendEvents(tenants),
                        claim,
                        caps,
                        optOuts,
                        hearing,
                        pseudonyms,
                        schedule,
                        clock),
                gate,
                new SendRates(),
                health,
                clock,
                meters);
    }

    @Bean
    MessageRequests messageRequests(
            Tenants tenants,
            JdbcTemplate jdbc,
            Pseudonyms pseudonyms,
            ConsentLedger ledger,
            Outgoing outgoing,
            OutboundRows rows,
            SendDecider decider,
            SendDocuments documents,
            SendClaim claim,
            Disclosures disclosures,
            InstantSource clock,
            MeterRegistry meters) {
        return new MessageRequests(
                tenants,
                jdbc,
                pseudonyms,
                ledger,
                outgoing,
                rows,
                decider,
                new SendDecisions(jdbc),
                documents,
                claim,
                disclosures,
                new Denials(meters),
                clock);
    }

    @Bean
    MessageViews messageViews(
            Tenants tenants,
            OutboundRows rows,
            SendDocuments documents,
            JdbcTemplate jdbc,
            InstantSource clock) {
        return new MessageViews(
                rows, new SendDecisions(jdbc), documents, new SendEvents(tenants), jdbc, clock);
    }

    @Bean
    ErasureCalls erasureCalls(
            Tenants tenants,
            SendingAccounts accounts,
            Mappings mappings,
            JdbcTemplate jdbc,
            Outbox outbox) {
        return new ErasureCalls(tenants, accounts, mappings, jdbc, outbox);
    }

    @Bean
    ProviderErasures providerErasures(
            Share share,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Mappings mappings,
            SendingAccounts accounts,
            ProviderAnswer answers,
            InstantSource clock,
            MeterRegistry meters) {
        return new ProviderErasures(
                share.scope(), jdbc, keys, mappings, accounts, answers, clock, meters);
    }

    @Bean
    ScheduledSends scheduledSends(
            TenantScope scope,
            StrandedSends stranded,
            SendingAccounts accounts,
            OutboundRows rows,
            Outgoing outgoing,
            Disclosures disclosures,
            InstantSource clock,
            Tenants tenants,
            MeterRegistry meters) {
        return new ScheduledSends(
                scope, stranded, accounts, rows, outgoing, disclosures, clock, tenants, meters);
    }

    @Bean
    CamelContextConfiguration sendingRoutes(
            SendingAccounts accounts, DeliveryTopics topics, TenantRoutes routes) {
        return new AccountRoutes(accounts, topics, routes);
    }

    @Bean
    StrandedSends strandedSends(
            Share share,
            SendingAccounts accounts,
            OutboundRows rows,
            ConsentLedger ledger,
            SendClaim claim,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters) {
        return new StrandedSends(share.scope(), accounts, rows, ledger, claim, jdbc, clock, meters);
    }

    @Bean
    UnansweredDuties unansweredDuties(
            TenantScope scope,
            JdbcTemplate jdbc,
            OutboundRows rows,
            ConsentLedger ledger,
            SendHearing hearing,
            Pseudonyms pseudonyms,
            InstantSource clock,
            MeterRegistry meters) {
        return new UnansweredDuties(scope, jdbc, rows, ledger, hearing, pseudonyms, clock, meters);
    }
}
