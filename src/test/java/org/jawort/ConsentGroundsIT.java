package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.local.FakeMessage;
import org.jawort.message.Channel;
import org.jawort.sending.OptOuts;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;

/** What a record of consent is about, what it is kept under and with, through the whole hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentGroundsIT {

    private static final String OFFER = "zehn Prozent";

    private SendingHub sending;
    private int people;

    /** Notifications rest on a contract, advertising on consent. */
    @BeforeAll
    void start() {
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "NOTIFICATION: CONSENT, MARKETING: off",
                                "NOTIFICATION: CONTRACT, MARKETING: CONSENT")
                        .change(
                                "templates:                                #",
                                """
                                marketing: { approvedBy: Erika Muster, approvedOn: 2026-11-02 }
                                templates:
                                  - id: winter-tyres
                                    purpose: MARKETING
                                    category: MARKETING
                                    languages:
                                      de:
                                        text: "Winterreifen {1} günstiger"
                                        providers: { twilio: { providerId: HX00000000000000000000000000000008 } }
                                #""");
        sending = new SendingHub(HubInTest.hub().home(home.path()), true);
        sending.hub.clock.moveTo(
                java.time.LocalDate.now(java.time.ZoneId.of("Europe/Berlin"))
                        .plusDays(1)
                        .atTime(12, 0)
                        .atZone(java.time.ZoneId.of("Europe/Berlin"))
                        .toInstant());
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    private String newNumber() {
        return "+4915100011%03d".formatted(++people);
    }

    private UUID informed(String number) {
        UUID subject = UUID.fromString(sending.person(number).get("subjectId").asText());
        sending.awaitInformed(subject);
        return subject;
    }

    @Test
    @DisplayName(
            "CON-1: a Ja is for one purpose on one channel; neither another purpose nor another"
                    + " channel takes anything from it")
    void grantsOnePurposeOnOneChannel() {
        String number = newNumber();
        informed(number);
        sending.grant(number, Purpose.MARKETING);

        HttpResponse<String> same = sending.post(offer("whatsapp", number, "phone"));
        HttpResponse<String> otherPurpose = sending.post(SendingHub.reminder(number));
        writesSms(number);
        HttpResponse<String> otherChannel = sending.post(offer("sms", number, "phone"));

        assertThat(same.statusCode()).as(same.body()).isEqualTo(202);
        assertThat(code(otherPurpose)).isEqualTo("OUT_NO_BASIS");
        assertThat(code(otherChannel)).isEqualTo("OUT_NO_BASIS");
    }

    @Test
    @DisplayName(
            "CON-2: a person without a telephone number is informed, asked, written to and let go"
                    + " under an id of the hub's own; the address stands nowhere readable")
    void needsNoTelephoneNumber() {
        String address = "DE.77182736450192";
        UUID subject = UUID.fromString(writes(address, "Guten Tag").get("subjectId").asText());
        sending.awaitInformed(subject);
        String record =
                sending.grant(
                        address,
                        "whatsapp",
                        "bsuid",
                        Purpose.MARKETING,
                        () -> writes(address, "Ja"));

        String id = sending.sends(offer("whatsapp", address, "bsuid"));
        sending.awaitState(id, "sent");
        writes(address, "Stopp!");
        await().untilAsserted(
                        () ->
                                assertThat(consent(record).at("/consent/state").asText())
                                        .isEqualTo("WITHDRAWN"));
        HttpResponse<String> after = sending.post(offer("whatsapp", address, "bsuid"));

        assertThat(sending.got("HX00000000000000000000000000000008"))
                .anyMatch(one -> one.request().toString().contains("whatsapp:" + address));
        assertThat(code(after)).isEqualTo("OUT_SUPPRESSED");
        assertThat(consent(record).at("/consent/subjectId").asText()).isEqualTo(subject.toString());
        assertThat(
                        sending.hub
                                .sql()
                                .queryForList(
                                        "select a::text || encode(lookup, 'escape') || encode(sealed_address, 'escape')"
                                                + " from address a",
                                        String.class))
                .noneMatch(row -> row.contains(address) || row.contains("77182736450192"));
    }

    @Test
    @DisplayName(
            "decision 0028: into a group goes the answer of an agent; the notice goes to the person"
                    + " alone")
    void tellsAGroupNothingButAnswers() {
        String number = newNumber();
        String group = "69de006708df1e1418839c11";
        byte[] written =
                new SmoochTexts()
                        .text("group-1", number, "Wer hilft uns?", "sdkGroup", group)
                        .bytes();

        assertThat(sending.hub.post("smooch", SmoochTexts.TYPE, written).statusCode())
                .isEqualTo(200);
        await().until(() -> !toSmooch(number).isEmpty());
        String conversation =
                await().until(
                                () ->
                                        sending.received().stream()
                                                .map(event -> event.get("data"))
                                                .filter(
                                                        data ->
                                                                data.at("/from/address")
                                                                        .asText()
                                                                        .equals(number))
                                                .map(data -> data.get("conversationId").asText())
                                                .findFirst(),
                                Optional::isPresent)
                        .orElseThrow();
        String reply =
                sending.sends(
                        """
                        {"to":{"conversation":"%s"},"content":{"type":"text","text":"Wir helfen Ihnen gern."}}"""
                                .formatted(conversation));
        sending.awaitState(reply, "sent");

        assertThat(sending.got("Wir helfen Ihnen gern"))
                .singleElement()
                .satisfies(one -> assertThat(one.path()).contains("/conversations/" + group));
        assertThat(toSmooch(number)).allMatch(path -> path.endsWith("/notifications"));
    }

    /** The ways messages went to this number itself. */
    private List<String> toSmooch(String number) {
        return sending.fake.messages().stream()
                .filter(one -> one.provider().equals("smooch"))
                .filter(one -> one.request().toString().contains(number))
                .map(FakeMessage::path)
                .toList();
    }

    @Test
    @DisplayName(
            "CON-8: who has a number and an id of the platform is written to where they agreed,"
                    + " and answered where they wrote from")
    void writesToTheNumberThatAgreedWhateverElseIsKnownOfThem() {
        String number = newNumber();
        String alias = "DE.77182736450193";
        JsonNode wrote = writes(number, alias, "Guten Tag");
        UUID subject = UUID.fromString(wrote.get("subjectId").asText());
        sending.awaitInformed(subject);
        sending.grant(
                number, "whatsapp", "phone", Purpose.MARKETING, () -> writes(number, alias, "Ja"));

        String offered =
                sending.sends(
                        offer("whatsapp", number, "phone")
                                .replaceFirst(
                                        "\"address\".*\"scheme\":\"phone\"",
                                        "\"subject\":\"" + subject + "\""));
        sending.awaitState(offered, "sent");
        String answer =
                sending.sends(
                        SendingHub.reply(
                                wrote.get("conversationId").asText(), "Bitte sehr " + alias));
        sending.awaitState(answer, "sent");

        assertThat(sending.got(alias))
                .singleElement()
                .satisfies(
                        one ->
                                assertThat(one.request().toString())
                                        .contains("whatsapp:" + number)
                                        .doesNotContain("whatsapp:" + alias));
    }

    @Test
    @DisplayName(
            "T9: a stop of advertising alone cancels advertising; what was agreed to or owed"
                    + " beside it goes on")
    void cancelsAdvertisingAlone() {
        String number = newNumber();
        UUID subject = informed(number);
        assess(number, "{\"kind\":\"form\",\"reference\":\"order-form-19\",\"at\":\"%s\"}");
        sending.grant(number, Purpose.MARKETING);
        String tomorrow =
                "{\"sendAt\":\"" + sending.hub.clock.instant().plus(Duration.ofDays(1)) + "\",";
        String reminder = sending.sends(SendingHub.reminder(number).replaceFirst("\\{", tomorrow));
        String offer =
                sending.sends(offer("whatsapp", number, "phone").replaceFirst("\\{", tomorrow));

        sending.hub
                .bean(TenantScope.class)
                .run(
                        sending.hub.tenant,
                        () ->
                                sending.hub
                                        .bean(OptOuts.class)
                                        .providerOptOut(
                                                sending.hub.tenant,
                                                subject,
                                                Channel.WHATSAPP,
                                                SendingHub.optedOut(true),
                                                sending.hub.clock.instant()));

        assertThat(sending.message(offer).get("state").asText()).isEqualTo("canceled");
        assertThat(sending.message(reminder).get("state").asText()).isEqualTo("scheduled");
    }

    @Test
    @DisplayName(
            "CON-6: what rests on a contract may go to a chat only with the person's permission to"
                    + " be messaged there, kept with its evidence")
    void asksForThePermissionOfThePlatformToo() {
        String without = newNumber();
        String with = newNumber();
        informed(without);
        informed(with);
        String record = assess(without, null);
        assess(with, "{\"kind\":\"form\",\"reference\":\"order-form-17\",\"at\":\"%s\"}");

        HttpResponse<String> denied = sending.post(SendingHub.reminder(without));
        String sent = sending.sends(SendingHub.reminder(with));
        sending.awaitState(sent, "sent");

        assertThat(consent(record).at("/consent/state").asText()).isEqualTo("LI_ACTIVE");
        assertThat(code(denied)).isEqualTo("OUT_NO_PLATFORM_OPTIN");
        JsonNode why = SendingHub.json(sending.get("/messages/" + sent + "/decision"));
        assertThat(why.at("/decisions/0/basis").asText()).isEqualTo("CONTRACT");
    }

    @Test
    @DisplayName(
            "CON-5: who refused is not won back by another assessment; and the basis of a purpose"
                    + " that is in use changes no more, the hub does not start")
    void keepsTheBasisOfAPurpose() {
        String number = newNumber();
        informed(number);
        String record =
                assess(number, "{\"kind\":\"form\",\"reference\":\"order-form-18\",\"at\":\"%s\"}");
        sending.hub.clock.advance(Duration.ofMinutes(1));
        assertThat(sending.webhooks.writes("twilio", number, "Widerspruch")).isEqualTo(200);
        await().untilAsserted(
                        () ->
                                assertThat(consent(record).at("/consent/state").asText())
                                        .isEqualTo("OBJECTED"));

        HttpResponse<String> again = tryAssess(number, null);
        var other = // the demo tenant's own file, which asks for consent
                HubInTest.hub().home(HomeFolder.copy().path()).database(sending.hub.databaseUrl());

        assertThat(again.statusCode()).as(again.body()).isEqualTo(409);
        assertThat(consent(record).at("/consent/state").asText()).isEqualTo("OBJECTED");
        assertThatThrownBy(other::start)
                .rootCause()
                .hasMessageContaining("purposes.NOTIFICATION is CONSENT")
                .hasMessageContaining("under CONTRACT");
    }

    @Test
    @DisplayName(
            "CON-9: state, proof and the event about it are written together or not at all; the"
                    + " declaration waits, and nothing is lost")
    void writesStateProofAndEventTogether() {
        String number = newNumber();
        UUID subject = informed(number);
        String record = sending.grant(number, Purpose.MARKETING);
        JdbcTemplate sql = sending.hub.sql();
        sql.execute(
                """
                create sequence refused;
                create function refuse_consent_changed() returns trigger language plpgsql security definer as $$
                begin
                    perform nextval('refused');    -- a sequence is not undone
                    raise exception 'no event for now' using errcode = '40001';
                end $$;
                create trigger refuse_consent_changed before insert on event for each row
                    when (new.type = 'jawort.consent.changed.v1') execute function refuse_consent_changed();
                """);
        long before = proofs(sql, subject);
        try {
            assertThat(sending.webhooks.writes("twilio", number, "Stopp")).isEqualTo(200);
            await().until(() -> refusals(sql) > 0);

            assertThat(consent(record).at("/consent/state").asText()).isEqualTo("GRANTED");
            assertThat(proofs(sql, subject)).isEqualTo(before);
        } finally {
            sql.execute("drop function refuse_consent_changed() cascade");
        }
        await().untilAsserted(
                        () ->
                                assertThat(consent(record).at("/consent/state").asText())
                                        .isEqualTo("WITHDRAWN"));
        await().untilAsserted(
                        () ->
                                assertThat(sending.events("jawort.consent.changed.v1"))
                                        .anyMatch(
                                                one ->
                                                        one.at("/data/record")
                                                                        .asText()
                                                                        .equals(record)
                                                                && one.at("/data/transition")
                                                                        .asText()
                                                                        .equals("T8")));
        assertThat(proofs(sql, subject)).isGreaterThan(before);
    }

    /** Transactions that the store has undone. */
    private static long refusals(JdbcTemplate sql) {
        return sql.queryForObject(
                "select case when is_called then last_value else 0 end from refused", Long.class);
    }

    private static long proofs(JdbcTemplate sql, UUID subject) {
        return sql.queryForObject(
                "select count(*) from consent_event where subject_id = ?", Long.class, subject);
    }

    private JsonNode consent(String record) {
        return SendingHub.json(sending.get("/consents/" + record));
    }

    /**
     * @param permission of the platform as JSON with a place for its time, {@code null} for none
     */
    private String assess(String number, String permission) {
        HttpResponse<String> answer = tryAssess(number, permission);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return SendingHub.json(answer).get("id").asText();
    }

    private HttpResponse<String> tryAssess(String number, String permission) {
        String now = sending.hub.clock.instant().toString();
        ObjectNode body = SendingHub.JSON.createObjectNode();
        body.put("channel", "whatsapp").put("purpose", "NOTIFICATION");
        body.putObject("address").put("address", number).put("scheme", "phone");
        body.put("document", "contract-4711").put("assessedBy", "Petra Beispiel").put("at", now);
        String json = body.toString();
        if (permission != null) {
            json =
                    json.replaceFirst(
                            "\\{", "{\"platformPermission\":" + permission.formatted(now) + ",");
        }
        return sending.post("/consents/assessments", json, UUID.randomUUID().toString());
    }

    /** An inbound WhatsApp message of somebody who hides their number. */
    private JsonNode writes(String address, String text) {
        return writes(address, address, text);
    }

    /**
     * @param alias the id of the platform
     */
    private JsonNode writes(String address, String alias, String text) {
        int before = sending.received().size();
        String sid = "SM" + UUID.randomUUID().toString().replace("-", "");
        TwilioForm form =
                TwilioForm.text(sid, "+4915100000000", text)
                        .without("WaId")
                        .with("From", "whatsapp:" + address)
                        .with("ExternalUserId", "whatsapp:" + alias);
        post(form);
        if (!text.equals("Guten Tag")) {
            return null; // consumed
        }
        await().until(() -> sending.received().size() > before);
        return sending.received().getLast().get("data");
    }

    private void writesSms(String number) {
        int before = sending.received().size();
        String sid = "SM" + UUID.randomUUID().toString().replace("-", "");
        post(
                TwilioForm.text(sid, number, "Guten Tag")
                        .with("From", number)
                        .with("To", "+493023125020"));
        await().until(() -> sending.received().size() > before);
    }

    private void post(TwilioForm form) {
        assertThat(sending.hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode())
                .isEqualTo(200);
    }

    private static String offer(String channel, String address, String scheme) {
        return """
        {"to":{"channel":"%s","address":"%s","scheme":"%s"},
         "content":{"template":{"name":"winter-tyres","language":"de","parameters":["%s"]}}}"""
                .formatted(channel, address, scheme, OFFER);
    }

    private static String code(HttpResponse<String> problem) {
        return SendingHub.json(problem).path("code").asText();
    }
}
