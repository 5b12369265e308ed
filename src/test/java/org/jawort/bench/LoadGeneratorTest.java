package org.jawort.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {

    private static final byte[] REQUEST =
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
                    .getBytes(StandardCharsets.US_ASCII);

    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    @Test
    void sendsEveryRequestOnceAndCountsWhatWasNot200() throws Exception {
        var turn = new java.util.concurrent.atomic.AtomicInteger();
        answer(() -> turn.incrementAndGet() % 5 == 0 ? 503 : 200);

        LoadResult result = generator().closedLoop(requests(50), 4, Duration.ofSeconds(30));

        assertThat(turn).hasValue(50);
        assertThat(result.accepted()).isEqualTo(40);
        assertThat(result.others()).containsExactly(java.util.Map.entry(503, 10));
        assertThat(result.refused()).isEqualTo(10);
        assertThat(result.latency().getTotalCount()).isEqualTo(50);
    }

    @Test
    void countsTheWaitForABusyServerAsLatencyOfEveryRequestThatWasDueMeanwhile() throws Exception {
        var first = new java.util.concurrent.atomic.AtomicBoolean(true);
        var never = new CountDownLatch(1);
        answer(
                () -> {
                    if (first.getAndSet(false)) {
                        never.await(400, TimeUnit.MILLISECONDS); // it hangs once
                    }
                    return 200;
                });

        // one connection, due every 4 ms: those due while the first hangs have to wait
        LoadResult result = generator().openLoop(requests(50), 1, new ArrivalSchedule(250));

        assertThat(result.accepted()).isEqualTo(50);
        assertThat(result.latency().getValueAtPercentile(50)).isGreaterThan(150_000);
    }

    @Test
    void holdsTheRateOfTheSchedule() throws Exception {
        answer(() -> 200);

        LoadResult result = generator().openLoop(requests(100), 8, new ArrivalSchedule(200));

        // the hundredth is due after 495 ms; a slow machine may take longer, but never less
        assertThat(result.elapsedNanos()).isGreaterThanOrEqualTo(495_000_000);
    }

    @Test
    void countsNoAnswerAtAllAsZero() throws Exception {
        int port = server.getAddress().getPort();
        server.stop(0);

        LoadResult result =
                new LoadGenerator(port).closedLoop(requests(3), 1, Duration.ofSeconds(30));

        assertThat(result.others()).containsExactly(java.util.Map.entry(0, 3));
    }

    @Test
    void spacesArrivalsEvenly() {
        var schedule = new ArrivalSchedule(800);

        assertThat(schedule.dueNanos(0)).isZero();
        assertThat(schedule.dueNanos(3)).isEqualTo(3_750_000);
        assertThat(schedule.arrivalsIn(3)).isEqualTo(2_400);
        assertThat(new ArrivalSchedule(0.1).arrivalsIn(1)).isEqualTo(1);
    }

    @Test
    void countsThePipelinesLatencyFromWhenEachWebhookWasDue() {
        long[] arrived = {1_000_500, 0, 1_009_000}; // the second never came

        var latency = PipelineBench.latency(arrived, 1_000_000, new ArrivalSchedule(500));

        assertThat(latency.getTotalCount()).isEqualTo(2);
        assertThat((double) latency.getMinValue()).isCloseTo(500, within(2.0));
        assertThat((double) latency.getMaxValue()).isCloseTo(5_000, within(10.0));
    }

    private LoadGenerator generator() {
        return new LoadGenerator(server.getAddress().getPort());
    }

    private static byte[][] requests(int count) {
        byte[][] requests = new byte[count][];
        Arrays.fill(requests, REQUEST);
        return requests;
    }

    private interface Answer {
        int status() throws InterruptedException;
    }

    private void answer(Answer answer) {
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    try {
                        exchange.sendResponseHeaders(answer.status(), -1);
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                    exchange.close();
                });
    }
}
