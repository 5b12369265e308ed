package org.jawort.objects;

import java.time.Duration;
import java.time.InstantSource;
import org.jawort.HubProperties;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.RecipientAnswers;
import org.jawort.delivery.RulePeriods;
import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ObjectsConfiguration {

    @Bean(destroyMethod = "close")
    Buckets buckets(Tenants tenants, HubProperties properties) {
        return new Buckets(
                tenants,
                Duration.ofMillis(properties.delivery().connectTimeoutMillis()),
                Duration.ofMillis(properties.delivery().responseTimeoutMillis()));
    }

    @Bean
    EventObjects eventObjects(
            Buckets buckets, RulePeriods rules, Attachments attachments, InstantSource clock) {
        return new EventObjects(buckets, rules, attachments, clock);
    }

    @Bean
    ObjectDuties objectDuties(Buckets buckets, RecipientAnswers answers, InstantSource clock) {
        return new ObjectDuties(buckets, answers, clock);
    }
}
