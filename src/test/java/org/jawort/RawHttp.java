package org.jawort;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jawort.local.SignedWebhook;

/**
 * HTTP/1.1 as an attacker writes it: what is asked for goes onto the wire as it is, whether or not
 * an honest client would send it.
 */
public final class RawHttp {

    /**
     * @param headers by lower-case name
     * @param body as it came, chunked or not
     */
    public record Answer(int status, Map<String, String> headers, String body) {}

    private final String method;
    private final String target;
    private final List<String> headers = new ArrayList<>();
    private byte[] body = new byte[0];
    private int times = 1;
    private boolean chunked;
    private boolean brokenOff;

    /**
     * @param target path and query, sent undecoded
     */
    public RawHttp(String method, String target) {
        this.method = method;
        this.target = target;
    }

    /** A signed webhook, to be spoilt. */
    static RawHttp of(SignedWebhook webhook) {
        URI url = URI.create(webhook.url());
        RawHttp request =
                new RawHttp(
                        webhook.method(),
                        url.getRawPath()
                                + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery()));
        webhook.headers().forEach(request::header);
        request.body = webhook.body();
        return request;
    }

    public RawHttp header(String name, String value) {
        headers.add(name + ": " + value);
        return this;
    }

    public RawHttp body(byte[] bytes) {
        body = bytes;
        return this;
    }

    /** Sends the body again and again, without holding all of it. */
    RawHttp times(int repetitions) {
        times = repetitions;
        return this;
    }

    /** Does not tell the length beforehand. */
    RawHttp chunked() {
        chunked = true;
        return this;
    }

    /** Promises twice the body, and hangs up in the middle. */
    RawHttp brokenOff() {
        brokenOff = true;
        return this;
    }

    public Answer send(String hub) {
        URI to = URI.create(hub);
        try (Socket socket = new Socket(to.getHost(), to.getPort())) {
            socket.setSoTimeout(30_000);
            write(socket.getOutputStream(), to);
            if (brokenOff) {
                socket.shutdownOutput();
            }
            return read(new BufferedInputStream(socket.getInputStream()));
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(method + " " + target, failure);
        }
    }

    /**
     * Sends the request but for its end, and waits for nothing.
     *
     * @return the connection, open, its last byte missing
     */
    Socket allButTheLastByte(String hub) throws IOException {
        URI to = URI.create(hub);
        Socket socket = new Socket(to.getHost(), to.getPort());
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        write(request, to);
        socket.getOutputStream().write(request.toByteArray(), 0, request.size() - 1);
        return socket;
    }

    private void write(OutputStream out, URI to) throws IOException {
        StringBuilder head = new StringBuilder();
        head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(to.getAuthority()).append("\r\nConnection: close\r\n");
        headers.forEach(header -> head.append(header).append("\r\n"));
        if (chunked) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (body.length > 0 || method.equals("POST")) {
            head.append("Content-Length: ")
                    .append((long) body.length * times * (brokenOff ? 2 : 1))
                    .append("\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        try {
            for (int i = 0; i < times && body.length > 0; i++) {
                if (chunked) {
                    out.write((Integer.toHexString(body.length) + "\r\n").getBytes());
                }
                out.write(body);
                if (chunked) {
                    out.write("\r\n".getBytes());
                }
            }
            if (chunked) {
                out.write("0\r\n\r\n".getBytes());
            }
            out.flush();
        } catch (SocketException refusedBeforeTheEnd) {
            // what counts is the answer
        }
    }

    private static Answer read(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        in.transferTo(all);
        String text = all.toString(StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new IOException("no answer");
        }
        String[] lines = text.substring(0, end).split("\r\n");
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 1; i < lines.length; i++) {
            String[] header = lines[i].split(":", 2);
            headers.merge(header[0], header[1].strip(), (one, other) -> one + ", " + other);
        }
        return new Answer(
                Integer.parseInt(lines[0].split(" ")[1]), headers, text.substring(end + 4));
    }
}
