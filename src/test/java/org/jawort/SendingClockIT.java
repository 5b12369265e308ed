package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.sending.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;

/** Messages that wait, while windows close, nights begin and people say stop. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendingClockIT {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final String SMS = "+493023125020";
    private static final String PAGE = "messenger:104455667788990";

    private SendingHub sending;
    private int people;

    @BeforeAll
    void start() {
        sending = new SendingHub(HubInTest.hub(), true);
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
        return "+4915100006%03d".formatted(++people);
    }

    @Test
    @DisplayName("T8: STOP cancels what is queued and what is scheduled; told, and never sent")
    void cancelsWhatWaits() {
        String number = newNumber();
        JsonNode person = sending.person(number);
        UUID subject = UUID.fromString(person.get("subjectId").asText());
        sending.grant(number);
        await().until(() -> sending.post(SendingHub.reminder(number)).statusCode() == 202);
        String tomorrow = sending.sends(at(SendingHub.reminder(number), Duration.ofDays(1)));
        sending.fake.behave(new FakeBehaviour(null, "Gleich", 503, null, null, null, null, null));
        String queued =
                sending.enqueue(
                                subject,
                                Purpose.SUPPORT_REPLY,
                                Trigger.Kind.API,
                                "Gleich",
                                "twilio")
                        .toString();
        await().until(() -> "provider_fault".equals(reason(queued)));

        sending.webhooks.writes("twilio", number, "STOP");
        sending.awaitState(tomorrow, "canceled");
        sending.awaitState(queued, "canceled");
        sending.fake.behave();
        await().until(() -> confirmations(number) == 1);
        sending.hub.clock.advance(Duration.ofHours(25));
        sending.hub.awaitQuiet();

        assertThat(List.of(reason(tomorrow), reason(queued))).containsOnly("OUT_SUPPRESSED");
        await().untilAsserted(
                        () ->
                                assertThat(List.of(told(tomorrow), told(queued)))
                                        .allMatch(
                                                told ->
                                                        told.equals(
                                                                List.of(
                                                                        "canceled OUT_SUPPRESSED"))));
        assertThat(sending.got("Gleich")).allMatch(one -> one.taken() == null);
        assertThat(sending.got("10:30"))
                .filteredOn(one -> one.request().toString().contains(number))
                .as("the reminder of before, and none of tomorrow")
                .hasSize(1);
        assertThat(confirmations(number)).isEqualTo(1);
    }

    /** Of a STOP, to this person. */
    private long confirmations(String number) {
        return sending.got("abgemeldet").stream().filter(one -> isTo(number, one)).count();
    }

    @Test
    @DisplayName("INF-1: what the hub owes a person is not to be canceled by a caller")
    void cancelsNothingItOwes() {
        String number = newNumber();
        sending.fake.behave(
                new FakeBehaviour(null, "Datenschutz", 503, null, null, null, null, null));
        UUID subject = UUID.fromString(sending.person(number).get("subjectId").asText());
        JdbcTemplate sql = sending.hub.sql();
        await().until(() -> notices(sql, subject).size() == 1);
        String notice = notices(sql, subject).getFirst();
        await().until(() -> "provider_fault".equals(reason(notice)));

        HttpResponse<String> canceled = sending.delete("/messages/" + notice);
        sending.fake.behave();
        sending.awaitInformed(subject);

        assertThat(code(canceled)).isEqualTo("MESSAGE_NOT_CANCELABLE");
        assertThat(notices(sql, subject)).containsExactly(notice);
    }

    private static List<String> notices(JdbcTemplate sql, UUID subject) {
        return sql.queryForList(
                "select message_id::text from outbound where subject_id = ? and purpose = 'PRIVACY_NOTICE'",
                String.class,
                subject);
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

    private String at(String body, Duration later) {
        Instant time = sending.hub.clock.instant().plus(later);
        return body.replaceFirst("\\{", "{\"sendAt\":\"" + time + "\",");
    }

    @Test
    @DisplayName("FLT-9: WhatsApp's window is 24 hours from the person's last message")
    void keepsWhatsAppsWindow() {
        JsonNode person = sending.person(newNumber());
        String conversation = person.get("conversationId").asText();
        Instant wrote = Instant.parse(person.get("receivedAt").asText());

        sending.hub.clock.moveTo(wrote.plus(Duration.ofHours(24)).minusSeconds(60));
        String inTime = sending.sends(SendingHub.reply(conversation, "Eben noch"));
        sending.awaitState(inTime, "sent");
        JsonNode decision = SendingHub.json(sending.get("/messages/" + inTime + "/decision"));
        sending.hub.clock.moveTo(wrote.plus(Duration.ofHours(24)).plusSeconds(1));
        HttpResponse<String> late = sending.post(SendingHub.reply(conversation, "Zu spaet"));

        assertThat(Instant.parse(decision.at("/decisions/1/windowEndsAt").asText()))
                .isEqualTo(wrote.plus(Duration.ofHours(24)));
        assertThat(code(late)).isEqualTo("OUT_NO_OPEN_CONVERSATION");
        assertThat(sending.got("Zu spaet")).isEmpty();
    }

    @Test
    @DisplayName("FLT-9: a window begins when the person wrote, not when the webhook came")
    void countsTheWindowFromWhenThePersonWrote() throws IOException {
        Instant wrote =
                sending.hub
                        .clock
                        .instant()
                        .minus(Duration.ofHours(3))
                        .truncatedTo(ChronoUnit.SECONDS);
        ObjectNode webhook =
                (ObjectNode)
                        SendingHub.JSON.readTree(
                                Path.of("mappings/vonage/examples/whatsapp-text.json").toFile());
        webhook.put("message_uuid", UUID.randomUUID().toString());
        String number = newNumber();
        webhook.put("from", number.substring(1)).put("timestamp", wrote.toString());
        sending.hub.post("vonage", "application/json", webhook.toString().getBytes(UTF_8));
        await().until(() -> !from(number).isEmpty());
        assertThat(from(number).getFirst().get("sentAt").textValue()).isEqualTo(wrote.toString());
        String conversation = from(number).getFirst().get("conversationId").textValue();

        sending.hub.clock.moveTo(wrote.plus(Duration.ofHours(24)).minusSeconds(60));
        String inTime = sending.sends(SendingHub.reply(conversation, "Noch heute"));
        sending.awaitState(inTime, "sent");
        sending.hub.clock.moveTo(wrote.plus(Duration.ofHours(24)).plusSeconds(1));
        HttpResponse<String> late = sending.post(SendingHub.reply(conversation, "Zu spaet"));

        assertThat(code(late)).isEqualTo("OUT_NO_OPEN_CONVERSATION");
    }

    private List<JsonNode> from(String number) {
        return sending.received().stream()
                .map(event -> event.get("data"))
                .filter(data -> data.at("/from/address").asText().equals(number))
                .toList();
    }

    @Test
    @DisplayName("FLT-9: who came to Messenger by an advertisement may be answered for 7 days")
    void keepsTheLongerWindowOfAnAdvertisement() {
        String byAd = messenger("5544332211000001", "ad");
        String byChance = messenger("5544332211000002", null);
        Instant wrote = sending.hub.clock.instant();

        sending.hub.clock.moveTo(wrote.plus(Duration.ofDays(6)));
        String answer = sending.sends(SendingHub.reply(byAd, "Zur Anzeige"));
        sending.awaitState(answer, "sent");
        HttpResponse<String> other = sending.post(SendingHub.reply(byChance, "Ohne Anzeige"));
        sending.hub.clock.moveTo(wrote.plus(Duration.ofDays(7)).plusSeconds(1));
        HttpResponse<String> late = sending.post(SendingHub.reply(byAd, "Nach der Anzeige"));

        assertThat(List.of(code(other), code(late))).containsOnly("OUT_NO_OPEN_CONVERSATION");
        assertThat(sending.got("Anzeige")).hasSize(1);
    }

    /** The conversation. */
    private String messenger(String person, String source) {
        int before = sending.received().size();
        TwilioForm form =
                TwilioForm.text("SM" + UUID.randomUUID(), "+4915100000000", "Hallo")
                        .with("From", "messenger:" + person)
                        .with("To", PAGE);
        if (source != null) {
            form.with("ReferralSourceType", source).with("ReferralSourceId", "120219876500001");
        }
        post(form);
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().at("/data/conversationId").asText();
    }

    private void post(TwilioForm form) {
        assertThat(sending.hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("FLT-9: no notification by SMS from 21 to 8 o'clock, while an answer may go")
    void keepsTheNightQuiet() {
        String number = newNumber();
        moveTo(LocalTime.of(20, 0));
        int before = sending.received().size();
        sms(number, "Guten Abend");
        await().until(() -> sending.received().size() > before);
        String conversation = sending.received().getLast().at("/data/conversationId").asText();
        sending.grant(number, "sms", Purpose.NOTIFICATION, () -> sms(number, "Ja"));
        String reminder = SendingHub.reminder(number).replace("whatsapp", "sms");
        await().untilAsserted(() -> assertThat(sending.post(reminder).statusCode()).isEqualTo(202));
        String tonight = sending.sends(at(reminder, Duration.ofHours(2)));
        ZonedDateTime evening = sending.hub.clock.instant().atZone(BERLIN);
        Duration untilMorning =
                Duration.between(
                        evening, evening.toLocalDate().plusDays(1).atTime(8, 1).atZone(BERLIN));
        String morning = sending.sends(at(reminder, untilMorning));

        moveTo(LocalTime.of(21, 0));
        HttpResponse<String> atNine = sending.post(reminder);
        moveTo(LocalTime.of(22, 1));
        sending.awaitState(tonight, "denied");
        String answer = sending.sends(SendingHub.reply(conversation, "Auch nachts"));
        sending.awaitState(answer, "sent");
        moveTo(LocalTime.of(7, 59));
        HttpResponse<String> early = sending.post(reminder);
        moveTo(LocalTime.of(8, 2));
        sending.awaitState(morning, "sent");

        assertThat(List.of(code(atNine), code(early), reason(tonight)))
                .containsOnly("OUT_QUIET_HOURS");
        await().untilAsserted(
                        () -> assertThat(told(tonight)).containsExactly("failed OUT_QUIET_HOURS"));
    }

    @Test
    @DisplayName(
            "T8: who writes again after a STOP is answered, by text or picture message alike:"
                    + " it is one number, and one consent")
    void answersByTextWhoWroteAPictureMessageAfterAStop() {
        String number = newNumber();
        moveTo(LocalTime.of(12, 0));
        int before = sending.received().size();
        sms(number, "Guten Tag");
        await().until(() -> sending.received().size() > before);
        String conversation = sending.received().getLast().at("/data/conversationId").asText();
        sms(number, "Stopp");
        await().until(() -> sending.got("abgemeldet").stream().anyMatch(one -> isTo(number, one)));
        HttpResponse<String> stopped = sending.post(SendingHub.reply(conversation, "Noch etwas"));

        sending.hub.clock.advance(Duration.ofMinutes(1));
        from("MM", number, "Ist das mein Paket?");
        await().until(() -> sending.received().size() > before + 1);
        String answer = sending.sends(SendingHub.reply(conversation, "Ja, das ist es"));

        assertThat(code(stopped)).isEqualTo("OUT_SUPPRESSED");
        assertThat(sending.received().getLast().at("/data/channel").asText()).isEqualTo("mms");
        sending.awaitState(answer, "sent");
    }

    @Test
    @DisplayName(
            "RET-6: the period of a letter begins with the end of the year in which it was sent, however long before that it was asked"
                    + " for or first tried (HGB §257(5))")
    void countsALettersPeriodFromTheDayItIsSent() {
        ZonedDateTime newYear =
                sending.hub
                        .clock
                        .instant()
                        .atZone(BERLIN)
                        .plusYears(1)
                        .withDayOfYear(1)
                        .truncatedTo(ChronoUnit.DAYS);
        sending.hub.clock.moveTo(newYear.minusHours(2).toInstant());
        String number = newNumber();
        sending.person(number);
        sending.grant(number);
        String letter = SendingHub.reminder(number).replace("appointment-4711", "order-4711");
        await().untilAsserted(() -> assertThat(sending.post(letter).statusCode()).isEqualTo(202));
        String scheduled = sending.sends(at(letter, Duration.ofHours(3)));
        sending.fake.behave(new FakeBehaviour(null, "10:45", 503, null, null, null, null, null));
        String retried = sending.sends(letter.replace("10:30", "10:45"));
        await().until(() -> "provider_fault".equals(reason(retried)));
        String nextYear = newYear.plusYears(7).toInstant().toString();

        assertThat(keptUntil(scheduled)).as("before it is sent").isEqualTo(nextYear);
        assertThat(keptUntil(retried))
                .as("tried this year")
                .isEqualTo(newYear.plusYears(6).toInstant().toString());
        sending.hub.clock.moveTo(newYear.plusHours(1).toInstant());
        sending.fake.behave();
        sending.awaitState(scheduled, "sent");
        sending.awaitState(retried, "sent");

        assertThat(keptUntil(scheduled)).isEqualTo(nextYear);
        assertThat(keptUntil(retried)).isEqualTo(nextYear);
    }

    private String keptUntil(String message) {
        JsonNode explained =
                SendingHub.json(sending.get("/messages/" + message + "/retention")).at("/items/0");
        assertThat(explained.at("/rule/id").asText()).isEqualTo("commercial-letter");
        return explained.get("until").asText();
    }

    private static boolean isTo(String number, FakeMessage message) {
        return message.request().toString().contains(number);
    }

    private void sms(String number, String text) {
        from("SM", number, text);
    }

    /**
     * @param kind MM of a message Twilio takes for an MMS
     */
    private void from(String kind, String number, String text) {
        post(
                TwilioForm.text(kind + UUID.randomUUID(), number, text)
                        .with("From", number)
                        .with("To", SMS));
    }

    /** The next time it is so late in Berlin. */
    private void moveTo(LocalTime time) {
        ZonedDateTime now = sending.hub.clock.instant().atZone(BERLIN);
        ZonedDateTime then = now.with(time);
        sending.hub.clock.moveTo((then.isAfter(now) ? then : then.plusDays(1)).toInstant());
    }

    private static String code(HttpResponse<String> answer) {
        return SendingHub.json(answer).path("code").asText(answer.body());
    }
}
