package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.jawort.consent.CanonicalJson;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.Share;
import org.jawort.document.ArchiveProcedures;
import org.jawort.document.LabelAnswers;
import org.jawort.local.DemoTenant;
import org.jawort.retention.Erasure;
import org.jawort.tenant.TenantReload;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentsIT {

    private static final Map<String, String> NONE = Map.of();
    private static final String OFFICER = "officer-test-key-0123456789abcdef";

    private SpeakingHub at;
    private AnsweringCrm crm;
    private HomeFolder home;

    /** A CRM that answers every event with 200 and what it was told to say. */
    private static final class AnsweringCrm {
        private final HttpServer server;
        private volatile String says = "";
        private volatile String type = "application/json";

        AnsweringCrm() throws IOException {
            server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        exchange.getRequestBody().readAllBytes();
                        byte[] answer = says.getBytes(StandardCharsets.UTF_8);
                        exchange.getResponseHeaders().set("Content-Type", type);
                        exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
                        exchange.getResponseBody().write(answer);
                        exchange.close();
                    });
            server.start();
        }

        void says(String json) {
            says = json;
            type = "application/json";
        }

        String url() {
            return "http://localhost:" + server.getAddress().getPort() + "/crm";
        }
    }

    @BeforeAll
    void start() throws IOException {
        crm = new AnsweringCrm();
        home = HomeFolder.copy().apiKey("officer", OFFICER, ", restricted: true");
        addDesk(home);
        at = SpeakingHub.start(home.path(), hub -> hub.with("JAWORT_CRM_URL", crm.url()));
    }

    /** A CRM whose answers have a form of their own: a route file and a mapping. */
    private static void addDesk(HomeFolder home) throws IOException {
        Path routes = home.path().resolve("routes/destinations");
        String webhook = Files.readString(routes.resolve("crm-webhook.camel.yaml"));
        String read = "          - bean:               # last:";
        assertThat(webhook).contains(read);
        Files.writeString(
                routes.resolve("crm-desk.camel.yaml"),
                webhook.replace("crm-webhook", "crm-desk")
                        .replace(
                                read,
                                """
                                          - setProperty:
                                              name: jawort.labels
                                              expression:
                                                constant:
                                                  expression: destinations/desk-labels.jslt
                                """
                                        + read));
        Files.writeString(
                home.path().resolve("mappings/destinations/desk-labels.jslt"),
                """
                { "conversation": { "labels": { "vehicle": .answers.answer.body.car.plate, "desk": .answers.answer.body.desk } } }
                """);
        home.change(
                "destinations:\n",
                """
                destinations:
                  - { id: desk, route: crm-desk, mapping: destinations/canonical.jslt, events: [message.received], profile: full,
                      processor: crm-eu, labelsFromAnswers: [vehicle],
                      settings: { url: "${JAWORT_CRM_URL}/desk", secret: "%s" } }
                """
                        .formatted(DemoTenant.CRM_SECRET));
    }

    @AfterAll
    void stop() {
        at.close();
        crm.server.stop(0);
    }

    /** The id of the message somebody wrote. */
    private String writes(String number, String text) {
        at.says(number, text);
        HubInTest.await().until(() -> !received(number, text).isEmpty());
        at.quiet();
        return received(number, text).getLast().at("/data/messageId").textValue();
    }

    private List<JsonNode> received(String number, String text) {
        return events("message.received").stream()
                .filter(one -> one.at("/data/from/address").asText().equals(number))
                .filter(one -> one.at("/data/content/text").asText().equals(text))
                .toList();
    }

    /** As the archive has them, each by its schema. */
    private List<JsonNode> events(String type) {
        return at.hub.archived().stream()
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

    private JsonNode event(String type, String message) {
        return events(type).stream()
                .filter(one -> one.at("/data/messageId").asText().equals(message))
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    private JsonNode labels(String message) {
        return ApiClient.json(at.api.call("listMessageLabels", Map.of("id", message), "", ""));
    }

    private JsonNode set(String operation, String id, String labels) {
        HttpResponse<String> answer =
                at.api.call(operation, Map.of("id", id), "", "{\"labels\":" + labels + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ApiClient.json(answer);
    }

    private String conversation(String message) {
        return at.hub
                .sql()
                .queryForObject(
                        "select conversation_id from message where id = ?::uuid",
                        String.class,
                        message);
    }

    private List<String> found(String key, String criteria) {
        HttpResponse<String> answer = at.api.as(key, "searchDocuments", NONE, criteria);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ApiClient.json(answer).get("items").findValuesAsText("messageId");
    }

    private List<String> found(String criteria) {
        return found(DemoTenant.API_KEY, criteria);
    }

    private double counted(String outcome) {
        return at
                .hub
                .bean(MeterRegistry.class)
                .find("jawort.answers.labels")
                .tag("outcome", outcome)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private long rows(String tableAndCondition) {
        return at.hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }

    @Test
    @DisplayName(
            "RET-11: a rule files a message and its conversation; the event carries it, and no value stands readable in the"
                    + " store")
    void filesByRule() {
        String first = writes("+4915201900001", "Zu Fall F-770011: wann?");
        String second = writes("+4915201900001", "Und zu F-770012?");
        String third = writes("+4915201900001", "Danke");

        assertThat(event("message.received", first).at("/data/labels/case").asText())
                .isEqualTo("F-770011");
        assertThat(event("message.received", second).at("/data/labels/case").asText())
                .isEqualTo("F-770012");
        assertThat(event("message.received", third).at("/data/labels/case").asText())
                .as("its conversation's")
                .isEqualTo("F-770011");
        assertThat(labels(first).at("/history/0/source").asText()).isEqualTo("rule");
        assertThat(labels(first).at("/history/0/by").asText()).isEqualTo("case-in-text");
        assertThat(rows("label l where to_jsonb(l)::text like '%77001%'")).isZero();
        assertThat(found("{\"direction\":\"inbound\",\"labels\":{\"case\":\"f 770011\"}}"))
                .as("the second has one of its own")
                .containsExactly(third, first);
    }

    @Test
    @DisplayName(
            "RET-7, RET-11: what a CRM answers files a message, as far as the tenant lets it; the archive is told, the CRM's"
                    + " answer to that sets nothing")
    void filesByAnswer() {
        crm.says(
                """
                {"ok":true,"category":"COMMERCIAL_LETTER","labels":{"vehicle":" M-AB 1234 ","mood":"angry"},
                 "conversation":{"labels":{"case":"F-880001"}}}""");
        String message = writes("+4915201900002", "Ich bestelle die Reifen");
        await().untilAsserted(
                        () -> {
                            at.quiet();
                            assertThat(events("message.labeled").toString()).contains("F-880001");
                        });
        // the CRM's answer to what tells of the labels, which the archive may have before
        await().until(() -> counted("not_of_a_message") > 0);
        crm.says("");

        assertThat(labels(message).get("labels"))
                .isEqualTo(ApiClient.json("{\"vehicle\":\"M-AB 1234\"}"));
        assertThat(labels(message).at("/history/0/by").asText()).isEqualTo("crm");
        JsonNode told = event("message.labeled", message).get("data");
        assertThat(told.get("category").asText()).isEqualTo("COMMERCIAL_LETTER");
        assertThat(told.get("changed").toString()).contains("vehicle", "category");
        assertThat(told.get("source").asText()).isEqualTo("destination");
        assertThat(counted("not_allowed")).isPositive();
        assertThat(counted("not_of_a_message")).isPositive();
        JsonNode explained =
                ApiClient.json(at.api.call("explainRetention", Map.of("id", message), "", ""));
        assertThat(explained.at("/history/0/source").asText()).isEqualTo("crm");
        assertThat(explained.at("/history/0/by").asText()).isEqualTo("crm");
    }

    @Test
    @DisplayName(
            "RET-11: what a CRM answers in a form of its own files a conversation, by a mapping and as far as the tenant lets it")
    void filesByTheAnswerOfACrmInAFormOfItsOwn() {
        double refused = counted("not_allowed");
        crm.says("{\"car\": { \"plate\": \"M-AB 4711\" }, \"desk\": \"seven\" }");
        String message = writes("+4915201900013", "Mein Auto");
        crm.says("");

        JsonNode filed =
                ApiClient.json(
                        at.api.call(
                                "listConversationLabels",
                                Map.of("id", conversation(message)),
                                "",
                                ""));
        assertThat(filed.get("labels")).isEqualTo(ApiClient.json("{\"vehicle\":\"M-AB 4711\"}"));
        assertThat(filed.at("/history/0/source").asText()).isEqualTo("destination");
        assertThat(filed.at("/history/0/by").asText()).isEqualTo("desk");
        assertThat(counted("not_allowed")).isEqualTo(refused + 1);
    }

    @Test
    @DisplayName("R10: labels from answers and files of archives wait for the share of deliveries")
    void leavesConnectionsToOthersWhateverDeliveriesDo() throws InterruptedException {
        at.quiet();
        Share share = at.hub.bean(Share.class);
        int all =
                Integer.parseInt(at.hub.property("spring.datasource.hikari.maximum-pool-size")) / 4;
        CountDownLatch taken = new CountDownLatch(all);
        CountDownLatch enough = new CountDownLatch(1);
        for (int i = 0; i < all; i++) {
            Thread.ofVirtual()
                    .start(
                            () ->
                                    share.scope()
                                            .run(
                                                    DemoTenant.ID,
                                                    () -> {
                                                        taken.countDown();
                                                        awaitOn(enough);
                                                    }));
        }
        taken.await();
        Exchange answer = new DefaultExchange(at.hub.camel());
        answer.setProperty("jawort.event.id", UUID.randomUUID().toString());
        answer.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
        answer.getMessage()
                .setBody("{\"labels\":{\"case\":\"F-1\"}}".getBytes(StandardCharsets.UTF_8));

        List<Thread> threads =
                List.of(
                        Thread.ofPlatform()
                                .start(
                                        () ->
                                                at.hub
                                                        .bean(LabelAnswers.class)
                                                        .read(answer, DemoTenant.ID, "crm")),
                        Thread.ofPlatform().start(this::opensNoFile));

        try {
            await().until(
                            () ->
                                    threads.stream()
                                            .allMatch(
                                                    one ->
                                                            one.getState()
                                                                    == Thread.State.TIMED_WAITING));
        } finally {
            enough.countDown();
        }
        for (Thread one : threads) {
            one.join();
        }
    }

    private void opensNoFile() {
        try {
            at.hub.bean(Attachments.class).open(DemoTenant.ID, UUID.randomUUID());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static void awaitOn(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @Test
    @DisplayName("a bad answer is counted, and the delivery has arrived all the same")
    void countsBadAnswers() {
        Map<String, String> bad =
                Map.of(
                        "no_json", "{\"labels\":",
                        "broken_schema", "{\"labels\":{\"case\":{\"a\":1}}}",
                        "too_long", "{\"labels\":{\"case\":\"" + "x".repeat(17_000) + "\"}}");
        bad.forEach(
                (word, answer) -> {
                    crm.says(answer);
                    String message = writes("+4915201900003", "Frage nach " + word);
                    crm.says("");

                    assertThat(counted(word)).as(word).isPositive();
                    assertThat(labels(message).get("labels")).isEmpty();
                    assertThat(
                                    rows(
                                            "delivery d join event e on e.id = d.event_id where d.destination = 'crm' and d.state = 'delivered'"
                                                    + " and e.message_id = '"
                                                    + message
                                                    + "'"))
                            .isEqualTo(1);
                });
    }

    @Test
    @DisplayName(
            "RET-11: a change of a label is an annotation: who, when, what was there before; and it is told with an event")
    void keepsWhatWasThereBefore() {
        String message = writes("+4915201900004", "Hallo");

        set("setMessageLabels", message, "{\"case\":\"F-990001\",\"vehicle\":\"B-XY 77\"}");
        JsonNode now = set("setMessageLabels", message, "{\"case\":\"F-990002\",\"vehicle\":null}");
        set("setMessageLabels", message, "{\"case\":\"F-990002\"}");
        at.quiet();

        assertThat(now.get("labels")).isEqualTo(ApiClient.json("{\"case\":\"F-990002\"}"));
        assertThat(now.get("history").findValuesAsText("value"))
                .containsExactlyInAnyOrder("F-990001", "B-XY 77", "F-990002");
        assertThat(now.at("/history/0/by").asText()).isEqualTo("demo");
        assertThat(now.at("/history/0/removedBy").asText()).isEqualTo("demo");
        await().untilAsserted(
                        () ->
                                assertThat(events("message.labeled"))
                                        .filteredOn(
                                                one ->
                                                        one.at("/data/messageId")
                                                                .asText()
                                                                .equals(message))
                                        .as("the third changed nothing")
                                        .hasSize(2));
        HttpResponse<String> removed =
                at.api.call("removeMessageLabel", Map.of("id", message, "name", "case"), "", "");
        assertThat(ApiClient.json(removed).get("labels")).isEmpty();
        assertThat(found("{\"labels\":{\"case\":\"F-990002\"}}")).isEmpty();
        assertThat(
                        at.api
                                .call(
                                        "setMessageLabels",
                                        Map.of("id", UUID.randomUUID().toString()),
                                        "",
                                        "{\"labels\":{\"case\":\"F-1\"}}")
                                .statusCode())
                .isEqualTo(404);
        assertThat(
                        at.api
                                .call(
                                        "setMessageLabels",
                                        Map.of("id", message),
                                        "",
                                        "{\"labels\":{\"category\":\"NONE\"}}")
                                .statusCode())
                .isEqualTo(400);
    }

    @Test
    @DisplayName("RET-7: a conversation is classified for its messages and for those to come")
    void classifiesAConversation() {
        String first = writes("+4915201900005", "Guten Tag");
        HttpResponse<String> answer =
                at.api.call(
                        "classifyConversation",
                        Map.of("id", conversation(first)),
                        "",
                        "{\"category\":\"COMMERCIAL_LETTER\",\"source\":\"agent\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String second = writes("+4915201900005", "Noch etwas");

        assertThat(event("message.received", second).at("/data/retention/category").asText())
                .isEqualTo("COMMERCIAL_LETTER");
        assertThat(
                        found(
                                "{\"address\":\"+4915201900005\",\"category\":\"COMMERCIAL_LETTER\",\"direction\":\"inbound\"}"))
                .containsExactly(second, first);
    }

    @Test
    @DisplayName("RET-11: documents are found by date, party, case and type, a page at a time")
    void findsByTheFourFields() {
        Instant before = at.hub.clock.instant();
        String one = writes("+4915201900006", "Eins zu F-660001");
        at.hub.clock.advance(Duration.ofMinutes(10));
        Instant between = at.hub.clock.instant();
        at.hub.clock.advance(Duration.ofMinutes(10));
        String two = writes("+4915201900006", "Zwei zu F-660001");
        String address = "\"address\":\"+4915201900006\",\"direction\":\"inbound\"";

        assertThat(found("{" + address + "}")).containsExactly(two, one);
        assertThat(found("{" + address + ",\"channel\":\"sms\"}")).containsExactly(two, one);
        assertThat(found("{" + address + ",\"channel\":\"whatsapp\"}")).isEmpty();
        assertThat(found("{" + address + ",\"to\":\"" + between + "\"}")).containsExactly(one);
        assertThat(
                        found(
                                "{\"direction\":\"inbound\",\"from\":\""
                                        + between
                                        + "\",\"labels\":{\"case\":\"F-660001\"}}"))
                .containsExactly(two);
        assertThat(found("{" + address + ",\"to\":\"" + before + "\"}")).isEmpty();
        assertThat(found("{" + address + ",\"contentType\":\"document\"}")).isEmpty();
        assertThat(found("{" + address + ",\"category\":\"VOUCHER\"}")).isEmpty();
        JsonNode page =
                ApiClient.json(
                        at.api.call("searchDocuments", NONE, "", "{" + address + ",\"limit\":1}"));
        assertThat(page.at("/items/0/messageId").asText()).isEqualTo(two);
        assertThat(
                        found(
                                "{"
                                        + address
                                        + ",\"limit\":1,\"after\":\""
                                        + page.get("next").asText()
                                        + "\"}"))
                .containsExactly(one);
    }

    @Test
    @DisplayName(
            "RET-8, RET-16, SEC-3, SEC-5: labels go with an erasure, also from answers kept for repetitions; a letter's stay"
                    + " under the retained key, found by the role that may and by nobody else")
    void goesWithItsPerson() {
        String number = "+4915201900007";
        String letter = writes(number, "Hiermit bestelle ich, Fall F-550001");
        String conversation = conversation(letter);
        long answersBefore = rows("idempotent_request");
        String plate = "{\"labels\":{\"vehicle\":\"HH-ZZ 9\"}}";
        HttpResponse<String> filed =
                at.api.call("setMessageLabels", Map.of("id", letter), "", plate, "plate-1");
        assertThat(filed.body()).contains("HH-ZZ 9");
        at.api.call("setConversationLabels", Map.of("id", conversation), "", plate, "plate-2");
        at.api.call(
                "classifyMessage",
                Map.of("id", letter),
                "",
                "{\"category\":\"COMMERCIAL_LETTER\",\"source\":\"agent\"}");
        String other = writes(number, "Danke");
        at.quiet();
        String byPlate = "{\"labels\":{\"vehicle\":\"hhzz9\"}}";
        assertThat(found("{\"labels\":{\"vehicle\":\"hhzz9\"},\"category\":\"COMMERCIAL_LETTER\"}"))
                .containsExactly(letter);
        UUID subject =
                at.hub
                        .sql()
                        .queryForObject(
                                "select subject_id from message where id = ?::uuid",
                                UUID.class,
                                letter);
        at.hub.sql().update("update subject set restricted_at = now() where id = ?", subject);
        assertThat(found(byPlate)).as("Art. 18").isEmpty();
        assertThat(found(OFFICER, byPlate)).contains(letter);
        assertThat(at.api.call("listMessageLabels", Map.of("id", letter), "", "").statusCode())
                .isEqualTo(403);
        assertThat(
                        at.api
                                .call(
                                        "setMessageLabels",
                                        Map.of("id", letter),
                                        "",
                                        "{\"labels\":{\"case\":\"F-1\"}}")
                                .statusCode())
                .isEqualTo(403);
        at.hub.sql().update("update subject set restricted_at = null where id = ?", subject);

        at.hub.bean(Erasure.class).erase(DemoTenant.ID, subject, UUID.randomUUID());

        await().until(() -> rows("message where subject_id = '" + subject + "'") == 0);
        assertThat(rows("label where subject_id = '" + subject + "'")).isZero();
        assertThat(rows("idempotent_request")).isEqualTo(answersBefore);
        assertThat(
                        at.api
                                .call(
                                        "setMessageLabels",
                                        Map.of("id", letter),
                                        "",
                                        plate,
                                        "plate-1")
                                .statusCode())
                .as("no answer is left to be repeated")
                .isEqualTo(404);
        assertThat(
                        at.api
                                .call(
                                        "setConversationLabels",
                                        Map.of("id", conversation),
                                        "",
                                        plate,
                                        "plate-2")
                                .statusCode())
                .isEqualTo(404);
        assertThat(found(byPlate)).isEmpty();
        String byAll =
                "{\"address\":\""
                        + number
                        + "\",\"category\":\"COMMERCIAL_LETTER\",\"labels\":{\"vehicle\":\"HH-ZZ 9\",\"case\":\"F-550001\"}}";
        assertThat(found(OFFICER, byAll)).containsExactly(letter).doesNotContain(other);
        ObjectNode kept =
                (ObjectNode)
                        ApiClient.json(at.api.as(OFFICER, "searchDocuments", NONE, byAll))
                                .at("/items/0");
        assertThat(kept.get("restricted").booleanValue()).isTrue();
        assertThat(kept.get("keptUntil").asText()).isNotEqualTo("null");
        assertThat(kept.at("/labels/vehicle").asText()).isEqualTo("HH-ZZ 9");
        List<String> read = new ArrayList<>();
        ApiClient.json(at.api.as(OFFICER, "getRetained", Map.of("id", letter), ""))
                .get("labels")
                .forEach(label -> read.add(label.get("value").asText()));
        assertThat(read).contains("HH-ZZ 9", "F-550001");
        assertThat(rows("retained_message r, label l where l.value_key = any(r.label_keys)"))
                .as("not to be joined")
                .isZero();
    }

    @Test
    @DisplayName(
            "RET-8, SEC-6: a repeated search is judged by the key it comes with and logged; another key's answer is nobody's")
    void repeatsForTheSameCallerOnly() throws IOException {
        String letter = writes("+4915201900015", "Fall F-445001");
        at.hub
                .sql()
                .update(
                        "update subject set restricted_at = now() where id = (select subject_id from message where id = ?::uuid)",
                        letter);
        String search = "{\"labels\":{\"case\":\"F-445001\"}}";
        String key = UUID.randomUUID().toString();
        long logged = logged("api.documents_searched");

        HttpResponse<String> officer = at.api.as(OFFICER, "searchDocuments", NONE, search, key);
        HttpResponse<String> agent = at.api.call("searchDocuments", NONE, "", search, key);
        HttpResponse<String> again = at.api.as(OFFICER, "searchDocuments", NONE, search, key);

        assertThat(officer.body()).contains(letter);
        assertThat(again.body()).isEqualTo(officer.body());
        assertThat(ApiClient.json(agent).get("items")).isEmpty();
        assertThat(logged("api.documents_searched") - logged).isEqualTo(3);
        assertThat(rows("idempotent_request where '" + letter + "' = any(about)")).isZero();
        at.hub
                .sql()
                .update(
                        "update subject set restricted_at = null where id = (select subject_id from message where id = ?::uuid)",
                        letter);
        Map<String, String> id = Map.of("id", letter);
        String labels = "{\"labels\":{\"case\":\"F-445002\"}}";
        at.api.call("setMessageLabels", id, "", labels, key);
        set("setMessageLabels", letter, "{\"case\":\"F-445003\"}");
        at.api.call("setMessageLabels", id, "", labels, key);
        assertThat(labels(letter).at("/labels/case").asText())
                .as("a repetition")
                .isEqualTo("F-445003");
        at.api.as(OFFICER, "setMessageLabels", id, labels, key);
        assertThat(labels(letter).at("/labels/case").asText())
                .as("somebody else's request")
                .isEqualTo("F-445002");
    }

    private long logged(String line) throws IOException {
        try (var lines = Files.lines(at.hub.log)) {
            return lines.filter(one -> one.contains(line)).count();
        }
    }

    @Test
    @DisplayName("RET-11: what is found can be printed")
    void printsWhatIsFound() {
        String message = writes("+4915201900009", "Zu F-330001 <b>bitte</b>");
        Map<String, String> headers =
                Map.of(
                        "Authorization",
                        "Bearer " + DemoTenant.API_KEY,
                        "Idempotency-Key",
                        UUID.randomUUID().toString(),
                        "Accept",
                        "text/html");
        ApiClient.Operation search = ApiClient.operation("searchDocuments");

        String page =
                at.api
                        .send(
                                search,
                                ApiClient.path(search, DemoTenant.ID, NONE),
                                headers,
                                "{\"address\":\"+4915201900009\"}")
                        .body();

        assertThat(page).contains("Gefundene Dokumente", "case F-330001", message, "empfangen");
        assertThat(page).doesNotContain("+49152", "<b>", "<script");
    }

    private HttpResponse<String> procedure(String key, String accept) {
        return at.hub.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        at.hub.url()
                                                + "/api/v1/tenants/"
                                                + DemoTenant.ID
                                                + "/archive-procedure"))
                        .header("Authorization", "Bearer " + key)
                        .header("Accept", accept)
                        .build());
    }

    @Test
    @DisplayName(
            "RET-11: how archives are fed is described from the configuration, in versions with hash and beginning, for the"
                    + " role that may know")
    void describesTheProcedure() {
        JsonNode json = ApiClient.json(at.api.as(OFFICER, "getArchiveProcedure", NONE, ""));
        String page = procedure(OFFICER, "text/html").body();
        String markdown = procedure(OFFICER, "text/markdown").body();

        assertThat(at.api.call("getArchiveProcedure", NONE, "", "").statusCode()).isEqualTo(403);
        assertThat(json.get("version").intValue()).isEqualTo(1);
        assertThat(json.get("until").isNull()).isTrue();
        assertThat(json.get("sha256").asText())
                .isEqualTo(HexFormat.of().formatHex(CanonicalJson.sha256(json.get("description"))));
        assertThat(json.at("/description/archives").findValuesAsText("id"))
                .containsExactly("archive");
        assertThat(json.at("/description/archives/0/mappingSha256").asText()).hasSize(64);
        assertThat(json.toString()).doesNotContain("whsec_", "sha256\":\"5a1c684c");
        for (String text : List.of(page, markdown)) {
            assertThat(text)
                    .contains("Verfahrensdokumentation", "Autohaus Muster GmbH")
                    .contains("HGB §257", "6 Jahre", "8 Jahre")
                    .contains(json.get("sha256").asText())
                    .contains(json.at("/description/archives/0/mappingSha256").asText())
                    .contains("officer", "auch Gesperrtes");
        }

        home.apiKey("desk", "desk-test-key-0123456789abcdef", "");
        at.hub.bean(TenantReload.class).run();
        at.hub.bean(ArchiveProcedures.class).record();
        at.hub.bean(ArchiveProcedures.class).record();
        JsonNode second = ApiClient.json(at.api.as(OFFICER, "getArchiveProcedure", NONE, ""));
        assertThat(second.get("version").intValue()).isEqualTo(2);
        assertThat(second.get("history")).hasSize(2);
        assertThat(second.at("/description/access").findValuesAsText("key")).contains("desk");
    }

    @Test
    @DisplayName("DSR-4: the person's copy says what their messages were filed under")
    void isInTheCopy() {
        String number = "+4915201900008";
        RightsDesk desk = new RightsDesk(at);
        String message = writes(number, "Mein Fall ist F-440001");
        set("setMessageLabels", message, "{\"vehicle\":\"K-OP 4\"}");
        at.says(number, "Auskunft");
        at.quiet();
        JsonNode request = desk.ofChat("ACCESS");
        desk.awaitState(request.get("id").textValue(), "ANSWERED");

        JsonNode data = ApiClient.json(desk.unpacked(desk.link(number)).get("data.json"));

        assertThat(data.get("labels").findValuesAsText("value")).contains("F-440001", "K-OP 4");
    }
}
