package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of events in a Salesforce org, beyond the contract. */
@Timeout(60)
class SalesforceTest {

    private final SalesforceServer salesforce = new SalesforceServer();
    private DestinationHub hub = hub(Map.of());

    private DestinationHub hub(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(salesforce.settings());
        settings.putAll(more);
        return new DestinationHub(
                Path.of(""),
                "crm-salesforce",
                "destinations/canonical.jslt",
                settings,
                (registry, tenants) ->
                        registry.bind("httpOutcome", new HttpOutcome(InstantSource.system())),
                InstantSource.system());
    }

    @AfterEach
    void stop() {
        hub.close();
        salesforce.close();
    }

    @Test
    void logsAMessageAsATaskOfItsContactOnTheInstanceTheTokenNames() {
        assertThat(hub.attempt(DestinationEvent.number(1))).isEmpty();

        ObjectNode task = only();
        assertThat(task.get("Subject").asText()).isEqualTo("whatsapp ←");
        assertThat(task.get("Description").asText())
                .isEqualTo("← " + DestinationEvent.number(1).text());
        assertThat(task.get("ActivityDate").asText()).isEqualTo("2026-11-23");
        assertThat(task.get("WhoId").asText()).isEqualTo("003000000000001");
        assertThat(salesforce.requests().getFirst().target())
                .startsWith("/services/data/v62.0/query?q=SELECT%20Id%20FROM%20Contact")
                .contains("%27%2B4915100000011%27");
    }

    @Test
    void readsLabelsOfTheConversationFromTheContactWhereTheTenantNamesItsFields() {
        hub.close();
        hub = hub(Map.of("labels", "vehicle=Kennzeichen__c, case=Vorgang__c"));

        assertThat(hub.attempt(DestinationEvent.number(1))).isEmpty();

        assertThat(hub.labels())
                .hasToString("{\"conversation\":{\"labels\":{\"vehicle\":\"M-AB 123\"}}}");
        assertThat(salesforce.requests().getFirst().target())
                .contains("q=SELECT%20Id%2C%20Kennzeichen__c%2C%20Vorgang__c%20FROM%20Contact");
    }

    @Test
    void asksForNoFieldWhoseNameIsMoreThanAName() {
        hub.close();
        hub = hub(Map.of("labels", "vehicle=Id,(SELECT+Id+FROM+Cases) case=Vorgang__c;x"));

        assertThat(hub.attempt(DestinationEvent.number(1))).isEmpty();

        assertThat(salesforce.requests().getFirst().target())
                .contains("q=SELECT%20Id%2C%20Id%20FROM%20Contact");
    }

    @Test
    void writesWhatAStatusSaysOnTheSameRecordAndMakesNoneForIt() {
        assertThat(hub.attempt(HubSpotTest.status("whatsapp", "delivered")).orElseThrow())
                .isInstanceOf(DestinationRefused.class)
                .hasMessage("HTTP 404 NOT_FOUND");

        hub.attempt(DestinationEvent.number(1));
        assertThat(hub.attempt(HubSpotTest.status("whatsapp", "delivered"))).isEmpty();
        assertThat(hub.attempt(HubSpotTest.status("whatsapp", "read"))).isEmpty();

        assertThat(only().get("Jawort_Status__c").asText()).isEqualTo("read");
        assertThat(only().get("Subject").asText()).isEqualTo("whatsapp ←");
    }

    @Test
    void opensAnotherSessionWhenTheOneItHasIsOver() {
        hub.attempt(DestinationEvent.number(1));
        assertThat(salesforce.tokens()).isEqualTo(1);

        salesforce.endSessions();
        assertThat(hub.attempt(DestinationEvent.number(2))).isEmpty();

        assertThat(salesforce.tokens()).isEqualTo(2);
        assertThat(salesforce.tasks).hasSize(2);
    }

    @Test
    void waitsForTheLimitOfTheOrgAndForALockedRow() {
        salesforce.answerWith(403, "REQUEST_LIMIT_EXCEEDED");
        DestinationUnavailable limited =
                (DestinationUnavailable) hub.attempt(DestinationEvent.number(1)).orElseThrow();
        salesforce.answerWith(400, "UNABLE_TO_LOCK_ROW");
        DestinationUnavailable locked =
                (DestinationUnavailable) hub.attempt(DestinationEvent.number(1)).orElseThrow();

        assertThat(limited).hasMessage("HTTP 403 REQUEST_LIMIT_EXCEEDED");
        assertThat(limited.retryAfter()).isEqualTo(Duration.ofMinutes(15));
        assertThat(locked).hasMessage("HTTP 400 UNABLE_TO_LOCK_ROW");
    }

    @Test
    void saysWhichKindOfErrorAFieldIsAndNotWhatStoodThere() {
        for (String code : List.of("INVALID_FIELD", "REQUIRED_FIELD_MISSING", "STRING_TOO_LONG")) {
            salesforce.answerWith(400, code);

            assertThat(hub.attempt(DestinationEvent.number(1)).orElseThrow())
                    .isInstanceOf(DestinationRefused.class)
                    .hasMessage("HTTP 400 " + code);
        }
    }

    @Test
    void deletesWhatTheHubDeletedOnce() {
        hub.attempt(DestinationEvent.number(1));

        assertThat(hub.attempt(HubSpotTest.deletion("conversation-text"))).isEmpty();
        assertThat(hub.attempt(HubSpotTest.deletion("conversation-text"))).isEmpty();

        assertThat(salesforce.tasks).isEmpty();
    }

    @Test
    @DisplayName(
            "RET-14: of files nothing is there, and of who is erased each record has a deletion of its own: both are done")
    void hasNothingToDoWhereNothingOfItIsThere() {
        assertThat(hub.attempt(HubSpotTest.deletion("media"))).isEmpty();
        assertThat(hub.attempt(HubSpotTest.erased())).isEmpty();

        assertThat(salesforce.requests()).isEmpty();
    }

    private ObjectNode only() {
        assertThat(salesforce.tasks).hasSize(1);
        return salesforce.tasks.values().iterator().next();
    }
}
