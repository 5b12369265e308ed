package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLSocket;

/**
 * A server of HTTP/1.1 on this machine that keeps each request and answers as its handler says,
 * also as no decent server would.
 */
final class StubbornServer implements AutoCloseable {

    /**
     * @param headers by lower-case name; of a repeated one the last
     * @param client the subject of the certificate the client showed, {@code null} for none
     */
    record Request(
            String method, String target, Map<String, String> headers, byte[] body, String client) {

        String header(String name) {
            return headers.get(name);
        }

        String text() {
            return new String(body, UTF_8);
        }
    }

    sealed interface Answer {

        record Http(int status, Map<String, String> headers, String body) implements Answer {}

        enum Fault implements Answer {
            HANG,
            DRIP_HEAD,
            DRIP_BODY,
            CUT
        }

        static Answer status(int status) {
            return new Http(status, Map.of(), "");
        }

        static Answer json(int status, String body) {
            return new Http(status, Map.of("Content-Type", "application/json"), body);
        }
    }

    /** Called by one thread at a time. */
    interface Handler {
        Answer answer(Request request);
    }

    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ServerSocket server;
    private final String scheme;
    private final Handler handler;
    private final Thread acceptor;

    StubbornServer(Handler handler) {
        this(ServerSocketFactory.getDefault(), "http", handler);
    }

    /**
     * @param sockets of TLS, with {@code needClientAuth} or not, for {@code https}
     */
    StubbornServer(ServerSocketFactory sockets, String scheme, Handler handler) {
        this.scheme = scheme;
        this.handler = handler;
        try {
            server = sockets.createServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
        acceptor = Thread.ofPlatform().daemon().start(this::accept);
    }

    String url() {
        return scheme + "://localhost:" + server.getLocalPort();
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (Request request = read(in, client(socket));
                    request != null;
                    request = read(in, client(socket))) {
                Answer answer;
                synchronized (requests) {
                    requests.add(request);
                    answer = handler.answer(request);
                }
                if (!write(answer, out)) {
                    return;
                }
            }
        } catch (IOException | InterruptedException over) {
            // The client has gone, or the test is over.
        } finally {
            open.remove(socket);
        }
    }

    private static String client(Socket socket) throws IOException {
        if (!(socket instanceof SSLSocket tls)) {
            return null;
        }
        tls.startHandshake();
        try {
            return tls.getSession().getPeerPrincipal().getName();
        } catch (javax.net.ssl.SSLPeerUnverifiedException without) {
            return null;
        }
    }

    private static Request read(InputStream in, String client) throws IOException {
        String first = line(in);
        if (first == null || first.isEmpty()) {
            return null;
        }
        String[] words = first.split(" ");
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Request(words[0], words[1], headers, body, client);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            line.write(b);
        }
        return line.toString(ISO_8859_1).stripTrailing();
    }

    /** Whether the connection goes on. */
    private boolean write(Answer answer, OutputStream out)
            throws IOException, InterruptedException {
        switch (answer) {
            case Answer.Http http -> {
                byte[] body = http.body().getBytes(UTF_8);
                StringBuilder head = new StringBuilder("HTTP/1.1 " + http.status() + " So\r\n");
                http.headers().forEach((k, v) -> head.append(k + ": " + v + "\r\n"));
                head.append("Content-Length: " + body.length + "\r\n\r\n");
                out.write(head.toString().getBytes(ISO_8859_1));
                out.write(body);
                out.flush();
                return true;
            }
            case Answer.Fault.CUT -> {}
            case Answer.Fault.HANG -> {
                while (!server.isClosed()) {
                    Thread.sleep(50); // the answer that never comes, not a wait for anything
                }
            }
            case Answer.Fault.DRIP_HEAD -> drip(out, "HTTP/1.1 200 So\r\nX-Drip: ");
            case Answer.Fault.DRIP_BODY ->
                    drip(out, "HTTP/1.1 200 So\r\nContent-Length: 1000000\r\n\r\n");
        }
        return false;
    }

    private void drip(OutputStream out, String begin) throws IOException, InterruptedException {
        out.write(begin.getBytes(ISO_8859_1));
        while (!server.isClosed()) {
            out.write('.');
            out.flush();
            Thread.sleep(50);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            acceptor.join(); // or it might take one more
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
