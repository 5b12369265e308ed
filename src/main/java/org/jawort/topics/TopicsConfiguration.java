package org.jawort.topics;

import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TopicsConfiguration {

    @Bean
    TopicClients topicClients(Tenants tenants) {
        return new TopicClients(tenants);
    }

    @Bean
    TopicEvents topicEvents() {
        return new TopicEvents();
    }
}
