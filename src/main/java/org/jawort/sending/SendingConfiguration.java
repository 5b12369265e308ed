package org.jawort.sending;

import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SendingConfiguration {

    @Bean
    DecisionGate decisionGate(InstantSource clock) {
        return new DecisionGate(clock);
    }
}
