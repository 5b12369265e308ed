package org.jawort.media;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;

/**
 * Connections to public addresses and port 443, and to nothing else: whatever a name was resolved
 * to, by whom and how often, the address is looked at where the socket connects to it (S10, ASVS
 * 13.2.4). None lives longer than a fetch may take, so that no trickle and no silence outlasts it.
 */
final class FetchConnections implements AutoCloseable {

    /** Where a URL led is no address of the public Internet, or another port. */
    static final class AddressRefused extends IOException {

        private static final long serialVersionUID = 1L;

        AddressRefused() {
            super("address refused");
        }
    }

    private static final int HTTPS = 443;
    private static final int AT_ONCE = 4096;

    private final InetSocketAddress standIn;
    private final Duration life;
    private final ScheduledExecutorService clockwork =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("media-deadlines").factory());
    private final PoolingHttpClientConnectionManager connections;

    /**
     * @param standIn the one address allowed besides, {@code null} for none
     */
    FetchConnections(DnsResolver names, InetSocketAddress standIn, Duration life) {
        this.standIn = standIn;
        this.life = life;
        this.connections =
                new PoolingHttpClientConnectionManager(
                        new DefaultHttpClientConnectionOperator(
                                proxy -> new GuardedSocket(),
                                null,
                                names,
                                RegistryBuilder.<TlsSocketStrategy>create()
                                        .register(
                                                URIScheme.HTTPS.id,
                                                DefaultClientTlsStrategy.createDefault())
                                        .build()),
                        PoolConcurrencyPolicy.LAX,
                        PoolReusePolicy.LIFO,
                        TimeValue.ZERO_MILLISECONDS,
                        null);
        connections.setMaxTotal(AT_ONCE);
        connections.setDefaultMaxPerRoute(AT_ONCE);
    }

    HttpClientConnectionManager connections() {
        return connections;
    }

    @Override
    public void close() {
        clockwork.shutdownNow();
        connections.close();
    }

    private boolean isAllowed(SocketAddress to) {
        return to instanceof InetSocketAddress address
                && !address.isUnresolved()
                && (address.equals(standIn)
                        || address.getPort() == HTTPS
                                && PublicAddresses.contains(address.getAddress()));
    }

    private final class GuardedSocket extends Socket {

        private ScheduledFuture<?> end;

        @Override
        public void connect(SocketAddress to, int timeoutMillis) throws IOException {
            if (!isAllowed(to)) {
                throw new AddressRefused();
            }
            super.connect(to, timeoutMillis);
            end = clockwork.schedule(this::end, life.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void end() {
            try {
                super.close(); // also under TLS, which would say goodbye first
            } catch (IOException closed) {
                // as intended
            }
        }

        @Override
        public void close() throws IOException {
            if (end != null) {
                end.cancel(false);
            }
            super.close();
        }
    }
}
