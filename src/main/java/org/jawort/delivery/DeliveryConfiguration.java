package org.jawort.delivery;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.jawort.HubProperties;
import org.jawort.TenantRoutes;
import org.jawort.mapping.Mapping;
import org.jawort.mapping.Mappings;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.SecretSettings;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
class DeliveryConfiguration {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Bean
    Outbox outbox(JdbcTemplate jdbc) {
        return new Outbox(jdbc);
    }

    @Bean
    LateFiles lateFiles(JdbcTemplate jdbc, Outbox outbox, Tenants tenants) {
        return new LateFiles(jdbc, outbox, tenants);
    }

    @Bean
    Breakers breakers(Share share, JdbcTemplate jdbc, InstantSource clock, MeterRegistry meters) {
        return new Breakers(share.scope(), new ConditionRows(jdbc), clock, meters);
    }

    @Bean
    DestinationWatch destinationWatch(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Breakers breakers,
            InstantSource clock,
            MeterRegistry meters) {
        return new DestinationWatch(
                tenants, scope, new ConditionRows(jdbc), breakers, clock, meters);
    }

    @Bean
    GoneDestinations goneDestinations(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters) {
        return new GoneDestinations(tenants, scope, jdbc, clock, meters);
    }

    @Bean
    Destinations destinations(Tenants tenants, JdbcTemplate jdbc, InstantSource clock) {
        return new Destinations(tenants, new ConditionRows(jdbc), jdbc, clock);
    }

    @Bean
    Deadline deadline(
            ProducerTemplate template,
            HubProperties properties,
            InstantSource clock,
            MeterRegistry meters,
            Alarms alarms) {
        return new Deadline(
                template, properties.delivery().threadsPerDestination(), clock, meters, alarms);
    }

    @Bean
    Alarms alarms() {
        return new Alarms();
    }

    @Bean
    Share deliveryShare(
            TenantScope scope,
            @Value("${spring.datasource.hikari.maximum-pool-size}") int poolSize) {
        return new Share(scope.atMost(poolSize / 4, Duration.ofSeconds(10)).keepingPlans());
    }

    @Bean
    RetrySchedule retrySchedule() {
        return new RetrySchedule(ThreadLocalRandom::current);
    }

    @Bean
    Deliveries deliveries(
            Tenants tenants,
            Share share,
            Breakers breakers,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            RuleLabels retention,
            MessageMedia messageMedia,
            LateFiles lateFiles,
            Mappings mappings,
            RetrySchedule schedule,
            InstantSource clock,
            MeterRegistry meters,
            HubProperties properties) {
        Map<String, Mapping> byFile = new HashMap<>();
        tenants.all()
                .forEach(
                        tenant ->
                                tenant.destinations()
                                        .values()
                                        .forEach(
                                                destination ->
                                                        byFile.computeIfAbsent(
                                                                destination.mapping(),
                                                                mappings::compile)));
        return new Deliveries(
                tenants,
                new DeliveryStore(
                        share.scope(),
                        jdbc,
                        keys,
                        new EventComposer(JSON, retention),
                        messageMedia,
                        lateFiles),
                breakers,
                schedule,
                byFile,
                clock,
                meters,
                properties.delivery().threadsPerDestination(),
                properties.delivery().batchBytes());
    }

    @Bean
    DeliveryTopics deliveryTopics(HubProperties properties) {
        return new DeliveryTopics(properties.kafka().topics().deliveries());
    }

    @Bean
    ParkedDeliveries parkedDeliveries(
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters,
            Tenants tenants) {
        return new ParkedDeliveries(scope, jdbc, clock, meters, tenants);
    }

    @Bean
    RecipientAnswers recipientAnswers(Share share, JdbcTemplate jdbc) {
        return new RecipientAnswers(share.scope(), jdbc);
    }

    @Bean
    ArchiveDuty archiveDuty(Tenants tenants, RecipientAnswers answers) {
        return new ArchiveDuty(tenants, answers);
    }

