package org.jawort.local;

import com.sun.net.httpserver.HttpExchange;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;

/**
 * The hosts where providers keep files, under {@code /media/<host>/<path>}: a picture for whatever
 * is asked, or what a test wants. Twilio's and Zendesk's want credentials, and Twilio's sends on to
 * another host, which wants none.
 */
public final class FakeMedia {

    /** What was asked: where, with which credentials if any. */
    public record Asked(String host, String path, String authorization) {}

    /** How a path is answered instead. */
    public interface Behaviour {
        void answer(HttpExchange exchange) throws IOException;
    }

    private static final String CDN = "mms.twiliocdn.com";
    private static final byte[] PICTURE = picture();

    private final List<Asked> asked = new ArrayList<>();
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();

    /** The picture that is there for everything. */
    public static byte[] bytes() {
        return PICTURE.clone();
    }

    /** In order of arrival. */
    public synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    /**
     * From now on what lies there is answered so.
     *
     * @param path with the host: {@code api.example.com/files/1}; {@code null} for all
     * @param behaviour {@code null}: as before
     */
    public void behave(String path, Behaviour behaviour) {
        String key = path == null ? "" : path;
        if (behaviour == null) {
            behaviours.remove(key);
        } else {
            behaviours.put(key, behaviour);
        }
    }

    /** An answer of this status with these bytes. */
    public static Behaviour answering(int status, byte[] bytes) {
        return exchange -> send(exchange, status, bytes);
    }

    /** On to another URL. */
    public static Behaviour redirecting(String to) {
        return exchange -> {
            exchange.getResponseHeaders().set("Location", to);
            exchange.sendResponseHeaders(307, -1);
        };
    }

    void serve(HttpExchange exchange) throws IOException {
        String[] parts = exchange.getRequestURI().getRawPath().split("/", 4);
        String host = parts.length > 2 ? parts[2] : "";
        String path = parts.length > 3 ? parts[3] : "";
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        synchronized (this) {
            asked.add(new Asked(host, path, authorization));
        }
        Behaviour behaviour = behaviours.getOrDefault(host + "/" + path, behaviours.get(""));
        if (behaviour != null) {
            behaviour.answer(exchange);
        } else if (host.equals(CDN)) {
            send(exchange, authorization == null ? 200 : 400, PICTURE);
        } else if (authorization == null
                && (host.equals("api.twilio.com") || host.endsWith(".zendesk.com"))) {
            send(exchange, 401, new byte[0]);
        } else if (host.equals("api.twilio.com")) {
            redirecting("https://" + CDN + "/" + path).answer(exchange);
        } else if (host.equals("mcs.us1.twilio.com")) {
            send(
                    exchange,
                    200,
                    ("{\"links\":{\"content_direct_temporary\":\"https://"
                                    + CDN
                                    + "/"
                                    + path
                                    + "\"}}")
                            .getBytes(StandardCharsets.UTF_8));
        } else {
            send(exchange, 200, PICTURE);
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        // as some do, whatever it is
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(bytes);
            }
        }
    }

    /** A car on a road, so that somebody who opens it sees that it arrived. */
    private static byte[] picture() {
        BufferedImage image = new BufferedImage(320, 200, BufferedImage.TYPE_INT_RGB);
        Graphics2D to = image.createGraphics();
        to.setColor(new Color(0xcfe8f5));
        to.fillRect(0, 0, 320, 150);
        to.setColor(new Color(0x6b6b6b));
        to.fillRect(0, 150, 320, 50);
        to.setColor(new Color(0xb3261e));
        to.fillRoundRect(60, 100, 200, 45, 20, 20);
        to.fillRoundRect(105, 65, 105, 50, 30, 30);
        to.setColor(Color.WHITE);
        to.fillRoundRect(115, 73, 40, 28, 10, 10);
        to.fillRoundRect(162, 73, 38, 28, 10, 10);
        to.setColor(Color.BLACK);
        to.fillOval(85, 125, 40, 40);
        to.fillOval(195, 125, 40, 40);
        to.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
