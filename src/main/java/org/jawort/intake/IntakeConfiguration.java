package org.jawort.intake;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.DispatcherType;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.jawort.HubProperties;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.TenantKeys;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@Configuration(proxyBeanMethods = false)
class IntakeConfiguration {

    /** As long as it may take to hear that nothing can be stored. */
    private static final Duration ROOM_PATIENCE = Duration.ofSeconds(2);

    /** Providers send 2 kB at once and hear an answer within 5 to 20 s, or give up. */
    private static final Duration BODY_DEADLINE = Duration.ofSeconds(10);

    @Bean
    FilterRegistrationBean<WebhookGate> webhookGate(
            Tenants tenants,
            HubProperties properties,
            InstantSource clock,
            MeterRegistry meters,
            WebhookRoutes routes) {
        FilterRegistrationBean<WebhookGate> registration =
                new FilterRegistrationBean<>(
                        new WebhookGate(
                                tenants,
                                properties.publicUrl().toString().replaceAll("/+$", ""),
                                properties.intake().maxBodyBytes(),
                                properties.intake().maxWebhookBytes(),
                                new BodyRoom(
                                        properties.intake().allBodiesBytes(),
                                        properties.intake().maxBodyBytes(),
                                        ROOM_PATIENCE,
                                        BODY_DEADLINE,
                                        System::nanoTime),
                                clock,
                                meters,
                                routes,
                                properties.intake().retryAfterSeconds()));
        registration.addUrlPatterns("/webhooks/*", "/error");
        registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ERROR);
        // First of all filters: none of them may touch the request's body or parameters before.
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    /**
     * Between two packets of a body; a connection that waits for its next request may be silent.
     */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> bodiesInTime() {
        return server ->
                server.addConnectorCustomizers(
                        connector -> {
                            connector.setProperty("disableUploadTimeout", "false");
                            connector.setProperty("connectionUploadTimeout", "5000"); // ms
                        });
    }

    /** Under the name by which Camel's platform-http looks for the server it runs on. */
    @Bean(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME)
    WebhookRoutes webhookRoutes() {
        return new WebhookRoutes();
    }

    /**
     * A small pool of intake's own, which the pipeline cannot starve. It gives up so soon that a
     * provider hears within two seconds that Kafka, which has one, and PostgreSQL are both away.
     */
    @Bean(destroyMethod = "close")
    IntakeStore intakeStore(DataSourceProperties database) {
        HikariDataSource dataSource =
                database.initializeDataSourceBuilder().type(HikariDataSource.class).build();
        dataSource.setPoolName("intake");
        dataSource.setMaximumPoolSize(4);
        dataSource.setMinimumIdle(1);
        dataSource.setConnectionTimeout(600);
        dataSource.setValidationTimeout(400);
        dataSource.setInitializationFailTimeout(-1);
        dataSource.addDataSourceProperty("ApplicationName", "jawort-intake");
        dataSource.addDataSourceProperty("connectTimeout", "1");
        dataSource.addDataSourceProperty("socketTimeout", "5");
        return new IntakeStore(dataSource);
    }

    /**
     * The pool with its transactions; not a bean of type DataSource, which would displace the
     * hub's.
     */
    record IntakeStore(HikariDataSource dataSource) implements AutoCloseable {

        JdbcTemplate jdbc() {
            return new JdbcTemplate(dataSource);
        }

        TenantScope scope() {
            return new TenantScope(
                    new TransactionTemplate(new DataSourceTransactionManager(dataSource)), jdbc());
        }

        @Override
        public void close() {
            dataSource.close();
        }
    }

    @Bean
    SealingKeys sealingKeys(
            IntakeStore store, TenantKeys keys, InstantSource clock, HubProperties properties) {
        return new SealingKeys(
                store.scope(), store.jdbc(), keys, clock, properties.kafka().webhooksRetention());
    }

    @Bean
    WebhookSeal webhookSeal(SealingKeys keys) {
        return new WebhookSeal(keys);
    }

    @Bean
    WebhookIntake webhookIntake(
            Tenants tenants, WebhookSeal seal, InstantSource clock, MeterRegistry meters) {
        SignatureSchemes schemes = new SignatureSchemes();
        for (Tenant tenant : tenants.all()) {
            tenant.accounts()
                    .values()
                    .forEach(schemes::of); // a scheme nobody knows stops the start
        }
        return new WebhookIntake(schemes, seal, clock, meters);
    }

    @Bean
    @DependsOnDatabaseInitialization
    WebhookSpool webhookSpool(
            IntakeStore store,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            Tenants tenants) {
        return new WebhookSpool(
                store.scope(),
                store.jdbc(),
                scope,
                jdbc,
                clock,
                tenants.all().stream().map(Tenant::id).toList());
    }

    @Bean
    IntakeHealthIndicator intakeHealthIndicator(DataSource database, CamelContext camel)
            throws SQLException {
        return new IntakeHealthIndicator(database.unwrap(HikariDataSource.class), camel);
    }
}
