package org.jawort.conversation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.DueConsents;
import org.jawort.delivery.MessageMedia;
import org.jawort.delivery.Outbox;
import org.jawort.intake.WebhookSeal;
import org.jawort.label.Filing;
import org.jawort.label.Labels;
import org.jawort.mapping.Mappings;
import org.jawort.media.MediaFiles;
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
            Duties duties,
            DataRequests requests,
            Outbox outbox,
            SentMessages sent,
            Filing filing,
            MediaFiles files,
            InstantSource clock,
            MeterRegistry meters) {
        Map<String, TenantPolicy> policies = TenantPolicy.all(tenants);
        EntryCounts counts = new EntryCounts(meters);
        Messages messages =
                new Messages(
                        jdbc, pseudonyms, JSON, sent, filing, new ReceivedMedia(jdbc, JSON, files));
        EventData data = new EventData(JSON);
        Events events = new Events(data);
        ConsentMoves consent =
                new ConsentMoves(
                        policies,
                        new HeldMessages(jdbc),
                        events,
                        new ConsentNews(new People(jdbc, pseudonyms, keys), data),
                        counts);
        TenantScope batches = scope.keepingPlans();
        Conversations conversations = new Conversations(jdbc, pseudonyms);
        BatchTransaction transaction =
                new BatchTransaction(
                        batches,
                        policies,
                        new ProviderEvents(jdbc),
                        new Subjects(jdbc, pseudonyms, keys),
                        conversations,
                        ledger,
                        consent,
                        messages,
                        new Statuses(jdbc, messages, new ReadConversations(jdbc, JSON)),
                        new AskedSince(jdbc),
                        new Entries(
                                policies,
                                messages,
                                conversations,
                                sent,
                                new TemplateEntries(jdbc, counts),
                                consent,
                                events,
                                counts),
                        duties,
                        requests,
                        outbox,
                        clock,
                        counts);
        return new Normalization(
                new WebhookReader(tenants, seal, mappings, pseudonyms, clock, counts, meters),
                transaction,
                new Quarantine(jdbc, tenantKeys),
                batches,
                clock,
                meters);
    }

    @Bean
    Labels labels(JdbcTemplate jdbc, SubjectKeys keys, Pseudonyms pseudonyms) {
        return new Labels(jdbc, keys, pseudonyms);
    }

    @Bean
    Filing filing(Tenants tenants, Labels labels) {
        return new Filing(tenants, labels);
    }

    /** A purpose whose basis changed stops the start. */
    @Bean
    PersonalConsent.Desk consentDesk(
            Tenants tenants,
            People people,
            JdbcTemplate jdbc,
            ConsentLedger ledger,
            Duties duties,
            Outbox outbox,
            TenantScope scope,
            InstantSource clock) {
        Map<String, TenantPolicy> policies = TenantPolicy.all(tenants);
        new PurposeBases(scope, jdbc, clock).keep(policies);
        return new PersonalConsent.Desk(
                policies,
                people,
                ledger,
                new HeldMessages(jdbc),
                new ConsentNews(people, new EventData(JSON)),
                duties,
                outbox);
    }

    @Bean
    People people(JdbcTemplate jdbc, Pseudonyms pseudonyms, SubjectKeys keys) {
        return new People(jdbc, pseudonyms, keys);
    }

    @Bean
    Declarations declarations(
            PersonalConsent.Desk desk, People people, ConsentLedger ledger, InstantSource clock) {
        return new Declarations(desk, people, ledger, clock);
    }

    @Bean
    LostAddresses lostAddresses(PersonalConsent.Desk desk, People people, InstantSource clock) {
        return new LostAddresses(desk, people, clock);
    }

    @Bean
    PossibleWithdrawals possibleWithdrawals(
            PersonalConsent.Desk desk, JdbcTemplate jdbc, InstantSource clock) {
        return new PossibleWithdrawals(desk, jdbc, clock);
    }

    @Bean
    TenantActs tenantActs(
            PersonalConsent.Desk desk,
            People people,
            ConsentLedger ledger,
            JdbcTemplate jdbc,
            InstantSource clock) {
        return new TenantActs(desk, people, ledger, jdbc, clock);
    }

    @Bean
    SendOutcomes sendOutcomes(PersonalConsent.Desk desk) {
        return new SendOutcomes(desk);
    }

    @Bean
    OptOutReconciliation optOutReconciliation(
            PersonalConsent.Desk desk,
            SendOutcomes outcomes,
            Outbox outbox,
            JdbcTemplate jdbc,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        return new OptOutReconciliation(desk, outcomes, outbox, jdbc, scope, clock, meters);
    }

    @Bean
    ConsentClock consentClock(
            PersonalConsent.Desk desk,
            JdbcTemplate jdbc,
            ConsentClock.PromptTexts texts,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        return new ConsentClock(desk, new DueConsents(jdbc), texts, scope, clock, meters);
    }

    @Bean
    ConversationReader conversationReader(JdbcTemplate jdbc, SubjectKeys keys, MessageMedia media) {
        return new ConversationReader(jdbc, keys, JSON, media);
    }

    @Bean
    QuarantinedWebhooks quarantinedWebhooks(
            JdbcTemplate jdbc, TenantKeys tenantKeys, InstantSource clock) {
        return new QuarantinedWebhooks(jdbc, tenantKeys, clock);
    }
}
