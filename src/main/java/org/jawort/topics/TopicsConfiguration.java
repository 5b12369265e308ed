package org.jawort.topics;

import org.apache.camel.CamelContext;
import org.jawort.KafkaAccess;
import org.jawort.tenant.Tenants;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TopicsConfiguration {

    @Bean
    TopicClients topicClients(
            Tenants tenants, KafkaAccess access, ObjectProvider<CamelContext> camel) {
        return new TopicClients(tenants, access.client(), () -> camel.getObject().isStopping());
    }

    @Bean
    TopicEvents topicEvents() {
        return new TopicEvents();
    }
}
