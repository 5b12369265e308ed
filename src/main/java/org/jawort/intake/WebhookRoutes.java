package org.jawort.intake;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.support.DefaultConsumer;

/**
 * The intake routes that run, by provider: what {@code platform-http} is in this hub. The gate
 * hands each webhook to its route on the request's own thread; there is no second dispatch, and
 * nothing of the request but what the gate took from it.
 */
final class WebhookRoutes implements PlatformHttpEngine {

    /** Exchange property: what the gate took. */
    static final String ARRIVAL = "jawort.arrival";

    private static final Pattern PATH =
            Pattern.compile("/webhooks/([a-z]+)/\\{tenant}/\\{account}");

    private final Map<String, Route> running = new ConcurrentHashMap<>();

    /** The route of a provider; empty while it does not run. */
    Optional<Route> of(String provider) {
        return Optional.ofNullable(running.get(provider));
    }

    /**
     * @throws IllegalArgumentException if the endpoint's path is not {@code
     *     /webhooks/<provider>/{tenant}/{account}} or it does not say which methods and content
     *     types it takes
     */
    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        Matcher path = PATH.matcher(endpoint.getPath());
        if (!path.matches()
                || endpoint.getHttpMethodRestrict() == null
                || endpoint.getConsumes() == null) {
            throw new IllegalArgumentException(
                    "platform-http takes webhooks only: path /webhooks/<provider>/{tenant}/{account}"
                            + " with httpMethodRestrict and consumes, not "
                            + endpoint.getPath());
        }
        return new Route(endpoint, processor, path.group(1));
    }

    /** One intake route's entrance. */
    final class Route extends DefaultConsumer implements PlatformHttpConsumer {

        private final String provider;
        private final Set<String> methods;
        private final Set<String> contentTypes;

        private Route(PlatformHttpEndpoint endpoint, Processor processor, String provider) {
            super(endpoint, processor);
            this.provider = provider;
            this.methods = words(endpoint.getHttpMethodRestrict());
            this.contentTypes = words(endpoint.getConsumes());
        }

        private static Set<String> words(String list) {
            return Arrays.stream(list.split(",")).map(String::strip).collect(Collectors.toSet());
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }

        Set<String> methods() {
            return methods;
        }

        Set<String> contentTypes() {
            return contentTypes;
        }

        /**
         * Runs the route to its end.
         *
         * @return what the route answers; 503 if it ended without an answer
         */
        WebhookAnswer run(WebhookGate.Arrival arrival) {
            Exchange exchange = createExchange(false);
            try {
                exchange.setPattern(ExchangePattern.InOut);
                exchange.setProperty(ARRIVAL, arrival);
                createUoW(exchange);
                getProcessor().process(exchange);
                WebhookAnswer answer =
                        exchange.getProperty(WebhookAnswer.NAME, WebhookAnswer.class);
                return exchange.getException() == null && answer != null
                        ? answer
                        : WebhookAnswer.UNAVAILABLE;
            } catch (Exception failed) {
                getExceptionHandler().handleException("intake failed", failed);
                return WebhookAnswer.UNAVAILABLE;
            } finally {
                doneUoW(exchange);
                releaseExchange(exchange, false);
            }
        }

        @Override
        protected void doStart() throws Exception {
            super.doStart();
            running.put(provider, this);
        }

        @Override
        protected void doStop() throws Exception {
            running.remove(provider, this);
            super.doStop();
        }
    }
}
