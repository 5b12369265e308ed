package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.Purpose;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.local.FakeProvider;
import org.jawort.local.FakeWebhooks;
import org.jawort.message.Channel;
import org.jawort.retention.Erasure;
import org.jawort.sending.OptOuts;
import org.jawort.sending.Trigger;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;

/** Sending while people withdraw, limits are reached and the process dies. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendingFaultsIT {

    private static final int RACES = 1000;
    private static final String ONE = "      - { channel: whatsapp, address: \"+493023125010\" }";
    private static final String NEW = "smsApi: \"${VONAGE_SMS_API:messages}\"";
    private static final String OLD = "smsApi: legacy";

    private SharedHub shared;

    @BeforeAll
    void start() {
        shared =
                SharedHub.in(HomeFolder.copy())
                        .tenants(2)
                        .tenant(
                                "fast",
                                "ratePerSecond: 20, order: 1",
                                "ratePerSecond: 2000, order: 1")
                        .tenant(
                                "capped account",
                                "sending: { ratePerSecond: 20, order: 1 }",
                                "sending: { ratePerSecond: 20, monthlyCap: 2, order: 1 }")
                        .tenant(
                                "capped tenant",
                                "\npurposes:",
                                "\nsending: { monthlyCap: 2 }\npurposes:")
                        .tenant("old SMS API", NEW, OLD)
                        .tenant("old SMS API", NEW, OLD)
                        .tenant("any")
                        .tenant("any")
                        .tenant("two numbers", ONE, ONE + "\n" + ONE.replace("010", "011"))
                        .start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    @Test
    @DisplayName("R26: 1 000 withdrawals race queued sends, and none is sent after its withdrawal")
    void claimsNothingAfterAWithdrawal() throws Exception {
        var sending = new SendingHub(shared.seat("fast"));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Person> people = people(sending);
            Map<UUID, Instant> withdrawn = new ConcurrentHashMap<>();
            sending.enqueue(
                    people.stream().map(Person::subject).toList(),
                    Purpose.SUPPORT_REPLY,
                    Trigger.Kind.API,
                    "Antwort",
                    null);
            Collections.shuffle(people, new Random(1));
            HubInTest.await()
                    .until(
                            () ->
                                    sending.hub
                                                    .sql()
                                                    .queryForObject(
                                                            "select count(*) from outbound where claimed_at is not null"
                                                                    + " and purpose = 'SUPPORT_REPLY'",
                                                            Long.class)
                                            > 0);
            List<Future<?>> withdrawals = new ArrayList<>();
            for (Person person : people) {
                withdrawals.add(
                        threads.submit(
                                () -> {
                                    withdraw(sending, person);
                                    withdrawn.put(person.subject(), sending.hub.clock.instant());
                                }));
            }
            for (Future<?> withdrawal : withdrawals) {
                withdrawal.get();
            }
            JdbcTemplate sql = sending.hub.sql();
            awaitNothingOnItsWay(sql);

            Map<UUID, Instant> claimed = new HashMap<>();
            sql.query(
                    "select subject_id, claimed_at from outbound where claimed_at is not null"
                            + " and purpose = 'SUPPORT_REPLY'",
                    row -> {
                        claimed.put(row.getObject(1, UUID.class), row.getTimestamp(2).toInstant());
                    });
            assertThat(withdrawn).hasSize(RACES);
            assertThat(claimed)
                    .allSatisfy((subject, at) -> assertThat(at).isBefore(withdrawn.get(subject)));
            long denied =
                    sql.queryForObject(
                            "select count(*) from outbound where state in ('denied', 'canceled')"
                                    + " and purpose = 'SUPPORT_REPLY'",
                            Long.class);
            assertThat(claimed.size() + denied).isEqualTo(RACES);
            assertThat(sending.got("Antwort")).hasSize(claimed.size());
            assertThat(denied).as("some withdrawals were first").isPositive();
            assertThat(claimed).as("and some sends").isNotEmpty();
        }
    }

    private static List<Person> people(SendingHub sending) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> writing = new ArrayList<>();
            for (int i = 0; i < RACES; i++) {
                String number = "+49151001%05d".formatted(i);
                writing.add(
                        threads.submit(
                                () ->
                                        sending.hub.post(
                                                "twilio",
                                                TwilioForm.TYPE,
                                                TwilioForm.text(
                                                                "SM" + UUID.randomUUID(),
                                                                number,
                                                                "Guten Tag")
                                                        .bytes())));
            }
            for (Future<?> one : writing) {
                one.get();
            }
        }
        JdbcTemplate sql = sending.hub.sql();
        await().until(
                        () ->
                                sql.queryForObject("select count(*) from conversation", Long.class)
                                        == RACES);
        return sql.query(
                "select subject_id from conversation",
                (row, n) -> new Person(sending.hub.tenant, row.getObject(1, UUID.class)));
    }

    /** All purposes of the channel, as a person does on the phone. */
    private static void withdraw(SendingHub sending, Person person) {
        sending.hub
                .bean(TenantScope.class)
                .run(
                        person.tenant(),
                        () ->
                                sending.hub
                                        .bean(OptOuts.class)
                                        .providerOptOut(
                                                person.tenant(),
                                                person.subject(),
                                                Channel.WHATSAPP,
                                                SendingHub.optedOut(false),
                                                sending.hub.clock.instant()));
    }

    @Test
    @DisplayName("R25: what the provider answered while the store was away is not lost")
    void writesDownTheAnswerOnceTheStoreTakesIt() {
        var sending = new SendingHub(shared.seat());
        UUID subject = UUID.fromString(sending.person("+4915100002003").get("subjectId").asText());
        JdbcTemplate sql = sending.hub.sql();
        sql.execute(
                """
                create function away() returns trigger language plpgsql as $$
                begin
                  if new.state = 'sent' then raise exception 'away'; end if;
                  return new;
                end $$;
                create trigger away before update on outbound for each row execute function away()""");

        String message = fixed(sending, subject, "Angekommen");
        await().until(
                        () ->
                                sending.hub
                                                .bean(MeterRegistry.class)
                                                .counter(
                                                        "jawort.sends.unsettled",
                                                        "tenant",
                                                        sending.hub.tenant)
                                                .count()
                                        > 1);
        sql.execute("drop function away() cascade");

        sending.awaitState(message, "sent");
        assertThat(sending.got("Angekommen")).hasSize(1);
    }

    @Test
    @DisplayName("while the store takes no claim nothing is tried, and nothing counts as tried")
    void triesNothingThatTheStoreDoesNotTake() {
        var sending = new SendingHub(shared.seat());
        UUID subject = UUID.fromString(sending.person("+4915100002004").get("subjectId").asText());
        sending.hub.awaitQuiet();
        JdbcTemplate sql = sending.hub.sql();
        // what follows would wait behind the notice of the first contact
        awaitNothingOnItsWay(sql);
        sql.execute(
                """
                create function busy() returns trigger language plpgsql as $$
                begin
                  if new.state = 'sending' then raise exception 'busy' using errcode = '40001'; end if;
                  return new;
                end $$;
                create trigger busy before update on outbound for each row execute function busy()""");

        String message = fixed(sending, subject, "Erst nachher");
        await().until(() -> waits(sql, message).contains("STORE_AWAY 0"));
        sql.execute("drop function busy() cascade");
        sending.hub.clock.advance(Duration.ofMinutes(1));

        sending.awaitState(message, "sent");
    }

    /** Why its delivery waits, and after how many attempts. */
    private static List<String> waits(JdbcTemplate sql, String message) {
        return sql.queryForList(
                """
                select concat_ws(' ', d.last_error, d.attempts) from delivery d
                  join event e on e.tenant = d.tenant and e.id = d.event_id
                 where e.message_id = ?::uuid and d.destination = 'send:twilio' and d.state = 'parked'""",
                String.class,
                message);
    }

    @Test
    @DisplayName(
            "who wrote to the second number of an account is answered from it, as a window is one number's")
    void answersFromTheNumberThatWasWrittenTo() {
        var sending = new SendingHub(shared.seat("two numbers"));
        TwilioForm form =
                TwilioForm.text("SM" + UUID.randomUUID(), "+4915100002005", "Guten Tag")
                        .with("To", "whatsapp:+493023125011");
        sending.hub.post("twilio", TwilioForm.TYPE, form.bytes());
        await().until(() -> !sending.received().isEmpty());
        String conversation = sending.received().getLast().at("/data/conversationId").asText();

        String answer = sending.sends(SendingHub.reply(conversation, "Gern"));

        sending.awaitState(answer, "sent");
        assertThat(sending.got("Gern").getFirst().request().path("From").asText())
                .isEqualTo("whatsapp:+493023125011");
        await().untilAsserted(
                        () ->
                                assertThat(sending.events("jawort.message.sent.v1"))
                                        .filteredOn(
                                                event ->
                                                        event.at("/data/messageId")
                                                                .asText()
                                                                .equals(answer))
                                        .extracting(
                                                event -> event.at("/data/from/address").asText())
                                        .containsExactly("+493023125011"));
        assertThat(sending.message(answer).get("conversationId").asText()).isEqualTo(conversation);
    }

    @Test
    @DisplayName(
            "R18: of a text that goes in parts it is told what all of them have reached, or that"
                    + " one failed, and nothing backwards")
    void tellsOfATextInPartsWhatIsTrueOfAll() throws IOException {
        var sending = new SendingHub(shared.seat("old SMS API"));
        String conversation = writesSms(sending, "2B00000012ABCDEF");
        String half = sending.sends(SendingHub.reply(conversation, "Nur halb. ".repeat(12)));
        String whole = sending.sends(SendingHub.reply(conversation, "Ganz da. ".repeat(12)));
        sending.awaitState(whole, "sent");
        FakeMessage lost = sending.got("Nur halb").getFirst();
        FakeMessage arrived = sending.got("Ganz da").getFirst();

        receipt(sending, lost, 1, "delivered", "0");
        receipt(sending, lost, 2, "accepted", "0");
        receipt(sending, lost, 2, "failed", "5");
        receipt(sending, arrived, 2, "accepted", "0");
        receipt(sending, arrived, 1, "delivered", "0");
        receipt(sending, arrived, 2, "delivered", "0");
        receipt(sending, arrived, 1, "accepted", "0");
        await().until(() -> statuses(sending, whole).contains("delivered"));
        sending.hub.awaitQuiet();

        sending.awaitState(half, "failed");
        assertThat(statuses(sending, half)).containsExactly("sent", "failed");
        assertThat(sending.message(half).at("/statuses/1/error").asText())
                .isEqualTo("recipient_unreachable");
        assertThat(statuses(sending, whole)).containsExactly("delivered");
        assertThat(sending.message(whole).get("state").asText()).isEqualTo("sent");
    }

    @Test
    @DisplayName(
            "RET-14: of a text that went in parts each is redacted, in the night and when the person is"
                    + " erased; a part of which a receipt alone told ends with the provider's period")
    void erasesEachPartOfAText() throws IOException {
        var sending = new SendingHub(shared.seat("old SMS API"));
        JdbcTemplate sql = sending.hub.sql();
        FakeMessage first = sendsInTwoParts(sending, "2B00000012ABCDE0", "Erstens. ");
        receipt(sending, first, 3, "delivered", "0");
        sending.hub.awaitQuiet();
        sending.hub.clock.advance(Duration.ofHours(2));
        sql.update("update message set received_at = received_at - interval '180 days'");
        sql.update(
                "update conversation set closed_at = ?::timestamptz",
                sending.hub.clock.instant().minus(Duration.ofDays(91)).toString());

        String night =
                SendingHub.json(
                                sending.post(
                                        "/deletions",
                                        "{\"dryRun\":false}",
                                        UUID.randomUUID().toString()))
                        .get("run")
                        .asText();
        awaitRedacted(sending, first);
        await().until(() -> !run(sending, night).get("status").asText().equals("RUNNING"));
        long afterTheNight = expiring(run(sending, night)) - redacted(sending).size();
        FakeMessage second = sendsInTwoParts(sending, "2B00000012ABCDE1", "Zweitens. ");
        receipt(sending, second, 3, "delivered", "0");
        sending.hub.awaitQuiet();
        sending.hub.clock.advance(Duration.ofHours(2));
        UUID subject = sql.queryForObject("select distinct subject_id from message", UUID.class);
        UUID run =
                sending.hub
                        .bean(Erasure.class)
                        .erase(sending.hub.tenant, subject, UUID.randomUUID());
        awaitRedacted(sending, second);

        assertThat(afterTheNight).as("the third part").isEqualTo(1);
        assertThat(
                        sql.queryForObject(
                                "select count(*) from erasure_call where run = ? and status = 'EXPIRES_AT'"
                                        + " and sealed is null and until > ?::timestamptz",
                                Long.class,
                                run,
                                sending.hub.clock.instant().plus(Duration.ofDays(300)).toString()))
                .as("the third part")
                .isEqualTo(1);
    }

    private static JsonNode run(SendingHub sending, String id) {
        return SendingHub.json(sending.get("/deletions/" + id));
    }

    /** Of how much a provider keeps something for a time. */
    private static long expiring(JsonNode run) {
        return run.get("recipients").findValues("expiresAt").stream()
                .mapToLong(JsonNode::asLong)
                .sum();
    }

    private static List<String> redacted(SendingHub sending) {
        return sending.fake.erasures().stream()
                .filter(one -> one.answered() == 204)
                .map(one -> one.request().path("id").asText())
                .toList();
    }

    private static FakeMessage sendsInTwoParts(SendingHub sending, String id, String words)
            throws IOException {
        String message = sending.sends(SendingHub.reply(writesSms(sending, id), words.repeat(12)));
        sending.awaitState(message, "sent");
        return sending.got(words).getFirst();
    }

    private static void awaitRedacted(SendingHub sending, FakeMessage message) {
        await().untilAsserted(
                        () -> assertThat(redacted(sending)).contains(message.id(1), message.id(2)));
    }

    private static List<String> statuses(SendingHub sending, String message) {
        List<String> statuses = new ArrayList<>();
        sending.message(message)
                .get("statuses")
                .forEach(one -> statuses.add(one.get("status").asText()));
        return statuses;
    }

    /** The conversation. */
    private static String writesSms(SendingHub sending, String id) throws IOException {
        int before = sending.received().size();
        ObjectNode sms = vonage("legacy-sms-inbound").put("messageId", id);
        sending.hub.post("vonage", "application/json", sms.toString().getBytes(UTF_8));
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().at("/data/conversationId").asText();
    }

    private static void receipt(
            SendingHub sending, FakeMessage message, int part, String status, String error)
            throws IOException {
        ObjectNode receipt = vonage("legacy-sms-dlr-delivered");
        receipt.put("messageId", message.id(part)).put("status", status).put("err-code", error);
        receipt.put("msisdn", message.taken().to()).put("to", message.taken().from());
        receipt.put("client-ref", message.taken().clientRef());
        sending.hub.post("vonage", "application/json", receipt.toString().getBytes(UTF_8));
    }

    private static ObjectNode vonage(String example) throws IOException {
        return (ObjectNode)
                SendingHub.JSON.readTree(
                        Path.of("mappings/vonage/examples/" + example + ".json").toFile());
    }

    @Test
    void deniesBeyondTheMonthlyCap() {
        var sending = new SendingHub(shared.seat("capped account"));
        UUID subject = UUID.fromString(sending.person("+4915100002001").get("subjectId").asText());
        await().until(() -> sending.got("Datenschutz").size() == 1); // the first of the two

        String first = fixed(sending, subject, "Eins");
        sending.awaitState(first, "sent");
        String second = fixed(sending, subject, "Zwei");
        sending.awaitState(second, "denied");

        assertThat(sending.message(second).get("reason").asText()).isEqualTo("OUT_MONTHLY_CAP");
        JsonNode why = SendingHub.json(sending.get("/messages/" + second + "/decision"));
        assertThat(why.at("/decisions/0/checks").toString())
                .contains("{\"check\":\"CAP\",\"answer\":\"DENIED\"}");
        assertThat(sending.got("Zwei")).isEmpty();
    }

    @Test
    void deniesBeyondTheTenantsMonthlyCapWhateverAccountIsLeft() {
        var sending = new SendingHub(shared.seat("capped tenant"));
        UUID subject = UUID.fromString(sending.person("+4915100002002").get("subjectId").asText());
        await().until(() -> sending.got("Datenschutz").size() == 1); // the first of the two

        String first = fixed(sending, subject, "Eins");
        sending.awaitState(first, "sent");
        String second = free(sending, subject, "Zwei");
        sending.awaitState(second, "denied");
        sending.hub.clock.advance(Duration.ofDays(31));
        assertThat(sending.webhooks.writes("twilio", "+4915100002002", "Noch da?")).isEqualTo(200);
        await().until(() -> sending.received().size() == 2);
        String nextMonth = free(sending, subject, "Drei");

        assertThat(sending.message(second).get("reason").asText()).isEqualTo("OUT_MONTHLY_CAP");
        assertThat(sending.got("Zwei")).isEmpty();
        sending.awaitState(nextMonth, "sent");
    }

    private static String free(SendingHub sending, UUID subject, String text) {
        return sending.enqueue(subject, Purpose.SUPPORT_REPLY, Trigger.Kind.API, text).toString();
    }

    private static String fixed(SendingHub sending, UUID subject, String text) {
        return sending.enqueue(subject, Purpose.SUPPORT_REPLY, Trigger.Kind.API, text, "twilio")
                .toString();
    }

    @Test
    @DisplayName(
            "a message whose person's key does not open is tried again, at last it has failed: told"
                    + " and counted")
    void failsWhatNoKeyOpens() {
        var sending = new SendingHub(shared.seat("any"));
        JsonNode person = sending.person("+4915100002003");
        await().until(() -> !sending.got("Datenschutz").isEmpty());
        JdbcTemplate sql = sending.hub.sql();
        Instant later = sending.hub.clock.instant().plus(Duration.ofMinutes(5));
        String id =
                sending.sends(
                        SendingHub.reply(person.get("conversationId").asText(), "Unlesbar")
                                .replaceFirst("\\{", "{\"sendAt\":\"" + later + "\","));
        flipKey(sql, UUID.fromString(person.get("subjectId").asText()));

        sending.hub.clock.moveTo(later.plusSeconds(1));
        triedUntilUnreadable(sending, id);

        await().untilAsserted(
                        () ->
                                assertThat(sending.events("jawort.message.status.v1"))
                                        .map(event -> event.get("data"))
                                        .filteredOn(
                                                data -> data.get("messageId").asText().equals(id))
                                        .map(
                                                data ->
                                                        data.get("status").asText()
                                                                + data.at("/error/code").asText())
                                        .containsExactly("failedunreadable"));
        assertThat(
                        sending.hub
                                .bean(MeterRegistry.class)
                                .find("jawort.sends")
                                .tags("tenant", sending.hub.tenant, "outcome", "unreadable")
                                .counter()
                                .count())
                .isEqualTo(1);
        assertThat(sending.got("Unlesbar")).isEmpty();
    }

    @Test
    @DisplayName(
            "INF-3: a notice that no key opens is not under way for ever, and comes once one does")
    void isNotInformedByWhatNoKeyOpens() {
        var sending = new SendingHub(shared.seat("any"));
        sending.fake.behave(new FakeBehaviour(null, "Datenschutz", 503, null, 1, null, null, null));
        JsonNode person = sending.person("+4915100002004");
        JdbcTemplate sql = sending.hub.sql();
        UUID subject = UUID.fromString(person.get("subjectId").asText());
        await().until(() -> notices(sql, subject).size() == 1);
        String notice = notices(sql, subject).getFirst();
        flipKey(sql, subject);

        triedUntilUnreadable(sending, notice);
        assertThat(notices(sql, subject)).isEmpty();

        flipKey(sql, subject);
        sending.fake.behave();
        sending.person("+4915100002004");
        await().until(() -> !sending.got("Datenschutz").isEmpty());
    }

    /** The messages that bring a person the notice, or have brought it. */
    private static List<String> notices(JdbcTemplate sql, UUID subject) {
        return sql.queryForList(
                "select message_id::text from notice_delivery where subject_id = ?",
                String.class,
                subject);
    }

    /** Spoils the key of a person, or mends it. */
    private static void flipKey(JdbcTemplate sql, UUID subject) {
        sql.update(
                "update subject_key set wrapped = set_byte(wrapped, length(wrapped) - 1, 255 - get_byte(wrapped, length(wrapped) - 1))"
                        + " where subject_id = ? and key_group = 'ordinary'",
                subject);
    }

    private static void triedUntilUnreadable(SendingHub sending, String id) {
        JdbcTemplate sql = sending.hub.sql();
        await().until(
                        () -> {
                            sql
                                    .queryForList(
                                            "select next_attempt_at from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id"
                                                    + " where e.message_id = ?::uuid and d.state = 'parked'",
                                            java.sql.Timestamp.class,
                                            id)
                                    .stream()
                                    .map(java.sql.Timestamp::toInstant)
                                    .filter(due -> due.isAfter(sending.hub.clock.instant()))
                                    .forEach(sending.hub.clock::moveTo);
                            return state(sql, id).equals("failed unreadable");
                        });
    }

    private static String state(JdbcTemplate sql, String message) {
        return sql.queryForObject(
                "select concat_ws(' ', state, reason) from outbound where message_id = ?::uuid",
                String.class,
                message);
    }

    @Test
    @DisplayName(
            "R25: killed between claim and answer: unknown after the restart, never sent again")
    void sendsNothingTwiceWhenKilledWhileTheProviderIsSilent() throws Exception {
        InstantSource clock = InstantSource.system();
        try (var fake = new FakeProvider(0, DemoTenant.sending(name -> null), clock).start();
                var crm = new CrmReceiver(0, DemoTenant.CRM_SECRET, clock).start();
                var hub = new ChildHub(crm).with("TWILIO_API_URL", fake.url("twilio"))) {
            FakeWebhooks webhooks =
                    new FakeWebhooks(
                            Path.of("mappings").toAbsolutePath(),
                            "http://localhost:8080",
                            hub.url(),
                            name -> null,
                            clock,
                            HttpClient.newHttpClient());
            fake.callsBack(webhooks, false);
            SendingClient api = new SendingClient(hub.url());
            hub.start();
            await().until(() -> webhooks.writes("twilio", "+4915100003001", "Guten Tag") == 200);
            await().until(() -> fake.messages().size() == 1); // the notice
            fake.behave(FakeBehaviour.take("hang"));
            String id = api.send(SendingHub.reply(api.conversation(), "Nur einmal"));
            await().until(() -> fake.messages().size() == 2);

            hub.kill();
            fake.behave();
            hub.start();
            await().ignoreExceptions().until(() -> api.state(id).equals("unknown"));
            fake.status(fake.messages().getLast().id(), "delivered", null);
            await().until(() -> api.state(id).equals("sent"));

            assertThat(fake.messages()).hasSize(2);
        }
    }

    private static void awaitNothingOnItsWay(JdbcTemplate sql) {
        await().until(
                        () ->
                                sql.queryForObject(
                                                "select count(*) from outbound where state in ('queued', 'sending')",
                                                Long.class)
                                        == 0);
    }
}