    @Bean
    Replays replays(TenantScope scope, JdbcTemplate jdbc, InstantSource clock, Tenants tenants) {
        return new Replays(scope, jdbc, clock, tenants);
    }

    @Bean
    HttpOutcome httpOutcome(InstantSource clock) {
        return new HttpOutcome(clock);
    }

    @Bean
    WebhookSigner webhookSigner(Tenants tenants, InstantSource clock) {
        return new WebhookSigner(tenants, clock);
    }

    /**
     * An attempt is one request: the client's own retries would sleep out a Retry-After inside the
     * batch, uncounted and out of sight of the schedule. It follows and remembers nothing, as one
     * tenant's destination has no business with the cookies of another's.
     */
    private static void oneRequestPerAttempt(HttpClientBuilder client, PunctualAnswers answers) {
        client.disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .setRequestExecutor(answers);
    }

    /** For every route that names no client of its own. */
    @Bean
    CamelContextConfiguration destinationClients(
            @Value("${jawort.delivery.response-timeout-millis}") long responseTimeoutMillis,
            Alarms alarms) {
        var answers = new PunctualAnswers(alarms, Duration.ofMillis(responseTimeoutMillis));
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                for (String scheme : List.of("http", "https")) {
                    context.getComponent(scheme, HttpComponent.class)
                            .setHttpClientConfigurer(
                                    client -> oneRequestPerAttempt(client, answers));
                }
            }

            @Override
            public void afterApplicationStart(CamelContext context) {
                // nothing to do
            }
        };
    }

    /** Starts, per destination, the route that reaches it and then the one that feeds it. */
    @Bean
    CamelContextConfiguration destinationRoutes(
            Tenants tenants, DeliveryTopics topics, TenantRoutes routes) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                // started when the hub's own routes run
            }

            @Override
            public void afterApplicationStart(CamelContext context) {
                tenants.all().stream()
                        .flatMap(tenant -> tenant.destinations().values().stream())
                        .forEach(
                                destination ->
                                        routes.start(
                                                () ->
                                                        DestinationRoutes.start(
                                                                context, destination, topics)));
            }
        };
    }

    /** Makes routes of templates. */
    private static final class DestinationRoutes {

        /**
         * A template gets where a secret is, as text or as bytes, and never the secret: an endpoint
         * URI may be shown (C32). Empty if there is none.
         */
        private static Optional<String> reference(
                CamelContext context, Destination destination, String key) {
            String name = "secret-" + destination.tenant() + "-" + destination.id() + "-" + key;
            return SecretSettings.value(destination, key)
                    .map(
                            secret -> {
                                context.getRegistry().bind(name, String.class, secret.value());
                                context.getRegistry()
                                        .bind(
                                                name,
                                                byte[].class,
                                                SecretSettings.bytes(destination, key)
                                                        .orElseThrow());
                                return "#bean:" + name;
                            });
        }

        static void start(CamelContext context, Destination destination, DeliveryTopics topics) {
            String name = destination.tenant() + "-" + destination.id();
            Map<String, Object> parameters = new HashMap<>();
            parameters.put("tenant", destination.tenant());
            parameters.put("destination", destination.id());
            try {
                Map<String, Object> own = new HashMap<>(parameters);
                destination
                        .settings()
                        .forEach(
                                (key, value) -> {
                                    if (!SecretSettings.named(key)) {
                                        own.put(key, value);
                                    } else {
                                        reference(context, destination, key)
                                                .ifPresent(where -> own.put(key, where));
                                    }
                                });
                context.addRouteFromTemplate(
                        destination.route() + "-" + name, destination.route(), own);
                parameters.put("route", destination.route());
                parameters.put("topic", topics.of(destination.tenant(), destination.id()));
                context.addRouteFromTemplate("deliver-" + name, "deliver", parameters);
            } catch (Exception unusable) {
                throw new IllegalStateException(
                        "tenants/"
                                + destination.tenant()
                                + ".yaml: destination "
                                + destination.id()
                                + " cannot use route "
                                + destination.route()
                                + ": "
                                + unusable.getMessage(),
                        unusable);
            }
        }
    }
}
