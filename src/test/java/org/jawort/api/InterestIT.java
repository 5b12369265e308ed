package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.sending.ChannelRules;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Grounds other than consent, and what providers say of templates. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InterestIT {

    private static final String NUMBER = "+4915200400001";

    private SharedHub shared;

    @BeforeAll
    void start() {
        String[] onAnInterest = {"SUPPORT_REPLY: CONTRACT", "SUPPORT_REPLY: LEGAL_INTEREST"};
        shared =
                SharedHub.in(HomeFolder.copy())
                        .accounts("twilio", "vonage")
                        .tenants(1)
                        .tenant("on an interest", onAnInterest)
                        .tenant("on an interest", onAnInterest)
                        .start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    private HttpResponse<String> assess(SpeakingHub at) {
        ObjectNode body = ApiClient.object(ApiClient.operation("assessInterest").example());
        ((ObjectNode) body.get("address")).put("address", NUMBER);
        body.put("channel", "sms").put("at", at.hub.clock.instant().toString());
        return at.api.call("assessInterest", Map.of(), "", body.toString());
    }

    @Test
    @DisplayName(
            "T13, T14, T8, T16, INF-4: assessed once the notice with the right to object arrived,"
                    + " objected to by STOPP, taken back by the person's confirmed act")
    void assessesObjectsAndRevokes() {
        SpeakingHub at = SpeakingHub.of(shared.seat("on an interest"));
        at.says(NUMBER, "Wann habt ihr offen?");
        var notice = at.awaitSent(NUMBER, "Datenschutz: Verantwortlich ist");
        HttpResponse<String> early = assess(at);
        at.status(notice, "delivered");
        at.quiet();
        HttpResponse<String> assessed = assess(at);

        assertThat(ApiClient.json(early).path("code").asText()).isEqualTo("NOTICE_MISSING");
        assertThat(assessed.statusCode()).as(assessed.body()).isEqualTo(201);
        String record = ApiClient.json(assessed).get("id").textValue();
        assertThat(at.state(record)).isEqualTo("LI_ACTIVE");

        HttpResponse<String> outweighed = object(at, record, "Erika Muster");
        assertThat(outweighed.statusCode()).as(outweighed.body()).isEqualTo(200);
        assertThat(at.state(record)).as("compelling grounds").isEqualTo("LI_ACTIVE");
        JsonNode kept = at.read(record).get("history");
        assertThat(kept.get(kept.size() - 1).get("event").asText()).isEqualTo("OBJECTION");
        assertThat(kept.get(kept.size() - 1).get("reason").asText())
                .isEqualTo("COMPELLING_GROUNDS");
        assertThat(ApiClient.json(object(at, record, " ")).get("code").textValue())
                .isEqualTo("INVALID_BODY");

        assertThat(object(at, record, null).statusCode()).isEqualTo(200);
        assertThat(at.state(record)).isEqualTo("OBJECTED");
        at.hub.clock.advance(Duration.ofMinutes(5));
        assertThat(revoke(at, record, true).statusCode()).isEqualTo(200);

        at.hub.clock.advance(Duration.ofMinutes(5));
        at.says(NUMBER, "Widerspruch");
        at.awaitState(record, "OBJECTED");
        at.hub.clock.advance(Duration.ofMinutes(5));
        HttpResponse<String> unconfirmed = revoke(at, record, false);
        HttpResponse<String> revoked = revoke(at, record, true);

        assertThat(ApiClient.json(unconfirmed).path("code").asText()).isEqualTo("NOT_CONFIRMED");
        assertThat(revoked.statusCode()).isEqualTo(200);
        assertThat(at.state(record)).isEqualTo("LI_ACTIVE");
        assertThat(at.transitions(record)).containsSubsequence("T13", "T14", "T16", "T8", "T16");
    }

    @Test
    @DisplayName(
            "INF-4: what informed the person has to have said that they may object; a prompt that embeds the notice without that does not")
    void readsWhatThePersonWasShown() {
        SpeakingHub at = SpeakingHub.of(shared.seat("on an interest"));
        String record = at.capture(NUMBER);
        at.awaitState(record, "PENDING");
        at.says(NUMBER, "Ja");
        at.awaitState(record, "GRANTED");
        at.quiet();

        assertThat(at.notices(at.subject(record), at.hub.clock.instant())).hasSize(1);
        assertThat(ApiClient.json(assess(at)).path("code").asText()).isEqualTo("NOTICE_MISSING");
    }

    private static HttpResponse<String> object(SpeakingHub at, String record, String groundsBy) {
        return at.api.call(
                "recordObjection",
                Map.of("id", record),
                "",
                "{\"at\":\"%s\",\"reference\":\"letter-1\"%s}"
                        .formatted(
                                at.hub.clock.instant(),
                                groundsBy == null
                                        ? ""
                                        : ",\"compellingGrounds\":{\"recordedBy\":\""
                                                + groundsBy
                                                + "\",\"document\":\"weighing-7\"}"));
    }

    private static HttpResponse<String> revoke(SpeakingHub at, String record, boolean confirmed) {
        return at.api.call(
                "revokeObjection",
                Map.of("id", record),
                "",
                "{\"at\":\""
                        + at.hub.clock.instant()
                        + "\",\"confirmed\":"
                        + confirmed
                        + ",\"reference\":\"chat\"}");
    }

    @Test
    @DisplayName("FLT-6: a re-categorised template is advertising at once")
    void followsARecategorisation() throws IOException {
        SpeakingHub at = SpeakingHub.of(shared.seat());
        ChannelWindow before = window(at);
        byte[] event =
                Files.readAllBytes(
                        Path.of("mappings/vonage/examples/template-category-update-inferred.json"));
        assertThat(at.hub.post("vonage", "application/json", event).statusCode()).isEqualTo(200);

        assertThat(before).isEqualTo(new ChannelWindow.WithoutConversation());
        await().untilAsserted(
                        () ->
                                assertThat(window(at))
                                        .isEqualTo(
                                                new ChannelWindow.Closed(
                                                        OutboundReason.OUT_TEMPLATE_CATEGORY)));
    }

    private static ChannelWindow window(SpeakingHub at) {
        return at.hub
                .bean(TenantScope.class)
                .call(
                        at.hub.tenant,
                        () ->
                                at.hub
                                        .bean(ChannelRules.class)
                                        .window(
                                                new ChannelRules.WindowQuestion(
                                                        at.hub.tenant,
                                                        Channel.WHATSAPP,
                                                        Purpose.NOTIFICATION,
                                                        "fahrzeug_fertig",
                                                        null,
                                                        null,
                                                        null,
                                                        false,
                                                        "vonage",
                                                        at.hub.clock.instant())));
    }
}
