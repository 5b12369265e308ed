package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of events in a HubSpot account, beyond the contract. */
@Timeout(60)
class HubSpotTest {

    private final HubSpotServer hubSpot = new HubSpotServer();
    private DestinationHub hub = hub(Map.of());

    private DestinationHub hub(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(hubSpot.settings());
        settings.putAll(more);
        return new DestinationHub(
                Path.of(""),
                "crm-hubspot",
                "destinations/canonical.jslt",
                settings,
                (registry, tenants) ->
                        registry.bind("httpOutcome", new HttpOutcome(InstantSource.system())),
                InstantSource.system());
    }

    @AfterEach
    void stop() {
        hub.close();
        hubSpot.close();
    }

    @Test
    void logsAMessageAsACommunicationOfItsContact() {
        assertThat(hub.attempt(DestinationEvent.number(1))).isEmpty();

        JsonNode properties = only("communications");
        assertThat(properties.get("hs_communication_channel_type").asText()).isEqualTo("WHATS_APP");
        assertThat(properties.get("hs_communication_logged_from").asText()).isEqualTo("CRM");
        assertThat(properties.get("hs_communication_body").asText())
                .isEqualTo("← " + DestinationEvent.number(1).text());
        assertThat(properties.get("hs_timestamp").asText()).isEqualTo("2026-11-23T10:11:12.345Z");
        assertThat(hubSpot.associations.values()).containsExactly("101");
    }

    @Test
    void readsLabelsOfTheConversationFromTheContactWhereTheTenantNamesItsProperties() {
        hub.attempt(DestinationEvent.number(1));
        assertThat(hub.labels().isNull()).isTrue();

        hub.close();
        hub =
                hub(
                        Map.of(
                                "labels",
                                "vehicle=license_plate, case=case_number category=kind desk=desk"));
        contact("101").put("license_plate", " M-AB 123 ").put("case_number", 1023).put("desk", "");
        assertThat(hub.attempt(DestinationEvent.number(2))).isEmpty();

        assertThat(hub.labels())
                .hasToString(
                        "{\"conversation\":{\"labels\":{\"vehicle\":\"M-AB 123\",\"case\":\"1023\"}}}");
        contact("101").put("kind", "VOUCHER");
        assertThat(hub.attempt(DestinationEvent.number(3))).isEmpty();
        assertThat(hub.labels().at("/conversation/category").asText()).isEqualTo("VOUCHER");
        assertThat(hub.attempt(status("whatsapp", "read"))).isEmpty();
        assertThat(hub.labels().isNull()).isTrue();
    }

    private ObjectNode contact(String id) {
        return (ObjectNode) hubSpot.objects.get("contacts").get(id).get("properties");
    }

    @Test
    void writesWhatAStatusSaysOnTheSameRecord() {
        hub.attempt(changed("\"channel\": \"whatsapp\"", "\"channel\": \"sms\""));

        assertThat(hub.attempt(status("sms", "delivered"))).isEmpty();
        assertThat(hub.attempt(status("sms", "read"))).isEmpty();

        JsonNode properties = only("communications");
        assertThat(properties.get("hs_communication_channel_type").asText()).isEqualTo("SMS");
        assertThat(properties.get("jawort_status").asText()).isEqualTo("read");
    }

    @Test
    void makesANoteOfAChannelHubSpotHasNoCommunicationsFor() {
        assertThat(hub.attempt(changed("\"channel\": \"whatsapp\"", "\"channel\": \"telegram\"")))
                .isEmpty();

        assertThat(only("notes").get("hs_note_body").asText()).startsWith("telegram ← Grüße");
        assertThat(hubSpot.associations.values()).containsExactly("101");
        assertThat(hub.attempt(status("telegram", "read"))).isEmpty();
        assertThat(only("notes").get("jawort_status").asText()).isEqualTo("read");
    }

    @Test
    void showsWhatWasWrittenAndNoMarkup() {
        hub.attempt(changed("Grüße,", "<b>1 & 2</b>\\n"));

        assertThat(only("communications").get("hs_communication_body").asText())
                .startsWith("← &lt;b&gt;1 &amp; 2&lt;/b&gt;<br>");
    }

    @Test
    void keepsAMessageOfNobodyWhoIsAContactForAReplay() {
        Throwable failure = hub.attempt(changed("+4915100000011", "+4915100000099")).orElseThrow();

        assertThat(failure).isInstanceOf(DestinationRefused.class).hasMessage("CONTACT_NOT_FOUND");
        assertThat(hubSpot.objects.get("communications")).isEmpty();
    }

