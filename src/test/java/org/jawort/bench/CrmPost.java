package org.jawort.bench;

import static org.jawort.bench.HandWrittenServer.environment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/** Posts messages to the CRM as JSON, as many at a time as the hub does, over kept connections. */
final class CrmPost {

    private static final int AT_A_TIME = 32;

    /** What the hand-written programs tell the CRM of a message. */
    record Message(String providerMessageId, String from, String to, String text) {

        static Message of(byte[] form) {
            var fields = HandWrittenTwilioCheck.form(form);
            return new Message(
                    fields.get("MessageSid"),
                    fields.get("From"),
                    fields.get("To"),
                    fields.get("Body"));
        }
    }

    private final ObjectMapper json = new ObjectMapper();
    private final String url = environment("JAWORT_CRM_URL");
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    private final CloseableHttpClient client =
            HttpClients.custom()
                    .setConnectionManager(
                            PoolingHttpClientConnectionManagerBuilder.create()
                                    .setMaxConnTotal(AT_A_TIME)
                                    .setMaxConnPerRoute(AT_A_TIME)
                                    .build())
                    .disableRedirectHandling()
                    .disableCookieManagement()
                    .build();

    /** Returns once the CRM has taken them all. */
    void all(List<Message> messages) throws ExecutionException, InterruptedException {
        List<Future<?>> posts = new ArrayList<>();
        for (Message message : messages) {
            posts.add(
                    threads.submit(
                            () -> {
                                one(message);
                                return null;
                            }));
        }
        for (Future<?> post : posts) {
            post.get();
        }
    }

    private void one(Message message) throws IOException {
        var post = new HttpPost(url);
        post.setEntity(new ByteArrayEntity(bytes(message), ContentType.APPLICATION_JSON));
        int status = client.execute(post, answer -> answer.getCode());
        if (status / 100 != 2) {
            throw new IOException("the CRM answered " + status);
        }
    }

    private byte[] bytes(Message message) throws JsonProcessingException {
        return json.writeValueAsBytes(message);
    }
}
