package org.jawort.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jawort.local.DemoTenant;
import org.jawort.local.StandardWebhookCheck;

/**
 * A CRM that does little more than note when a message came: {@code POST /crm} answers 204, after a
 * while if it is told so; {@code POST /crm/{k}} notes it under the phase {@link #phaseOf}. Of
 * signed events it checks one in {@value #CHECKED_ONE_IN}. {@code GET /phase/{n}} says {@code
 * unique again lastMicros invalid}, {@code GET /phase/{n}/times} the arrival times as big-endian
 * longs by index.
 */
public final class CrmSink {

    private static final int CHECKED_ONE_IN = 50;
    private static final byte[] RECEIVED =
            "\"jawort.message.received.v1\"".getBytes(StandardCharsets.US_ASCII);

    private final StandardWebhookCheck signature = new StandardWebhookCheck(DemoTenant.CRM_SECRET);
    private final Map<Integer, Arrivals> phases = new ConcurrentHashMap<>();
    private final AtomicInteger signed = new AtomicInteger();
    private final AtomicInteger invalid = new AtomicInteger();

    private final Duration pause;

    private CrmSink(Duration pause) {
        this.pause = pause;
    }

    /** Under which phase is noted what the {@code k}th of several destinations got of one. */
    static int phaseOf(int phase, int k) {
        return phase + k * 100_000;
    }

    /** {@code port [milliseconds before it answers]}: serves until the process ends. */
    public static void main(String[] arguments) throws IOException {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "1000");
        var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
        var server = HttpServer.create(address, 1024);
        server.setExecutor(Executors.newFixedThreadPool(64));
        var pause = Duration.ofMillis(arguments.length > 1 ? Long.parseLong(arguments[1]) : 0);
        server.createContext("/", new CrmSink(pause)::serve);
        server.start();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/crm")) {
                String k = path.substring("/crm".length()).replace("/", "");
                receive(exchange, k.isEmpty() ? 0 : Integer.parseInt(k));
                LockSupport.parkNanos(pause.toNanos());
                exchange.sendResponseHeaders(204, -1);
                return;
            }
            String[] parts = path.split("/"); // "", phase, n, times
            var arrivals = phase(Integer.parseInt(parts[2]));
            byte[] answer = parts.length > 3 ? bytes(arrivals.times()) : count(arrivals);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private void receive(HttpExchange exchange, int k) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        var now = Instant.now();
        var headers = exchange.getRequestHeaders();
        String id = headers.getFirst("webhook-id");
        if (id != null) {
            if (signed.getAndIncrement() % CHECKED_ONE_IN == 0
                    && !signature.accepts(
                            id,
                            headers.getFirst("webhook-timestamp"),
                            headers.getFirst("webhook-signature"),
                            body,
                            now)) {
                invalid.incrementAndGet();
            }
            if (!contains(body, RECEIVED)) {
                return; // something else the hub tells, such as a change of consent
            }
        }
        MessageNumber number = MessageNumber.firstIn(body);
        if (number != null) {
            phase(phaseOf(number.phase(), k))
                    .note(number.index(), ChronoUnit.MICROS.between(Instant.EPOCH, now));
        }
    }

    private Arrivals phase(int phase) {
        return phases.computeIfAbsent(phase, unseen -> new Arrivals());
    }

    private byte[] count(Arrivals arrivals) {
        var count = arrivals.count();
        return "%d %d %d %d"
                .formatted(count.unique(), count.again(), count.lastMicros(), invalid.get())
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(long[] times) {
        var buffer = ByteBuffer.allocate(times.length * Long.BYTES);
        buffer.asLongBuffer().put(times);
        return buffer.array();
    }

    private static boolean contains(byte[] text, byte[] part) {
        outer:
        for (int i = 0; i + part.length <= text.length; i++) {
            for (int j = 0; j < part.length; j++) {
                if (text[i + j] != part[j]) {
                    continue outer;
                }
            }
            return true;
        }
        return false;
    }
}
