package org.jawort.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;

/** A processor that takes requests in the shape of OpenDSR 2.0, with a certificate of its own. */
public final class FakeProcessor implements AutoCloseable {

    public static final String DOMAIN = "processor.example";
    public static final String TOKEN = "token-of-the-processor";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PASSWORD = "changeit";

    private final List<JsonNode> requests = new ArrayList<>();
    private final List<String> authorizations = new ArrayList<>();
    private final InstantSource clock;
    private final HttpServer server;
    private final KeyStore keys;
    private volatile boolean signs = true;
    private volatile Consumer<JsonNode> beforeReceipt = request -> {};

    private FakeProcessor(InstantSource clock) {
        this.clock = clock;
        keys = keys();
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.createContext("/requests", this::take);
        server.start();
    }

    public static FakeProcessor start(InstantSource clock) {
        return new FakeProcessor(clock);
    }

    /** By the JDK's own tool, since the JDK has no API that makes certificates. */
    private static KeyStore keys() {
        try {
            Path file = Files.createTempDirectory("jawort-processor").resolve("keys.p12");
            Process tool =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "keytool")
                                            .toString(),
                                    "-genkeypair",
                                    "-alias",
                                    "processor",
                                    "-keyalg",
                                    "RSA",
                                    "-keysize",
                                    "2048",
                                    "-validity",
                                    "3650",
                                    "-dname",
                                    "CN=" + DOMAIN,
                                    "-ext",
                                    "SAN=dns:" + DOMAIN,
                                    "-storetype",
                                    "PKCS12",
                                    "-keystore",
                                    file.toString(),
                                    "-storepass",
                                    PASSWORD)
                            .inheritIO()
                            .start();
            if (tool.waitFor() != 0) {
                throw new IllegalStateException("keytool failed");
            }
            return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        } catch (IOException | GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        JsonNode request = JSON.readTree(body);
        synchronized (requests) {
            requests.add(request);
            authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
        }
        beforeReceipt.accept(request);
        ObjectNode receipt = JSON.createObjectNode();
        receipt.put("controller_id", "muster");
        receipt.put("received_time", clock.instant().toString());
        receipt.put("expected_completion_time", expected());
        receipt.put("encoded_request", Base64.getEncoder().encodeToString(body));
        receipt.set("subject_request_id", request.get("subject_request_id"));
        byte[] answer = receipt.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("X-OpenDSR-Processor-Domain", DOMAIN);
        exchange.getResponseHeaders()
                .add(
                        "X-OpenDSR-Signature",
                        sign(signs ? answer : "something else".getBytes(StandardCharsets.UTF_8)));
        exchange.sendResponseHeaders(201, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private String expected() {
        return clock.instant().plus(Duration.ofDays(7)).toString();
    }

    /** Whether its receipts carry its signature, or another's. */
    public void signs(boolean does) {
        signs = does;
    }

    /** What it does with a request before it says that it has it. */
    public void beforeReceipt(Consumer<JsonNode> does) {
        beforeReceipt = does;
    }

    public List<JsonNode> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    public List<String> authorizations() {
        synchronized (requests) {
            return List.copyOf(authorizations);
        }
    }

    /** What it tells of a request. */
    public String callback(JsonNode request, String status) {
        ObjectNode told = JSON.createObjectNode();
        told.put("controller_id", "muster");
        told.set("status_callback_url", request.at("/status_callback_urls/0"));
        told.set("subject_request_id", request.get("subject_request_id"));
        told.put("request_status", status);
        told.put("expected_completion_time", expected());
        return told.toString();
    }

    public String sign(byte[] body) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign((PrivateKey) keys.getKey("processor", PASSWORD.toCharArray()));
            signature.update(body);
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** In one line. */
    public String certificate() {
        try {
            return Base64.getEncoder()
                    .encodeToString(keys.getCertificate("processor").getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/requests";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
