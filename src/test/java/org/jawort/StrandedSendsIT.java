package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jawort.local.FakeBehaviour;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Messages that wait for an account that this hub does not know, or no hub any more. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrandedSendsIT {

    private SendingHub sending;
    private int people;

    @BeforeAll
    void start() {
        sending = new SendingHub(HubInTest.hub(), false);
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    private String newNumber() {
        return "+4915100023%03d".formatted(++people);
    }

    @Test
    @DisplayName(
            "a message whose account is in the tenant file no more goes over another or is denied,"
                    + " and keeps nobody else's waiting")
    void endsWhatWaitsForAnAccountThatIsGone() {
        JsonNode person = sending.person(newNumber());
        String first = sending.sends(soon(person, "Weg"));
        String second = sending.sends(soon(person, "Umgezogen"));
        String third = sending.sends(soon(person, "Wie sonst"));
        JdbcTemplate sql = sending.hub.sql();
        sql.update("update outbound set account = 'old' where message_id = ?::uuid", second);
        sql.update(
                "update outbound set account = 'old', fixed = true where message_id = ?::uuid",
                first);

        sending.hub.clock.advance(Duration.ofHours(2));

        sending.awaitState(third, "sent");
        sending.awaitState(second, "sent");
        sending.awaitState(first, "denied");
        assertThat(reason(first)).isEqualTo("OUT_SENDER_INACTIVE");
        await().untilAsserted(
                        () ->
                                assertThat(told(first))
                                        .containsExactly("failed OUT_SENDER_INACTIVE"));
        assertThat(sending.got("Weg")).isEmpty();
    }

    @Test
    @DisplayName(
            "what is queued for an account that can send no more is not left there,"
                    + " but goes over another, also one that had its turn")
    void movesWhatIsQueuedForAnAccountThatIsGone() {
        String parked = parkedOver("old", sending.person(newNumber()), "Geparkt");
        sending.hub
                .sql()
                .update(
                        """
                        update outbound set tried = (select array_agg(substring(destination from 'send:(.*)')) from destination_state
                                                      where served_at is not null and destination like 'send:%')
                         where message_id = ?::uuid""",
                        parked);

        sending.hub.clock.advance(Duration.ofHours(2));

        sending.awaitState(parked, "sent");
    }

    @Test
    @DisplayName("one whose key does not open keeps nobody else's scheduled messages waiting")
    void releasesBesideAPersonThatIsUnreadable() {
        JsonNode damaged = sending.person(newNumber());
        JsonNode well = sending.person(newNumber());
        String first = sending.sends(soon(damaged, "Unlesbar"));
        String second = sending.sends(soon(well, "Lesbar"));
        String third = sending.sends(soon(well, "Umgezogen wie gedacht"));
        JdbcTemplate sql = sending.hub.sql();
        for (String gone : List.of(first, third)) {
            sql.update("update outbound set account = 'old' where message_id = ?::uuid", gone);
        }
        turnKey(sql, damaged);

        sending.hub.clock.advance(Duration.ofHours(2));

        sending.awaitState(second, "sent");
        sending.awaitState(third, "sent");
        assertThat(state(sql, first)).isEqualTo("scheduled");
        turnKey(sql, damaged);
        sending.hub.clock.advance(Duration.ofMinutes(5));
        sending.awaitState(first, "sent");
    }

    @Test
    @DisplayName("what another node can send is left to it, until no node could for an hour")
    void leavesToOtherNodesWhatTheyCanSend() {
        JsonNode person = sending.person(newNumber());
        String scheduled = sending.sends(soon(person, "Nebenan"));
        String parked = parkedOver("line2", person, "Dort geparkt");
        JdbcTemplate sql = sending.hub.sql();
        sql.update("update outbound set account = 'line2' where message_id = ?::uuid", scheduled);
        Instant then = sending.hub.clock.instant().plus(Duration.ofHours(2));
        sql.update(
                "insert into destination_state (tenant, destination, served_at) values (?, 'send:line2', ?::timestamptz)",
                sending.hub.tenant,
                then.toString());

        sending.hub.clock.moveTo(then);

        await().until(() -> servedAt(sql, "twilio").compareTo(then) >= 0);
        String own = sending.sends(soon(person, "Von hier"));
        sending.hub.clock.advance(Duration.ofMinutes(10));
        sending.awaitState(own, "sent");
        assertThat(List.of(state(sql, scheduled), state(sql, parked)))
                .containsExactly("scheduled", "queued");
        sending.hub.clock.advance(Duration.ofHours(1));
        sending.awaitState(scheduled, "sent");
        sending.awaitState(parked, "sent");
    }

    @Test
    @DisplayName("R25: an attempt over an account that is gone ends, in doubt")
    void endsAttemptsOfAnAccountThatIsGone() {
        JsonNode person = sending.person(newNumber());
        String message = parkedOver("old", person, "Mittendrin");
        JdbcTemplate sql = sending.hub.sql();
        sql.update(
                "update outbound set state = 'sending', claimed_at = ?::timestamptz where message_id = ?::uuid",
                sending.hub.clock.instant().toString(),
                message);
        sql.update(
                "update delivery set state = 'pending', next_attempt_at = null where destination = 'send:old'"
                        + " and state = 'parked'");

        sending.hub.clock.advance(Duration.ofHours(2));

        sending.awaitState(message, "unknown");
        assertThat(reason(message)).isEqualTo("interrupted");
        await().untilAsserted(() -> assertThat(told(message)).containsExactly("unknown "));
        assertThat(sending.got("Mittendrin")).as("the one that was refused").hasSize(1);
        assertThat(
                        sql.queryForList(
                                "select d.state || ' ' || d.last_error from delivery d join event e on e.id = d.event_id"
                                        + " where e.message_id = ?::uuid and d.destination = 'send:old'",
                                String.class,
                                message))
                .containsExactly("withheld INTERRUPTED");
    }

    @Test
    @DisplayName("what a node comes to serve again while it is to be ended is left to that node")
    void leavesWhatIsServedAgain() {
        JsonNode person = sending.person(newNumber());
        String parked = parkedOver("line3", person, "Wieder da");
        JdbcTemplate sql = sending.hub.sql();
        sql.update("update outbound set fixed = true where message_id = ?::uuid", parked);
        Instant then = sending.hub.clock.instant().plus(Duration.ofHours(2));

        whileToBeEnded(
                parked,
                then,
                () ->
                        sql.update(
                                "insert into destination_state (tenant, destination, served_at) values (?, 'send:line3', ?::timestamptz)",
                                sending.hub.tenant,
                                then.toString()));

        assertThat(state(sql, parked)).isEqualTo("queued");
        assertThat(told(parked)).isEmpty();
    }

    @Test
    @DisplayName("R25: an attempt that began anew while the one before was to be ended goes on")
    void leavesAnAttemptThatBeganAnew() {
        String message = parkedOver("old", sending.person(newNumber()), "Noch einmal");
        JdbcTemplate sql = sending.hub.sql();
        sql.update(
                "update outbound set state = 'sending', claimed_at = ?::timestamptz where message_id = ?::uuid",
                sending.hub.clock.instant().toString(),
                message);
        Instant then = sending.hub.clock.instant().plus(Duration.ofHours(2));

        whileToBeEnded(
                message,
                then,
                () ->
                        sql.update(
                                "update outbound set claimed_at = ?::timestamptz where message_id = ?::uuid",
                                then.toString(),
                                message));

        assertThat(state(sql, message)).isEqualTo("sending");
        assertThat(told(message)).isEmpty();
    }

    @Test
    @DisplayName("however many wait for an account that is gone, none waits for the next hour")
    void endsHoweverManyWait() {
        JdbcTemplate sql = sending.hub.sql();
        sql.update(
                """
                with s as (insert into subject (tenant, id, created_at) values (?, gen_random_uuid(), now()) returning *),
                     o as (insert into outbound (tenant, message_id, subject_id, conversation_id, address_id, channel, purpose, trigger_kind,
                                                 trigger_key, state, account, fixed, created_at, updated_at)
                           select s.tenant, gen_random_uuid(), s.id, s.id, s.id, 'sms', 'NOTIFICATION', 'API', int4send(n), 'queued', 'full',
                                  true, now(), now() from s, generate_series(1, 1100) n returning *),
                     e as (insert into event (tenant, id, type, account, subject_id, message_id, created_at)
                           select tenant, message_id, 'jawort.message_to_send.v1', account, subject_id, message_id, now() from o returning *)
                insert into delivery (tenant, destination, event_id, lane, sequence, state, next_attempt_at, created_at)
                select tenant, 'send:full', id, subject_id, row_number() over (), 'parked', now() + interval '1 year', now() from e""",
                sending.hub.tenant);

        sending.hub.clock.advance(Duration.ofHours(2));

        await().until(
                        () ->
                                sql.queryForObject(
                                                "select count(*) from outbound where account = 'full' and state = 'queued'",
                                                Long.class)
                                        == 0);
    }

    /** Does something when the hub has found the message and waits for its row. */
    private void whileToBeEnded(String message, Instant then, Runnable work) {
        JdbcTemplate sql = sending.hub.sql();
        new TransactionTemplate(new DataSourceTransactionManager(sql.getDataSource()))
                .executeWithoutResult(
                        locked -> {
                            sql.queryForList(
                                    "select 1 from outbound where message_id = ?::uuid for update",
                                    message);
                            sending.hub.clock.moveTo(then);
                            await().until(() -> waiting(sql) > 0);
                            work.run();
                        });
        // once the hub has said anew what it serves, it is through with what it had found
        sending.hub.clock.advance(Duration.ofMinutes(6));
        await().until(() -> servedAt(sql, "twilio").isAfter(then));
    }

    private static long waiting(JdbcTemplate sql) {
        return sql.queryForObject(
                """
                select count(*) from pg_stat_activity
                 where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0""",
                Long.class);
    }

    /** Damages it, or mends it again. */
    private static void turnKey(JdbcTemplate sql, JsonNode person) {
        sql.update(
                """
                update subject_key set wrapped = set_byte(wrapped, length(wrapped) - 1, 255 - get_byte(wrapped, length(wrapped) - 1))
                 where subject_id = ?::uuid and key_group = 'ordinary'""",
                person.get("subjectId").asText());
    }

    private String soon(JsonNode person, String text) {
        Instant time = sending.hub.clock.instant().plus(Duration.ofMinutes(5));
        return SendingHub.reply(person.get("conversationId").asText(), text)
                .replaceFirst("\\{", "{\"sendAt\":\"" + time + "\",");
    }

    private static String state(JdbcTemplate sql, String message) {
        return sql.queryForObject(
                "select state from outbound where message_id = ?::uuid", String.class, message);
    }

    private static Instant servedAt(JdbcTemplate sql, String account) {
        return sql.queryForObject(
                        "select served_at from destination_state where destination = 'send:' || ?",
                        Timestamp.class,
                        account)
                .toInstant();
    }

    /** A message that waits in the queue of an account this hub does not know. */
    private String parkedOver(String account, JsonNode person, String text) {
        sending.fake.behave(new FakeBehaviour(null, text, 429, null, 3600, null, null, null));
        String parked =
                sending.sends(SendingHub.reply(person.get("conversationId").asText(), text));
        await().until(() -> "rate_limited".equals(reason(parked)));
        JdbcTemplate sql = sending.hub.sql();
        sql.update("update outbound set account = ? where message_id = ?::uuid", account, parked);
        sql.update(
                """
                update delivery d set destination = ? from event e
                 where e.tenant = d.tenant and e.id = d.event_id and e.message_id = ?::uuid
                   and d.destination = 'send:twilio'""",
                "send:" + account,
                parked);
        sending.fake.behave();
        return parked;
    }

    private String reason(String message) {
        return sending.message(message).get("reason").textValue();
    }

    private List<String> told(String message) {
        return sending.events("jawort.message.status.v1").stream()
                .map(event -> event.get("data"))
                .filter(data -> data.path("messageId").asText().equals(message))
                .map(data -> data.get("status").asText() + " " + data.at("/error/code").asText())
                .toList();
    }
}
