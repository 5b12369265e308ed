package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.tenant.AnswerRule;
import org.jawort.tenant.DeliveryPolicy;
import org.jawort.tenant.Destination;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a server that answers byte by byte, and a route that heeds nothing. */
@DisplayName("R12: an attempt ends at its deadline, whatever the other side does")
@Timeout(60)
class DeadlineTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    /** Of an attempt that ends before. */
    private static final Duration AMPLE = Duration.ofSeconds(30);

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final ExecutorService server = Executors.newVirtualThreadPerTaskExecutor();
    private int permits = 2;
    private Duration limit = DEADLINE;
    private ServerSocket listening;
    private Deadline deadline;

    /** What comes at once, and what then comes a byte every 20 ms, for ever. */
    private volatile String atOnce = "";

    private volatile String drip = "";

    @BeforeEach
    void start() throws Exception {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.submit(this::listen);
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:crm")
                                .errorHandler(noErrorHandler())
                                .to(
                                        "http://localhost:"
                                                + listening.getLocalPort()
                                                + "?throwExceptionOnFailure=false&httpMethod=POST"
                                                + "&disableStreamCache=true&soTimeout=10000&responseTimeout=10000")
                                .bean(new HttpOutcome(() -> NOW), "check");
                        from("direct:deaf")
                                .errorHandler(noErrorHandler())
                                .process(exchange -> heedNothing());
                        from("direct:quick")
                                .errorHandler(noErrorHandler())
                                .process(
                                        exchange -> {
                                            exchange.getMessage().setBody("done");
                                            exchange.setProperty("left", "behind");
                                        });
                        from("direct:refusing")
                                .errorHandler(noErrorHandler())
                                .process(
                                        exchange -> {
                                            throw new DestinationRefused("HTTP 422", 422);
                                        });
                    }
                });
        camel.setStreamCaching(false); // as the hub
        camel.start();
        deadline = new Deadline(camel.createProducerTemplate(), 2, () -> NOW, meters, new Alarms());
    }

    @AfterEach
    void stop() throws IOException {
        release.countDown();
        listening.close();
        for (Socket connection : connections) {
            connection.close();
        }
        server.shutdownNow();
        camel.stop();
    }

    @Test
    void handsBackWhatTheRouteMade() throws Exception {
        limit = AMPLE;
        Exchange exchange = exchange();

        deadline.call(exchange, "direct:quick");

        assertThat(exchange.getMessage().getBody()).isEqualTo("done");
        assertThat(exchange.getProperty("left")).isEqualTo("behind");
    }

    @Test
    void findsAPermitAgainAndAgain() throws Exception {
        permits = 1;
        limit = AMPLE;
        for (int i = 0; i < 2_000; i++) {
            deadline.call(exchange(), "direct:quick");
        }
    }

    @Test
    void throwsWhatTheRouteThrew() {
        limit = AMPLE;
        Exchange exchange = exchange();

        assertThatThrownBy(() -> deadline.call(exchange, "direct:refusing"))
                .isInstanceOf(DestinationRefused.class)
                .hasMessage("HTTP 422");
        assertThat(exchange.getException()).isNull();
    }

    @Test
    @DisplayName("R12: a socket that stays open in silence")
    void givesUpOnSilence() {
        assertThat(took(() -> expires("direct:crm"))).isLessThan(DEADLINE.plusSeconds(5));
    }

    @Test
    @DisplayName("R12: headers, a byte at a time")
    void givesUpOnHeadersThatTrickle() {
        atOnce = "HTTP/1.1 200 OK\r\nX-Slow: ";
        drip = "x";

        assertThat(took(() -> expires("direct:crm"))).isLessThan(DEADLINE.plusSeconds(5));
        assertThat(meters.get("jawort.attempts.expired").tag("ended", "true").counter().count())
                .isEqualTo(1);
        await().until(() -> !connections.isEmpty() && connections.getFirst().isClosed());
    }

    @Test
    @DisplayName("R12: after a 200 the answer trickles: it was taken, and the attempt ends")
    void takesTheStatusOfAnAnswerThatTrickles() {
        limit = Duration.ofSeconds(3); // its head has to come within it
        atOnce = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{";
        drip = " ";

        Duration took =
                took(
                        () -> {
                            try {
                                deadline.call(exchange(), "direct:crm");
                            } catch (Exception failed) {
                                throw new AssertionError(failed);
                            }
                        });

        assertThat(took).isLessThan(limit.plusSeconds(5));
    }

    @Test
    @DisplayName("R12: where the words of the answer decide, one that trickles decides nothing")
    void triesAgainIfTheDecidingWordsTrickle() {
        atOnce = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{";
        drip = " ";
        Exchange exchange =
                exchange(
                        List.of(
                                new AnswerRule(
                                        200, 200, null, null, "error", AnswerRule.Meaning.FINAL)));

        assertThatThrownBy(() -> deadline.call(exchange, "direct:crm"))
                .isInstanceOf(DestinationUnavailable.class);
    }

    @Test
    @DisplayName(
            "R12: a route that cannot be interrupted is left behind, and not more than may run at once")
    void leavesBehindWhatDoesNotEndAndNoMoreThanThat() throws Exception {
        expires("direct:deaf");
        expires("direct:deaf");
        assertThatThrownBy(() -> deadline.call(exchange(), "direct:quick"))
                .isInstanceOf(DeliveryPostponed.class);
        assertThat(meters.get("jawort.attempts.expired").tag("ended", "false").counter().count())
                .isEqualTo(2);

        release.countDown();

        await().ignoreExceptionsInstanceOf(
                        DeliveryPostponed.class) // until one of the two has ended
                .untilAsserted(() -> deadline.call(exchange(), "direct:quick"));
    }

    private void expires(String uri) {
        assertThatThrownBy(() -> deadline.call(exchange(), uri))
                .isInstanceOf(DestinationUnavailable.class)
                .hasMessage("no answer within " + DEADLINE);
    }

    private static Duration took(Runnable call) {
        long begun = System.nanoTime();
        call.run();
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private Exchange exchange() {
        return exchange(List.of());
    }

    private Exchange exchange(List<AnswerRule> answers) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.setProperty(
                Deliveries.DESTINATION,
                new Destination(
                                "muster",
                                "crm",
                                "crm-webhook",
                                null,
                                List.of("*"),
                                false,
                                null,
                                Map.of())
                        .called(new DeliveryPolicy(limit, permits, Duration.ofDays(5), answers)));
        exchange.getMessage().setBody("{}");
        return exchange;
    }

    private void heedNothing() {
        while (release.getCount() > 0) {
            try {
                release.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException heeded) {
                continue; // or not
            }
        }
    }

    private Void listen() throws IOException {
        while (true) {
            Socket connection = listening.accept();
            connections.add(connection);
            server.submit(() -> answer(connection));
        }
    }

    private Void answer(Socket connection) throws IOException {
        try (connection) {
            OutputStream out = connection.getOutputStream();
            out.write(atOnce.getBytes(US_ASCII));
            out.flush();
            while (release.getCount() > 0) {
                out.write(drip.getBytes(US_ASCII));
                out.flush();
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
        return null;
    }
}
