package org.jawort;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.jawort.local.DemoTenant;

/** The API of a hub in a process of its own, as far as sending needs it. */
final class SendingClient {

    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;

    SendingClient(String url) {
        this.base = url + "/api/v1/tenants/" + DemoTenant.ID;
    }

    /** The newest conversation, {@code null} if there is none. */
    String conversation() throws IOException, InterruptedException {
        return call(request("/conversations").build()).at("/items/0/id").textValue();
    }

    String send(String body) throws IOException, InterruptedException {
        return call(request("/messages")
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", UUID.randomUUID().toString())
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build())
                .get("messageId")
                .textValue();
    }

    String state(String message) throws IOException, InterruptedException {
        return call(request("/messages/" + message).build()).get("state").textValue();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + DemoTenant.API_KEY);
    }

    private JsonNode call(HttpRequest request) throws IOException, InterruptedException {
        return SendingHub.json(http.send(request, HttpResponse.BodyHandlers.ofString()));
    }
}
