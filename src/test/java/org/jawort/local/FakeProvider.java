package org.jawort.local;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The four providers to send to, {@code /twilio}, {@code /messagebird}, {@code /vonage} and {@code
 * /smooch}: each takes what its documentation allows and refuses the rest as documented.
 *
 * <p>{@code GET /sent} has what they got, in order of arrival, {@code DELETE /sent} forgets it,
 * {@code GET /} shows it. {@code PUT /behaviour} makes them refuse, hang or break off, see {@link
 * FakeBehaviour}; {@code DELETE /behaviour} ends that. {@code POST /status {id, status, code}}
 * tells the hub what became of a message, {@code POST /reply {id, text}} what the person answers.
 */
public final class FakeProvider implements AutoCloseable {

    static final int KEPT = 10_000;
    private static final int LARGEST_REQUEST = 1024 * 1024;
    private static final long HANGS_SECONDS = 120;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final Map<String, FakeApi> apis;
    private final InstantSource clock;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<FakeMessage> messages = new ArrayList<>(); // guarded by this, like all below
    private final List<FakeErasure> erasures = new ArrayList<>();
    private final Set<String> erased = new HashSet<>();
    private final Map<String, FakeAnswer> refusals = new HashMap<>();
    private List<FakeBehaviour> behaviours = List.of();
    private CountDownLatch hanging = new CountDownLatch(1);
    private FakeWebhooks webhooks;
    private boolean tells;
    private String neighbour;
    private final Map<String, String> told = new HashMap<>(); // by message id

    private record Answer(int status, String contentType, byte[] body) {

        static Answer text(int status, String contentType, String text) {
            return new Answer(status, contentType, text.getBytes(StandardCharsets.UTF_8));
        }

        static Answer json(int status, Object body) throws IOException {
            return body == null
                    ? new Answer(status, null, new byte[0])
                    : new Answer(status, "application/json", JSON.writeValueAsBytes(body));
        }
    }

