package org.jawort.topics;

import org.jawort.KafkaAccess;
import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TopicsConfiguration {

    @Bean
    TopicClients topicClients(Tenants tenants, KafkaAccess access) {
        return new TopicClients(tenants, access.client());
    }

    @Bean
    TopicEvents topicEvents() {
        return new TopicEvents();
    }
}
