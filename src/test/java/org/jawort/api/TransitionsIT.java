package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.jawort.TwilioForm;
import org.jawort.consent.Basis;
import org.jawort.consent.CaptureOrigin;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRules;
import org.jawort.consent.EventTime;
import org.jawort.consent.Prompt;
import org.jawort.consent.Purpose;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.message.Channel;
import org.jawort.sending.UnansweredDuties;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transitions of consent through signed webhooks, the API and the providers' answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransitionsIT {

    private static final String PROMPT = "Dürfen wir Ihnen";
    private static final String THANKS = "Danke, Sie haben eingewilligt";
    private static final String DECLINED = "In Ordnung, wir schreiben Ihnen";
    private static final String ASKED = "Bitte antworten Sie nur";
    private static final String NOTICE = "Datenschutz: Verantwortlich ist";
    private static final String STOPPED = "Sie sind abgemeldet";

    private SharedHub shared;
    private SpeakingHub at;
    private int people;

    @BeforeAll
    void start() {
        shared =
                SharedHub.in(HomeFolder.copy())
                        .tenants(1)
                        .accounts("twilio")
                        .tenants(4)
                        .tenant(
                                "support only",
                                "purposes: { SUPPORT_REPLY: CONTRACT, NOTIFICATION: CONSENT, MARKETING: off }\n",
                                "")
                        .tenant(
                                "own periods",
                                "consent:\n",
                                "consent:\n  periods: { promptDeadline: P2D, validity: P6M }\n")
                        .start();
        at = SpeakingHub.of(shared.seat());
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    @AfterEach
    void behaveAgain() {
        at.fake.behave();
    }

    private String newNumber() {
        return "+4915200100%03d".formatted(++people);
    }

    /** Captured and asked. */
    private String pending(String number) {
        String record = at.capture(number);
        at.awaitState(record, "PENDING");
        return record;
    }

    private String granted(String number) {
        String record = pending(number);
        at.says(number, "Ja");
        at.awaitState(record, "GRANTED");
        return record;
    }

    @Test
    @DisplayName("T1, T2, T4: the hub asks by itself, the person's Ja grants, one confirmation")
    void asksAndGrants() {
        String number = newNumber();

        String record = at.capture(number);
        at.awaitSent(number, PROMPT);
        at.awaitState(record, "PENDING");
        at.says(number, "Ja");

        at.awaitState(record, "GRANTED");
        at.awaitSent(number, THANKS);
        at.says(number, "Ja");
        at.quiet();
        assertThat(at.transitions(record)).containsSubsequence("T1", "PROMPT_OFFERED", "T2", "T4");
        assertThat(at.sent(number, PROMPT)).hasSize(1);
        assertThat(at.sent(number, THANKS)).hasSize(1);
        assertThat(at.sent(number, THANKS).getFirst().request().toString()).contains("STOPP");
        assertThat(at.read(record).at("/consent/textVersion").textValue())
                .as("T11: noted with the grant")
                .endsWith("-v" + textNoted(record));
    }

    private int textNoted(String record) {
        return at.hub
                .sql()
                .queryForObject(
                        "select text_noted from consent_record where id = ?::uuid",
                        Integer.class,
                        record);
    }

    @Test
    @DisplayName("T3: a prompt the provider refuses for good ends the request")
    void expiresWhenThePromptCannotBeSent() {
        String number = newNumber();
        at.fake.behave(FakeBehaviour.refuse("21211"));

        String record = at.capture(number);

        at.awaitState(record, "EXPIRED");
        assertThat(at.transitions(record)).containsSubsequence("T1", "PROMPT_OFFERED", "T3");
    }

    @Test
    @DisplayName("T2, CON-8: the address that was named is asked, whatever else the person has")
    void asksAtTheAddressThatWasNamed() {
        String number = newNumber();
        String alias = "DE.771827364501" + people;
        at.post(
                at.sms(number, "Guten Tag")
                        .with("From", "whatsapp:" + number)
                        .with("To", "whatsapp:+493023125010")
                        .with("ExternalUserId", "whatsapp:" + alias));
        at.quiet();

        String record = at.captureOnTheWeb(alias, "bsuid");

        at.awaitState(record, "PENDING");
        assertThat(at.fake.messages())
                .extracting(message -> message.request().toString())
                .filteredOn(request -> request.contains("whatsapp:" + alias))
                .last()
                .asString()
                .doesNotContain(number);
    }

    @Test
    @DisplayName("T3: a prompt of which nobody tells anything for a day ends the request")
    void expiresWhenNobodyKnowsWhatBecameOfThePrompt() {
        String number = newNumber();
        at.fake.behave(FakeBehaviour.take("break"));
        String record = at.capture(number);
        FakeMessage prompt = at.awaitSent(number, PROMPT);
        // the day begins when the hub has noted that it knows nothing
        await().until(
                        () ->
                                at.hub
                                                .sql()
                                                .queryForObject(
                                                        "select count(*) from outbound where state = 'unknown' and subject_id = ?::uuid",
                                                        Long.class,
                                                        at.subject(record))
                                        == 1);
        at.quiet();
        at.hub.clock.advance(Duration.ofHours(23));
        at.hub.bean(UnansweredDuties.class).giveUp(at.hub.tenant);
        String before = at.state(record);

        at.hub.clock.advance(Duration.ofHours(2));
        at.hub.bean(UnansweredDuties.class).giveUp(at.hub.tenant);
        at.hub.bean(UnansweredDuties.class).giveUp(at.hub.tenant);

        assertThat(before).isEqualTo("REQUESTED");
        assertThat(at.state(record)).isEqualTo("EXPIRED");
        assertThat(at.transitions(record)).containsOnlyOnce("T3");
        at.status(prompt, "delivered");
        at.quiet();
        assertThat(at.state(record)).isEqualTo("EXPIRED");
    }

    @Test
    @DisplayName("T5: a Nein declines, with one acknowledgement and no more")
    void declines() {
        String number = newNumber();
        String record = pending(number);

        at.says(number, "Nein");
        at.awaitState(record, "DECLINED");
        at.awaitSent(number, DECLINED);
        at.says(number, "Nein");
        at.quiet();

        assertThat(at.sent(number, DECLINED)).hasSize(1);
        assertThat(at.sent(number, PROMPT)).hasSize(1);
    }

    @Test
    @DisplayName(
            "CON-7, CON-11: a Nein turns a Ja around, unless an agent has asked something since")
    void aNoAfterAnAgentsQuestionAnswersTheAgent() {
        String number = newNumber();
        String record = granted(number);
        String other = newNumber();
        String changedMind = granted(other);
        at.awaitSent(number, THANKS);
        String conversation =
                at.hub
                        .sql()
                        .queryForObject(
                                "select conversation_id from message where direction = 'inbound' and subject_id = ?::uuid",
                                String.class,
                                at.subject(record));

        HttpResponse<String> asked =
                at.send(
                        """
                        {"to":{"conversation":"%s"},"content":{"type":"text","text":"Passt Ihnen Freitag?"}}"""
                                .formatted(conversation));
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(202);
        at.awaitSent(number, "Passt Ihnen Freitag?");
        at.says(number, "Nein");
        at.says(other, "Nein");
        at.awaitState(changedMind, "DECLINED");
        at.quiet();

        assertThat(at.state(record)).isEqualTo("GRANTED");
        assertThat(at.sent(number, DECLINED)).isEmpty();
        // behind what the hub tells of its own message
        await().untilAsserted(
                        () ->
                                assertThat(at.hub.crmEvents())
                                        .extracting(got -> got.at("/event/data"))
                                        .anyMatch(data -> isNo(data, number)));
    }

    private static boolean isNo(JsonNode data, String number) {
        return data.at("/from/address").asText().equals(number)
                && data.at("/content/text").asText().equals("Nein");
    }

    @Test
    @DisplayName(
            "CON-12: what was nearly a STOP waits in a list until a human says what it was; both"
                    + " answers are in the ledger, and a STOP leaves nothing to say")
    void aHumanDecidesAboutANearStop() {
        String none = newNumber();
        String meant = newNumber();
        String clear = newNumber();
        List<String> records = List.of(granted(none), granted(meant), granted(clear));
        for (String number : List.of(none, meant, clear)) {
            at.says(number, "bitte keine Nachrichten mehr");
        }
        List<String> subjects = records.stream().map(at::subject).toList();
        await().until(() -> waiting().containsAll(subjects));

        HttpResponse<String> was = decides(subjects.get(0), "NOT_WITHDRAWN");
        HttpResponse<String> again = decides(subjects.get(0), "NOT_WITHDRAWN");
        HttpResponse<String> withdrawn = decides(subjects.get(1), "WITHDRAWN");
        at.says(clear, "Stopp");
        at.awaitState(records.get(2), "WITHDRAWN");

        assertThat(was.statusCode()).as(was.body()).isEqualTo(200);
        assertThat(ApiClient.json(again).get("code").asText()).isEqualTo("NOTHING_TO_DECIDE");
        assertThat(withdrawn.statusCode()).as(withdrawn.body()).isEqualTo(200);
        assertThat(waiting()).doesNotContainAnyElementsOf(subjects);
        assertThat(at.read(records.get(0)).at("/consent/possibleWithdrawalSince").isNull())
                .isTrue();
        assertThat(at.state(records.get(0))).isEqualTo("GRANTED");
        assertThat(at.state(records.get(1))).isEqualTo("WITHDRAWN");
        at.awaitSent(meant, STOPPED);
        for (String subject : subjects.subList(0, 2)) {
            assertThat(providerTransitions(subject)).contains("POSSIBLE_WITHDRAWAL_DECIDED");
        }
    }

    @Test
    @DisplayName(
            "CON-12: a decision is about the messages that were read; another that came since waits,"
                    + " and what was withdrawn counts from the newest on")
    void decidesAboutWhatWasRead() {
        String number = newNumber();
        String record = granted(number);
        String subject = at.subject(record);
        at.says(number, "bitte keine Nachrichten mehr");
        await().until(() -> waiting().contains(subject));
        String read = lastAt(subject);
        at.hub.clock.advance(Duration.ofMinutes(5));
        at.says(number, "keine Nachrichten mehr");
        await().until(() -> !lastAt(subject).equals(read));

        HttpResponse<String> older = decides(subject, "NOT_WITHDRAWN", read);

        assertThat(ApiClient.json(older).get("code").asText()).isEqualTo("DECIDED_ABOUT_OLDER");
        assertThat(at.read(record).at("/consent/possibleWithdrawalSince").asText()).isEqualTo(read);
        assertThat(at.state(record)).isEqualTo("GRANTED");

        String stranger = newNumber();
        at.says(stranger, "bitte keine Nachrichten mehr");
        at.quiet();
        at.hub.clock.advance(Duration.ofMinutes(5));
        String later = granted(stranger);
        at.hub.clock.advance(Duration.ofMinutes(5));
        at.says(stranger, "keine Nachrichten mehr");
        at.quiet();
        HttpResponse<String> withdrawn = decides(at.subject(later), "WITHDRAWN");

        assertThat(withdrawn.statusCode()).as(withdrawn.body()).isEqualTo(200);
        assertThat(at.state(later)).isEqualTo("WITHDRAWN");
        assertThat(waiting()).doesNotContain(at.subject(later)).contains(subject);
    }

    private List<String> waiting() {
        return ApiClient.json(at.api.call("listPossibleWithdrawals", Map.of(), "?limit=100", ""))
                .get("items")
                .findValuesAsText("subjectId");
    }

    private String lastAt(String subject) {
        for (JsonNode one :
                ApiClient.json(at.api.call("listPossibleWithdrawals", Map.of(), "?limit=100", ""))
                        .get("items")) {
            if (one.get("subjectId").asText().equals(subject)) {
                return one.get("lastAt").asText();
            }
        }
        return at.hub.clock.instant().toString();
    }

    private HttpResponse<String> decides(String subject, String decision) {
        return decides(subject, decision, lastAt(subject));
    }

    private HttpResponse<String> decides(String subject, String decision, String lastAt) {
        return at.api.call(
                "decidePossibleWithdrawal",
                Map.of("id", subject),
                "",
                """
                {"channel":"sms","decision":"%s","lastAt":"%s","decidedBy":"Petra Beispiel"}"""
                        .formatted(decision, lastAt));
    }

    @Test
    @DisplayName(
            "T8: a STOP to a tenant that pursues no purpose leaves a refusal, is confirmed once, and"
                    + " answers need a newer message; what an earlier purpose left is withdrawn")
    void stopsWhereNoPurposeIsPursued() {
        SpeakingHub support = SpeakingHub.of(shared.seat("support only"));
        String number = newNumber();
        String earlier = newNumber();
        support.says(earlier, "Guten Tag");
        support.quiet();
        String agreed =
                support.hub.sql().queryForObject("select id::text from subject", String.class);
        leaveAGrant(support, new Person(support.hub.tenant, UUID.fromString(agreed)));
        support.says(number, "Guten Tag");
        support.quiet();
        String reply =
                """
                {"to":{"conversation":"%s"},"content":{"type":"text","text":"Gern."}}"""
                        .formatted(
                                support.hub
                                        .sql()
                                        .queryForObject(
                                                "select conversation_id::text from message where direction = 'inbound' and subject_id <> ?::uuid",
                                                String.class,
                                                agreed));

        support.says(earlier, "Stopp");
        support.says(number, "Stopp");
        support.awaitSent(number, STOPPED);
        HttpResponse<String> silenced = support.send(reply);
        support.says(number, "Doch noch eine Frage");
        support.quiet();
        HttpResponse<String> answered = support.send(reply);

        assertThat(
                        support.hub
                                .sql()
                                .queryForList(
                                        "select purpose || ' ' || state from consent_record order by subject_id",
                                        String.class))
                .containsExactly("NOTIFICATION WITHDRAWN", "SUPPORT_REPLY OBJECTED");
        assertThat(ApiClient.json(silenced).get("code").asText()).isEqualTo("OUT_SUPPRESSED");
        assertThat(answered.statusCode()).as(answered.body()).isEqualTo(202);
        assertThat(support.sent(number, STOPPED)).hasSize(1);
    }

    /** For a purpose the tenant's file had once. */
    private static void leaveAGrant(SpeakingHub at, Person person) {
        UUID address =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id from address where subject_id = ? and scheme = 'phone'",
                                UUID.class,
                                person.subject());
        EventTime time = EventTime.received(at.hub.clock.instant());
        String prompt = Prompt.newId();
        ConsentLedger ledger = at.hub.bean(ConsentLedger.class);
        at.hub
                .bean(TenantScope.class)
                .run(
                        person.tenant(),
                        () -> {
                            ConsentBook book = ledger.load(List.of(person));
                            for (ConsentEvent event :
                                    List.of(
                                            new ConsentEvent.Captured(
                                                    time, CaptureOrigin.ELSEWHERE, address, true),
                                            new ConsentEvent.PromptOffered(
                                                    time,
                                                    prompt,
                                                    address,
                                                    "de",
                                                    "prompt-v1",
                                                    false),
                                            new ConsentEvent.PromptAccepted(time, prompt),
                                            new ConsentEvent.Yes(
                                                    time, prompt, address, true, true, true))) {
                                book.apply(
                                        person,
                                        book.record(
                                                person,
                                                Channel.SMS,
                                                Purpose.NOTIFICATION,
                                                Basis.CONSENT),
                                        event,
                                        ConsentRules.DEFAULT,
                                        new ConsentBook.Cause("api", null, null));
                                assertThat(book.lastOutcome()).isEqualTo("moved");
                            }
                            ledger.save(book, at.hub.clock.instant());
                        });
    }

    @Test
    @DisplayName("T6: anything else is support, and asks once for one of the two words")
    void asksOnceForTheWords() {
        String number = newNumber();
        String record = pending(number);

        at.says(number, "Wann habt ihr offen?");
        at.awaitSent(number, ASKED);
        at.says(number, "Und am Samstag?");
        at.quiet();

        assertThat(at.state(record)).isEqualTo("PENDING");
        assertThat(at.sent(number, ASKED)).hasSize(1);
    }

    @Test
    @DisplayName("T8: STOP by message withdraws, with exactly one confirmation, however often said")
    void withdrawsWithOneConfirmation() {
        String number = newNumber();
        String record = granted(number);

        at.says(number, "Stopp!");
        at.awaitState(record, "WITHDRAWN");
        at.awaitSent(number, STOPPED);
        at.says(number, "STOP");
        at.quiet();

        assertThat(at.sent(number, STOPPED)).hasSize(1);
        assertThat(at.read(record).at("/consent/suppressions/0/source").textValue())
                .isEqualTo("SUBJECT");
    }

    @Test
    @DisplayName(
            "T9, T10, CON-15: Twilio's own STOP suppresses and is not confirmed twice;"
                    + " its START lifts the provider's block only")
    void followsTwiliosOptOut() {
        String number = newNumber();
        String record = granted(number);

        at.post(at.sms(number, "STOP").with("OptOutType", "STOP"));
        at.awaitState(record, "WITHDRAWN");
        at.post(at.sms(number, "START").with("OptOutType", "START"));
        await().until(() -> providerTransitions(at.subject(record)).contains("T10"));
        at.quiet();

        assertThat(providerTransitions(at.subject(record))).containsOnlyOnce("T10").contains("T9");
        assertThat(at.sent(number, STOPPED)).isEmpty();
        assertThat(at.state(record)).isNotEqualTo("GRANTED");
    }

    @Test
    @DisplayName(
            "T9, T10, CON-15: where Twilio does not tell what it made of a word, the confirmation of a"
                    + " STOP shows that it blocks; only its own START, exactly, lifts the block,"
                    + " and only a new Ja grants")
    void followsTwiliosDefaultWords() {
        String number = newNumber();
        String record = granted(number);
        String subject = at.subject(record);

        at.fake.behave(new FakeBehaviour("twilio", STOPPED, null, "21610", null, null, null, null));
        at.says(number, "STOP");
        at.awaitState(record, "WITHDRAWN");
        await().until(() -> blockedBy(record).contains("PROVIDER"));
        at.says(number, "Start!");
        at.quiet();
        at.fake.behave();
        assertThat(blockedBy(record)).containsExactly("SUBJECT", "PROVIDER");
        assertThat(providerTransitions(subject)).contains("T9").doesNotContain("T10");
        assertThat(at.sent(number, PROMPT)).hasSize(1);

        at.says(number, "YES");
        at.quiet();
        assertThat(blockedBy(record)).containsExactly("SUBJECT");
        assertThat(at.state(record)).isNotEqualTo("GRANTED");
        at.says(number, "START");
        await().until(() -> at.sent(number, PROMPT).size() == 2);
        at.awaitState(record, "PENDING");
        at.says(number, "Ja");

        at.awaitState(record, "GRANTED");
        assertThat(blockedBy(record)).isEmpty();
    }

    private List<String> blockedBy(String record) {
        return at.read(record).at("/consent/suppressions").findValuesAsText("source");
    }

    @Test
    @DisplayName(
            "CON-14, CON-15: who asks for help gets the privacy text, unless Twilio says that it has"
                    + " answered")
    void answersHelpUnlessTwilioHas() {
        String number = newNumber();
        at.says(number, "Guten Tag");
        at.status(at.awaitSent(number, NOTICE), "delivered");
        at.quiet();

        at.post(at.sms(number, "HELP").with("OptOutType", "HELP"));
        at.quiet();
        assertThat(at.sent(number, NOTICE)).hasSize(1);

        at.says(number, "HELP");
        at.quiet();
        assertThat(at.sent(number, NOTICE)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ListId", "ButtonPayload"})
    @DisplayName("T8, CON-12: a STOP is heard in an answer of which Twilio tells no label")
    void hearsAStopWithoutALabel(String field) {
        String number = newNumber();
        String record = at.captureOnTheWeb(number);

        at.post(
                at.sms(number, "STOP")
                        .with("From", "whatsapp:" + number)
                        .with("To", "whatsapp:+493023125010")
                        .with("MessageType", "interactive")
                        .with(field, "row_7"));

        at.awaitState(record, "WITHDRAWN");
        assertThat(blockedBy(record)).containsExactly("SUBJECT");
    }

    /** Of any record: what a provider blocks is one for all records of the channel. */
    private List<String> providerTransitions(String subject) {
        return at.hub
                .sql()
                .queryForList(
                        "select transition from consent_event where subject_id = ?::uuid and transition is not null",
                        String.class,
                        subject);
    }

    @Test
    @DisplayName("CON-7: a STOP between prompt and Ja wins, whichever arrives first")
    void refusalWins() {
        String number = newNumber();
        String record = pending(number);

        at.says(number, "Stopp");
        at.awaitState(record, "WITHDRAWN");
        at.says(number, "Ja");
        at.quiet();

        assertThat(at.state(record)).isEqualTo("WITHDRAWN");
    }

    @Test
    @DisplayName("CON-7: a Ja that overtakes the provider's answer waits for it, and grants then")
    void aYesWaitsForTheProvidersAnswer() {
        String number = newNumber();
        at.fake.behave(FakeBehaviour.take("hang"));
        String record = at.capture(number);
        FakeMessage prompt = at.awaitSent(number, PROMPT);

        at.says(number, "Ja");
        await().untilAsserted(() -> assertThat(at.transitions(record)).contains("T4"));
        assertThat(at.state(record)).isEqualTo("REQUESTED");
        at.fake.behave();
        at.status(prompt, "delivered");

        at.awaitState(record, "GRANTED");
        at.awaitSent(number, THANKS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+4915100098001"})
    @DisplayName("T2, CON-7: a status tells of the prompt it is about, whomever it names")
    void believesAStatusThatNamesSomebodyElse(String named) {
        String number = newNumber();
        at.fake.behave(FakeBehaviour.take("break"));
        String record = at.capture(number);
        FakeMessage prompt = at.awaitSent(number, PROMPT);
        at.quiet();
        at.says(number, "Ja");
        await().untilAsserted(() -> assertThat(at.transitions(record)).contains("T4"));
        at.fake.behave();

        for (String status : List.of("sent", "delivered")) {
            at.post(
                    TwilioForm.status(prompt.id(), number, status)
                            .with("ChannelPrefix", "")
                            .with("From", prompt.taken().from())
                            .with("To", named),
                    prompt.taken().clientRef());
        }

        at.awaitState(record, "GRANTED");
        at.awaitSent(number, THANKS);
        at.quiet();
        assertThat(at.transitions(record)).containsExactly("T1", "PROMPT_OFFERED", "T4", "T4");
    }

    @Test
    @DisplayName("CON-14: START asks for consent and grants nothing")
    void startWordOpensAPrompt() {
        String number = newNumber();

        at.says(number, "Anmelden");

        at.awaitSent(number, PROMPT);
        String subject =
                ApiClient.json(
                                at.api.call(
                                        "searchConsents",
                                        Map.of(),
                                        "",
                                        "{\"channel\":\"sms\",\"address\":\"" + number + "\"}"))
                        .at("/consents/0/state")
                        .textValue();
        assertThat(subject).isIn("REQUESTED", "PENDING");
    }

    @Test
    @DisplayName("T7: no answer within seven days ends the question; a late Ja asks anew")
    void aLateYesAsksAnew() {
        SpeakingHub later = SpeakingHub.of(shared.seat());
        String number = newNumber();
        String record = later.capture(number);
        later.awaitState(record, "PENDING");

        later.hub.clock.advance(Duration.ofDays(7).minusMinutes(1));
        later.clockActs();
        String before = later.state(record);
        later.hub.clock.advance(Duration.ofMinutes(1));
        later.clockActs();

        assertThat(before).isEqualTo("PENDING");
        assertThat(later.state(record)).isEqualTo("EXPIRED");
        later.says(number, "Ja");
        later.awaitState(record, "PENDING");
        assertThat(later.sent(number, PROMPT)).hasSize(2);
        assertThat(later.transitions(record)).containsSubsequence("T7", "T1", "T2");
    }

    @Test
    @DisplayName("T7: somebody whose key does not open holds up nobody behind them")
    void passesOverWhomItCannotOpen() {
        SpeakingHub later = SpeakingHub.of(shared.seat());
        String damaged = later.capture(newNumber());
        later.awaitState(damaged, "PENDING");
        String behind = later.capture(newNumber());
        later.awaitState(behind, "PENDING");
        later.quiet();
        later.hub
                .sql()
                .update(
                        "update subject_key set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) where subject_id = ?::uuid",
                        later.subject(damaged));

        later.hub.clock.advance(Duration.ofDays(7));
        later.clockActs();

        assertThat(later.state(behind)).isEqualTo("EXPIRED");
        assertThat(later.state(damaged)).isEqualTo("PENDING");
    }

    @Test
    @DisplayName("T12: a grant nobody used for 24 months ends")
    void endsAfterItsValidity() {
        SpeakingHub later = SpeakingHub.of(shared.seat());
        String number = newNumber();
        String record = later.capture(number);
        later.awaitState(record, "PENDING");
        later.says(number, "Ja");
        later.awaitState(record, "GRANTED");
        JsonNode consent = later.read(record).get("consent");

        later.hub.clock.moveTo(
                java.time.Instant.parse(consent.get("validUntil").textValue()).minusSeconds(60));
        later.clockActs();
        String before = later.state(record);
        later.hub.clock.advance(Duration.ofMinutes(2));
        later.clockActs();

        assertThat(before).isEqualTo("GRANTED");
        assertThat(later.state(record)).isEqualTo("EXPIRED");
        assertThat(later.transitions(record)).contains("T12");
    }

    @Test
    @DisplayName(
            "T12, CON-20, CON-24: the proof of a grant runs from its last use, also once ended")
    void provesTheLastUseOfAGrant() {
        SpeakingHub used = SpeakingHub.of(shared.seat());
        String number = newNumber();
        String record = used.capture(number);
        used.awaitState(record, "PENDING");
        used.says(number, "Ja");
        used.awaitState(record, "GRANTED");
        String untilGrantedAnew = validity(used, record);
        Instant unused = used.hub.clock.instant();
        String heldUnused = heldAt(used, record, unused);

        used.hub.clock.advance(Duration.ofDays(600));
        used.hub.clock.moveToNoon(ZoneId.of("Europe/Berlin"));
        HttpResponse<String> reminded =
                used.send(
                        """
                        {"to":{"channel":"sms","address":"%s","scheme":"phone"},
                         "content":{"template":{"name":"appointment-reminder","language":"de","parameters":["Jana","24.11.2026","10:30"]}}}"""
                                .formatted(number));
        assertThat(reminded.statusCode()).as(reminded.body()).isEqualTo(202);
        used.awaitSent(number, "10:30");
        Instant sent = used.hub.clock.instant();
        used.hub.clock.advance(Duration.ofDays(180));
        Instant later = used.hub.clock.instant();

        assertThat(Instant.parse(untilGrantedAnew)).isBefore(later);
        assertThat(Instant.parse(validity(used, record))).isAfter(later);
        assertThat(Instant.parse(heldAt(used, record, later))).isAfter(later);
        assertThat(heldUnused).isEqualTo(untilGrantedAnew);
        assertThat(heldAt(used, record, unused)).as("used later: not known any more").isNull();
        used.says(number, "Stopp");
        used.awaitState(record, "WITHDRAWN");
        List<JsonNode> events = new ArrayList<>();
        proof(used, record).get("events").forEach(events::add);
        JsonNode use = events.get(events.size() - 2);
        assertThat(events.getLast().get("event_type").textValue()).isEqualTo("STOP");
        assertThat(use.get("event_type").textValue()).isEqualTo("USED");
        assertThat(Instant.parse(use.get("event_time").textValue()))
                .isBetween(sent.minusSeconds(60), sent.plusSeconds(60));
        assertThat(Instant.parse(use.get("validity_duration").textValue())).isAfter(later);
        assertThat(Instant.parse(heldAt(used, record, later)))
                .as("what was known then is known now")
                .isAfter(later);
        assertThat(heldAt(used, record, unused)).isNull();
        assertThat(proof(used, record).get("validity_duration").isNull()).isTrue();
    }

    private static JsonNode proof(SpeakingHub at, String record) {
        return ApiClient.json(at.api.call("getConsentProof", Map.of("id", record), "", ""));
    }

    private static String validity(SpeakingHub at, String record) {
        return proof(at, record).get("validity_duration").textValue();
    }

    /** Until when it was valid by what was known at the moment. */
    private static String heldAt(SpeakingHub at, String record, Instant moment) {
        String query = "?subject=" + at.subject(record) + "&at=" + moment;
        JsonNode held = ApiClient.json(at.api.call("listConsentsAt", Map.of(), query, ""));
        for (JsonNode one : held.get("consents")) {
            if (one.get("id").textValue().equals(record)) {
                return one.get("validUntil").textValue();
            }
        }
        throw new AssertionError("not held: " + held);
    }

    @Test
    @DisplayName("T2, T12: a tenant's own periods are those of its prompts and grants")
    void countsTheTenantsOwnPeriods() {
        SpeakingHub own = SpeakingHub.of(shared.seat("own periods"));
        String silent = own.capture(newNumber());
        own.awaitState(silent, "PENDING");
        String number = newNumber();
        String agreed = own.capture(number);
        own.awaitState(agreed, "PENDING");
        own.says(number, "Ja");
        own.awaitState(agreed, "GRANTED");

        own.hub.clock.advance(Duration.ofDays(2).plusMinutes(1));
        own.clockActs();

        JsonNode consent = own.read(agreed).get("consent");
        assertThat(own.state(silent)).isEqualTo("EXPIRED");
        assertThat(java.time.Instant.parse(consent.get("validUntil").textValue()))
                .isBetween(
                        own.hub.clock.instant().plus(Duration.ofDays(178)),
                        own.hub.clock.instant().plus(Duration.ofDays(184)));
    }

    @Test
    @DisplayName("T3, T1: asked again after a failed prompt when the person agrees again")
    void asksAgainAfterAFailure() {
        String number = newNumber();
        at.fake.behave(FakeBehaviour.refuse("21211"));
        String record = at.capture(number);
        at.awaitState(record, "EXPIRED");
        at.fake.behave();

        HttpResponse<String> again = at.tryCapture(number, "NOTIFICATION");

        assertThat(again.statusCode()).isEqualTo(201);
        at.awaitState(record, "PENDING");
    }
}
