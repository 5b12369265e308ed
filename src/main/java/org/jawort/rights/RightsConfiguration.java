package org.jawort.rights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.jawort.HubProperties;
import org.jawort.consent.ConsentLedger;
import org.jawort.conversation.DataRequests;
import org.jawort.conversation.Declarations;
import org.jawort.conversation.People;
import org.jawort.delivery.DisclosureLedger;
import org.jawort.delivery.MessageMedia;
import org.jawort.delivery.Outbox;
import org.jawort.media.MediaReader;
import org.jawort.notice.NoticeHistory;
import org.jawort.notice.Texts;
import org.jawort.proof.ConsentHistory;
import org.jawort.proof.ConsentProofs;
import org.jawort.sending.Outgoing;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class RightsConfiguration {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .build();

    @Bean
    RightsEvents rightsEvents(Tenants tenants, JdbcTemplate jdbc, Outbox outbox) {
        return new RightsEvents(tenants, new DisclosureLedger(jdbc), outbox);
    }

    @Bean
    RequestStore requestStore(JdbcTemplate jdbc) {
        return new RequestStore(jdbc);
    }

    @Bean
    RequestMoves requestMoves(RequestStore store, RightsEvents events) {
        return new RequestMoves(store, events);
    }

    @Bean
    Replies requestReplies(
            Texts texts,
            Tenants tenants,
            Outgoing outgoing,
            JdbcTemplate jdbc,
            MeterRegistry meters) {
        return new Replies(texts, tenants, outgoing, jdbc, meters);
    }

    @Bean
    DataRequests chatIntake(
            RequestStore store, RequestMoves moves, Replies replies, JdbcTemplate jdbc) {
        return new ChatIntake(store, moves, new IdentityRules(jdbc), replies);
    }

    @Bean
    PackageStore packageStore(JdbcTemplate jdbc, TenantScope scope) {
        return new PackageStore(jdbc, scope);
    }

    @Bean
    Downloads downloads(JdbcTemplate jdbc, PackageStore packages, HubProperties properties) {
        return new Downloads(jdbc, packages, properties.publicUrl());
    }

    @Bean
    RequestWork requestWork(
            RequestStore store,
            RequestMoves moves,
            RightsEvents events,
            Replies replies,
            Downloads downloads,
            PackageStore packages,
            ConsentHistory consents,
            ConsentLedger ledger,
            NoticeHistory notices,
            ConsentProofs proofs,
            KeptByLaw kept,
            Periods periods,
            Declarations declarations,
            ErasureRun erasure,
            People people,
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            MessageMedia messageMedia,
            MediaReader reader,
            InstantSource clock) {
        Restriction restriction = new Restriction(jdbc, events);
        Refusing refusing = new Refusing(declarations, jdbc);
        Map<RequestType, Fulfilment> fulfilments = new EnumMap<>(RequestType.class);
        RetainedData retained = new RetainedData(kept, proofs, jdbc, reader);
        fulfilments.put(RequestType.RESTRICT, restriction);
        fulfilments.put(RequestType.RECTIFY, new Rectification(jdbc, retained, events));
        fulfilments.put(RequestType.OBJECT, refusing);
        fulfilments.put(RequestType.WITHDRAW, refusing);
        return new RequestWork(
                store,
                moves,
                events,
                replies,
                downloads,
                packages,
                new PersonalData(
                        jdbc,
                        JSON,
                        consents,
                        ledger,
                        notices,
                        new DisclosureLedger(jdbc),
                        retained,
                        messageMedia,
                        reader),
                new Disclosures(tenants, new DisclosureLedger(jdbc), periods),
                fulfilments,
                restriction,
                erasure,
                people,
                tenants,
                scope,
                clock,
                JSON);
    }

    @Bean
    Requests requests(
            RequestStore store,
            RequestMoves moves,
            RightsEvents events,
            Replies replies,
            Downloads downloads,
            RequestWork work,
            People people,
            ErasureRun erasure,
            JdbcTemplate jdbc,
            InstantSource clock) {
        return new Requests(
                store,
                moves,
                events,
                new IdentityRules(jdbc),
                replies,
                downloads,
                work,
                people,
                erasure,
                clock);
    }

    @Bean
    RequestRuns requestRuns(
            RequestStore store,
            RequestWork work,
            RightsEvents events,
            Downloads downloads,
            Periods periods,
            DeletedFiles deleted,
            JdbcTemplate jdbc,
            Tenants tenants,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        return new RequestRuns(
                store, work, events, downloads, periods, deleted, jdbc, tenants, scope, clock,
                meters);
    }

    @Bean
    RequestDownloads requestDownloads(
            Downloads downloads,
            PackageStore packages,
            RequestStore store,
            RequestWork work,
            Replies replies,
            People people,
            Tenants tenants,
            TenantScope scope,
            InstantSource clock) {
        return new RequestDownloads(
                downloads, packages, store, work, replies, people, tenants, scope, clock);
    }
}
