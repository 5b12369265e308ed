package org.jawort.archive;

import java.time.InstantSource;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jawort.HubProperties;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ArchiveConfiguration {

    @Bean(destroyMethod = "close")
    Archives archives(
            HubProperties properties,
            Tenants tenants,
            Attachments attachments,
            InstantSource clock) {
        return new Archives(properties.archive().directory(), tenants, attachments, clock);
    }

    @Bean
    ConversationFiles conversationFiles(Attachments attachments) {
        return new ConversationFiles(attachments);
    }

    @Bean
    ArchiveMail archiveMail(Tenants tenants, Attachments attachments) {
        return new ArchiveMail(tenants, attachments);
    }

    /** Before destinations have their routes, which refer to it. */
    @Bean
    CamelContextConfiguration mailTrust(ArchiveMail mail, Tenants tenants) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                mail.bind(context.getRegistry(), tenants);
            }

            @Override
            public void afterApplicationStart(CamelContext context) {
                // there before
            }
        };
    }
}
