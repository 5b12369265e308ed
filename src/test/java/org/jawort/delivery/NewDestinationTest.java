package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.jawort.delivery.StubbornServer.Answer;
import org.jawort.delivery.StubbornServer.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A CRM nobody has written a line of Java for: a route file and two mappings, as the page says. */
@Timeout(60)
class NewDestinationTest {

    private static final String ROUTE =
            """
            - routeTemplate:
                id: crm-ticketing
                description: The message stands in the ticket of its conversation
                parameters:
                  - name: tenant
                  - name: destination
                  - name: url
                route:
                  streamCache: false
                  errorHandler:
                    noErrorHandler: {}
                  from:
                    uri: direct
                    parameters:
                      name: "crm-ticketing-{{tenant}}-{{destination}}"
                    steps:
                      - setProperty:
                          name: jawort.answers
                          expression:
                            constant:
                              expression: destinations/ticketing-answer.jslt
                      - setProperty:
                          name: jawort.call
                          expression:
                            constant:
                              expression: destinations/ticketing-ticket.jslt
                      - to:
                          uri: direct
                          parameters:
                            name: "http-call-{{tenant}}-{{destination}}"
                      - setProperty:
                          name: jawort.call
                          expression:
                            constant:
                              expression: destinations/ticketing-comment.jslt
                      - to:
                          uri: direct
                          parameters:
                            name: "http-call-{{tenant}}-{{destination}}"
                      - setProperty:
                          name: jawort.labels
                          expression:
                            constant:
                              expression: destinations/ticketing-labels.jslt
                      - bean:
                          ref: labelAnswers
                          method: "read(${exchange}, '{{tenant}}', '{{destination}}')"
            """;
    private static final String TICKET =
            """
            { "name": "ticket", "method": "PUT", "path": ["queues", .settings.queue, "tickets", .event.conversation] }""";
    private static final String COMMENT =
            """
            { "name": "comment", "method": "POST",
              "path": ["tickets", .answers.ticket.body.number, "comments"],
              "query": { "notify": "no & never" },
              "headers": { "Idempotency-Key": .event.id },
              "body": { "says": .event.words } }""";
    private static final String ANSWER =
            """
            if (.status == 200 and .body.error == "busy") { "outcome": "retry", "reason": "BUSY", "after": 7 }
            else if (.status == 200 and .body.error) { "outcome": "refused", "reason": .body.error }""";
    private static final String LABELS =
            """
            { "labels": { "case": string(.answers.ticket.body.number) } }""";
    private static final String SHAPE =
            """
            { "id": .id, "conversation": .data.conversationId, "words": .data.content.text }""";

    @TempDir private Path folder;
    private String error = "";

    private Answer answer(Request request) {
        if (request.target().startsWith("/queues/")) {
            return Answer.json(201, "{ \"number\": 4711 }");
        }
        return Answer.json(200, error.isEmpty() ? "{}" : "{ \"error\": \"" + error + "\" }");
    }

    @Test
    void isReachedByARouteFileAndMappingsAlone() throws Exception {
        write("routes/destinations/crm-ticketing.camel.yaml", ROUTE);
        write("mappings/destinations/ticketing.jslt", SHAPE);
        write("mappings/destinations/ticketing-ticket.jslt", TICKET);
        write("mappings/destinations/ticketing-comment.jslt", COMMENT);
        write("mappings/destinations/ticketing-answer.jslt", ANSWER);
        write("mappings/destinations/ticketing-labels.jslt", LABELS);
        DestinationEvent event = DestinationEvent.number(1);
        try (var server = new StubbornServer(this::answer);
                var hub =
                        new DestinationHub(
                                folder,
                                "crm-ticketing",
                                "destinations/ticketing.jslt",
                                Map.of(
                                        "url", server.url() + "/",
                                        "token", "t0ken",
                                        "queue", "../werk statt"),
                                (registry, tenants) ->
                                        registry.bind(
                                                "httpOutcome",
                                                new HttpOutcome(InstantSource.system())),
                                InstantSource.system())) {
            assertThat(hub.attempt(event)).isEmpty();

            Request ticket = server.requests().get(0);
            assertThat(ticket.method()).isEqualTo("PUT");
            assertThat(ticket.target())
                    .isEqualTo(
                            "/queues/..%2Fwerk%20statt/tickets/"
                                    + event.json().at("/data/conversationId").asText());
            Request comment = server.requests().get(1);
            assertThat(comment.target())
                    .isEqualTo("/tickets/4711/comments?notify=no%20%26%20never");
            assertThat(comment.header("authorization")).isEqualTo("Bearer t0ken");
            assertThat(comment.header("idempotency-key")).isEqualTo(event.id().toString());
            assertThat(new ObjectMapper().readTree(comment.body()).get("says").textValue())
                    .isEqualTo(event.text());
            assertThat(hub.labels()).hasToString("{\"labels\":{\"case\":\"4711\"}}");

            error = "busy";
            assertThat(hub.attempt(event).orElseThrow())
                    .isInstanceOf(DestinationUnavailable.class)
                    .hasMessage("HTTP 200 BUSY");
            error = "CLOSED";
            assertThat(hub.attempt(event).orElseThrow())
                    .isInstanceOf(DestinationRefused.class)
                    .hasMessage("HTTP 200 CLOSED");
        }
    }

    private void write(String file, String text) throws Exception {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
