package org.jawort.proof;

import java.time.InstantSource;
import org.jawort.consent.ConsentErasure;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.SuppressionStubs;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.RuleLabels;
import org.jawort.notice.Texts;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.LastingLookups;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantSigner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class ProofConfiguration {

    @Bean
    ConsentErasure consentErasure(
            ConsentLedger ledger, SubjectKeys keys, Pseudonyms pseudonyms, JdbcTemplate jdbc) {
        return new ConsentErasure(
                ledger,
                new SuppressionStubs(jdbc, pseudonyms),
                new LastingLookups(jdbc, keys, pseudonyms),
                jdbc);
    }

    @Bean
    ConsentLedger consentLedger(
            JdbcTemplate jdbc, Tenants tenants, Texts texts, RuleLabels retention) {
        return new ConsentLedger(jdbc, new TenantTerms(tenants, texts, retention));
    }

    @Bean
    ConsentProofs consentProofs(JdbcTemplate jdbc, SubjectKeys keys, Texts texts) {
        return new ConsentProofs(jdbc, keys, texts);
    }

    @Bean
    ConsentHistory consentHistory(JdbcTemplate jdbc, Texts texts) {
        return new ConsentHistory(jdbc, texts);
    }

    @Bean
    DailyAnchors dailyAnchors(
            Tenants tenants, Outbox outbox, TenantKeys keys, InstantSource clock) {
        return new DailyAnchors(tenants, outbox, new TenantSigner(keys), clock);
    }

    @Bean
    LedgerAnchors ledgerAnchors(
            DailyAnchors daily, TenantScope scope, JdbcTemplate jdbc, TenantKeys keys) {
        return new LedgerAnchors(daily, scope, jdbc, new TenantSigner(keys));
    }
}
