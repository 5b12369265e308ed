package org.jawort.notice;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jawort.conversation.SendOutcomes;
import org.jawort.delivery.Outbox;
import org.jawort.sending.Disclosing;
import org.jawort.sending.Outgoing;
import org.jawort.sending.SendHearing;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class NoticeConfiguration {

    /** Stores new versions; a version that was changed stops the start. */
    @Bean
    Texts texts(Tenants tenants, TenantScope scope, JdbcTemplate jdbc, InstantSource clock) {
        TextStore store = new TextStore(scope, jdbc, clock);
        Map<String, List<Text>> kept = new HashMap<>();
        tenants.all().forEach(tenant -> kept.put(tenant.id(), store.keep(tenant, tenants)));
        return new Texts(tenants, kept, clock);
    }

    @Bean
    ObligedMessages obligedMessages(
            Texts texts,
            Tenants tenants,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Outbox outbox,
            Outgoing outgoing,
            MeterRegistry meters) {
        return new ObligedMessages(
                texts,
                tenants,
                new NoticeLedger(jdbc),
                new AlternativeRoutes(jdbc, outgoing::senders),
                new NoticeEvents(tenants, jdbc, keys, outbox),
                outgoing,
                meters);
    }

    @Bean
    Disclosing disclosing(Texts texts, JdbcTemplate jdbc) {
        return new DisclosureWords(texts, new NoticeLedger(jdbc));
    }

    @Bean
    SendHearing endsOfDuties(SendOutcomes consent, ObligedMessages duties, InstantSource clock) {
        return new EndsOfDuties(consent, duties, clock);
    }

    @Bean
    NoticeHistory noticeHistory(JdbcTemplate jdbc, Texts texts) {
        return new NoticeHistory(jdbc, texts);
    }
}
