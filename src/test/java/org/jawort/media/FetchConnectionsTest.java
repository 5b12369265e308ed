package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client files are fetched with, against canaries on this machine. */
class FetchConnectionsTest {

    private final AtomicInteger connections = new AtomicInteger();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private ServerSocket canary;
    private FetchConnections guarded;
    private CloseableHttpClient client;
    private volatile String answer =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    private volatile boolean trickles;

    @BeforeEach
    void start() throws IOException {
        canary = new ServerSocket(0, 50, InetAddress.getByName("0.0.0.0"));
        Thread.ofVirtual().start(this::listen);
        open(new InetSocketAddress("127.0.0.1", canary.getLocalPort()), Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        guarded.close();
        canary.close();
    }

    private void open(InetSocketAddress standIn, Duration life) {
        guarded = new FetchConnections(new Names(), standIn, life);
        HttpClientBuilder builder = HttpClientBuilder.create();
        new FetchHttpClient(guarded).configureHttpClient(builder);
        client = builder.build();
    }

    private void listen() {
        while (!canary.isClosed()) {
            try {
                Socket one = canary.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> answer(one));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answer(Socket one) {
        try (one) {
            one.getInputStream().read(new byte[4096]);
            one.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            while (trickles) {
                one.getOutputStream().write('x');
                one.getOutputStream().flush();
                Thread.sleep(50); // this is the server, and it is slow
            }
        } catch (IOException | InterruptedException gone) {
            // as the client likes
        }
    }

    /** Names that lead here, by their own account. */
    private final class Names implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            int time = asked.computeIfAbsent(host, name -> new AtomicInteger()).incrementAndGet();
            return switch (host) {
                case "allowed.example" -> new InetAddress[] {InetAddress.getByName("127.0.0.1")};
                case "elsewhere.example" -> new InetAddress[] {InetAddress.getByName("127.0.0.2")};
                case "mapped.example" ->
                        new InetAddress[] {InetAddress.getByName("::ffff:127.0.0.2")};
                case "both.example" ->
                        new InetAddress[] {
                            InetAddress.getByName("127.0.0.3"), InetAddress.getByName("127.0.0.2")
                        };
                case "rebinding.example" ->
                        new InetAddress[] {
                            InetAddress.getByName(time == 1 ? "127.0.0.1" : "127.0.0.2")
                        };
                default -> InetAddress.getAllByName(host);
            };
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private String get(String host) throws IOException {
        return client.execute(
                new HttpGet("http://" + host + ":" + canary.getLocalPort() + "/"),
                response -> {
                    try (InputStream body = response.getEntity().getContent()) {
                        return new String(body.readAllBytes(), StandardCharsets.US_ASCII);
                    }
                });
    }

    @Test
    void reachesTheOneAddressThatIsAllowed() throws IOException {
        assertThat(get("allowed.example")).isEqualTo("ok");
        assertThat(connections).hasValue(1);
    }

    @ParameterizedTest
    @DisplayName(
            "S10: whatever the name or notation, an address that is not public is never connected to")
    @ValueSource(
            strings = {
                "elsewhere.example", "mapped.example", "both.example", "127.0.0.2", "127.2",
                "2130706434", "0177.0.0.2", "0x7f000002", "[::1]", "[::ffff:127.0.0.2]",
                "169.254.169.254", "10.0.0.1", "[fd00:ec2::254]"
            })
    void refusesTheAddress(String host) {
        assertThatThrownBy(() -> get(host))
                .isInstanceOfAny(IOException.class, IllegalArgumentException.class);

        assertThat(connections).hasValue(0);
    }

    @Test
    @DisplayName("S10: a name that leads elsewhere the second time leads nowhere")
    void looksAtTheAddressOfEachConnection() throws IOException {
        assertThat(get("rebinding.example")).isEqualTo("ok");

        assertThatThrownBy(() -> get("rebinding.example"))
                .isInstanceOf(FetchConnections.AddressRefused.class);
        assertThat(asked.get("rebinding.example")).hasValue(2);
        assertThat(connections).hasValue(1);
    }

    @Test
    @DisplayName("S10: a public address has the port of HTTPS and no other")
    void refusesOtherPorts() {
        assertThatThrownBy(
                        () -> client.execute(new HttpGet("http://1.1.1.1:22/"), response -> null))
                .isInstanceOf(FetchConnections.AddressRefused.class);
    }

    @Test
    void refusesEverythingHereWhereNothingStandsInForTheProviders() {
        open(null, Duration.ofSeconds(20));

        assertThatThrownBy(() -> get("allowed.example"))
                .isInstanceOf(FetchConnections.AddressRefused.class);
        assertThat(connections).hasValue(0);
    }

    @Test
    @Timeout(20)
    @DisplayName("S12, R12: an answer that trickles ends when its time is over")
    void cutsOffWhatTrickles() {
        trickles = true;
        answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
        open(new InetSocketAddress("127.0.0.1", canary.getLocalPort()), Duration.ofMillis(700));
        long begun = System.nanoTime();

        assertThatThrownBy(() -> get("allowed.example")).isInstanceOf(IOException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    @Timeout(20)
    @DisplayName("S12, R12: a head that trickles does too")
    void cutsOffAHeadThatTrickles() {
        trickles = true;
        answer = "HTTP/1.1 200 OK\r\nX-Long: ";
        open(new InetSocketAddress("127.0.0.1", canary.getLocalPort()), Duration.ofMillis(700));

        assertThatThrownBy(() -> get("allowed.example")).isInstanceOf(IOException.class);
    }
}