    @Test
    void makesAContactOnceWhereTheTenantWantsThat() {
        hub.close();
        hub = hub(Map.of("createContacts", "true"));

        assertThat(hub.attempt(changed("+4915100000011", "+4915100000099"))).isEmpty();
        assertThat(hub.attempt(changed("+4915100000011", "+4915100000099"))).isEmpty();

        assertThat(hubSpot.objects.get("contacts")).hasSize(2);
        JsonNode made = hubSpot.objects.get("contacts").get("102").get("properties");
        assertThat(made.get("firstname").asText()).isEqualTo("Jana Beispiel");
        assertThat(made.get("phone").asText()).isEqualTo("+4915100000099");
        assertThat(made.get("hs_whatsapp_phone_number").asText()).isEqualTo("+4915100000099");
        assertThat(hubSpot.associations.values()).containsExactly("102");
    }

    @Test
    void findsAPersonWithoutANumberByTheHubsOwnId() {
        hub.close();
        hub = hub(Map.of("createContacts", "true"));
        DestinationEvent event =
                changed(
                        "\"address\": \"+4915100000011\", \"scheme\": \"phone\"",
                        "\"address\": \"DE.8812\", \"scheme\": \"bsuid\"");

        assertThat(hub.attempt(event)).isEmpty();
        assertThat(hub.attempt(event)).isEmpty();

        assertThat(hubSpot.objects.get("contacts")).hasSize(2);
        assertThat(hubSpot.associations).hasSize(1);
    }

    @Test
    void looksForNobodyWhenNothingIsKnownOfThePerson() {
        ObjectNode event = DestinationEvent.number(1).json();
        ((ObjectNode) event.get("data")).putNull("from").putNull("subjectId");

        assertThat(hub.attempt(new DestinationEvent(1, event)).orElseThrow())
                .isInstanceOf(DestinationRefused.class)
                .hasMessage("CONTACT_NOT_FOUND");
        assertThat(hubSpot.requests()).isEmpty();
    }

    @Test
    void usesTheContactThatSomebodyElseMadeMeanwhile() {
        hub.close();
        hub = hub(Map.of("createContacts", "true"));
        hubSpot.conflict("contacts");

        assertThat(hub.attempt(changed("+4915100000011", "+4915100000099"))).isEmpty();

        assertThat(hubSpot.objects.get("contacts")).hasSize(2);
        assertThat(hubSpot.associations.values()).containsExactly("102");
    }

    @Test
    void triesAgainWhenTwoWriteTheSameRecord() {
        hubSpot.conflict("communications");

        Optional<Throwable> failure = hub.attempt(DestinationEvent.number(1));

        assertThat(failure.orElseThrow())
                .isInstanceOf(DestinationUnavailable.class)
                .hasMessage("HTTP 409 CONFLICT");
        assertThat(hub.attempt(DestinationEvent.number(1))).isEmpty();
        assertThat(hubSpot.objects.get("communications")).hasSize(1);
    }

    @Test
    void waitsAsLongAsTheLimitItMeetsLasts() {
        hubSpot.limit(
                "TEN_SECONDLY_ROLLING",
                Map.of("X-HubSpot-RateLimit-Interval-Milliseconds", "10000"));
        assertThat(unavailable().retryAfter()).isEqualTo(Duration.ofSeconds(10));

        hubSpot.limit("SECONDLY", Map.of("Retry-After", "2"));
        assertThat(unavailable().retryAfter()).isEqualTo(Duration.ofSeconds(2));

        hubSpot.limit("DAILY", Map.of());
        assertThat(unavailable().retryAfter()).isEqualTo(Duration.ofHours(1));
        assertThat(unavailable()).hasMessage("HTTP 429 DAILY").extracting("status").isEqualTo(429);
    }

    @Test
    void saysWhyARecordIsRefusedWithoutItsWords() {
        hubSpot.behave(DestinationContract.Behaviour.REFUSE);

        assertThat(hub.attempt(DestinationEvent.number(1)).orElseThrow())
                .isInstanceOf(DestinationRefused.class)
                .hasMessage("HTTP 400 VALIDATION_ERROR");
    }

