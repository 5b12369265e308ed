package org.jawort.document;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.jawort.HubProperties;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Share;
import org.jawort.http.HttpCalls;
import org.jawort.label.Labels;
import org.jawort.retention.Categories;
import org.jawort.retention.RetainedMessages;
import org.jawort.retention.RetentionRules;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKeys;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class DocumentConfiguration {

    @Bean
    Labelling labelling(
            JdbcTemplate jdbc,
            Labels labels,
            Categories categories,
            Outbox outbox,
            Tenants tenants,
            InstantSource clock) {
        return new Labelling(jdbc, labels, categories, outbox, tenants, clock);
    }

    @Bean
    LabelAnswers labelAnswers(
            Tenants tenants,
            Share share,
            JdbcTemplate jdbc,
            Labelling labelling,
            HttpCalls calls,
            MeterRegistry meters) {
        return new LabelAnswers(tenants, share.scope(), jdbc, labelling, calls, meters);
    }

    @Bean
    ArchiveProcedures archiveProcedures(
            HubProperties properties,
            Tenants tenants,
            RetentionRules rules,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock) {
        return new ArchiveProcedures(properties.home(), tenants, rules, scope, jdbc, clock);
    }

    @Bean
    DocumentSearch documentSearch(
            JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms, RetainedMessages retained) {
        return new DocumentSearch(jdbc, keys, pseudonyms, retained);
    }
}
