package org.jawort.local;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A CRM to try the hub against. It checks the signature of what it gets at {@code POST /crm}, keeps
 * it in order of arrival whatever it then answers, and shows it at {@code GET /crm/events} (JSON)
 * and {@code GET /} (a page).
 *
 * <p>{@code PUT /crm/behaviour} makes it slow or failing, see {@link CrmBehaviour}. {@code GET
 * /crm/count} has the numbers of all requests since the start or the last {@code DELETE
 * /crm/events}. Memory is bounded: of more than {@value #KEPT} events the oldest are forgotten, and
 * counted as such.
 */
public final class CrmReceiver implements AutoCloseable {

    static final int KEPT = 100_000;
    private static final List<String> PATHS =
            List.of(
                    "/",
                    "/style.css",
                    "/refresh.js",
                    "/crm",
                    "/crm/events",
                    "/crm/count",
                    "/crm/behaviour");
    private static final int LARGEST_EVENT = 16 * 1024 * 1024;

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final StandardWebhookCheck signature;
    private final InstantSource clock;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ArrayDeque<CrmEvent> events =
            new ArrayDeque<>(); // guarded by this, like all below
    private CrmBehaviour behaviour = CrmBehaviour.NORMAL;
    private long told; // how often the behaviour was replaced
    private long received;
    private long valid;
    private long refused;
    private long forgotten;
    private String neighbour;

    /**
     * What {@code GET /crm/count} answers; {@code refused} counts answers that were not 2xx, by
     * {@link CrmBehaviour}.
     */
    record Count(
            long received, long valid, long invalid, long refused, long kept, long forgotten) {}

    private record Answer(int status, String contentType, byte[] body) {

        static Answer empty(int status) {
            return new Answer(status, null, new byte[0]);
        }

        static Answer text(int status, String contentType, String text) {
            return new Answer(status, contentType, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * A CRM on 127.0.0.1, not yet listening.
     *
     * @param port 0 for a free one
     * @param secret what the hub signs with: {@code whsec_…}
     * @throws LocalStartFailed if the port is busy
     */
    public CrmReceiver(int port, String secret, InstantSource clock) {
        this(port, secret, clock, new StandardWebhookCheck(secret));
    }

    /**
     * One that takes a signature of any age: beside a hub whose clock a test moves by days, where
     * an event is signed before and arrives after.
     */
    public static CrmReceiver timeless(int port, String secret, InstantSource clock) {
        return new CrmReceiver(
                port, secret, clock, new StandardWebhookCheck(secret, Duration.ofDays(36_500)));
    }

    private CrmReceiver(
            int port, String secret, InstantSource clock, StandardWebhookCheck signature) {
        this.signature = signature;
        this.clock = clock;
        if (port != 0) {
            Ports.requireFree(port, "the demo CRM", "JAWORT_CRM_PORT");
        }
        try {
            this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1024);
        } catch (IOException busy) {
            throw new LocalStartFailed(
                    "port " + port + " for the demo CRM: " + busy.getMessage(), busy);
        }
        server.createContext("/", this::serve);
        server.setExecutor(threads);
    }

    /**
     * {@code [port]}: runs the CRM alone until it is ended, with the secret of {@code
     * JAWORT_CRM_SECRET} or the published one.
     */
    public static void main(String[] arguments) throws InterruptedException {
        int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8081;
        String secret = System.getenv().getOrDefault("JAWORT_CRM_SECRET", DemoTenant.CRM_SECRET);
        var crm = new CrmReceiver(port, secret, InstantSource.system()).start();
        System.out.println("demo CRM: " + crm.url());
        Thread.currentThread().join();
    }

    public CrmReceiver start() {
        server.start();
        return this;
    }

    /**
     * @param url of the fake providers, which its page then leads to
     */
    public synchronized CrmReceiver beside(String url) {
        neighbour = url;
        return this;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** Where the hub posts events: {@code http://localhost:<port>/crm}. */
    public String url() {
        return "http://localhost:%d/crm".formatted(server.getAddress().getPort());
    }

    /** What is kept, in order of arrival. */
    synchronized List<CrmEvent> events() {
        return List.copyOf(events);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            var headers = exchange.getResponseHeaders();
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Cache-Control", "no-store");
            headers.set(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'self'; script-src 'self'; frame-ancestors 'none'");
            if (answer.contentType() != null) {
                headers.set("Content-Type", answer.contentType());
            }
            exchange.sendResponseHeaders(
                    answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
            if (answer.body().length > 0) {
                exchange.getResponseBody().write(answer.body());
            }
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        return switch (exchange.getRequestMethod() + " " + path) {
            case "POST /crm" -> receive(exchange);
            case "GET /crm/events" -> json(events());
            case "DELETE /crm/events" -> forget();
            case "GET /crm/count" -> json(count());
            case "GET /crm/behaviour" -> json(currentBehaviour());
            case "PUT /crm/behaviour" -> behave(exchange.getRequestBody().readAllBytes());
            case "DELETE /crm/behaviour" -> behave("{}".getBytes(StandardCharsets.UTF_8));
            case "GET /" -> Answer.text(200, "text/html; charset=utf-8", page());
            case "GET /style.css" -> Answer.text(200, "text/css; charset=utf-8", CrmPage.STYLE);
            case "GET /refresh.js" ->
                    Answer.text(200, "text/javascript; charset=utf-8", CrmPage.SCRIPT);
            default ->
                    PATHS.contains(path)
                            ? Answer.text(405, "text/plain", "not with this method\n")
                            : Answer.text(404, "text/plain", "nothing here\n");
        };
    }

    private Answer receive(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(LARGEST_EVENT + 1);
        if (body.length > LARGEST_EVENT) {
            return Answer.text(413, "text/plain", "larger than " + LARGEST_EVENT + " bytes\n");
        }
        var now = clock.instant();
        var headers = new TreeMap<String, String>();
        exchange.getRequestHeaders()
                .forEach(
                        (name, values) ->
                                headers.put(
                                        name.toLowerCase(Locale.ROOT), String.join(",", values)));
        boolean authentic =
                signature.accepts(
                        headers.get("webhook-id"),
                        headers.get("webhook-timestamp"),
                        headers.get("webhook-signature"),
                        body,
                        now);

        CrmBehaviour behaving;
        long before;
        int status;
        synchronized (this) {
            behaving = nextBehaviour();
            before = told;
            status = authentic || behaving.status() != null ? behaving.statusOrNormal() : 401;
            String signed = authentic ? "valid" : "invalid";
            keep(new CrmEvent(now, headers, signed, status, parsed(body)));
        }
        pause(behaving.delayMillis(), before);
        if (behaving.retryAfterSeconds() != null) {
            exchange.getResponseHeaders()
                    .set("Retry-After", behaving.retryAfterSeconds().toString());
        }
        return behaving.answer() == null
                ? Answer.empty(status)
                : Answer.text(status, "text/plain; charset=utf-8", behaving.answer());
    }

    private synchronized CrmBehaviour nextBehaviour() {
        CrmBehaviour current = behaviour;
        behaviour = current.next();
        refused += current.statusOrNormal() >= 300 ? 1 : 0;
        return current;
    }

    private synchronized void keep(CrmEvent event) {
        received++;
        valid += event.signature().equals("valid") ? 1 : 0;
        events.addLast(event);
        if (events.size() > KEPT) {
            events.removeFirst();
            forgotten++;
        }
    }

    private synchronized Answer forget() {
        events.clear();
        received = 0;
        valid = 0;
        refused = 0;
        forgotten = 0;
        return Answer.empty(204);
    }

    private synchronized Count count() {
        return new Count(received, valid, received - valid, refused, events.size(), forgotten);
    }

    private synchronized CrmBehaviour currentBehaviour() {
        return behaviour;
    }

    private Answer behave(byte[] json) throws IOException {
        try {
            CrmBehaviour wanted = CrmBehaviour.parse(json);
            synchronized (this) {
                behaviour = wanted;
                told++;
                notifyAll();
            }
            return json(wanted);
        } catch (IllegalArgumentException notUnderstood) {
            return Answer.text(
                    400,
                    "application/json",
                    JSON.writeValueAsString(Map.of("error", notUnderstood.getMessage())));
        }
    }

    private synchronized String page() {
        var newestFirst = new ArrayList<CrmEvent>();
        for (Iterator<CrmEvent> it = events.descendingIterator();
                it.hasNext() && newestFirst.size() < CrmPage.SHOWN; ) {
            newestFirst.add(it.next());
        }
        return CrmPage.render(newestFirst, events.size(), neighbour);
    }

    private static JsonNode parsed(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException notJson) {
            return TextNode.valueOf(new String(body, StandardCharsets.UTF_8));
        }
    }

    /** As long as it was told to take, or until it is told otherwise. */
    private synchronized void pause(Integer millis, long before) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis == null ? 0 : millis);
        try {
            while (told == before && System.nanoTime() < end) {
                wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static Answer json(Object value) throws IOException {
        return new Answer(200, "application/json", JSON.writeValueAsBytes(value));
    }
}