    @Test
    void deletesWhatTheHubDeletedWhateverItBecame() {
        hub.attempt(DestinationEvent.number(1));

        assertThat(hub.attempt(deletion("conversation-text"))).isEmpty();
        assertThat(hub.attempt(deletion("conversation-text"))).isEmpty();
        assertThat(hubSpot.objects.get("communications")).isEmpty();

        hub.attempt(changed("\"channel\": \"whatsapp\"", "\"channel\": \"telegram\""));
        assertThat(hub.attempt(deletion("conversation-text"))).isEmpty();
        assertThat(hubSpot.objects.get("notes")).isEmpty();
    }

    @Test
    @DisplayName("RET-14: what could not be looked for is not taken for deleted")
    void takesNothingForDeletedThatItCouldNotLookFor() {
        hub.attempt(DestinationEvent.number(1));

        hubSpot.searchesFail("RATE_LIMITS");
        assertThat(hub.attempt(deletion("conversation-text")).orElseThrow())
                .isInstanceOf(DestinationUnavailable.class);
        hubSpot.searchesFail("INTERNAL_ERROR");
        assertThat(hub.attempt(deletion("conversation-text")).orElseThrow())
                .isInstanceOf(DestinationRefused.class);
        hubSpot.searchesFail(null);
        assertThat(hub.attempt(deletion("conversation-text"))).isEmpty();

        assertThat(hubSpot.objects.get("communications")).isEmpty();
    }

    @Test
    @DisplayName(
            "RET-14: of files nothing is there, and of who is erased each record has a deletion of its own: both are done")
    void hasNothingToDoWhereNothingOfItIsThere() {
        assertThat(hub.attempt(deletion("media"))).isEmpty();
        assertThat(hub.attempt(erased())).isEmpty();

        assertThat(hubSpot.requests()).isEmpty();
    }

    @Test
    @DisplayName("RET-14: a contact the hub may have made stays, and somebody is told so")
    void saysThatAContactStays() {
        hub.close();
        hub = hub(Map.of("createContacts", "true"));

        assertThat(hub.attempt(erased()).orElseThrow())
                .isInstanceOf(DeliveryWithheld.class)
                .hasMessage("CONTACT_STAYS");
    }

    @Test
    void withholdsWhatHubSpotHasNoPlaceFor() {
        assertThat(hub.attempt(changed("message.received", "consent.changed")).orElseThrow())
                .isInstanceOf(DeliveryWithheld.class)
                .hasMessage("NOT_FOR_HUBSPOT");
        assertThat(hubSpot.requests()).isEmpty();
    }

    private DestinationUnavailable unavailable() {
        return (DestinationUnavailable) hub.attempt(DestinationEvent.number(1)).orElseThrow();
    }

    private JsonNode only(String type) {
        List<ObjectNode> all = List.copyOf(hubSpot.objects.get(type).values());
        assertThat(all).hasSize(1);
        return all.getFirst().get("properties");
    }

    private static DestinationEvent changed(String text, String instead) {
        String json = DestinationEvent.number(1).json().toPrettyString().replace("\" : ", "\": ");
        String flat = json.replaceAll(",\\s*\n\\s*", ", ");
        assertThat(flat).contains(text);
        return DestinationEvent.of(flat.replace(text, instead));
    }

    static DestinationEvent status(String channel, String status) {
        return about(
                "message.status",
                "\"channel\": \"%s\", \"status\": \"%s\"".formatted(channel, status));
    }

    static DestinationEvent deletion(String dataType) {
        return about("message.deleted", "\"dataType\": \"%s\"".formatted(dataType));
    }

    static DestinationEvent erased() {
        return DestinationEvent.of(
                """
                { "id": "019ab3c2-7d4e-7c11-9a55-300000000002", "type": "jawort.subject.erased.v1", "sequence": "3",
                  "time": "2026-11-23T10:12:00Z",
                  "data": { "messageId": null, "conversationId": null, "subjectId": "%s", "reason": "ERASURE", "kept": [] } }"""
                        .formatted(
                                DestinationEvent.number(1).json().at("/data/subjectId").asText()));
    }

    /** Another event about the first message. */
    private static DestinationEvent about(String type, String data) {
        return DestinationEvent.of(
                """
                { "id": "019ab3c2-7d4e-7c11-9a55-300000000001", "type": "jawort.%s.v1", "sequence": "2",
                  "time": "2026-11-23T10:12:00Z", "data": { "messageId": "%s", %s } }"""
                        .formatted(
                                type,
                                DestinationEvent.number(1).json().at("/data/messageId").asText(),
                                data));
    }
}
