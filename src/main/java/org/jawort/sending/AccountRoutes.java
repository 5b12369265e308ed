package org.jawort.sending;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jawort.TenantRoutes;
import org.jawort.delivery.DeliveryTopics;
import org.jawort.tenant.Account;
import org.jawort.tenant.Destination;

/** Starts, per account that can send, the routes that reach its provider, and its queue. */
final class AccountRoutes implements CamelContextConfiguration {

    private final SendingAccounts accounts;
    private final DeliveryTopics topics;
    private final TenantRoutes routes;

    AccountRoutes(SendingAccounts accounts, DeliveryTopics topics, TenantRoutes routes) {
        this.accounts = accounts;
        this.topics = topics;
        this.routes = routes;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {}

    @Override
    public void afterApplicationStart(CamelContext context) {
        accounts.all()
                .forEach(
                        account ->
                                routes.start(
                                        () -> {
                                            start(context, account);
                                            startErasing(context, account);
                                            startQueue(context, account, topics);
                                        }));
    }

    /** Makes {@code direct:send-<provider>-<tenant>-<account>}. */
    static void start(CamelContext context, Account account) {
        ApiUrls urls = ApiUrls.of(account);
        start(
                context,
                account,
                "send-" + account.provider(),
                Map.of("apiUrl", urls.api(), "smsApiUrl", urls.sms()));
    }

    /** Makes {@code direct:erase-at-provider-<tenant>-<account>}. */
    private static void startErasing(CamelContext context, Account account) {
        ApiUrls urls = ApiUrls.of(account);
        start(
                context,
                account,
                "erase-at-provider",
                Map.of(
                        "apiUrl", urls.api(),
                        "smsApiUrl", urls.sms(),
                        "eraseApiUrl", ApiUrls.forErasing(account)));
    }

    private static void start(
            CamelContext context, Account account, String template, Map<String, Object> urls) {
        Map<String, Object> parameters = new HashMap<>(urls);
        parameters.put("tenant", account.tenant());
        parameters.put("account", account.id());
        try {
            context.addRouteFromTemplate(
                    template + "-" + account.tenant() + "-" + account.id(), template, parameters);
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

    /** The same mechanism that delivers events: order, retries, dead letters and all. */
    private static void startQueue(CamelContext context, Account account, DeliveryTopics topics) {
        Destination queue = Destination.of(account);
        String name = queue.tenant() + "-" + queue.id();
        try {
            context.addRouteFromTemplate(
                    queue.route() + "-" + name,
                    queue.route(),
                    Map.of(
                            "tenant", account.tenant(),
                            "destination", queue.id(),
                            "account", account.id(),
                            "provider", account.provider()));
            context.addRouteFromTemplate(
                    "deliver-" + name,
                    "deliver",
                    Map.of(
                            "tenant", account.tenant(),
                            "destination", queue.id(),
                            "route", queue.route(),
                            "topic", topics.of(queue.tenant(), queue.id())));
        } catch (Exception unusable) {
            throw new IllegalStateException("the queue of account " + name, unusable);
        }
    }
}
