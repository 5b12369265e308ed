package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jawort.HomeFolder;
import org.jawort.TwilioForm;
import org.jawort.delivery.HubSpotServer;
import org.jawort.delivery.SalesforceServer;
import org.jawort.local.DemoTenant;
import org.jawort.retention.Erasure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** What becomes of the records of a person's messages in CRMs when the person is erased. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrmErasureIT {

    private static final String STAYS = "+4915100000021";

    private final HubSpotServer hubSpot = new HubSpotServer();
    private final SalesforceServer salesforce = new SalesforceServer();
    private SpeakingHub at;

    @BeforeAll
    void start() {
        at =
                SpeakingHub.start(
                        HomeFolder.copy()
                                .change("  notice: texts/notice-v1\n", "")
                                .change(", notice-v1: privacy-notice", "")
                                .change(
                                        "destinations:\n",
                                        "destinations:\n"
                                                + destination("hubspot", hubSpot.settings())
                                                + destination("salesforce", salesforce.settings()))
                                .path());
        writes(STAYS, "Ich bleibe");
    }

    private static String destination(String crm, Map<String, String> settings) {
        StringBuilder yaml =
                new StringBuilder(
                        "  - { id: %1$s, route: crm-%1$s, mapping: destinations/canonical.jslt, events: [message.*], processor: crm-eu, settings: {"
                                .formatted(crm));
        settings.forEach((key, value) -> yaml.append(" %s: \"%s\",".formatted(key, value)));
        return yaml.append(" } }\n").toString();
    }

    @AfterAll
    void stop() {
        at.close();
        hubSpot.close();
        salesforce.close();
    }

    @Test
    @Order(1)
    @DisplayName(
            "RET-14, DSR-7: whoever is erased has no record in a CRM any more but of what law keeps; who needs one event gets one")
    void deletesTheRecordOfEachMessage() {
        String number = "+4915100000022";
        String letter = writes(number, "Angebot");
        String other = writes(number, "Danke");
        assertThat(records()).contains(letter, other);
        at.hub
                .sql()
                .update(
                        "update message set category = 'COMMERCIAL_LETTER' where id = ?::uuid",
                        letter);

        UUID request = erase(other);
        awaitTold(request);

        assertThat(records()).hasSize(2).contains(letter).doesNotContain(other);
        assertThat(salesforce.tasks.keySet()).hasSize(2).contains(letter).doesNotContain(other);
        assertThat(told(request, "hubspot")).isEqualTo("DONE null");
        assertThat(told(request, "salesforce")).isEqualTo("DONE null");
        assertThat(at.hub.crmEvents().stream().map(got -> got.at("/event/type").asText()))
                .contains("jawort.subject.erased.v1")
                .doesNotContain("jawort.message.deleted.v1");
        for (JsonNode event : at.hub.archived()) {
            assertThat(event.get("type").asText()).isNotEqualTo("jawort.message.deleted.v1");
        }
    }

    @Test
    @Order(2)
    @DisplayName(
            "RET-14: a record that could not be deleted makes an exception of the erasure, until its dead letter was replayed")
    void saysWhichCrmHasARecordStill() {
        String message = writes("+4915100000023", "Bitte vergessen");
        hubSpot.searchesFail("INTERNAL_ERROR");

        UUID request = erase(message);
        await().until(() -> status(request).equals("COMPLETED_WITH_EXCEPTIONS"));
        for (int turn = 0; turn < 5; turn++) {
            at.hub.bean(Erasure.class).resume(); // one of five looks for what was mended
        }

        assertThat(told(request, "hubspot")).isEqualTo("MANUAL DEAD_LETTER");
        assertThat(told(request, "salesforce")).isEqualTo("DONE null");
        assertThat(records()).contains(message);

        hubSpot.searchesFail(null);
        at.api.call(
                "replayDeliveries",
                Map.of(),
                "",
                "{\"destination\":\"hubspot\",\"state\":\"dead\"}");
        await().until(() -> status(request).equals("COMPLETED"));

        assertThat(told(request, "hubspot")).isEqualTo("DONE null");
        assertThat(records()).doesNotContain(message);
    }

    @Test
    @Order(3)
    @DisplayName("RET-14: what a night had deleted and a CRM had not yet is deleted with the rest")
    void deletesWhatWasOnItsWayToBeDeleted() {
        String message = writes("+4915100000024", "Schon vorbei");
        String subject = subjectOf(message);
        at.hub.clock.advance(Duration.ofDays(121));
        hubSpot.searchesFail("RATE_LIMITS");
        deletesAtNight(message);
        assertThat(rows("message where id = '" + message + "'")).isZero();

        UUID request = UUID.randomUUID();
        at.hub.bean(Erasure.class).erase(DemoTenant.ID, UUID.fromString(subject), request);
        hubSpot.searchesFail(null);
        awaitTold(request);

        assertThat(told(request, "hubspot")).isEqualTo("DONE null");
        assertThat(records()).doesNotContain(message);
    }

    @Test
    @Order(4)
    @DisplayName(
            "RET-14: a night counts what it had deleted, and not what an erasure did meanwhile")
    void keepsNightsAndErasuresApart() {
        String over = writes("+4915100000025", "Schon vorbei");
        at.hub.clock.advance(Duration.ofDays(60));
        String erased = writes("+4915100000026", "Bitte vergessen");
        at.hub.clock.advance(Duration.ofDays(61));
        hubSpot.searchesFail("RATE_LIMITS");
        deletesAtNight(over);
        // as if the run's next batch came after the erasure
        at.hub
                .sql()
                .update(
                        "update deletion_task t set last_sequence = last_sequence + 1 from retention_run r"
                                + " where r.tenant = t.tenant and r.id = t.run and r.status = 'RUNNING' and t.recipient = 'hubspot'");

        UUID request = erase(erased);
        await().until(
                        () ->
                                rows(
                                                "erasure_task where recipient = 'salesforce' and status = 'DONE' and request = '"
                                                        + request
                                                        + "'")
                                        == 1);
        JsonNode night =
                ApiClient.json(at.api.call("listDeletions", Map.of(), "", "")).at("/items/0");

        assertThat(night.get("recipients"))
                .filteredOn(one -> one.get("recipient").asText().equals("hubspot"))
                .singleElement()
                .satisfies(one -> assertThat(one.get("open").asInt()).isEqualTo(1));
        hubSpot.searchesFail(null);
        awaitTold(request);
        assertThat(records()).doesNotContain(over, erased);
    }

    /** What the message became a record of cannot be deleted at HubSpot yet. */
    private void deletesAtNight(String message) {
        assertThat(at.api.call("runDeletion", Map.of(), "", "{\"dryRun\":false}").statusCode())
                .isEqualTo(200);
        await().until(
                        () ->
                                rows(
                                                "delivery d join event e on e.tenant = d.tenant and e.id = d.event_id where d.destination = 'hubspot'"
                                                        + " and d.state = 'parked' and d.attempts > 0 and e.message_id = '"
                                                        + message
                                                        + "'")
                                        == 1);
    }

    /** The id of what the person wrote, which all have. */
    private String writes(String number, String text) {
        hubSpot.contact(number);
        String sid = "SM" + UUID.randomUUID().toString().replace("-", "");
        at.post(TwilioForm.text(sid, number, text));
        at.quiet();
        return at.hub
                .sql()
                .queryForObject(
                        "select id::text from message order by received_at desc, id desc limit 1",
                        String.class);
    }

    private String subjectOf(String message) {
        return at.hub
                .sql()
                .queryForObject(
                        "select subject_id::text from message where id = ?::uuid",
                        String.class,
                        message);
    }

    private UUID erase(String message) {
        UUID request = UUID.randomUUID();
        at.hub
                .bean(Erasure.class)
                .erase(DemoTenant.ID, UUID.fromString(subjectOf(message)), request);
        return request;
    }

    private void awaitTold(UUID request) {
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofSeconds(1));
                            String tasks =
                                    "erasure_task where request = '"
                                            + request
                                            + "' and recipient not like 'provider:%'";
                            return rows(tasks) > 0 && rows(tasks + " and status = 'RETRY'") == 0;
                        });
    }

    private String told(UUID request, String recipient) {
        Map<String, Object> task =
                at.hub
                        .sql()
                        .queryForMap(
                                "select status, reason from erasure_task where request = ? and recipient = ?",
                                request,
                                recipient);
        return task.get("status") + " " + task.get("reason");
    }

    private String status(UUID request) {
        at.hub.clock.advance(Duration.ofSeconds(1));
        List<String> status =
                at.hub
                        .sql()
                        .queryForList(
                                "select status from erasure_run where request = ?",
                                String.class,
                                request);
        return status.getFirst();
    }

    private long rows(String of) {
        return at.hub.sql().queryForObject("select count(*) from " + of, Long.class);
    }

    /** Of which messages HubSpot has a record. */
    private TreeSet<String> records() {
        TreeSet<String> ids = new TreeSet<>();
        for (String type : List.of("communications", "notes")) {
            hubSpot.objects
                    .get(type)
                    .values()
                    .forEach(one -> ids.add(one.at("/properties/jawort_message_id").asText()));
        }
        return ids;
    }
}
