package org.jawort.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.jawort.delivery.AttemptHistory;
import org.jawort.delivery.DeliveryLedger;
import org.jawort.retention.ErasureViews;
import org.jawort.retention.RetentionHistory;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ApiProperties.class)
class ApiConfiguration {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .build();

    @Bean
    Contract apiContract() {
        return new Contract();
    }

    @Bean
    Answers apiAnswers(ApiProperties properties) {
        return new Answers(JSON, properties.retryAfterSeconds());
    }

    @Bean
    FilterRegistrationBean<ApiGate> apiGate(
            Tenants tenants,
            ApiProperties properties,
            InstantSource clock,
            Answers answers,
            MeterRegistry meters) {
        FilterRegistrationBean<ApiGate> registration =
                new FilterRegistrationBean<>(
                        new ApiGate(
                                new ApiKeys(tenants),
                                new FailedKeys(properties.failedKeysPerMinute(), clock),
                                properties.maxBodyBytes(),
                                answers,
                                meters));
        registration.addUrlPatterns("/api/v1/*");
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    @Bean
    Posts apiPosts(
            Contract contract,
            TenantScope scope,
            JdbcTemplate jdbc,
            TenantKeys keys,
            Answers answers,
            InstantSource clock) {
        return new Posts(contract, scope, jdbc, keys, answers, clock);
    }

    @Bean
    Pages apiPages(TenantScope scope) {
        return new Pages(scope);
    }

    @Bean
    DeliveryLedger deliveryLedger(JdbcTemplate jdbc) {
        return new DeliveryLedger(jdbc);
    }

    @Bean
    AttemptHistory attemptHistory(JdbcTemplate jdbc, SubjectKeys keys) {
        return new AttemptHistory(jdbc, keys);
    }

    @Bean
    ErasureViews erasureViews(JdbcTemplate jdbc) {
        return new ErasureViews(jdbc);
    }

    @Bean
    RetentionHistory retentionHistory(JdbcTemplate jdbc) {
        return new RetentionHistory(jdbc);
    }
}
