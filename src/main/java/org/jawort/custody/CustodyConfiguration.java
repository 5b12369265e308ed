package org.jawort.custody;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.jawort.HubProperties;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Custodians;
import org.jawort.vault.Pkcs11Token;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.RootKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CustodyProperties.class)
class CustodyConfiguration {

    @Bean
    TenantKeyTable tenantKeyTable(
            Tenants tenants,
            HubProperties hub,
            CustodyProperties properties,
            Environment environment,
            PlatformTransactionManager manager,
            JdbcTemplate jdbc,
            InstantSource clock) {
        boolean needsRoot = tenants.all().stream().anyMatch(tenant -> tenant.keys().isEmpty());
        RootKey root =
                needsRoot || RootKey.isGiven(hub.rootKey(), hub.rootKeyFile())
                        ? RootKey.of(hub.rootKey(), hub.rootKeyFile())
                        : null;
        TransactionTemplate own = new TransactionTemplate(manager);
        own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        CustodyProperties.Pkcs11 token = properties.pkcs11();
        return new TenantKeyTable(
                new TenantScope(own, jdbc),
                jdbc,
                tenants,
                new Custodians(
                        environment::getProperty,
                        () -> Pkcs11Token.open(token.library(), token.slot(), token.readPin())),
                root,
                clock,
                properties.announced());
    }

    /** Every tenant's key is opened before anything starts: one that cannot be had is said now. */
    @Bean
    TenantKeys tenantKeys(
            TenantKeyTable table,
            Tenants tenants,
            InstantSource clock,
            CustodyProperties properties) {
        TenantKeys keys = new TenantKeys(table, clock, properties.announced().dividedBy(2));
        tenants.all().stream().map(Tenant::id).sorted().forEach(keys::reload);
        return keys;
    }

    @Bean
    SubjectKeys subjectKeys(TenantKeys keys, CustodyProperties properties) {
        return new SubjectKeys(keys, properties.openFor());
    }

    @Bean
    Pseudonyms pseudonyms(TenantKeys keys) {
        return new Pseudonyms(keys);
    }

    @Bean
    KeyChanges keyChanges(
            KeyReplacement replacement, TenantKeys keys, JdbcTemplate jdbc, InstantSource clock) {
        return new KeyChanges(replacement, keys, jdbc, clock);
    }

    @Bean
    KeyReplacement keyReplacement(
            Tenants tenants,
            TenantKeyTable table,
            TenantKeys keys,
            SubjectKeys subjectKeys,
            Pseudonyms pseudonyms,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock,
            MeterRegistry meters,
            CustodyProperties properties) {
        return new KeyReplacement(
                tenants,
                table,
                keys,
                subjectKeys,
                pseudonyms,
                scope,
                jdbc,
                clock,
                meters,
                properties.announced(),
                properties.replaceAfter(),
                properties.batchSize());
    }
}
