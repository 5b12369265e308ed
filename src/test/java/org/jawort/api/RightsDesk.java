package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jawort.local.FakeMessage;
import org.jawort.rights.RequestRuns;

/** Requests of people at a hub: opened, worked on, and their answers collected. */
final class RightsDesk {

    private static final Pattern LINK = Pattern.compile("/requests/download/[A-Za-z0-9_-]{64}");

    final SpeakingHub at;

    /** Where people are known. */
    String channel = "sms";

    private final HttpClient http = HttpClient.newHttpClient();

    RightsDesk(SpeakingHub at) {
        this.at = at;
    }

    /** The hub goes on, as its route makes it do. */
    void work() {
        RequestRuns runs = at.hub.bean(RequestRuns.class);
        runs.advance(at.hub.tenant);
        runs.remind(at.hub.tenant);
        runs.expire(at.hub.tenant);
    }

    /** The one request of this type of the person with a number. */
    JsonNode ofChat(String type) {
        await().until(() -> of(type).size() == 1);
        return of(type).getFirst();
    }

    private List<JsonNode> of(String type) {
        List<JsonNode> found = new java.util.ArrayList<>();
        ApiClient.json(at.api.call("listRequests", Map.of(), "", ""))
                .get("items")
                .forEach(
                        one -> {
                            if (one.get("type").asText().equals(type)) {
                                found.add(one);
                            }
                        });
        return found;
    }

    JsonNode read(String id) {
        return ApiClient.json(at.api.call("getRequest", Map.of("id", id), "", ""));
    }

    HttpResponse<String> tryOpen(String type, String source, String number, String more) {
        ObjectNode body = ApiClient.JSON.createObjectNode();
        body.put("type", type).put("source", source);
        body.putObject("person").put("channel", channel).put("address", number);
        body.setAll(ApiClient.object(more));
        return at.api.call("openRequest", Map.of(), "", body.toString());
    }

    /** From an agent, told over SMS. */
    String open(String type, String number, String more) {
        HttpResponse<String> answer =
                tryOpen(
                        type,
                        "AGENT",
                        number,
                        more.equals("{}") ? "{\"replyChannel\":\"" + channel + "\"}" : more);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return ApiClient.json(answer).get("id").textValue();
    }

    HttpResponse<String> post(String operation, String id, String body) {
        return at.api.call(operation, Map.of("id", id), "", body);
    }

    /** Shown twice, so that all of the person's data is covered. */
    void confirm(String id) {
        HttpResponse<String> answer =
                post(
                        "decideIdentity",
                        id,
                        "{\"decision\":\"CONFIRMED\",\"method\":\"SECOND_PROOF\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    static String code(HttpResponse<String> answer) {
        return ApiClient.json(answer).path("code").asText();
    }

    void awaitState(String id, String state) {
        await().untilAsserted(
                        () -> {
                            work();
                            assertThat(read(id).get("state").textValue())
                                    .as("%s", read(id))
                                    .isEqualTo(state);
                        });
    }

    List<String> states(String id) {
        return read(id).get("steps").findValuesAsText("state");
    }

    /** Of the newest message to a number that holds a link. */
    String link(String number) {
        at.awaitSent(number, "/requests/download/");
        List<FakeMessage> told = at.sent(number, "/requests/download/");
        Matcher link = LINK.matcher(told.getLast().request().toString());
        assertThat(link.find()).isTrue();
        return link.group();
    }

    HttpResponse<byte[]> look(String link) {
        return send(HttpRequest.newBuilder(URI.create(at.hub.url() + link)).build());
    }

    HttpResponse<byte[]> collect(String link) {
        return send(
                HttpRequest.newBuilder(URI.create(at.hub.url() + link))
                        .POST(BodyPublishers.noBody())
                        .build());
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    /** Entries of a collected answer by name. */
    Map<String, String> unpacked(String link) {
        HttpResponse<byte[]> answer = collect(link);
        assertThat(answer.statusCode()).isEqualTo(200);
        Map<String, String> entries = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(
                        entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        JsonNode data = ApiClient.json(entries.get("data.json"));
        assertThat(at.api.violations("/schemas/rights-answer-v1.json", data)).isEmpty();
        return entries;
    }

    List<JsonNode> events(String type) {
        return at.hub.crmEvents().stream()
                .map(one -> one.get("event"))
                .filter(event -> event.get("type").asText().equals("jawort." + type + ".v1"))
                .peek(
                        event -> {
                            assertThat(at.api.violations("/schemas/event-v1.json", event))
                                    .isEmpty();
                            assertThat(
                                            at.api.violations(
                                                    event.get("dataschema").asText(),
                                                    event.get("data")))
                                    .isEmpty();
                        })
                .toList();
    }

    String subject(String number) {
        return ApiClient.json(
                        at.api.call(
                                "searchConsents",
                                Map.of(),
                                "",
                                "{\"channel\":\"" + channel + "\",\"address\":\"" + number + "\"}"))
                .get("subjectId")
                .textValue();
    }
}