    /**
     * Fake providers on 127.0.0.1, not yet listening.
     *
     * @param port 0 for a free one
     * @param credentials by provider, under the names of the tenant file; Vonage's {@code
     *     publicKey} is the other half of its {@code privateKey}
     * @throws LocalStartFailed if the port is busy
     */
    public FakeProvider(
            int port, Map<String, Map<String, String>> credentials, InstantSource clock) {
        this.clock = clock;
        this.apis =
                Map.of(
                        "twilio", new FakeTwilio(credentials.get("twilio")),
                        "messagebird", new FakeMessageBird(credentials.get("messagebird")),
                        "vonage", new FakeVonage(credentials.get("vonage")),
                        "smooch", new FakeSmooch(credentials.get("smooch")));
        if (port != 0) {
            Ports.requireFree(port, "the fake providers", "JAWORT_PROVIDERS_PORT");
        }
        try {
            this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1024);
        } catch (IOException busy) {
            throw new LocalStartFailed(
                    "port " + port + " for the fake providers: " + busy.getMessage(), busy);
        }
        server.createContext("/", this::serve);
        server.setExecutor(threads);
    }

    private final FakeMedia media = new FakeMedia();

    public FakeProvider start() {
        server.start();
        return this;
    }

    /**
     * From now on webhooks can go back to the hub.
     *
     * @param telling whether they tell by themselves that a message they took was delivered
     */
    public synchronized FakeProvider callsBack(FakeWebhooks webhooks, boolean telling) {
        this.webhooks = webhooks;
        this.tells = telling;
        return this;
    }

    @Override
    public void close() {
        behave();
        server.stop(0);
        threads.shutdownNow();
    }

    /** The base URL of one provider's API. */
    public String url(String provider) {
        return url() + "/" + provider;
    }

    /** Who plays the hosts where providers keep files: the host's name is the next part. */
    public String mediaUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/media";
    }

    /** What is asked there, and what it answers. */
    public FakeMedia media() {
        return media;
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** What was asked to be sent, in order of arrival, refused or not. */
    public synchronized List<FakeMessage> messages() {
        return List.copyOf(messages);
    }

    /** From now on, instead of what held before; none: as documented. */
    public synchronized void behave(FakeBehaviour... wanted) {
        behaviours = List.of(wanted);
        hanging.countDown();
        hanging = new CountDownLatch(1);
    }

    public synchronized void forget() {
        messages.clear();
        told.clear();
    }

    /** Tells the hub what became of a message; its answer. */
    public int status(String messageId, String status, String code) {
        FakeMessage message = find(messageId);
        int hub =
                webhooks.send(
                        message.provider(),
                        apis.get(message.provider())
                                .status(message, status, code, clock.instant()));
        synchronized (this) {
            told.put(messageId, (code == null ? status : status + " " + code) + " → " + hub);
        }
        return hub;
    }

    private synchronized String page() {
        return FakeProviderPage.render(messages(), Map.copyOf(told), neighbour);
    }

    /**
     * @param url of the demo CRM, which its page then leads to
     */
    public synchronized FakeProvider beside(String url) {
        neighbour = url;
        return this;
    }

    /** The person answers; the hub's answer to the webhook. */
    public int reply(String messageId, String text) {
        return webhooks.reply(find(messageId), text);
    }

    private synchronized FakeMessage find(String messageId) {
        return messages.stream()
                .filter(it -> it.taken() != null && it.taken().id().equals(messageId))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no message with id " + messageId));
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String provider = path.split("/", 3)[1];
        if (provider.equals("media")) {
            try (exchange) {
                media.serve(exchange);
            }
            return;
        }
        if (apis.containsKey(provider)) {
            send(exchange, provider, path.substring(provider.length() + 1));
            return;
        }
        try (exchange) {
            answer(exchange, control(exchange, path));
        }
    }

    private static void answer(HttpExchange exchange, Answer answer) throws IOException {
        var headers = exchange.getResponseHeaders();
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Cache-Control", "no-store");
        headers.set(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; frame-ancestors 'none'");
        if (answer.contentType() != null) {
            headers.set("Content-Type", answer.contentType());
        }
        boolean empty = answer.body().length == 0;
        exchange.sendResponseHeaders(answer.status(), empty ? -1 : answer.body().length);
        if (!empty) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    private Answer control(HttpExchange exchange, String path) throws IOException {
        try {
            return switch (exchange.getRequestMethod() + " " + path) {
                case "GET /sent" -> Answer.json(200, messages());
                case "DELETE /sent" -> {
                    forget();
                    yield Answer.json(204, null);
                }
                case "PUT /behaviour" -> {
                    List<FakeBehaviour> wanted =
                            FakeBehaviour.parse(exchange.getRequestBody().readAllBytes());
                    behave(wanted.toArray(FakeBehaviour[]::new));
                    yield Answer.json(200, wanted);
                }
                case "DELETE /behaviour" -> {
                    behave();
                    yield Answer.json(204, null);
                }
                case "POST /status" -> {
                    JsonNode wanted = JSON.readTree(exchange.getRequestBody().readAllBytes());
                    int hub =
                            status(
                                    wanted.path("id").asText(),
                                    wanted.path("status").asText(),
                                    wanted.path("code").asText(null));
                    yield Answer.json(200, Map.of("hub", hub));
                }
                case "POST /reply" -> {
                    JsonNode wanted = JSON.readTree(exchange.getRequestBody().readAllBytes());
                    int hub = reply(wanted.path("id").asText(), wanted.path("text").asText());
                    yield Answer.json(200, Map.of("hub", hub));
                }
                case "GET /" -> Answer.text(200, "text/html; charset=utf-8", page());
                case "GET /style.css" -> Answer.text(200, "text/css; charset=utf-8", CrmPage.STYLE);
                case "GET /refresh.js" ->
                        Answer.text(200, "text/javascript; charset=utf-8", CrmPage.SCRIPT);
                default -> Answer.text(404, "text/plain", "nothing here\n");
            };
        } catch (IllegalArgumentException | IOException notUnderstood) {
            return Answer.json(400, Map.of("error", String.valueOf(notUnderstood.getMessage())));
        }
    }

    private void send(HttpExchange exchange, String provider, String path) throws IOException {
        FakeApi api = apis.get(provider);
        byte[] body = exchange.getRequestBody().readNBytes(LARGEST_REQUEST);
        var headers = new TreeMap<String, String>();
        exchange.getRequestHeaders()
                .forEach(
                        (name, values) ->
                                headers.put(
                                        name.toLowerCase(Locale.ROOT), String.join(",", values)));
        var call = new FakeCall(path, headers, body);
        FakeAnswer erased = erase(api, provider, exchange.getRequestMethod(), call);
        if (erased != null) {
            try (exchange) {
                answer(exchange, Answer.json(erased.status(), erased.body()));
            }
            return;
        }
        FakeAnswer answer =
                exchange.getRequestMethod().equals("POST")
                        ? api.answer(call, clock.instant())
                        : FakeAnswer.refused(405, null);
        FakeBehaviour behaviour = answer.taken() == null ? null : behaviour(provider, call);
        boolean refuses =
                behaviour != null
                        && (behaviour.then() == null
                                || behaviour.then().equals("late") && behaviour.code() != null);
        if (refuses) {
            answer =
                    behaviour.code() == null
                            ? FakeAnswer.refused(behaviour.status(), null)
                            : api.error(
                                    call,
                                    behaviour.status() == null ? 0 : behaviour.status(),
                                    behaviour.code());
        }
        String then = behaviour == null ? null : behaviour.then();
        if ("late".equals(then)
                && behaviour.code() == null
                && behaviour.status() != null) { // it has the message, and denies it
            answer = new FakeAnswer(behaviour.status(), null, answer.taken());
        }
        keep(provider, call, answer, then);
        try (exchange) {
            if (behaviour != null && behaviour.retryAfterSeconds() != null) {
                exchange.getResponseHeaders()
                        .set("Retry-After", behaviour.retryAfterSeconds().toString());
            }
            if (behaviour != null && behaviour.location() != null) {
                exchange.getResponseHeaders().set("Location", behaviour.location());
            }
            respond(exchange, answer, then);
        }
        if (answer.taken() != null && then == null) {
            tell(provider, answer.taken().id());
        }
    }

    private synchronized FakeAnswer erase(
            FakeApi api, String provider, String method, FakeCall call) {
        FakeAnswer instead = refusals.get(provider);
        FakeAnswer answer =
                api.erase(
                        method,
                        call,
                        clock.instant(),
                        id ->
                                messages.stream()
                                        .filter(it -> id.equals(it.id()))
                                        .map(FakeMessage::receivedAt)
                                        .findFirst()
                                        .orElse(null),
                        instead == null ? erased : new HashSet<>(erased));
        if (answer == null) {
            return null;
        }
        if (instead != null) {
            answer = instead;
        }
        erasures.add(
                new FakeErasure(provider, method, call.path(), call.fields(), answer.status()));
        return answer;
    }

    /** What was asked to be erased, in order of arrival, refused or not. */
    public synchronized List<FakeErasure> erasures() {
        return List.copyOf(erasures);
    }

    /**
     * From now on this provider answers so to every request to erase.
     *
     * @param answer {@code null}: as documented
     */
    public synchronized void refuseErasures(String provider, FakeAnswer answer) {
        if (answer == null) {
            refusals.remove(provider);
        } else {
            refusals.put(provider, answer);
        }
    }

    private void respond(HttpExchange exchange, FakeAnswer answer, String then) throws IOException {
        switch (then) {
            case null -> answer(exchange, Answer.json(answer.status(), answer.body()));
            case "hang" -> hang();
            case "late" -> {
                hang();
                answer(exchange, Answer.json(answer.status(), answer.body()));
            }
            case "empty" -> answer(exchange, Answer.json(answer.status(), null));
            case "garbage" -> answer(exchange, Answer.text(answer.status(), "text/html", "<p>ok"));
            case "endless" -> trickle(exchange, answer.status());
            default -> {} // closed without an answer
        }
    }

    private void hang() {
        CountDownLatch until;
        synchronized (this) {
            until = hanging;
        }
        try {
            until.await(HANGS_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static void trickle(HttpExchange exchange, int status) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, 0);
        OutputStream body = exchange.getResponseBody();
        body.write('"');
        byte[] more = "x".repeat(8192).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 100_000; i++) {
            body.write(more); // until the other side has had enough
        }
    }

    private synchronized FakeBehaviour behaviour(String provider, FakeCall call) {
        String request = call.fields().toString();
        for (int i = 0; i < behaviours.size(); i++) {
            FakeBehaviour behaviour = behaviours.get(i);
            if (behaviour.fits(provider, request)) {
                var after = new ArrayList<>(behaviours);
                FakeBehaviour next = behaviour.next();
                if (next == null) {
                    after.remove(i);
                } else {
                    after.set(i, next);
                }
                behaviours = List.copyOf(after);
                return behaviour;
            }
        }
        return null;
    }

    private synchronized void keep(String provider, FakeCall call, FakeAnswer answer, String then) {
        var shown = new TreeMap<>(call.headers());
        shown.remove("authorization");
        messages.add(
                new FakeMessage(
                        clock.instant(),
                        provider,
                        call.path(),
                        shown,
                        call.fields(),
                        "hang".equals(then) || "break".equals(then) ? 0 : answer.status(),
                        answer.taken()));
        if (messages.size() > KEPT) {
            messages.removeFirst();
        }
    }

    /** A hub that is just starting answers 503; providers come again, each in its own rhythm. */
    private void tellUntilTaken(String messageId, String status) {
        for (long pause = 100; pause < LONGEST_PAUSE_MILLIS; pause *= 2) {
            if (status(messageId, status, null) / 100 == 2) {
                return;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized void tell(String provider, String messageId) {
        if (tells) {
            threads.execute(
                    () -> {
                        for (String status : FakeWebhooks.GOOD.get(provider)) {
                            tellUntilTaken(messageId, status);
                        }
                    });
        }
    }
}
