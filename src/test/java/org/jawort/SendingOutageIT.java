package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.LocalPostgres;
import org.jawort.sending.Trigger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** PostgreSQL is away while messages wait to be sent. */
class SendingOutageIT {

    private static final Path SERVER =
            Path.of("target", "local", "sending-outage-" + ProcessHandle.current().pid());
    private static final int MESSAGES = 20;

    @Test
    @DisplayName(
            "FLT-5, FLT-1, R5: the store is away: nothing leaves; back again, each goes out once,"
                    + " decided about anew")
    void sendsNothingWithoutTheStoreAndEverythingOnceWithIt() throws Exception {
        LocalPostgres postgres = LocalPostgres.onFreePort(SERVER).endWithJvm().start();
        try (var sending = new SendingHub(HubInTest.hub().postgres(postgres), false)) {
            JsonNode early = sending.person("+4915100007001");
            // the notice of the first contact, which would be out of date a day later
            await().until(() -> sending.got("Datenschutz").size() == 1 && unsent(sending) == 0);
            sending.hub.clock.advance(Duration.ofHours(23));
            JsonNode person = sending.person("+4915100007002");
            sending.hub.awaitQuiet();
            await().until(() -> unsent(sending) == 0); // the notice of a first contact
            sending.fake.behave(
                    new FakeBehaviour("twilio", "Wartet", 429, null, 1800, null, null, null));
            String late = queue(sending, early, "Wartet zu lange");
            List<String> waiting = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                waiting.add(queue(sending, person, "Wartet, Nummer " + i + "."));
            }
            Instant silence = sending.hub.clock.instant().plusSeconds(1000);
            await().untilAsserted(
                            () ->
                                    assertThat(parkedUntil(sending, silence))
                                            .as("%s", waiting(sending))
                                            .isEqualTo(MESSAGES + 1));
            sending.fake.behave();
            int refused = sending.fake.messages().size();

            postgres.stop();
            sending.hub.clock.advance(Duration.ofHours(2));
            List<HttpResponse<String>> asked = new ArrayList<>();
            for (int i = 0; i < 3; i++) { // each waits for a connection while the queues try theirs
                asked.add(
                        sending.post(
                                SendingHub.reply(
                                        person.get("conversationId").asText(), "Nicht jetzt")));
            }
            int reached = sending.fake.messages().size();
            Instant back = sending.hub.clock.instant();
            postgres.start();
            await().atMost(Duration.ofMinutes(2))
                    .ignoreExceptions()
                    .until(
                            () ->
                                    waiting.stream()
                                            .allMatch(
                                                    id ->
                                                            state(sending, id, "state")
                                                                    .equals("sent")));
            await().until(() -> state(sending, late, "state").equals("denied"));
            sending.hub.awaitQuiet();

            assertThat(asked)
                    .allSatisfy(
                            answer -> {
                                assertThat(answer.statusCode()).isEqualTo(503);
                                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                                assertThat(SendingHub.json(answer).get("code").asText())
                                        .isEqualTo("OUT_STORE_UNAVAILABLE");
                            });
            assertThat(reached).as("requests to providers").isEqualTo(refused);
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(sending.got("Wartet, Nummer " + i + "."))
                        .filteredOn(one -> one.taken() != null)
                        .hasSize(1);
                assertThat(decidedAt(sending, waiting.get(i))).isAfterOrEqualTo(back);
            }
            assertThat(sending.message(late).get("reason").asText())
                    .isEqualTo("OUT_NO_OPEN_CONVERSATION");
            assertThat(sending.got("zu lange")).allMatch(one -> one.taken() == null);
            assertThat(sending.got("Nicht jetzt")).isEmpty();
        } finally {
            postgres.stop();
        }
    }

    @Test
    @DisplayName(
            "R6: the connection ends while it commits that a message may go: this hub never sent it,"
                    + " and sends it once")
    void sendsWhatItNeverHeardThatItMight() {
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "sending: { ratePerSecond: 20, order: 1 }",
                                "sending: { ratePerSecond: 20, monthlyCap: 50, order: 1 }");
        LocalPostgres postgres =
                LocalPostgres.onFreePort(SERVER.resolveSibling(SERVER.getFileName() + "-unheard"))
                        .endWithJvm()
                        .start();
        try (var sending =
                new SendingHub(HubInTest.hub().home(home.path()).postgres(postgres), false)) {
            JsonNode person = sending.person("+4915100007003");
            await().until(() -> sending.got("Datenschutz").size() == 1 && unsent(sending) == 0);
            JdbcTemplate server =
                    new JdbcTemplate(
                            new DriverManagerDataSource(postgres.jdbcUrl(), "postgres", ""));
            commitsOfClaimsWait(sending, server);

            String message = queue(sending, person, "Doch noch");
            await().until(() -> waitingToCommit(server).size() == 1);
            server.queryForList(
                    "select pg_terminate_backend(?)", waitingToCommit(server).getFirst());
            commitsWaitNoMore(server);
            await().until(() -> waiting(sending).toString().contains("STORE_AWAY"));
            String committed = state(sending, message, "state");
            sending.hub.clock.advance(Duration.ofMinutes(1));

            sending.awaitState(message, "sent");
            assertThat(committed).isEqualTo("sending");
            assertThat(sending.got("Doch noch")).hasSize(1);
            assertThat(
                            sending.hub
                                    .sql()
                                    .queryForObject(
                                            "select sent from send_count where account = 'twilio'",
                                            Integer.class))
                    .as("the notice and the message")
                    .isEqualTo(2);
        } finally {
            postgres.stop();
        }
    }

    /** For a standby that never comes: committed, and nobody is told. */
    private static void commitsOfClaimsWait(SendingHub sending, JdbcTemplate server) {
        server.execute("alter system set synchronous_commit = 'local'");
        server.execute("alter system set synchronous_standby_names = 'nobody'");
        server.execute("select pg_reload_conf()");
        sending.hub
                .sql()
                .execute(
                        """
                create function unheard() returns trigger language plpgsql as $$
                begin
                  if new.state = 'sending' then perform set_config('synchronous_commit', 'on', true); end if;
                  return new;
                end $$;
                create trigger unheard before update on outbound for each row execute function unheard()""");
    }

    private static void commitsWaitNoMore(JdbcTemplate server) {
        server.execute("alter system reset synchronous_standby_names");
        server.execute("select pg_reload_conf()");
    }

    private static List<Integer> waitingToCommit(JdbcTemplate server) {
        return server.queryForList(
                "select pid from pg_stat_activity where wait_event = 'SyncRep'", Integer.class);
    }

    /** Also what waits behind such a one: it is looked at sooner, and waits again. */
    private static long parkedUntil(SendingHub sending, Instant time) {
        return sending.hub
                .sql()
                .queryForObject(
                        "select count(*) from delivery where destination = 'send:twilio' and state = 'parked'"
                                + " and (next_attempt_at >= ? or last_error = 'behind an earlier delivery')",
                        Long.class,
                        java.sql.Timestamp.from(time));
    }

    private static long unsent(SendingHub sending) {
        return sending.hub
                .sql()
                .queryForObject(
                        "select count(*) from delivery where destination = 'send:twilio' and state <> 'delivered'",
                        Long.class);
    }

    private static List<Map<String, Object>> waiting(SendingHub sending) {
        return sending.hub
                .sql()
                .queryForList(
                        "select state, next_attempt_at, last_error, count(*) from delivery"
                                + " where destination = 'send:twilio' group by 1, 2, 3");
    }

    private static String queue(SendingHub sending, JsonNode person, String text) {
        return sending.enqueue(
                        UUID.fromString(person.get("subjectId").asText()),
                        Purpose.SUPPORT_REPLY,
                        Trigger.Kind.API,
                        text,
                        "twilio")
                .toString();
    }

    private static String state(SendingHub sending, String message, String field) {
        return sending.message(message).get(field).textValue();
    }

    /** The last decision about a message, which is the one that counted. */
    private static Instant decidedAt(SendingHub sending, String message) {
        JsonNode decisions =
                SendingHub.json(sending.get("/messages/" + message + "/decision")).get("decisions");
        return Instant.parse(decisions.get(decisions.size() - 1).get("decidedAt").asText());
    }
}
