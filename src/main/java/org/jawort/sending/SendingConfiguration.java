package org.jawort.sending;

import java.time.InstantSource;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jawort.mapping.Mappings;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SendingConfiguration {

    @Bean
    DecisionGate decisionGate(InstantSource clock) {
        return new DecisionGate(clock);
    }

    @Bean
    SendingAccounts sendingAccounts(Tenants tenants) {
        return new SendingAccounts(tenants);
    }

    @Bean
    ProviderRequest providerRequest(
            Mappings mappings, SendingAccounts accounts, InstantSource clock) {
        return new ProviderRequest(mappings, accounts, clock);
    }

    @Bean
    ProviderAnswer providerAnswer(Mappings mappings, InstantSource clock) {
        return new ProviderAnswer(mappings, clock);
    }

    @Bean
    SendingHttpClient sendingHttpClient() {
        return new SendingHttpClient();
    }

    /** Starts, per account that can send, the route that reaches its provider. */
    @Bean
    CamelContextConfiguration sendingRoutes(SendingAccounts accounts) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {}

            @Override
            public void afterApplicationStart(CamelContext context) {
                accounts.all().forEach(account -> start(context, account));
            }
        };
    }

    /** Makes {@code direct:send-<provider>-<tenant>-<account>}. */
    static void start(CamelContext context, Account account) {
        String template = "send-" + account.provider();
        ApiUrls urls = ApiUrls.of(account);
        try {
            context.addRouteFromTemplate(
                    template + "-" + account.tenant() + "-" + account.id(),
                    template,
                    Map.of(
                            "tenant", account.tenant(),
                            "account", account.id(),
                            "apiUrl", urls.api(),
                            "smsApiUrl", urls.sms()));
        } catch (Exception unusable) {
            throw new IllegalStateException(
                    "tenants/"
                            + account.tenant()
                            + ".yaml: account "
                            + account.id()
                            + " cannot use route "
                            + template
                            + ": "
                            + unusable.getMessage(),
                    unusable);
        }
    }
}
