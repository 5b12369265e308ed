package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.sending.SecondNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;

/** Who writes is told before they do, through the whole hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BotDisclosureIT {

    private static final String AGENTS = "agents-test-key-0123456789abcdef";
    private static final String BOT = "a-bots-test-key-0123456789abcdef";
    private static final String BOT_WRITES = "Hier schreibt Ihnen ein Programm";
    private static final String HUMAN_WRITES = "Ab hier schreibt Ihnen ein Mensch";

    private SendingHub sending;
    private int people;

    @BeforeAll
    void start() throws GeneralSecurityException {
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "apiKeys:\n",
                                """
                                apiKeys:
                                  - { id: agents, sha256: "%s", human: true }
                                  - { id: bot, sha256: "%s", bot: true }
                                """
                                        .formatted(sha256(AGENTS), sha256(BOT)));
        sending = new SendingHub(HubInTest.hub().home(home.path()), false);
    }

    private static String sha256(String key) throws GeneralSecurityException {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(key.getBytes(StandardCharsets.UTF_8)));
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
        return "+4915100007%03d".formatted(++people);
    }

    @Test
    @DisplayName(
            "FLT-7: ahead of a bot's first words the person is told that a program writes, once;"
                    + " of people after it, and of it after people, again")
    void tellsWhoWritesWhereverThatChanges() {
        String number = newNumber();
        String conversation = sending.person(number).get("conversationId").asText();

        String first = sent(BOT, conversation, "Termin um zehn?");
        sent(BOT, conversation, "Oder um elf?");
        String person = sent(AGENTS, conversation, "Hier Erika, elf passt");
        sent(AGENTS, conversation, "Bis morgen");
        String again = sent(BOT, conversation, "Bitte bewerten Sie uns nicht");

        assertThat(told(number))
                .containsExactly(
                        BOT_WRITES,
                        "Termin um zehn?",
                        "Oder um elf?",
                        HUMAN_WRITES,
                        "Hier Erika, elf passt",
                        "Bis morgen",
                        BOT_WRITES,
                        "Bitte bewerten Sie uns nicht");
        JsonNode why = explained(first);
        assertThat(why.at("/writtenBy").asText()).isEqualTo("bot");
        assertThat(why.at("/disclosedBy/textVersion").asText()).isEqualTo("bot-writes-v1");
        assertThat(why.at("/disclosedBy/language").asText()).isEqualTo("de");
        assertThat(why.at("/disclosedBy/state").asText()).isEqualTo("sent");
        assertThat(why.at("/decisions/1/checks").toString())
                .contains("{\"check\":\"BOT_DISCLOSURE\",\"answer\":\"PASSED\"}");
        assertThat(explained(again).at("/disclosedBy/messageId"))
                .as("the second time it is another message that told")
                .isNotEqualTo(why.at("/disclosedBy/messageId"));
        assertThat(explained(person).at("/writtenBy").asText()).isEqualTo("human");
        JsonNode disclosure = sending.message(why.at("/disclosedBy/messageId").asText());
        assertThat(disclosure.at("/disclosure/writer").asText()).isEqualTo("bot");
        assertThat(disclosure.at("/purpose").asText()).isEqualTo("SUPPORT_REPLY");
        await().untilAsserted(
                        () ->
                                assertThat(events(conversation))
                                        .containsSubsequence(
                                                "tells bot", "by bot", "tells human", "by human"));
    }

    @Test
    @DisplayName(
            "FLT-7: who could not be told is written nothing by a bot; the next time it is tried"
                    + " again")
    void writesNothingUntold() {
        String number = newNumber();
        String conversation = sending.person(number).get("conversationId").asText();
        sending.fake.behave(
                new FakeBehaviour(null, BOT_WRITES, null, "21655", null, null, null, null));

        String untold = taken(sends(BOT, conversation, "Ungefragt"));
        sending.awaitState(untold, "denied");
        sending.fake.behave();
        sent(BOT, conversation, "Jetzt aber");

        assertThat(sending.message(untold).get("reason").asText()).isEqualTo("OUT_BOT_UNDISCLOSED");
        assertThat(explained(untold).at("/decisions/1/checks").toString())
                .contains("{\"check\":\"CONTENT\",\"answer\":\"PASSED\"}")
                .contains("{\"check\":\"BOT_DISCLOSURE\",\"answer\":\"DENIED\"}")
                .contains("{\"check\":\"CAP\",\"answer\":\"NOT_ASKED\"}");
        assertThat(told(number)).endsWith(BOT_WRITES, "Jetzt aber").doesNotContain("Ungefragt");
    }

    @Test
    @DisplayName(
            "FLT-7: what tells that a bot writes comes back to the account behind what it tells of:"
                    + " neither waits for the other")
    void tellsAheadAlsoWhatCameBackBehind() {
        String number = newNumber();
        String conversation =
                sending.writes("vonage", number, "Guten Tag").get("conversationId").asText();
        sending.hub.awaitQuiet();
        destination("twilio/pause");
        sending.fake.behave(
                new FakeBehaviour("vonage", BOT_WRITES, 503, null, null, null, null, 1));
        String message = taken(sends(BOT, conversation, "Wer zuerst?"));
        await().until(() -> waits(message).equals(List.of("DISCLOSURE")));

        SecondNode.handsBack(sending.hub, explained(message).at("/disclosedBy/messageId").asText());

        sending.awaitState(message, "sent");
        assertThat(told(number)).containsExactly(BOT_WRITES, "Wer zuerst?");
        destination("twilio/resume");
    }

    private void destination(String change) {
        assertThat(
                        sending.post(
                                        "/destinations/send:" + change,
                                        "{}",
                                        UUID.randomUUID().toString())
                                .statusCode())
                .isEqualTo(200);
    }

    /** Why its deliveries wait. */
    private List<String> waits(String message) {
        return sending.hub
                .sql()
                .queryForList(
                        """
                        select d.last_error from delivery d join event e on e.tenant = d.tenant and e.id = d.event_id
                         where e.message_id = ?::uuid and d.destination like 'send:%' and d.state = 'parked'""",
                        String.class, message);
    }

    @Test
    @DisplayName(
            "FLT-7: each conversation begins anew, also for what was asked for to be sent later")
    void tellsAnewInANewConversation() {
        String number = newNumber();
        String conversation = sending.person(number).get("conversationId").asText();
        sent(BOT, conversation, "Im ersten Gespraech");
        sending.hub
                .sql()
                .update(
                        "update conversation set closed_at = now() where id = ?::uuid",
                        conversation);
        String second = sending.person(number).get("conversationId").asText();

        String later = later(second, "Im zweiten, spaeter");
        List<String> before = told(number);
        sending.hub.clock.advance(Duration.ofMinutes(11));
        sending.awaitState(later, "sent");

        assertThat(second).isNotEqualTo(conversation);
        assertThat(before).containsExactly(BOT_WRITES, "Im ersten Gespraech");
        assertThat(told(number))
                .containsExactly(
                        BOT_WRITES, "Im ersten Gespraech", BOT_WRITES, "Im zweiten, spaeter");
    }

    /** A bot's, in ten minutes. */
    private String later(String conversation, String text) {
        Instant time = sending.hub.clock.instant().plus(Duration.ofMinutes(10));
        return taken(
                sending.postAs(
                        BOT,
                        "/messages",
                        SendingHub.reply(conversation, text)
                                .replaceFirst("\\{", "{\"sendAt\":\"" + time + "\","),
                        UUID.randomUUID().toString()));
    }

    @Test
    @DisplayName(
            "what a bot wrote for later keeps nobody else's waiting: not for a person whose key does"
                    + " not open, nor where retention has left nothing of the conversation")
    void releasesBesideWhatCannotBeTold() {
        String gone = sending.person(newNumber()).get("conversationId").asText();
        JsonNode damaged = sending.person(newNumber());
        String well = sending.person(newNumber()).get("conversationId").asText();
        sending.hub.awaitQuiet();
        String first = later(gone, "Wohin");
        String second = later(damaged.get("conversationId").asText(), "Unlesbar");
        String third = later(well, "Lesbar");
        JdbcTemplate sql = sending.hub.sql();
        sql.update("delete from message where conversation_id = ?::uuid", gone);
        sql.update("delete from conversation where id = ?::uuid", gone);
        turnKey(sql, damaged);

        sending.hub.clock.advance(Duration.ofMinutes(11));

        sending.awaitState(third, "sent");
        await().until(() -> state(sql, first).equals("denied"));
        assertThat(state(sql, second)).isEqualTo("scheduled");
        turnKey(sql, damaged);
        sending.awaitState(second, "sent");
    }

    /** Damages it, or mends it again. */
    private static void turnKey(JdbcTemplate sql, JsonNode person) {
        sql.update(
                """
                update subject_key set wrapped = set_byte(wrapped, length(wrapped) - 1, 255 - get_byte(wrapped, length(wrapped) - 1))
                 where subject_id = ?::uuid and key_group = 'ordinary'""",
                person.get("subjectId").asText());
    }

    private static String state(JdbcTemplate sql, String message) {
        return sql.queryForObject(
                "select state from outbound where message_id = ?::uuid", String.class, message);
    }

    @Test
    @DisplayName(
            "FLT-7: a bot that is denied tells nobody anything; people, and what was written in"
                    + " advance, need no such words")
    void tellsNothingWhereNoBotWrites() {
        String number = newNumber();
        String conversation = sending.person(number).get("conversationId").asText();
        sent(AGENTS, conversation, "Hier Erika");
        String system = sending.sends(SendingHub.reply(conversation, "Ihre Nummer ist 7"));
        sending.awaitState(system, "sent");
        HttpResponse<String> card = sends(BOT, conversation, "Karte 4111 1111 1111 1111");
        sending.hub.awaitQuiet();
        sending.hub.clock.advance(Duration.ofHours(25));

        HttpResponse<String> late = sends(BOT, conversation, "Zu spaet");
        sending.hub.awaitQuiet();

        assertThat(SendingHub.json(card).get("code").asText()).isEqualTo("OUT_SENSITIVE_CONTENT");
        assertThat(SendingHub.json(late).get("code").asText())
                .isEqualTo("OUT_NO_OPEN_CONVERSATION");
        assertThat(told(number)).containsExactly("Hier Erika", "Ihre Nummer ist 7");
    }

    @Test
    @DisplayName(
            "FLT-7: after somebody answered at the provider itself the bot tells that it is back;"
                    + " who asks for a person is known to")
    void tellsAfterPeopleWroteElsewhere() throws IOException {
        String number = newNumber();
        JsonNode person = sending.writes("messagebird", number, "Guten Tag");
        String conversation = person.get("conversationId").asText();
        sent(BOT, conversation, "Womit kann ich helfen?");
        JsonNode asks = sending.writes("messagebird", number, "Mensch!");
        answersElsewhere(number);

        sent(BOT, conversation, "Noch etwas?");

        assertThat(told(number))
                .containsExactly(BOT_WRITES, "Womit kann ich helfen?", BOT_WRITES, "Noch etwas?");
        assertThat(asks.at("/consent/flags").toString()).isEqualTo("[\"HUMAN_NEEDED\"]");
        assertThat(person.at("/consent").has("flags")).isFalse();
    }

    /** An agent types in the provider's own inbox. */
    private void answersElsewhere(String number) throws IOException {
        ObjectNode echo =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                Path.of("mappings/messagebird/examples/echo-outbound-text.json")
                                        .toFile());
        ((ObjectNode) echo.get("contact")).put("msisdn", Long.parseLong(number.substring(1)));
        ((ObjectNode) echo.get("message"))
                .put("to", number)
                .put("id", UUID.randomUUID().toString().replace("-", ""))
                .put("createdDatetime", sending.hub.clock.instant().toString())
                .put("updatedDatetime", sending.hub.clock.instant().toString())
                .remove("trackId");
        byte[] body = echo.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(sending.hub.post("messagebird", "application/json", body).statusCode())
                .isEqualTo(200);
        await().until(
                        () ->
                                sending.events("jawort.message.sent.v1").stream()
                                        .anyMatch(one -> one.toString().contains("unterwegs")));
    }

    private HttpResponse<String> sends(String key, String conversation, String text) {
        return sending.postAs(
                key,
                "/messages",
                SendingHub.reply(conversation, text),
                UUID.randomUUID().toString());
    }

    private static String taken(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return SendingHub.json(answer).get("messageId").asText();
    }

    private String sent(String key, String conversation, String text) {
        String id = taken(sends(key, conversation, text));
        sending.awaitState(id, "sent");
        return id;
    }

    private JsonNode explained(String id) {
        return SendingHub.json(sending.get("/messages/" + id + "/decision"));
    }

    /**
     * What the person was sent, but for the privacy notice, in its order; the hub's own words cut
     * short.
     */
    private List<String> told(String number) {
        return sending.fake.messages().stream()
                .filter(one -> one.taken() != null)
                .map(FakeMessage::request)
                .filter(one -> one.toString().contains(number.substring(1)))
                .map(BotDisclosureIT::text)
                .filter(one -> !one.startsWith("Datenschutz"))
                .toList();
    }

    private static String text(JsonNode request) {
        String text =
                request.path("Body")
                        .asText(request.at("/content/text").asText(request.path("text").asText()));
        return List.of(BOT_WRITES, HUMAN_WRITES).stream()
                .filter(text::contains)
                .findFirst()
                .orElse(text);
    }

    /** What the CRM is told of who wrote what in a conversation. */
    private List<String> events(String conversation) {
        return sending.events("jawort.message.sent.v1").stream()
                .map(one -> one.get("data"))
                .filter(one -> one.get("conversationId").asText().equals(conversation))
                .filter(one -> one.has("disclosure") || one.has("writtenBy"))
                .map(
                        one ->
                                one.has("disclosure")
                                        ? "tells " + one.at("/disclosure/writer").asText()
                                        : "by " + one.get("writtenBy").asText())
                .toList();
    }
}
