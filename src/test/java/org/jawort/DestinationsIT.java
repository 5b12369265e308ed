package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.delivery.ParkedDeliveries;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Destinations that fail, dawdle or turn the hub away. The hub's clock is moved, nobody waits. */
class DestinationsIT {

    private static final String REDIRECTED = "autohaus-umgezogen";

    private static final String ASTRAY = "autohaus-irrweg";

    private static HttpServer moved;
    private static HubInTest hub;

    @BeforeAll
    static void start() throws IOException {
        moved = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "    route: crm-webhook\n",
                                // by chance the schedule takes longer than five days
                                "    route: crm-webhook\n    delivery: { disableAfter: P30D }\n")
                        .tenant(REDIRECTED, "${JAWORT_CRM_URL:http://localhost:8081/crm}", crm())
                        .tenant(
                                ASTRAY,
                                "destinations:\n",
                                """
                                processors:
                                  - { id: data-eu, clearTextTopic: { approvedBy: "Erika Muster", approvedOn: 2026-11-20 } }
                                destinations:
                                  - id: events
                                    route: kafka-topic
                                    mapping: destinations/canonical.jslt
                                    events: [message.*]
                                    profile: no-content
                                    processor: data-eu
                                    settings: { brokers: "nowhere.invalid:9093", topic: events, saslUsername: jawort, saslSecret: "a-secret-of-tests" }
                                """);
        hub =
                HubInTest.hub()
                        .home(home.path())
                        .with("jawort.delivery.relay-period-millis", "200")
                        .start();
    }

    /** Of the other tenant, which sends everybody elsewhere. */
    private static String crm() {
        return "http://localhost:" + moved.getAddress().getPort() + "/crm";
    }

    @AfterAll
    static void stop() {
        hub.close();
        moved.stop(0);
    }

    @BeforeEach
    void wellAgain() {
        hub.crmBehaves("{}");
        // what the test before left would use up an answer that is meant for one event
        hub.awaitQuiet();
        hub.clock.advance(Duration.ofMinutes(10)); // longer than any breaker spares a destination
        hub.awaitQuiet();
    }

    @Test
    @DisplayName(
            "R10: a CRM that answers 500 loses nothing, keeps each conversation's order, and delays no archive")
    void losesNothingWhileTheCrmFails() {
        hub.crmBehaves("{\"status\": 500}");
        List<String> sids = burst(60, 6);

        HubInTest.await().until(() -> archivedOf(sids) == 60);
        assertThat(delivered("crm", sids)).isZero();

        hub.crmBehaves("{}");
        deliverParked(sids);

        inOrderPerConversation(sids);
        everyAttemptHasTheSameId();
    }

    @Test
    @DisplayName("R10: a CRM that is not there loses nothing either")
    void losesNothingWhileTheCrmIsAway() {
        hub.stopCrm();
        List<String> sids = burst(30, 3);

        HubInTest.await().until(() -> archivedOf(sids) == 30);

        hub.startCrm();
        deliverParked(sids);
        inOrderPerConversation(sids);
    }

    @Test
    @DisplayName("a slow CRM does not delay the archive")
    void doesNotDelayTheArchiveForASlowCrm() {
        hub.crmBehaves("{\"delayMillis\": 60000}"); // or until it is told otherwise
        List<String> sids = burst(10, 10);

        HubInTest.await().until(() -> archivedOf(sids) == 10);

        assertThat(delivered("crm", sids)).isZero();
        hub.crmBehaves("{}");
        deliverParked(sids);
    }

    @Test
    @DisplayName("R11: no call before Retry-After is over")
    void waitsAsLongAsTheCrmAsks() {
        hub.crmBehaves("{\"status\": 429, \"retryAfterSeconds\": 300, \"times\": 1}");
        Instant before = hub.clock.instant();
        String sid = burst(1, 1).getFirst();
        HubInTest.await().until(() -> state(sid).equals("parked 1 429"));

        assertThat(dueAt(sid)).isAfterOrEqualTo(before.plusSeconds(300));
        hub.clock.advance(Duration.ofSeconds(250));
        Exchange due = new DefaultExchange(hub.camel());
        hub.bean(ParkedDeliveries.class).due(due);
        assertThat(due.getMessage().getBody(List.class))
                .noneMatch(record -> ((DeliveryRecord) record).destination().equals("crm"));
        assertThat(attempts(sid)).hasSize(1);

        hub.clock.advance(Duration.ofSeconds(60));
        HubInTest.await().until(() -> state(sid).startsWith("delivered 2"));
        assertThat(attempts(sid)).hasSize(2);
    }

    @ParameterizedTest
    @DisplayName(
            "R11: a final answer is a dead letter at once, later events go on, and a replay delivers it")
    @ValueSource(ints = {400, 404, 422})
    void keepsADeadLetterThatCanBeReplayed(int status) {
        hub.crmBehaves("{\"status\": %d, \"times\": 1}".formatted(status));
        List<String> sids = burst(2, 1);
        HubInTest.await().until(() -> state(sids.get(1)).startsWith("delivered"));
        assertThat(state(sids.get(0))).isEqualTo("dead 1 " + status);
        assertThat(attempts(sids.get(0))).hasSize(1);

        hub.sql()
                .update(
                        "update delivery d set state = 'parked', next_attempt_at = created_at, finished_at = null where "
                                + crmDeliveryOf(sids.get(0)));

        HubInTest.await().until(() -> state(sids.get(0)).startsWith("delivered 2"));
        assertThat(attempts(sids.get(0)))
                .extracting(got -> got.at("/headers/webhook-id").asText())
                .hasSize(2)
                .containsOnly(attempts(sids.get(0)).getFirst().at("/event/id").asText());
    }

    @Test
    @DisplayName("R13: a used-up schedule ends in a dead letter, and no more calls")
    void endsWhenTheScheduleIsUsedUp() {
        hub.crmBehaves("{\"status\": 503}");
        String sid = burst(1, 1).getFirst();
        HubInTest.await().until(() -> state(sid).startsWith("parked 1"));
        HubInTest.await()
                .until(
                        () -> {
                            if (state(sid).equals("dead 11 503")) {
                                return true;
                            }
                            Instant due = dueAt(sid);
                            if (due == null) {
                                return false; // it is over since it was asked for its state
                            }
                            if (due.isAfter(hub.clock.instant())) {
                                hub.clock.moveTo(due.plusMillis(1));
                            } else { // it waits for the breaker
                                hub.clock.advance(Duration.ofMinutes(1));
                            }
                            return false;
                        });
        int made = attempts(sid).size();

        hub.clock.advance(Duration.ofDays(2));
        hub.crmBehaves("{}");
        String after = burst(1, 1).getFirst();
        HubInTest.await().until(() -> state(after).startsWith("delivered"));

        assertThat(attempts(sid)).hasSize(made);
        assertThat(made).isGreaterThanOrEqualTo(11); // one whose wake-up was lost is made again
        everyAttemptHasTheSameId();
    }

    @Test
    @DisplayName("R3: an outcome that was lost is followed by the same event under the same id")
    void redeliversUnderTheSameIdWhenTheOutcomeIsLost() {
        hub.sql()
                .execute(
                        """
                        create function lose_outcome() returns trigger language plpgsql as $$
                        begin
                          if new.state = 'delivered' and new.destination = 'crm' then raise exception 'lost'; end if;
                          return new;
                        end $$;
                        create trigger lose_outcome before update on delivery for each row execute function lose_outcome()""");
        String sid = burst(1, 1).getFirst();
        try {
            HubInTest.await().until(() -> attempts(sid).size() >= 2);
        } finally {
            hub.sql().execute("drop function lose_outcome() cascade");
        }

        HubInTest.await().until(() -> state(sid).startsWith("delivered"));
        everyAttemptHasTheSameId();
        assertThat(archivedOf(List.of(sid))).isEqualTo(1);
    }

    @Test
    @DisplayName("R11: a redirect is not followed, it is final")
    void doesNotFollowRedirects() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger followed = new AtomicInteger();
        moved.createContext(
                "/crm",
                exchange -> {
                    asked.incrementAndGet();
                    exchange.getRequestBody().readAllBytes();
                    exchange.getResponseHeaders()
                            .set("Location", crm().replace("/crm", "/elsewhere"));
                    exchange.sendResponseHeaders(asked.get() % 2 == 0 ? 307 : 301, -1);
                    exchange.close();
                });
        moved.createContext(
                "/elsewhere",
                exchange -> {
                    followed.incrementAndGet();
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        moved.start();

        HubInTest other = hub.as(REDIRECTED, hub.crm);
        for (int i = 0; i < 2; i++) {
            other.post(
                    "twilio",
                    TwilioForm.TYPE,
                    TwilioForm.text("SMmoved" + i, "+4915100000012", "Guten Tag").bytes());
        }
        HubInTest.await()
                .until(
                        () ->
                                other.sql()
                                                .queryForObject(
                                                        "select count(*) from delivery where destination = 'crm' and state = 'dead'"
                                                                + " and last_status in (301, 307)",
                                                        Long.class)
                                        == 2);

        assertThat(asked).hasValue(2);
        assertThat(followed).hasValue(0);
    }

    @Test
    @DisplayName(
            "R10: brokers whose name leads nowhere keep neither the hub from starting nor another destination from its events")
    void startsThoughABrokerCannotBeFound() {
        HubInTest other = hub.as(ASTRAY, hub.crm);

        other.post(
                "twilio",
                TwilioForm.TYPE,
                TwilioForm.text("SMastray", "+4915100000013", "Guten Tag").bytes());

        HubInTest.await()
                .until(
                        () ->
                                other.sql()
                                        .queryForList(
                                                "select destination || ' ' || state from delivery d join event e on e.tenant = d.tenant"
                                                        + " and e.id = d.event_id where e.type = 'jawort.message.received.v1'"
                                                        + " and (d.state = 'delivered' or d.attempts > 0) order by 1",
                                                String.class)
                                        .equals(
                                                List.of(
                                                        "archive delivered",
                                                        "crm delivered",
                                                        "events parked")));
    }

    @Test
    @DisplayName("a hub of which one destination's route cannot start does not look as if it ran")
    void doesNotStartWithARouteThatCannot() throws IOException {
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "destinations:\n",
                                """
                                destinations:
                                  - { id: odd, route: odd, mapping: destinations/canonical.jslt, events: [message.*] }
                                """);
        Files.writeString(
                home.path().resolve("routes/destinations/odd.camel.yaml"),
                """
                - routeTemplate:
                    id: odd
                    description: No endpoint has such an option
                    parameters:
                      - name: tenant
                      - name: destination
                    route:
                      from:
                        uri: direct
                        parameters:
                          name: "odd-{{tenant}}-{{destination}}"
                        steps:
                          - to:
                              uri: direct
                              parameters:
                                name: nowhere
                                unheardOf: true
                """);
        HubInTest.Builder odd = HubInTest.hub().home(home.path());

        assertThatThrownBy(odd::start)
                .hasMessageContaining(
                        "tenants/autohaus-muster.yaml: destination odd cannot use route odd")
                .hasMessageContaining("unheardOf");
    }

    /** Posts texts round robin over new conversations, and waits for no delivery. */
    private static List<String> burst(int messages, int conversations) {
        String run = UUID.randomUUID().toString().substring(0, 8);
        int first = Math.abs(run.hashCode() % 9_000_000);
        List<String> sids = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            String sid = "SM" + run + "-" + i % conversations + "-" + i;
            String number = "+49151%08d".formatted(first + i % conversations);
            int status =
                    hub.post(
                                    "twilio",
                                    TwilioForm.TYPE,
                                    TwilioForm.text(sid, number, "Nachricht " + i).bytes())
                            .statusCode();
            assertThat(status).isEqualTo(200);
            sids.add(sid);
        }
        return sids;
    }

    private static void deliverParked(List<String> sids) {
        HubInTest.await()
                .until(
                        () -> {
                            hub.clock.advance(Duration.ofSeconds(15));
                            return delivered("crm", sids) == sids.size();
                        });
    }

    /** The last attempt of each event is the one that was taken. */
    private static void inOrderPerConversation(List<String> sids) {
        Map<String, Integer> taken = new HashMap<>();
        List<JsonNode> got = hub.crmEvents();
        for (int at = 0; at < got.size(); at++) {
            taken.put(got.get(at).at("/event/data/providerMessageId").asText(), at);
        }
        Map<String, List<Integer>> byConversation = new LinkedHashMap<>();
        for (String sid : sids) {
            byConversation
                    .computeIfAbsent(sid.split("-")[1], conversation -> new ArrayList<>())
                    .add(taken.get(sid));
        }
        assertThat(byConversation.values()).allSatisfy(order -> assertThat(order).isSorted());
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select destination from delivery group by destination"
                                                + " having min(sequence) <> 1 or max(sequence) <> count(*)",
                                        String.class))
                .as("sequences with gaps")
                .isEmpty();
    }

    private static void everyAttemptHasTheSameId() {
        assertThat(hub.crmEvents())
                .allSatisfy(
                        got -> {
                            assertThat(got.get("signature").asText()).isEqualTo("valid");
                            assertThat(got.at("/headers/webhook-id"))
                                    .isEqualTo(got.at("/event/id"));
                        });
        Map<String, String> idOfMessage = new HashMap<>();
        for (JsonNode got : hub.crmEvents()) {
            String id = got.at("/event/id").asText();
            if (!got.at("/event/type").asText().equals("jawort.message.received.v1")) {
                continue; // what became of the notice that a first message is answered with
            }
            assertThat(
                            idOfMessage.computeIfAbsent(
                                    got.at("/event/data/providerMessageId").asText(), sid -> id))
                    .isEqualTo(id);
        }
    }

    private static List<JsonNode> attempts(String sid) {
        return hub.crmEvents().stream()
                .filter(got -> got.at("/event/data/providerMessageId").asText().equals(sid))
                .toList();
    }

    private static long archivedOf(List<String> sids) {
        return hub.archived().stream()
                .map(event -> event.at("/data/providerMessageId").asText())
                .filter(sids::contains)
                .count();
    }

    /** How many of these the archive has and this destination has taken. */
    private static long delivered(String destination, List<String> sids) {
        String events =
                hub.archived().stream()
                        .filter(
                                event ->
                                        sids.contains(event.at("/data/providerMessageId").asText()))
                        .map(event -> event.get("id").asText())
                        .collect(Collectors.joining(","));
        return hub.sql()
                .queryForObject(
                        "select count(*) from delivery where destination = ? and state = 'delivered'"
                                + " and event_id::text = any(string_to_array(?, ','))",
                        Long.class,
                        destination,
                        events);
    }

    /** State, attempts and last status at the CRM; empty before it is stored. */
    private static String state(String sid) {
        String where = crmDeliveryOf(sid);
        return where == null
                ? ""
                : hub.sql()
                        .queryForObject(
                                "select concat_ws(' ', state, attempts, last_status) from delivery d where "
                                        + where,
                                String.class);
    }

    /** When its delivery to the CRM is tried again; {@code null} once it is not. */
    private static Instant dueAt(String sid) {
        OffsetDateTime due =
                hub.sql()
                        .queryForObject(
                                "select next_attempt_at from delivery d where "
                                        + crmDeliveryOf(sid),
                                OffsetDateTime.class);
        return due == null ? null : due.toInstant();
    }

    /** The archive, which has no fault here, tells which event a provider's message became. */
    private static String crmDeliveryOf(String sid) {
        return hub.archived().stream()
                .filter(event -> event.at("/data/providerMessageId").asText().equals(sid))
                .map(
                        event ->
                                "d.destination = 'crm' and d.event_id = '%s'"
                                        .formatted(event.get("id").asText()))
                .findFirst()
                .orElse(null);
    }
}
