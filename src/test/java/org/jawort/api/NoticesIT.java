package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.sending.UnansweredDuties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The duty to inform, through signed webhooks and the providers' answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NoticesIT {

    private static final String NOTICE = "Datenschutz: Verantwortlich ist";
    private static final String NEW_NOTICE = "Datenschutz neu";
    private static final String NOTICE_TEMPLATE = "HX00000000000000000000000000000005";
    private static final String REMINDER_TEMPLATE = "HX00000000000000000000000000000001";
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final String NUMBER = "+4915200200001";

    @TempDir Path home;

    private SharedHub shared;

    @BeforeAll
    void start() {
        String[] toTheCrm = {
            "events: [message.*, consent.*, subject.*, request.*]",
            "events: [notice.*, message.*, consent.*, subject.*, request.*]"
        };
        shared =
                SharedHub.in(HomeFolder.copy())
                        .tenant("notices go to the CRM", toTheCrm)
                        .tenant("notices go to the CRM", toTheCrm)
                        .accounts("twilio", "vonage")
                        .tenant(
                                "receives over Twilio only",
                                "    sending: { ratePerSecond: 20, order: 1 }\n",
                                "")
                        .tenants(5)
                        .accounts("twilio")
                        .tenant(
                                "has no credentials to send",
                                "accountSid: \"${TWILIO_ACCOUNT_SID:ACf00df00df00df00df00df00df00df00d}\"",
                                "accountSid: \"${TWILIO_NO_ACCOUNT_SID:}\"")
                        .start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    private static String subject(SpeakingHub at, String channel) {
        return ApiClient.json(
                        at.api.call(
                                "searchConsents",
                                Map.of(),
                                "",
                                "{\"channel\":\"" + channel + "\",\"address\":\"" + NUMBER + "\"}"))
                .get("subjectId")
                .textValue();
    }

    @Test
    @DisplayName("INF-1, INF-3, INF-5: once at first contact, with what became of it and its words")
    void informsOnceAndCanSayWhatWasShown() {
        SpeakingHub at = SpeakingHub.of(shared.seat());
        at.says(NUMBER, "Wann habt ihr offen?");
        FakeMessage notice = at.awaitSent(NUMBER, NOTICE);
        at.says(NUMBER, "Und am Samstag?");
        at.quiet();

        assertThat(at.sent(NUMBER, NOTICE)).hasSize(1);
        String subject = subject(at, "sms");
        assertThat(at.notices(subject, at.hub.clock.instant())).isEmpty();
        at.status(notice, "delivered");
        await().untilAsserted(
                        () ->
                                assertThat(at.notices(subject, null).at("/0/deliveredAt").isNull())
                                        .isFalse());
        JsonNode shown =
                at.notices(subject, at.hub.clock.instant().plus(Duration.ofHours(1))).get(0);
        assertThat(shown.get("noticeVersion").textValue()).isEqualTo("notice-v1");
        assertThat(shown.get("words").textValue()).contains("WIDERSPRUCH");
        assertThat(shown.get("sha256").textValue()).hasSize(64);
        assertThat(shown.get("cause").textValue()).isEqualTo("first_contact");
    }

    @Test
    @DisplayName("INF-1: a prompt that embeds the notice counts; the answer proves that it arrived")
    void aPromptThatEmbedsTheNoticeCounts() {
        SpeakingHub at = SpeakingHub.of(shared.seat());
        String record = at.capture(NUMBER);
        at.awaitState(record, "PENDING");
        at.says(NUMBER, "Ja");
        at.awaitState(record, "GRANTED");
        at.quiet();

        JsonNode shown = at.notices(at.subject(record), at.hub.clock.instant());

        assertThat(at.sent(NUMBER, NOTICE)).isEmpty();
        assertThat(shown.findValuesAsText("textVersion")).containsExactly("prompt-v1");
        assertThat(shown.findValuesAsText("noticeVersion")).containsExactly("notice-v1");
    }

    @Test
    @DisplayName(
            "INF-3: what did not arrive is tried once more, then over another account; it arrives,"
                    + " and the tenant is told")
    void triesOnceMoreAndThenAnotherRoad() {
        SpeakingHub at = SpeakingHub.of(shared.seat("notices go to the CRM"));
        failTwice(at);
        FakeMessage third = at.sent(NUMBER, NOTICE).get(2);
        at.status(third, "delivered");
        await().untilAsserted(() -> assertThat(told(at, "delivered")).hasSize(1));
        at.says(NUMBER, "Hallo?");
        at.quiet();

        assertThat(third.provider()).as("SMS of another account").isEqualTo("vonage");
        assertThat(at.sent(NUMBER, NOTICE)).hasSize(3);
        JsonNode shown = at.notices(subject(at, "sms"), null);
        assertThat(shown.findValuesAsText("cause"))
                .containsExactly("first_contact", "retry", "other_route");
        assertThat(shown.findValuesAsText("via")).endsWith("vonage");
        assertThat(at.notices(subject(at, "sms"), at.hub.clock.instant().plusSeconds(60)))
                .as("it informs for the channel it failed on")
                .hasSize(1);
        JsonNode event = told(at, "delivered").getFirst();
        assertThat(at.api.violations("/schemas/event-v1.json", event)).isEmpty();
        assertThat(at.api.violations("/schemas/notice-delivered-v1.json", event.get("data")))
                .isEmpty();
        assertThat(event.at("/data/status").asText()).isEqualTo("delivered");
        assertThat(event.at("/data/providerMessageId").asText()).isEqualTo(third.id());
        assertThat(event.at("/data/attempt").asInt()).isEqualTo(3);
        assertThat(event.at("/data/channel").asText()).isEqualTo("sms");
        assertThat(told(at, "failed")).isEmpty();
    }

    @Test
    @DisplayName("INF-3: a notice of which nobody tells anything for a day is tried once more")
    void triesOnceMoreWhatNobodyTellsOf() {
        SpeakingHub at = SpeakingHub.of(shared.seat());
        at.fake.behave(FakeBehaviour.take("break"));
        at.says(NUMBER, "Wann habt ihr offen?");
        at.awaitSent(NUMBER, NOTICE);
        // the day begins when the hub has noted that it knows nothing
        await().until(
                        () ->
                                at.hub
                                                .sql()
                                                .queryForObject(
                                                        "select count(*) from outbound where state = 'unknown'",
                                                        Long.class)
                                        == 1);
        at.quiet();
        at.fake.behave();

        at.hub.clock.advance(Duration.ofHours(25));
        at.hub.bean(UnansweredDuties.class).giveUp(at.hub.tenant);
        await().untilAsserted(() -> assertThat(at.sent(NUMBER, NOTICE)).hasSize(2));
        at.status(at.sent(NUMBER, NOTICE).get(1), "delivered");

        await().untilAsserted(
                        () ->
                                assertThat(at.notices(subject(at, "sms"), at.hub.clock.instant()))
                                        .hasSize(1));
        assertThat(at.notices(subject(at, "sms"), null).findValuesAsText("cause"))
                .containsExactly("first_contact", "retry");
    }

    @Test
    @DisplayName(
            "INF-3, INF-1: where no road leads to the person the tenant is told, and nothing more goes, until a prompt that embeds"
                    + " the notice is answered")
    void tellsTheTenantOfWhomItCannotInform() {
        SpeakingHub at = SpeakingHub.of(shared.seat("notices go to the CRM"));
        failTwice(at);
        at.status(at.sent(NUMBER, NOTICE).get(2), "rejected");
        await().untilAsserted(() -> assertThat(told(at, "failed")).hasSize(1));
        at.says(NUMBER, "Hallo?");
        at.quiet();

        assertThat(at.sent(NUMBER, NOTICE)).hasSize(3);
        JsonNode event = told(at, "failed").getFirst();
        assertThat(at.api.violations("/schemas/notice-failed-v1.json", event.get("data")))
                .isEmpty();
        assertThat(event.at("/data/reason").asText()).isEqualTo("not_delivered");
        assertThat(told(at, "delivered")).isEmpty();

        String record = at.capture(NUMBER);
        at.awaitState(record, "PENDING");
        at.says(NUMBER, "Ja");
        at.awaitState(record, "GRANTED");
        JsonNode informing = at.notices(at.subject(record), at.hub.clock.instant());
        assertThat(informing.findValuesAsText("textVersion")).containsExactly("prompt-v1");
        assertThat(informing.findValuesAsText("noticeVersion")).containsExactly("notice-v1");
    }

    @Test
    @DisplayName(
            "INF-1: whoever writes over an account that only receives is informed over another, and"
                    + " what needs the notice then passes")
    void informsOverAnAccountThatCanSend() {
        SpeakingHub at = SpeakingHub.of(shared.seat("receives over Twilio only"));
        at.hub.clock.moveToNoon(BERLIN); // no quiet hours
        at.says(NUMBER, "Wann habt ihr offen?");

        FakeMessage notice = at.awaitSent(NUMBER, NOTICE);
        at.status(notice, "delivered");
        String record = at.capture(NUMBER);
        at.awaitState(record, "PENDING");
        at.says(NUMBER, "Ja");
        at.awaitState(record, "GRANTED");

        assertThat(notice.provider()).isEqualTo("vonage");
        assertThat(remind(at)).isEqualTo("202");
        at.says(NUMBER, "Stopp");
        at.awaitSent(NUMBER, "abgemeldet");
    }

    @Test
    @DisplayName(
            "INF-1, T3: where nobody can send, what was owed is counted as unsaid; nothing counts as"
                    + " under way, and whoever could not be asked may agree anew")
    void countsWhatNobodyCanSay() {
        SpeakingHub at = SpeakingHub.of(shared.seat("has no credentials to send"));
        at.says(NUMBER, "Wann habt ihr offen?");
        at.quiet();
        String subject = subject(at, "sms");
        String record = at.capture(NUMBER);

        at.awaitState(record, "EXPIRED");

        assertThat(at.transitions(record)).contains("T3");
        assertThat(at.unsaid("notice", "unreachable")).isEqualTo(1);
        assertThat(at.unsaid("consentPrompt", "unreachable")).isEqualTo(1);
        assertThat(at.notices(subject, null)).isEmpty();
        assertThat(at.capture(NUMBER)).isEqualTo(record);
        at.says(NUMBER, "Stopp");
        await().untilAsserted(
                        () ->
                                assertThat(at.unsaid("optOutConfirmation", "unreachable"))
                                        .isEqualTo(1));
        await().untilAsserted(
                        () ->
                                assertThat(
                                                at.hub.crmEvents().stream()
                                                        .map(one -> one.at("/event/data")))
                                        .anyMatch(
                                                data ->
                                                        data.path("transition")
                                                                .asText()
                                                                .equals("T3")));
    }

    /** The notice over the conversation's own account; the third is on its way. */
    private static void failTwice(SpeakingHub at) {
        at.says(NUMBER, "Wann habt ihr offen?");
        at.status(at.awaitSent(NUMBER, NOTICE), "undelivered");
        await().untilAsserted(() -> assertThat(at.sent(NUMBER, NOTICE)).hasSize(2));
        at.status(at.sent(NUMBER, NOTICE).get(1), "undelivered");
        await().untilAsserted(() -> assertThat(at.sent(NUMBER, NOTICE)).hasSize(3));
        at.quiet();
    }

    private static List<JsonNode> told(SpeakingHub at, String what) {
        return at.hub.crmEvents().stream()
                .map(one -> one.get("event"))
                .filter(event -> event.get("type").asText().equals("jawort.notice." + what + ".v1"))
                .toList();
    }

    @Test
    @DisplayName(
            "INF-2: in the language the person agreed in, else the tenant's; the confirmation of a"
                    + " STOP too")
    void speaksTheLanguageOfTheConversation() {
        SpeakingHub at = SpeakingHub.of(shared.seat());
        ObjectNode body = ApiClient.object(ApiClient.operation("captureConsent").example());
        ((ObjectNode) body.get("address")).put("address", NUMBER);
        body.put("channel", "sms").put("language", "en-GB").put("prompt", "elsewhere");
        body.put("capturedAt", at.hub.clock.instant().toString());
        assertThat(at.api.call("captureConsent", Map.of(), "", body.toString()).statusCode())
                .isEqualTo(201);

        at.says(NUMBER, "Guten Tag, hello");
        at.awaitSent(NUMBER, "RIGHT TO OBJECT");
        at.says(NUMBER, "Stopp");
        at.awaitSent(NUMBER, "You are unsubscribed");

        assertThat(at.sent(NUMBER, NOTICE)).isEmpty();
        assertThat(at.notices(subject(at, "sms"), null).findValuesAsText("language"))
                .containsExactly("en");
    }

    @Test
    @DisplayName(
            "INF-1, T11: a material change informs anew and asks anew, an editorial one does not")
    void informsAnewOnMaterialChange() throws IOException {
        copyHome();
        LocalDate today = LocalDate.now(BERLIN);
        write("notice", 2, "editorial", today.plusDays(2), NOTICE + " (geglättet)");
        write("notice", 3, "material", today.plusDays(4), NEW_NOTICE);
        Files.writeString(
                home.resolve("tenants/texts/prompt-v2.yaml"),
                Files.readString(home.resolve("tenants/texts/prompt-v1.yaml"))
                        .replace("version: 1", "version: 2")
                        .replace("validFrom: 2026-11-02", "validFrom: " + today.plusDays(4))
                        .replace("Dürfen wir Ihnen", "Neu: Dürfen wir Ihnen"));
        Path tenant = home.resolve("tenants/autohaus-muster.yaml");
        Files.writeString(
                tenant,
                Files.readString(tenant)
                        .replace(
                                "notice: texts/notice-v1",
                                "notice: [texts/notice-v1, texts/notice-v2, texts/notice-v3]")
                        .replace(
                                "consentPrompt: texts/prompt-v1",
                                "consentPrompt: [texts/prompt-v1, texts/prompt-v2]"));
        try (SpeakingHub at = SpeakingHub.start(home)) {
            String record = at.capture(NUMBER);
            at.awaitState(record, "PENDING");
            at.says(NUMBER, "Ja");
            at.awaitState(record, "GRANTED");
            Instant before = at.hub.clock.instant();

            at.hub.clock.moveTo(noon(today.plusDays(3)));
            at.clockActs();
            at.says(NUMBER, "Frage eins");
            at.quiet();
            assertThat(at.sent(NUMBER, "Datenschutz")).isEmpty();
            assertThat(at.state(record)).isEqualTo("GRANTED");

            at.hub.clock.moveTo(noon(today.plusDays(5)));
            at.clockActs();
            at.awaitSent(NUMBER, "Neu: Dürfen wir Ihnen");
            at.awaitState(record, "PENDING");
            assertThat(at.transitions(record)).contains("T11");
            assertThat(
                            at.notices(at.subject(record), before.plusSeconds(60))
                                    .findValuesAsText("noticeVersion"))
                    .containsExactly("notice-v1");
            assertThat(at.notices(at.subject(record), null).findValuesAsText("noticeVersion"))
                    .containsExactly("notice-v1", "notice-v3");
        }
    }

    @Test
    @DisplayName(
            "T11, FLT-4: an editorial prompt lets the consent stand; a material one asks anew,"
                    + " and until the new Ja nothing proactive leaves")
    void asksAnewOnMaterialChangeOnly() throws IOException {
        copyHome();
        LocalDate today = LocalDate.now(BERLIN);
        prompt(2, "editorial", today.plusDays(2), "Geglättet: Dürfen wir Ihnen");
        prompt(3, "material", today.plusDays(4), "Neu: Dürfen wir Ihnen");
        Path tenant = home.resolve("tenants/autohaus-muster.yaml");
        Files.writeString(
                tenant,
                Files.readString(tenant)
                        .replace(
                                "consentPrompt: texts/prompt-v1",
                                "consentPrompt: [texts/prompt-v1, texts/prompt-v2, texts/prompt-v3]"));
        try (SpeakingHub at = SpeakingHub.start(home)) {
            at.hub.clock.moveTo(noon(today.plusDays(1)));
            String record = at.capture(NUMBER);
            at.awaitState(record, "PENDING");
            at.says(NUMBER, "Ja");
            at.awaitState(record, "GRANTED");
            String first = remind(at);

            at.hub.clock.moveTo(noon(today.plusDays(3)));
            at.clockActs();
            at.quiet();
            String editorial = at.state(record) + " " + remind(at);
            at.hub.clock.moveTo(noon(today.plusDays(5)));
            at.clockActs();
            at.awaitSent(NUMBER, "Neu: Dürfen wir Ihnen");
            at.awaitState(record, "PENDING");
            String material = remind(at);
            at.says(NUMBER, "Ja");
            at.awaitState(record, "GRANTED");
            String again = remind(at);

            assertThat(first).isEqualTo("202");
            assertThat(editorial).isEqualTo("GRANTED 202");
            assertThat(material).isEqualTo("409 OUT_NO_BASIS");
            assertThat(again).isEqualTo("202");
            assertThat(at.sent(NUMBER, "Geglättet")).isEmpty();
            assertThat(at.sent(NUMBER, "Neu: Dürfen")).hasSize(1);
            assertThat(at.transitions(record)).containsSubsequence("T4", "T11", "T2", "T4");
            assertThat(textChanges(at, record))
                    .containsExactly("EDITORIAL prompt-v2", "MATERIAL prompt-v3");
            assertThat(textsOf(at, record))
                    .as("a text nobody was asked with is none the person saw")
                    .contains("prompt-v1", "prompt-v3")
                    .doesNotContain("prompt-v2");
        }
    }

    /** As the proof has them, each with somebody who classified it. */
    private static List<String> textChanges(SpeakingHub at, String record) {
        JsonNode proof =
                ApiClient.json(at.api.call("getConsentProof", Map.of("id", record), "", ""));
        List<String> changes = new ArrayList<>();
        for (JsonNode event : proof.get("events")) {
            if (event.get("event_type").textValue().equals("TEXT_CHANGED")) {
                JsonNode more = event.get("extension");
                assertThat(more.at("/evidence/classifiedBy").textValue()).isNotBlank();
                changes.add(
                        more.get("matchedRule").textValue()
                                + " "
                                + more.get("textVersion").textValue());
            }
        }
        return changes;
    }

    private static List<String> textsOf(SpeakingHub at, String record) {
        return ApiClient.json(at.api.call("getConsentProof", Map.of("id", record), "", ""))
                .get("texts")
                .findValuesAsText("textVersion");
    }

    private static Instant noon(LocalDate day) {
        return day.atTime(12, 0).atZone(BERLIN).toInstant();
    }

    private void prompt(int version, String change, LocalDate from, String opening)
            throws IOException {
        Files.writeString(
                home.resolve("tenants/texts/prompt-v" + version + ".yaml"),
                Files.readString(home.resolve("tenants/texts/prompt-v1.yaml"))
                        .replace("version: 1", "version: " + version)
                        .replace("change: material", "change: " + change)
                        .replace("validFrom: 2026-11-02", "validFrom: " + from)
                        .replace("Dürfen wir Ihnen", opening));
    }

    /** Asks for a reminder by SMS to be sent; status and code of the answer. */
    private static String remind(SpeakingHub at) {
        var answer =
                at.api.call(
                        "sendMessage",
                        Map.of(),
                        "",
                        """
                        {"to":{"channel":"sms","address":"%s","scheme":"phone"},
                         "content":{"template":{"name":"appointment-reminder","language":"de","parameters":["Jana","24.11.2026","10:30"]}}}"""
                                .formatted(NUMBER));
        String code = ApiClient.json(answer).path("code").asText("");
        return (answer.statusCode() + " " + code).strip();
    }

    private void write(String id, int version, String change, LocalDate from, String opening)
            throws IOException {
        Files.writeString(
                home.resolve("tenants/texts/" + id + "-v" + version + ".yaml"),
                Files.readString(home.resolve("tenants/texts/" + id + "-v1.yaml"))
                        .replace("version: 1", "version: " + version)
                        .replace("change: material", "change: " + change)
                        .replace("validFrom: 2026-11-02", "validFrom: " + from)
                        .replace(NOTICE, opening));
    }

    private void copyHome() throws IOException {
        for (String folder : new String[] {"routes", "mappings", "tenants"}) {
            try (var files = Files.walk(Path.of(folder))) {
                for (Path file : files.toList()) {
                    Files.copy(file, home.resolve(file));
                }
            }
        }
    }

    @Test
    @DisplayName("INF-3: refused by the provider is not delivered")
    void keepsThatItFailed() {
        SpeakingHub at = SpeakingHub.of(shared.seat());
        at.fake.behave(FakeBehaviour.refuse("21211"));
        at.says(NUMBER, "Wann habt ihr offen?");
        at.quiet();
        String subject = subject(at, "sms");

        await().untilAsserted(
                        () ->
                                assertThat(at.notices(subject, null).at("/0/failedAt").isNull())
                                        .isFalse());
        assertThat(at.notices(subject, at.hub.clock.instant())).isEmpty();
    }

    @Test
    @DisplayName(
            "FLT-5, INF-1, INF-3: denied without the notice in force, which then goes out by itself"
                    + " once; when it has arrived the same notification passes")
    void sendsTheNoticeFirst() throws IOException {
        copyHome();
        write("notice", 2, "material", LocalDate.now(BERLIN).plusDays(2), NEW_NOTICE);
        Path tenant = home.resolve("tenants/autohaus-muster.yaml");
        Files.writeString(
                tenant,
                Files.readString(tenant)
                        .replace(
                                "notice: texts/notice-v1",
                                "notice: [texts/notice-v1, texts/notice-v2]")
                        .replace("notice-v1: privacy-notice", "notice-v2: privacy-notice"));
        try (SpeakingHub at = SpeakingHub.start(home)) {
            String record = at.captureOnTheWeb(NUMBER);
            at.awaitState(record, "PENDING");
            at.fake.reply(at.fake.messages().getFirst().id(), "Ja");
            at.awaitState(record, "GRANTED");
            at.hub.clock.advance(Duration.ofDays(3));
            at.quiet();

            var denied = at.remind(NUMBER);
            FakeMessage notice = at.awaitSent(NUMBER, NOTICE_TEMPLATE);
            var deniedStill = at.remind(NUMBER);
            at.quiet();
            at.status(notice, "delivered");
            await().untilAsserted(() -> assertThat(at.remind(NUMBER).statusCode()).isEqualTo(202));

            for (var answer : List.of(denied, deniedStill)) {
                assertThat(answer.statusCode()).isEqualTo(409);
                assertThat(ApiClient.json(answer).get("code").textValue())
                        .isEqualTo("OUT_NOTICE_MISSING");
            }
            JsonNode explained = at.explained(ApiClient.json(denied).get("messageId").textValue());
            assertThat(explained.at("/decisions/0/obligations").toString())
                    .contains("SEND_NOTICE_FIRST");
            assertThat(explained.at("/decisions/0/checks"))
                    .extracting(one -> one.get("check").asText() + " " + one.get("answer").asText())
                    .contains("BASIS PASSED", "NOTICE DENIED", "WINDOW NOT_ASKED");
            at.awaitSent(NUMBER, REMINDER_TEMPLATE);
            assertThat(at.sent(NUMBER, NOTICE_TEMPLATE)).hasSize(1);
            JsonNode shown = at.notices(at.subject(record), null).get(1);
            assertThat(shown.get("noticeVersion").textValue()).isEqualTo("notice-v2");
            assertThat(shown.get("cause").textValue()).isEqualTo("required");
        }
    }
}
