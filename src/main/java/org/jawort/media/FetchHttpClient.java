package org.jawort.media;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;

/**
 * The HTTP client files are fetched with: one request per hop on a connection of its own, nothing
 * repeated, followed, remembered or unpacked, and no proxy that would resolve names for it.
 * Registered as {@code mediaHttpClient}.
 */
public final class FetchHttpClient implements HttpClientConfigurer {

    private final FetchConnections connections;

    FetchHttpClient(FetchConnections connections) {
        this.connections = connections;
    }

    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        client.setConnectionManager(connections.connections())
                .setConnectionManagerShared(true)
                .setRoutePlanner(new DefaultRoutePlanner(DefaultSchemePortResolver.INSTANCE))
                .setConnectionReuseStrategy((request, response, context) -> false)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression();
    }
}
