package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What people ask for in their own words, and how what is not to be done ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RightsIntakeIT {

    private static final String NUMBER = "+4915200710001";

    private SharedHub shared;
    private SpeakingHub at;
    private RightsDesk desk;

    @BeforeAll
    void start() {
        shared =
                SharedHub.in(
                                HomeFolder.copy()
                                        .change(
                                                "SUPPORT_REPLY: CONTRACT",
                                                "SUPPORT_REPLY: LEGAL_INTEREST"))
                        .accounts("twilio")
                        .tenants(5)
                        .start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    @BeforeEach
    void takeATenant() {
        at = SpeakingHub.of(shared.seat());
        desk = new RightsDesk(at);
    }

    @Test
    @DisplayName(
            "DSR-1, DSR-7: who writes \"do not delete my data\" is not erased; the request waits for a human,"
                    + " who is told, or for the person to say it plainly")
    void erasesNobodyForWordsThatAreNotClear() {
        at.says(NUMBER, "Bitte löschen Sie meine Daten nicht");
        JsonNode request = desk.ofChat("ERASE");
        String id = request.get("id").textValue();
        at.quiet();
        desk.work();
        at.hub.clock.advance(Duration.ofDays(2));
        desk.work();

        assertThat(desk.read(id).get("state").textValue()).isEqualTo("IDENTITY_CHECK");
        assertThat(desk.read(id).get("steps").findValuesAsText("reason")).contains("UNCLEAR_WORDS");
        assertThat(count("address where tenant = '" + at.hub.tenant + "'")).isEqualTo(1);
        await().untilAsserted(
                        () ->
                                assertThat(at.hub.archived().toString())
                                        .contains("HUMAN_NEEDED", "IN_DSR"));

        at.says(NUMBER, "Daten bitte löschen");
        desk.awaitState(id, "ANSWERED");

        assertThat(count("address where tenant = '" + at.hub.tenant + "'")).isZero();
    }

    @Test
    @DisplayName(
            "DSR-3, DSR-7: what was not asked for is answered so, once, and the person may ask for it any time after")
    void refusesWhatWasNotAskedFor() {
        at.says(NUMBER, "Haben Sie eigentlich meine Daten gelöscht?");
        String id = desk.ofChat("ERASE").get("id").textValue();

        HttpResponse<String> refused = desk.post("refuseRequest", id, "{\"reason\":\"NOT_ASKED\"}");

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(200);
        JsonNode answered = desk.read(id);
        assertThat(answered.get("state").textValue()).isEqualTo("ANSWERED");
        assertThat(answered.at("/outcome/refused/0/because").textValue()).isEqualTo("NOT_ASKED");
        assertThat(RightsDesk.code(desk.post("refuseRequest", id, "{\"reason\":\"EXCESSIVE\"}")))
                .isEqualTo("REQUEST_STATE");
        assertThat(desk.unpacked(desk.link(NUMBER)).get("index.html"))
                .contains("Danach war nicht gefragt");
        desk.awaitState(id, "CLOSED");
        assertThat(count("address where tenant = '" + at.hub.tenant + "'")).isEqualTo(1);
        at.says(NUMBER, "Daten löschen");
        await().until(
                        () ->
                                count(
                                                "rights_request where type = 'ERASE' and tenant = '"
                                                        + at.hub.tenant
                                                        + "'")
                                        == 2);
    }

    @Test
    @DisplayName(
            "GDPR Art. 12(5), DSR-3: a request that is planned can still be refused, with the reason")
    void refusesWhatIsPlanned() {
        at.says(NUMBER, "Bitte um Berichtigung meiner Daten");
        String id = desk.ofChat("RECTIFY").get("id").textValue();
        desk.work();
        assertThat(desk.read(id).get("state").textValue()).isEqualTo("PLANNED");

        assertThat(desk.post("refuseRequest", id, "{\"reason\":\"EXCESSIVE\"}").statusCode())
                .isEqualTo(200);

        assertThat(desk.states(id))
                .containsExactly("RECEIVED", "IDENTITY_CHECK", "PLANNED", "ANSWERED");
        assertThat(desk.unpacked(desk.link(NUMBER)).get("index.html"))
                .contains("Art. 12 Abs. 5 DSGVO");
    }

    @Test
    @DisplayName(
            "DSR-3, DSR-9: once the person is erased nothing is left to correct, and what waited for the right words ends")
    void endsWhatThereIsNothingLeftToCorrect() {
        at.says(NUMBER, "Bitte Berichtigung meiner Daten, danach löschen Sie meine Daten");
        String chat = desk.ofChat("RECTIFY").get("id").textValue();
        String erasure = desk.ofChat("ERASE").get("id").textValue();
        at.quiet();
        desk.awaitState(erasure, "ANSWERED");
        desk.awaitState(chat, "ANSWERED");

        assertThat(desk.read(chat).at("/outcome/refused/0/because").textValue())
                .isEqualTo("NOTHING_STORED");

        at.says("+4915200710002", "Guten Tag");
        at.quiet();
        String agents = desk.open("RECTIFY", "+4915200710002", "{\"source\":\"AGENT\"}");
        String second = desk.open("ERASE", "+4915200710002", "{\"source\":\"AGENT\"}");
        desk.confirm(second);
        desk.awaitState(second, "ANSWERED");
        desk.confirm(agents);
        desk.awaitState(agents, "ANSWERED");
    }

    @Test
    @DisplayName(
            "GDPR Art. 21, DSR-3, T8, T14: an objection ahead of any record is one from then on: no interest can be assessed after it")
    void recordsAnObjectionAhead() {
        at.says(NUMBER, "Wann habt ihr offen?");
        var notice = at.awaitSent(NUMBER, "Datenschutz: Verantwortlich ist");
        at.status(notice, "delivered");
        at.quiet();
        at.says(NUMBER, "Ich widerspreche der Verarbeitung meiner Daten");
        String id = desk.ofChat("OBJECT").get("id").textValue();
        desk.awaitState(id, "ANSWERED");

        assertThat(desk.read(id).at("/outcome/declared/0/state").textValue()).isEqualTo("OBJECTED");
        at.hub.clock.advance(Duration.ofMinutes(1));
        ObjectNode assessment = ApiClient.object(ApiClient.operation("assessInterest").example());
        ((ObjectNode) assessment.get("address")).put("address", NUMBER);
        assessment.put("channel", "sms").put("at", at.hub.clock.instant().toString());
        HttpResponse<String> assessed =
                at.api.call("assessInterest", Map.of(), "", assessment.toString());
        assertThat(RightsDesk.code(assessed)).isEqualTo("ILLEGAL_TRANSITION");
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select state from consent_record where tenant = ? and purpose = 'SUPPORT_REPLY'",
                                        String.class,
                                        at.hub.tenant))
                .containsExactly("OBJECTED");
    }

    private int count(String rows) {
        return at.hub.sql().queryForObject("select count(*) from " + rows, Integer.class);
    }
}
