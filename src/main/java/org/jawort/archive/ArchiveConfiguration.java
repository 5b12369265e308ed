package org.jawort.archive;

import java.time.InstantSource;
import org.jawort.HubProperties;
import org.jawort.delivery.Attachments;
import org.jawort.tenant.Tenants;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ArchiveConfiguration {

    @Bean(destroyMethod = "close")
    Archives archives(
            HubProperties properties, Tenants tenants, ObjectProvider<Attachments> attachments, InstantSource clock) {
        return new Archives(
                properties.archive().directory(), tenants, attachments.getIfAvailable(() -> Attachments.NONE), clock, Disk.REAL);
    }
}
