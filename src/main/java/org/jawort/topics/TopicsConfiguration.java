package org.jawort.topics;

import org.apache.camel.CamelContext;
import org.jawort.tenant.Tenants;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TopicsConfiguration {

    @Bean
    TopicClients topicClients(Tenants tenants, ObjectProvider<CamelContext> camel) {
        return new TopicClients(tenants, () -> camel.getObject().isStopping());
    }

    @Bean
    TopicEvents topicEvents() {
        return new TopicEvents();
    }
}
