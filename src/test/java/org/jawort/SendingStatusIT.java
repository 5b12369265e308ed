package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.Purpose;
import org.jawort.conversation.OptOutReconciliation;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.sending.SecondNode;
import org.jawort.sending.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What providers tell of messages before they have answered for them, and what they contradict. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendingStatusIT {

    private SendingHub sending;
    private int people;

    @BeforeAll
    void start() {
        sending = new SendingHub(HubInTest.hub(), false, Duration.ofSeconds(30));
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    @AfterEach
    void behaveAgain() {
        sending.fake.behave();
    }

    private String newNumber() {
        return "+4915100005%03d".formatted(++people);
    }

    /** A message that its provider has, and does not answer for yet. */
    private FakeMessage underway(String id, String text) {
        await().until(() -> sending.got(text).size() == 1);
        assertThat(sending.message(id).get("state").asText()).isEqualTo("sending");
        return sending.got(text).getFirst();
    }

    private String reply(JsonNode person, String text, FakeBehaviour behaviour) {
        sending.fake.behave(behaviour);
        return sending.sends(SendingHub.reply(person.get("conversationId").asText(), text));
    }

    private static FakeBehaviour then(String text, String then, Integer status) {
        return new FakeBehaviour(null, text, status, null, null, null, then, null);
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, delivered",
        "messagebird, delivered",
        "vonage, delivered",
        "smooch, user",
    })
    @DisplayName("R18: the status comes before the answer, and is that message's all the same")
    void linksAStatusThatOvertookTheAnswer(String provider, String word) {
        JsonNode person = sending.writes(provider, newNumber(), "Sind Sie da?");
        String text = "Schneller als die Antwort, " + provider;

        String id = reply(person, text, then(text, "late", null));
        FakeMessage message = underway(id, text);
        assertThat(sending.fake.status(message.id(), word, null)).isEqualTo(200);
        await().until(() -> statusesOf(message).count() == 1);
        sending.fake.behave();

        sending.awaitState(id, "sent");
        await().untilAsserted(
                        () ->
                                assertThat(statusesOf(message))
                                        .last()
                                        .satisfies(
                                                status -> {
                                                    assertThat(status.get("messageId").asText())
                                                            .isEqualTo(id);
                                                    assertThat(status.get("status").asText())
                                                            .isEqualTo("delivered");
                                                }));
        assertThat(sending.message(id).get("statuses"))
                .extracting(one -> one.get("status").asText())
                .containsOnly("delivered");
        await().untilAsserted(() -> assertThat(sentOf(id)).hasSize(1));
        assertThat(sending.got(text)).hasSize(1);
    }

    @Test
    @DisplayName("R18, INF-3: a notice that arrived before the answer came informs")
    void hearsThatANoticeArrivedBeforeTheAnswer() {
        sending.fake.behave(then("Datenschutz: Verantwortlich", "late", null));
        JsonNode person = sending.writes("smooch", newNumber(), "Guten Tag");
        FakeMessage notice = sentTo(person, Purpose.PRIVACY_NOTICE);
        assertThat(sending.fake.status(notice.id(), "user", null)).isEqualTo(200);
        await().until(() -> statusesOf(notice).count() == 1);
        sending.fake.behave();

        await().until(
                        () ->
                                sending.hub
                                                .sql()
                                                .queryForObject(
                                                        "select count(*) from notice_delivery where message_id = ?::uuid"
                                                                + " and sent_at is not null and delivered_at is not null",
                                                        Long.class,
                                                        notice.taken().clientRef())
                                        == 1);
    }

    @ParameterizedTest
    @CsvSource({"channel, PENDING", "failure, EXPIRED"})
    @DisplayName(
            "R25, CON-7: the echo of a prompt of which nothing was known settles it, with what was"
                    + " told of it before (T2, T3)")
    void settlesAPromptByItsEcho(String told, String state) throws IOException {
        String number = newNumber();
        JsonNode person = sending.writes("smooch", number, "Guten Tag");
        sending.hub.awaitQuiet();
        sending.fake.behave(
                new FakeBehaviour(
                        "smooch", "Dürfen wir Ihnen", null, null, null, null, "break", 1));
        assertThat(sending.webhooks.writes("smooch", number, "Anmelden")).isEqualTo(200);
        FakeMessage prompt = sentTo(person, Purpose.CONSENT_PROMPT);
        sending.awaitState(prompt.taken().clientRef(), "unknown");
        assertThat(sending.fake.status(prompt.id(), told, null)).isEqualTo(200);
        await().until(() -> statusesOf(prompt).count() == 1);

        echo(prompt);

        await().untilAsserted(() -> assertThat(consent(person)).isEqualTo(state));
        sending.awaitState(prompt.taken().clientRef(), told.equals("failure") ? "failed" : "sent");
    }

    @Test
    @DisplayName("R18, CON-7: a prompt whose status overtook the answer is accepted once (T2)")
    void acceptsOnceAPromptWhoseStatusOvertookTheAnswer() {
        String number = newNumber();
        JsonNode person = sending.writes("messagebird", number, "Guten Tag");
        sending.hub.awaitQuiet();
        sending.fake.behave(then("Dürfen wir Ihnen", "late", null));
        assertThat(sending.webhooks.writes("messagebird", number, "Anmelden")).isEqualTo(200);
        FakeMessage prompt = sentTo(person, Purpose.CONSENT_PROMPT);
        assertThat(sending.fake.status(prompt.id(), "delivered", null)).isEqualTo(200);
        await().untilAsserted(() -> assertThat(consent(person)).isEqualTo("PENDING"));
        sending.fake.behave();

        sending.awaitState(prompt.taken().clientRef(), "sent");
        sending.hub.awaitQuiet();

        assertThat(
                        sending.hub
                                .sql()
                                .queryForObject(
                                        "select count(*) from consent_event where subject_id = ?::uuid and event = 'PROMPT_ACCEPTED'",
                                        Long.class,
                                        person.get("subjectId").asText()))
                .isEqualTo(1);
    }

    /** What a provider was given for a person; it has no answer yet. */
    private FakeMessage sentTo(JsonNode person, Purpose purpose) {
        await().until(() -> messageTo(person, purpose).isPresent());
        return messageTo(person, purpose).orElseThrow();
    }

    private Optional<FakeMessage> messageTo(JsonNode person, Purpose purpose) {
        List<String> ids =
                sending.hub
                        .sql()
                        .queryForList(
                                "select message_id::text from outbound where subject_id = ?::uuid and purpose = ?",
                                String.class,
                                person.get("subjectId").asText(),
                                purpose.name());
        return sending.fake.messages().stream()
                .filter(one -> one.taken() != null && ids.contains(one.taken().clientRef()))
                .findFirst();
    }

    private String consent(JsonNode person) {
        return sending.hub
                .sql()
                .queryForObject(
                        "select state from consent_record where subject_id = ?::uuid and purpose = 'NOTIFICATION'",
                        String.class,
                        person.get("subjectId").asText());
    }

    @Test
    @DisplayName(
            "R18: who has read a conversation has read what was sent there before, once and for all")
    void raisesWhatWasSentBeforeTheConversationWasRead() throws IOException {
        JsonNode person = sending.writes("smooch", newNumber(), "Sind Sie da?");
        sending.hub.awaitQuiet();
        FakeMessage first = sent(person, "Ja, immer");
        FakeMessage second = sent(person, "Auch sonntags");
        FakeMessage failed = sent(person, "Nur nicht nachts");
        sending.fake.status(first.id(), "user", null);
        sending.fake.status(failed.id(), "failure", "bad_request");
        await().until(() -> said(failed).equals(List.of("failed")));
        Instant readAt = sending.hub.clock.instant();
        sending.hub.clock.advance(Duration.ofMinutes(1));
        FakeMessage later = sent(person, "Bis morgen");

        reads(person, readAt);
        await().until(() -> said(second).equals(List.of("read")));
        sending.fake.status(second.id(), "user", null);
        sending.fake.status(later.id(), "user", null);
        reads(person, readAt);
        sending.hub.awaitQuiet();

        assertThat(said(first)).containsExactly("delivered", "read");
        assertThat(said(second)).containsExactly("read");
        assertThat(said(failed)).containsExactly("failed");
        assertThat(said(later)).containsExactly("delivered");
        assertThat(statusesOf(second))
                .singleElement()
                .satisfies(
                        status -> {
                            assertThat(status.get("messageId").asText())
                                    .isEqualTo(second.taken().clientRef());
                            assertThat(Instant.parse(status.get("occurredAt").asText()))
                                    .isEqualTo(readAt);
                        });
        assertThat(
                        sending.hub
                                .sql()
                                .queryForList(
                                        "select status from message_status where message_id = any(?::uuid[]) order by message_id",
                                        String.class,
                                        (Object)
                                                Stream.of(first, second, failed, later)
                                                        .map(one -> one.taken().clientRef())
                                                        .toArray(String[]::new)))
                .containsExactly("read", "read", "failed", "delivered");
    }

    private FakeMessage sent(JsonNode person, String text) {
        String id = sending.sends(SendingHub.reply(person.get("conversationId").asText(), text));
        sending.awaitState(id, "sent");
        return sending.got(text).getFirst();
    }

    /** As the API tells of a message of ours. */
    private List<String> said(FakeMessage message) {
        return sending.message(message.taken().clientRef())
                .get("statuses")
                .findValuesAsText("status");
    }

    private void reads(JsonNode person, Instant at) throws IOException {
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                Path.of("mappings/smooch/examples/conversation-read.json")
                                        .toFile());
        ObjectNode event = (ObjectNode) webhook.at("/events/0");
        event.put("id", UUID.randomUUID().toString()).put("createdAt", at.toString());
        ((ObjectNode) event.at("/payload/conversation"))
                .put("id", person.get("providerConversationId").asText());
        ((ObjectNode) event.at("/payload/activity/author"))
                .put("userId", person.at("/from/aliases/0/address").asText());
        ((ObjectNode) event.at("/payload/activity/source")).put("type", "whatsapp");
        sending.hub.post("smooch", "application/json", webhook.toString().getBytes(UTF_8));
    }

    /** Smooch tells of each message of the business, as it does of the person's. */
    private void echo(FakeMessage message) throws IOException {
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                Path.of("mappings/smooch/examples/echo-business-message.json")
                                        .toFile());
        ObjectNode event = (ObjectNode) webhook.at("/events/0");
        event.put("id", "echo of " + message.id());
        ((ObjectNode) event.at("/payload/conversation"))
                .put("id", message.taken().conversationId());
        ((ObjectNode) event.at("/payload/message"))
                .put("id", message.id())
                .putObject("metadata")
                .put("clientRef", message.taken().clientRef());
        byte[] body = webhook.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(sending.hub.post("smooch", "application/json", body).statusCode())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("R18: a status that waits while its message gets its name is that message's")
    void linksAStatusThatWaitedForTheName() {
        JsonNode person = sending.writes("smooch", newNumber(), "Sind Sie da?");
        String id = reply(person, "Zugleich mit der Antwort", then("Zugleich", "late", null));
        FakeMessage message = underway(id, "Zugleich mit der Antwort");
        assertThat(sending.fake.status(message.id(), "channel", null)).isEqualTo(200);
        await().until(() -> statusesOf(message).count() == 1);
        JdbcTemplate sql = sending.hub.sql();
        var settling =
                new TransactionTemplate(new DataSourceTransactionManager(sql.getDataSource()));

        settling.executeWithoutResult(
                locked -> {
                    byte[] key =
                            sql.queryForObject(
                                    "select provider_message_key from message_status where message_id is null for update",
                                    byte[].class);
                    assertThat(sending.fake.status(message.id(), "user", null)).isEqualTo(200);
                    await().until(() -> waiting(sql) > 0);
                    sql.update(
                            "update message set provider_message_key = ? where id = ?::uuid",
                            key,
                            id);
                    sql.update(
                            "update message_status set message_id = ?::uuid where provider_message_key = ?",
                            id,
                            key);
                });

        await().untilAsserted(
                        () ->
                                assertThat(statusesOf(message))
                                        .last()
                                        .satisfies(
                                                status -> {
                                                    assertThat(status.get("messageId").asText())
                                                            .isEqualTo(id);
                                                    assertThat(status.get("status").asText())
                                                            .isEqualTo("delivered");
                                                }));
        sending.fake.behave();
        sending.awaitState(id, "sent");
    }

    private static long waiting(JdbcTemplate sql) {
        return sql.queryForObject("select count(*) from pg_locks where not granted", Long.class);
    }

    private Stream<JsonNode> statusesOf(FakeMessage message) {
        return sending.events("jawort.message.status.v1").stream()
                .map(event -> event.get("data"))
                .filter(data -> data.path("providerMessageId").asText().equals(message.id()));
    }

    private List<JsonNode> sentOf(String id) {
        return sending.events("jawort.message.sent.v1").stream()
                .filter(event -> event.at("/data/messageId").asText().equals(id))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "hang, , delivered, sent",
        "hang, , undelivered, failed",
        "late, 503, delivered, sent",
    })
    @DisplayName(
            "R25: a status says that the provider has it; no answer, or a 503, changes nothing")
    void believesAStatusMoreThanALostAnswer(
            String then, Integer answer, String word, String state) {
        JsonNode person = sending.person(newNumber());
        String text = "Verloren " + then + " " + word;

        String id = reply(person, text, then(text, then, answer));
        FakeMessage message = underway(id, text);
        sending.fake.status(message.id(), word, null);
        await().until(() -> statusesOf(message).count() == 1);
        sending.fake.behave();

        sending.awaitState(id, state);
        await().until(() -> sentOf(id).size() == 1);
        sending.hub.clock.advance(Duration.ofMinutes(10));
        sending.hub.awaitQuiet();
        assertThat(sending.got(text)).hasSize(1);
        assertThat(sentOf(id)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, delivered, sent",
        "messagebird, sent, sent",
        "twilio, undelivered, failed"
    })
    @DisplayName("R25: a status says that the provider has it, also after it has answered 500")
    void believesAStatusMoreThanTheRefusalBeforeIt(String account, String word, String state) {
        JsonNode person = sending.writes(account, newNumber(), "Sind Sie da?");
        UUID subject = UUID.fromString(person.get("subjectId").asText());
        String text = "Doch genommen, " + account + " " + word;
        sending.fake.behave(then(text, "late", 500));
        String id =
                sending.enqueue(subject, Purpose.SUPPORT_REPLY, Trigger.Kind.API, text, account)
                        .toString();
        FakeMessage message = underway(id, text);
        sending.fake.behave();
        await().until(() -> "provider_fault".equals(sending.message(id).get("reason").textValue()));

        sending.fake.status(message.id(), word, null);
        sending.awaitState(id, state);
        sending.hub.clock.advance(Duration.ofMinutes(10));
        sending.hub.awaitQuiet();

        assertThat(sending.got(text)).hasSize(1);
        await().untilAsserted(() -> assertThat(sentOf(id)).hasSize(1));
        assertThat(statusesOf(message))
                .extracting(status -> status.get("messageId").asText())
                .containsExactly(id);
    }

    @Test
    @DisplayName("R25: so does an echo, and is no message that somebody else sent")
    void believesAnEchoMoreThanTheRefusalBeforeIt() throws IOException {
        JsonNode person = sending.writes("smooch", newNumber(), "Sind Sie da?");
        String text = "Genommen, sagt das Echo";
        String id = reply(person, text, then(text, "late", 500));
        FakeMessage message = underway(id, text);
        sending.fake.behave();
        await().until(() -> "provider_fault".equals(sending.message(id).get("reason").textValue()));

        echo(message, text);
        sending.awaitState(id, "sent");
        sending.hub.clock.advance(Duration.ofMinutes(10));
        sending.hub.awaitQuiet();

        assertThat(sending.got(text)).hasSize(1);
        await().untilAsserted(() -> assertThat(sentOf(id)).hasSize(1));
        assertThat(sending.events("jawort.message.sent.v1"))
                .extracting(event -> event.at("/data/content/text").asText())
                .filteredOn(text::equals)
                .hasSize(1);
    }

    /** What Smooch tells of each message, whoever sent it. */
    private void echo(FakeMessage message, String text) throws IOException {
        JsonNode webhook =
                SendingHub.JSON.readTree(
                        Path.of("mappings/smooch/examples/echo-business-message.json").toFile());
        ObjectNode event = (ObjectNode) webhook.at("/events/0");
        event.put("id", UUID.randomUUID().toString());
        ((ObjectNode) event.at("/payload/conversation"))
                .put("id", message.taken().conversationId());
        ObjectNode said = (ObjectNode) event.at("/payload/message");
        said.put("id", message.id());
        said.putObject("metadata").put("clientRef", message.taken().clientRef());
        ((ObjectNode) said.get("content")).put("text", text);
        sending.hub.post("smooch", "application/json", webhook.toString().getBytes(UTF_8));
    }

    @Test
    @DisplayName(
            "R25: a status says that the provider has it, also where its answer was a 500 and the"
                    + " message waits for another account")
    void takesBackWhatItHandedOnAndTheFirstHasAfterAll() {
        JsonNode person = sending.person(newNumber());
        String text = "Doch genommen und weitergegeben";
        String id = reply(person, text, then(text, "late", 500));
        FakeMessage message = underway(id, text);
        sending.fake.behave(new FakeBehaviour("vonage", text, 429, null, 600, null, null, null));
        await().until(() -> "rate_limited".equals(sending.message(id).get("reason").textValue()));
        sending.fake.behave();

        sending.fake.status(message.id(), "delivered", null);
        sending.awaitState(id, "sent");
        sending.hub.clock.advance(Duration.ofMinutes(20));
        sending.hub.awaitQuiet();

        assertThat(sending.message(id).get("account").asText()).isEqualTo("twilio");
        assertThat(sending.got(text))
                .extracting(one -> one.provider() + " " + one.answered())
                .containsExactly("twilio 500", "vonage 429");
        await().untilAsserted(() -> assertThat(sentOf(id)).hasSize(1));
    }

    @Test
    void sendsOverTheNextAccountWhatFailedOverTheFirstAfterAll() {
        JsonNode person = sending.person(newNumber());
        String text = "Erst gescheitert, dann weitergegeben";
        String id = reply(person, text, then(text, "late", 500));
        FakeMessage message = underway(id, text);
        sending.fake.behave(new FakeBehaviour("vonage", text, 429, null, 600, null, null, null));
        await().until(() -> "rate_limited".equals(sending.message(id).get("reason").textValue()));
        sending.fake.behave();

        sending.fake.status(message.id(), "undelivered", null);
        await().until(() -> statusesOf(message).count() == 1);
        sending.hub.clock.advance(Duration.ofMinutes(20));

        sending.awaitState(id, "sent");
        assertThat(sending.message(id).get("account").asText()).isEqualTo("vonage");
        assertThat(statusesOf(message))
                .as("no word of the message")
                .extracting(status -> status.get("messageId").isNull())
                .containsExactly(true);
    }

    @Test
    @DisplayName("R25: what the first account has after all was sent, though the second refused it")
    void believesADeliveryMoreThanTheNextAccountsRefusal() {
        JsonNode person = sending.person(newNumber());
        String text = "Doch genommen, und vom nächsten abgelehnt";
        String id = reply(person, text, then(text, "late", 500));
        FakeMessage message = underway(id, text);
        sending.fake.behave(new FakeBehaviour("vonage", text, 422, null, null, null, null, null));
        sending.awaitState(id, "failed");
        sending.fake.behave();

        sending.fake.status(message.id(), "sent", null);
        await().until(() -> statusesOf(message).count() == 1);
        sending.fake.status(message.id(), "delivered", null);

        sending.awaitState(id, "sent");
        assertThat(sending.message(id).get("account").asText()).isEqualTo("twilio");
        await().untilAsserted(() -> assertThat(sentOf(id)).hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"delivered", "sent delivered"})
    @DisplayName("R25: what reached the person after they withdrew was sent, and is told")
    void believesADeliveryMoreThanACancellation(String told) {
        String number = newNumber();
        JsonNode person = sending.person(number);
        UUID subject = UUID.fromString(person.get("subjectId").asText());
        String text = "Doch angekommen, " + told;
        sending.fake.behave(then(text, "late", 500));
        String id =
                sending.enqueue(subject, Purpose.SUPPORT_REPLY, Trigger.Kind.API, text, "twilio")
                        .toString();
        FakeMessage message = underway(id, text);
        sending.fake.behave();
        await().until(() -> "provider_fault".equals(sending.message(id).get("reason").textValue()));
        sending.webhooks.writes("twilio", number, "STOP");
        sending.awaitState(id, "canceled");

        for (String status : told.split(" ")) {
            long before = statusesOf(message).count();
            sending.fake.status(message.id(), status, null);
            await().until(() -> statusesOf(message).count() == before + 1);
        }

        sending.awaitState(id, "sent");
        await().untilAsserted(() -> assertThat(sentOf(id)).hasSize(1));
    }

    @Test
    @DisplayName(
            "R25: a status says that the provider has it, also where the attempt ended with its"
                    + " node; nothing is told backwards")
    void believesAStatusMoreThanAnInterruption() {
        JsonNode person = sending.person(newNumber());
        String text = "Unterbrochen nach dem Status";
        String id = reply(person, text, then(text, "hang", null));
        FakeMessage message = underway(id, text);
        sending.fake.status(message.id(), "delivered", null);
        await().until(() -> statusesOf(message).count() == 1);

        SecondNode.takesOver(sending.hub, id, "twilio");

        sending.awaitState(id, "sent");
        await().until(() -> sentOf(id).size() == 1);
        sending.fake.behave();
        sending.hub.awaitQuiet();
        assertThat(sending.message(id).get("statuses"))
                .extracting(one -> one.get("status").asText())
                .containsExactly("delivered");
        assertThat(sentOf(id)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"21610, , failed, 1", ", 429, sent, 2"})
    @DisplayName(
            "R25, T9: what the provider answers counts, also after another node took the attempt"
                    + " for interrupted")
    void hearsTheAnswerAfterAnotherNodeHasGivenUp(
            String code, Integer status, String state, int attempts) {
        JsonNode person = sending.person(newNumber());
        String text = "Angeblich unterbrochen, " + state;
        String id =
                reply(
                        person,
                        text,
                        new FakeBehaviour(null, text, status, code, null, null, "late", 1));
        underway(id, text);
        SecondNode.takesOver(sending.hub, id, "twilio");
        sending.awaitState(id, "unknown");

        sending.fake.behave();

        sending.awaitState(id, state);
        assertThat(sending.got(text)).hasSize(attempts);
        assertThat(blocks(person)).isEqualTo(code == null ? 0 : 1);
    }

    private long blocks(JsonNode person) {
        return sending.hub
                .sql()
                .queryForObject(
                        "select count(*) from suppression where subject_id = ?::uuid and source = 'PROVIDER'"
                                + " and since > coalesce(lifted_at, '-infinity')",
                        Long.class,
                        person.get("subjectId").asText());
    }

    @Test
    @DisplayName("CON-15: blocked by the hub alone: reported, and the stricter side stays")
    void reportsABlockThatTheProviderDoesNotHave() {
        String number = newNumber();
        JsonNode person = sending.person(number);
        String refused =
                reply(
                        person,
                        "Gesperrt",
                        new FakeBehaviour(null, "Gesperrt", null, "21610", null, null, null, null));
        sending.awaitState(refused, "failed");
        sending.fake.behave();
        sending.person(number);
        String answer =
                sending.sends(SendingHub.reply(person.get("conversationId").asText(), "Doch da"));
        sending.awaitState(answer, "sent");
        double before = drift();

        sending.fake.status(sending.got("Doch da").getFirst().id(), "delivered", null);
        await().until(
                        () ->
                                sending.message(answer)
                                        .get("statuses")
                                        .toString()
                                        .contains("delivered"));
        sending.hub.bean(OptOutReconciliation.class).compare(DemoTenant.ID);

        assertThat(drift() - before).isEqualTo(1);
        assertThat(blocks(person)).isEqualTo(1);
    }

    private double drift() {
        return sending.hub
                .bean(MeterRegistry.class)
                .counter(
                        "jawort.optout.drift",
                        "tenant",
                        DemoTenant.ID,
                        "channel",
                        "whatsapp",
                        "blocked_by",
                        "hub")
                .count();
    }

    @Test
    @DisplayName("LOG-3, FLT-5: a denial at once is counted by tenant, channel, purpose and reason")
    void countsDenials() {
        String known = newNumber();
        JsonNode person = sending.person(known);
        String nobody =
                """
                {"to":{"channel":"whatsapp","address":"%s","scheme":"phone"},"content":{"type":"text","text":"Hallo"}}"""
                        .formatted(known);

        HttpResponse<String> noConsent = sending.post(SendingHub.reminder(known));
        HttpResponse<String> stranger = sending.post(SendingHub.reminder(newNumber()));
        String key = "denied-once";
        sending.post("/messages", nobody, key);
        sending.post("/messages", nobody, key); // the same answer, and no second denial
        sending.webhooks.writes("twilio", known, "STOP");
        await().until(() -> !sending.got("abgemeldet").isEmpty());
        HttpResponse<String> stopped =
                sending.post(SendingHub.reply(person.get("conversationId").asText(), "Noch was"));

        assertThat(List.of(noConsent, stranger, stopped))
                .allMatch(answer -> answer.statusCode() == 409);
        assertThat(denials())
                .contains(
                        "whatsapp NOTIFICATION OUT_NO_BASIS 2",
                        "whatsapp unknown OUT_UNKNOWN 1",
                        "whatsapp SUPPORT_REPLY OUT_SUPPRESSED 1");
    }

    private List<String> denials() {
        List<String> denials =
                sending.hub.bean(MeterRegistry.class).find("jawort.denials").counters().stream()
                        .peek(SendingStatusIT::labelsAreFour)
                        .map(
                                one ->
                                        String.join(
                                                " ",
                                                one.getId().getTag("channel"),
                                                one.getId().getTag("purpose"),
                                                one.getId().getTag("reason"),
                                                "" + (int) one.count()))
                        .toList();
        assertThat(denials).isNotEmpty();
        return denials;
    }

    private static void labelsAreFour(Counter counter) {
        assertThat(counter.getId().getTags())
                .extracting(Tag::getKey)
                .containsExactlyInAnyOrder("tenant", "channel", "purpose", "reason");
    }
}
