package org.jawort.sending;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jawort.delivery.DeliveryTopics;
import org.jawort.tenant.Account;
import org.jawort.tenant.Destination;

/** Starts, per account that can send, the routes that reach its provider, and its queue. */
final class AccountRoutes implements CamelContextConfiguration {

    private final SendingAccounts accounts;
    private final DeliveryTopics topics;

    AccountRoutes(SendingAccounts accounts, DeliveryTopics topics) {
        this.accounts = accounts;
        this.topics = topics;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {}

    @Override
    public void afterApplicationStart(CamelContext context) {
        accounts.all()
                .forEach(
                        account -> {
                            start(context, account);
                            startErasing(context, account);
                            startQueue(context, account, topics);
                        });
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

    /** Makes {@code direct:erase-at-provider-<tenant>-<account>}. */
    private static void startErasing(CamelContext context, Account account) {
        String template = "erase-at-provider";
        ApiUrls urls = ApiUrls.of(account);
        try {
            context.addRouteFromTemplate(
                    template + "-" + account.tenant() + "-" + account.id(),
                    template,
                    Map.of(
                            "tenant", account.tenant(),
                            "account", account.id(),
                            "apiUrl", urls.api(),
                            "smsApiUrl", urls.sms(),
                            "eraseApiUrl", ApiUrls.forErasing(account)));
        } catch (Exception unusable) {
            throw new IllegalStateException(
                    "account " + account.id() + " cannot use route " + template, unusable);
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
