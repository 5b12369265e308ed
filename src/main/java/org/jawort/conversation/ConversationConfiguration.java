package org.jawort.conversation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import org.jawort.consent.ConsentLedger;
import org.jawort.delivery.Outbox;
import org.jawort.intake.WebhookSeal;
import org.jawort.mapping.Mappings;
import org.jawort.sending.SentMessages;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class ConversationConfiguration {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Bean
    Normalization normalization(
            Tenants tenants,
            WebhookSeal seal,
            Mappings mappings,
            Pseudonyms pseudonyms,
            SubjectKeys keys,
            TenantKeys tenantKeys,
            TenantScope scope,
            JdbcTemplate jdbc,
            ConsentLedger ledger,
            Outbox outbox,
            SentMessages sent,
            InstantSource clock,
            MeterRegistry meters) {
        Map<String, TenantPolicy> policies = TenantPolicy.all(tenants);
        EntryCounts counts = new EntryCounts(meters);
        Messages messages = new Messages(jdbc, pseudonyms, JSON, sent);
        Events events = new Events(new EventData(JSON));
        BatchTransaction transaction =
                new BatchTransaction(
                        scope,
                        policies,
                        new ProviderEvents(jdbc),
                        new Subjects(jdbc, pseudonyms, keys),
                        new Conversations(jdbc, pseudonyms),
                        ledger,
                        messages,
                        new Statuses(jdbc, messages),
                        new Entries(policies, messages, new HeldMessages(jdbc), events, counts),
                        outbox,
                        clock,
                        counts);
        return new Normalization(
                new WebhookReader(tenants, seal, mappings, pseudonyms, clock, counts, meters),
                transaction,
                new Quarantine(jdbc, tenantKeys),
                scope,
                clock,
                meters);
    }

    @Bean
    Declarations declarations(
            Tenants tenants,
            Pseudonyms pseudonyms,
            SubjectKeys keys,
            JdbcTemplate jdbc,
            ConsentLedger ledger,
            Outbox outbox,
            InstantSource clock) {
        return new Declarations(
                TenantPolicy.all(tenants),
                new People(jdbc, pseudonyms, keys),
                ledger,
                new HeldMessages(jdbc),
                new EventData(JSON),
                outbox,
                clock);
    }

    @Bean
    ConversationReader conversationReader(JdbcTemplate jdbc, SubjectKeys keys) {
        return new ConversationReader(jdbc, keys, JSON);
    }

    @Bean
    QuarantinedWebhooks quarantinedWebhooks(
            JdbcTemplate jdbc, TenantKeys tenantKeys, InstantSource clock) {
        return new QuarantinedWebhooks(jdbc, tenantKeys, clock);
    }
}
