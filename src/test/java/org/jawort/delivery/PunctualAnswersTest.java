package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Against a server whose side of each connection the test holds in its hand. */
@DisplayName("R12: an answer that does not begin is not waited for")
@org.junit.jupiter.api.Timeout(60)
class PunctualAnswersTest {

    /** No socket takes so much while nobody reads. */
    private static final int LONG = 32 << 20;

    private final Alarms alarms = new Alarms();
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();
    private ServerSocket listening;

    @BeforeEach
    void listen() throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual()
                .start(
                        () -> {
                            while (!listening.isClosed()) {
                                try {
                                    accepted.add(listening.accept());
                                } catch (IOException closed) {
                                    return;
                                }
                            }
                        });
    }

    @AfterEach
    void stop() throws IOException {
        listening.close();
        for (Socket socket : accepted) {
            socket.close();
        }
        alarms.close();
    }

    @Test
    void closesTheConnectionOfAnAnswerThatDoesNotBegin() throws Exception {
        try (CloseableHttpClient client = client(Duration.ofMillis(200))) {
            assertThatThrownBy(() -> get(client))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("no answer within PT0.2S");
        }

        Socket connection = accepted.poll(10, TimeUnit.SECONDS);
        try (connection) {
            connection.getInputStream().readAllBytes(); // ends, since the other side is closed
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset"); // or was closed without a word
        }
    }

    @Test
    void waitsForTheRestOfAnAnswerNoLongerThanTheSocketIsToldTo() throws Exception {
        try (CloseableHttpClient client = client(Duration.ofMillis(300))) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    write(
                                            accepted.poll(10, TimeUnit.SECONDS),
                                            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
                                } catch (InterruptedException stopped) {
                                    Thread.currentThread().interrupt();
                                }
                            });

            assertThatThrownBy(() -> get(client)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void waitsForTheAnswerToALongRequestByTheSocket() throws Exception {
        var limit = Duration.ofSeconds(2); // has to read and answer within it
        try (CloseableHttpClient client = client(limit)) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    Socket connection = accepted.poll(10, TimeUnit.SECONDS);
                                    // three alarms of the limit would have gone off
                                    alarms.after(limit.multipliedBy(3), () -> {}).get();
                                    connection.getInputStream().readNBytes(LONG);
                                    write(connection, "HTTP/1.1 204 No Content\r\n\r\n");
                                } catch (Exception failed) {
                                    throw new AssertionError(failed);
                                }
                            });
            var post = new HttpPost("http://localhost:" + listening.getLocalPort() + "/");
            post.setEntity(
                    new ByteArrayEntity(new byte[LONG], ContentType.APPLICATION_OCTET_STREAM));

            assertThat(client.<Integer>execute(post, answer -> answer.getCode())).isEqualTo(204);
        }
    }

    @Test
    void saysWhatBrokeIfItWasNotTheTime() throws Exception {
        try (CloseableHttpClient client = client(Duration.ofMinutes(1))) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    Socket connection = accepted.poll(10, TimeUnit.SECONDS);
                                    connection.setSoLinger(true, 0); // a reset
                                    connection.close();
                                } catch (Exception failed) {
                                    throw new AssertionError(failed);
                                }
                            });

            assertThatThrownBy(() -> get(client))
                    .isInstanceOfAny(
                            SocketException.class,
                            org.apache.hc.core5.http.NoHttpResponseException.class);
        }
    }

    private String get(CloseableHttpClient client) throws IOException {
        return client.execute(
                new HttpGet("http://localhost:" + listening.getLocalPort() + "/"),
                answer -> EntityUtils.toString(answer.getEntity()));
    }

    private CloseableHttpClient client(Duration limit) {
        return HttpClients.custom()
                .disableAutomaticRetries()
                .setRequestExecutor(new PunctualAnswers(alarms, limit))
                .setDefaultRequestConfig(
                        RequestConfig.custom().setResponseTimeout(Timeout.DISABLED).build())
                .build();
    }

    private static void write(Socket connection, String text) {
        try {
            connection.getOutputStream().write(text.getBytes(US_ASCII));
            connection.getOutputStream().flush();
        } catch (IOException gone) {
            throw new AssertionError(gone);
        }
    }
}
