package org.jawort;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpMethods;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.spring.spi.SpringTransactionPolicy;
import org.apache.camel.support.SimpleTypeConverter;
import org.jawort.delivery.DeliveryTopics;
import org.jawort.mapping.Mappings;
import org.jawort.store.ClusteredSchedule;
import org.jawort.store.RouteStatements;
import org.jawort.store.TableStatistics;
import org.jawort.store.TenantScope;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.TenantReload;
import org.jawort.tenant.Tenants;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What all of the hub stands on: clock, tenants, store, mappings. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({HubProperties.class, KafkaAccess.class})
class HubConfiguration {

    @Bean
    InstantSource clock(HubProperties properties) {
        return Clock.offset(Clock.systemUTC(), properties.clockOffset());
    }

    @Bean
    TenantFiles tenantFiles(HubProperties properties, Environment environment) {
        return new TenantFiles(properties.home().resolve("tenants"), environment::getProperty);
    }

    @Bean
    Tenants tenants(TenantFiles files) {
        return files.load();
    }

    @Bean
    TenantReload tenantReload(TenantFiles files, Tenants tenants, MeterRegistry meters) {
        return new TenantReload(files, tenants, meters);
    }

    @Bean
    Mappings mappings(HubProperties properties) {
        return new Mappings(properties.home().resolve("mappings"));
    }

    @Bean
    TenantScope tenantScope(PlatformTransactionManager manager, JdbcTemplate jdbc) {
        return new TenantScope(new TransactionTemplate(manager), jdbc);
    }

    @Bean
    TableStatistics tableStatistics(JdbcTemplate jdbc) {
        return new TableStatistics(jdbc);
    }

    /**
     * Names routes know. The data source makes each statement of camel-jdbc run in the transaction
     * its route opened; neither it nor the executors are beans, because they would displace those
     * of their kind that Boot provides. And one conversion that Camel would look for among all it
     * has, in vain, at each call of an HTTP destination.
     */
    @Bean
    CamelContextConfiguration camelRegistry(DataSource dataSource, HubProperties properties) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                context.getExecutorServiceManager()
                        .setThreadPoolFactory(new PlatformThreadsForConsumers());
                context.getRegistry()
                        .bind("transactionalDataSource", new RouteStatements(dataSource));
                // One virtual thread per lane group; how many groups there are bounds them.
                context.getRegistry()
                        .bind(
                                "deliveryThreads",
                                Executors.newThreadPerTaskExecutor(
                                        Thread.ofVirtual().name("delivery-", 0).factory()));
                context.getRegistry()
                        .bind(
                                "retentionThreads",
                                Executors.newFixedThreadPool(
                                        properties.retention().tenantsAtOnce(),
                                        Thread.ofVirtual().name("retention-", 0).factory()));
                context.getTypeConverterRegistry()
                        .addTypeConverter(
                                HttpMethods.class,
                                String.class,
                                new SimpleTypeConverter(
                                        false,
                                        (type, exchange, name) ->
                                                HttpMethods.valueOf((String) name)));
            }

            /** Nobody listens to exchanges, and each would be told of some ten times. */
            @Override
            public void afterApplicationStart(CamelContext context) {
                context.getManagementStrategy()
                        .getEventNotifiers()
                        .forEach(one -> one.setIgnoreExchangeEvents(true));
            }
        };
    }

    /** The component of the routes that begin with {@code quartz}. */
    @Bean("quartz")
    QuartzComponent quartz(
            DataSource dataSource, @Value("${jawort.schedule.check-in}") Duration checkIn) {
        QuartzComponent quartz = new QuartzComponent();
        Map<String, Object> properties = new HashMap<>();
        ClusteredSchedule.properties(dataSource, checkIn)
                .forEach((name, value) -> properties.put((String) name, value));
        quartz.setProperties(properties);
        quartz.setPrefixInstanceName(false);
        return quartz;
    }

    @Bean("PROPAGATION_REQUIRED")
    SpringTransactionPolicy transactionPolicy(PlatformTransactionManager manager) {
        SpringTransactionPolicy policy = new SpringTransactionPolicy(manager);
        policy.setPropagationBehaviorName("PROPAGATION_REQUIRED");
        return policy;
    }

    @Bean
    KafkaTopics kafkaTopics(
            HubProperties properties,
            KafkaAccess access,
            DeliveryTopics deliveries,
            Tenants tenants) {
        return new KafkaTopics(
                properties.kafka(),
                access.client(),
                deliveries.all(tenants),
                properties.intake().maxRecordBytes());
    }

    @Bean
    Failures failures(MeterRegistry meters) {
        return new Failures(meters);
    }

    /** The name routes know for committing a batch. */
    @Bean
    KafkaOffsets kafkaOffsets() {
        return new KafkaOffsets();
    }

    /** See {@link KafkaRecords#commit}. */
    public static final class KafkaOffsets {
        public void commit(Exchange exchange) {
            KafkaRecords.commit(exchange);
        }
    }

    @Bean
    TenantRoutes tenantRoutes() {
        return new TenantRoutes();
    }
}
