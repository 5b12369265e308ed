package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.HomeFolder;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentErasure;
import org.jawort.local.DemoTenant;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What an erasure leaves of consent, through the whole hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentErasureIT {

    private static final String OFFICER = "officer-test-key-0123456789abcdef";
    private static final String NOTICE = "Datenschutz: Verantwortlich ist";

    private SpeakingHub at;

    @BeforeAll
    void start() {
        at =
                SpeakingHub.start(
                        HomeFolder.copy().apiKey("officer", OFFICER, ", restricted: true").path());
    }

    @AfterEach
    void forgetStubs() {
        at.hub.sql().update("delete from suppression_stub");
    }

    @AfterAll
    void stop() {
        at.close();
    }

    @Test
    @DisplayName(
            "T15, SEC-4: the records go, the refusal stays as a stub without a person, the proof"
                    + " opens to a key for it only; who comes back with the address is who refused")
    void leavesAStubAndARestrictedProof() {
        String number = "+4915200500001";
        String record = at.capture(number);
        at.awaitState(record, "PENDING");
        at.says(number, "Ja");
        at.awaitState(record, "GRANTED");
        at.hub.clock.advance(Duration.ofMinutes(1));
        at.says(number, "STOPP");
        at.awaitState(record, "WITHDRAWN");
        String subject = at.subject(record);
        assertThat(proof(record, DemoTenant.API_KEY).statusCode()).isEqualTo(200);

        erase(subject);
        erase(subject);

        assertThat(count("consent_record", subject)).isZero();
        assertThat(count("suppression", subject)).isZero();
        assertThat(at.hub.sql().queryForList("select * from suppression_stub"))
                .singleElement()
                .satisfies(
                        stub -> {
                            assertThat(stub)
                                    .containsOnlyKeys(
                                            "tenant", "channel", "stub_key", "scope", "since");
                            assertThat(stub).containsEntry("channel", "sms");
                            assertThat(stub).containsEntry("scope", "ALL");
                        });
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select transition from consent_event where record_id = ?::uuid"
                                                + " and outcome = 'removed'",
                                        String.class,
                                        record))
                .containsExactly("T15");
        HttpResponse<String> closed = proof(record, DemoTenant.API_KEY);
        assertThat(closed.statusCode()).isEqualTo(403);
        assertThat(ApiClient.json(closed).get("code").asText()).isEqualTo("RESTRICTED");
        assertThat(heldAt(subject, DemoTenant.API_KEY).statusCode()).isEqualTo(403);
        assertThat(heldAt(subject, OFFICER).statusCode()).isEqualTo(200);
        HttpResponse<String> opened = proof(record, OFFICER);
        assertThat(opened.statusCode()).isEqualTo(200);
        assertThat(ApiClient.json(opened).get("events").findValuesAsText("sound"))
                .containsOnly("true");

        forget(subject);
        int before = at.sent(number, NOTICE).size();
        at.says(number, "Guten Tag");
        at.quiet();

        List<Map<String, Object>> revived =
                at.hub
                        .sql()
                        .queryForList(
                                "select * from suppression where channel = 'sms' and scope = 'ALL' and since is not null and subject_id = ?::uuid",
                                newSubject(number));
        assertThat(revived)
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.get("subject_id")).hasToString(newSubject(number));
                            assertThat(one).containsEntry("source", "SUBJECT");
                        });
        assertThat(newSubject(number)).isNotEqualTo(subject);
        assertThat(at.sent(number, NOTICE)).as("who refused the channel").hasSize(before);
        assertThat(at.hub.sql().queryForList("select * from suppression_stub")).isEmpty();
    }

    @Test
    @DisplayName("T15: where nothing was refused nothing stays")
    void leavesNothingOfWhoRefusedNothing() {
        String number = "+4915200500002";
        String record = at.capture(number);
        at.awaitState(record, "PENDING");
        String subject = at.subject(record);
        int before = at.hub.sql().queryForList("select * from suppression_stub").size();

        erase(subject);

        assertThat(count("consent_record", subject)).isZero();
        assertThat(at.hub.sql().queryForList("select * from suppression_stub")).hasSize(before);
    }

    @Test
    @DisplayName(
            "CON-3: linked by the CRM, whoever says STOP under one number has said it under both; once"
                    + " a name is erased, or taken apart again, nothing is written of it any more")
    void refusesUnderAllNamesUntilOneIsErased() {
        String number = "+4915200500003";
        String record = granted(number);
        String other = granted("+4915200500004");
        String third = granted("+4915200500005");
        link(record, other);
        link(third, record);
        assertThat(links(record).toString()).contains(at.subject(other), at.subject(third));
        unlink(third);
        assertThat(links(third).get("otherSubjectIds")).isEmpty();

        at.hub.clock.advance(Duration.ofMinutes(1));
        at.says(number, "STOPP");
        at.awaitState(other, "WITHDRAWN");
        assertThat(at.state(record)).isEqualTo("WITHDRAWN");
        assertThat(at.state(third)).isEqualTo("GRANTED");
        at.quiet();
        assertThat(at.hub.crmEvents())
                .extracting(got -> got.at("/event/data"))
                .anyMatch(
                        data ->
                                data.path("record").asText().equals(other)
                                        && data.path("state").asText().equals("WITHDRAWN")
                                        && data.path("address").asText().equals("+4915200500004"));

        String gone = at.subject(other);
        erase(gone);
        at.hub.clock.advance(Duration.ofMinutes(1));
        at.says(number, "STOPP");
        at.quiet();
        assertThat(count("consent_record", gone)).isZero();
        assertThat(count("suppression", gone)).isZero();
        assertThat(links(record).get("otherSubjectIds")).isEmpty();
    }

    private String granted(String number) {
        String record = at.capture(number);
        at.awaitState(record, "PENDING");
        at.says(number, "Ja");
        at.awaitState(record, "GRANTED");
        return record;
    }

    private void link(String one, String other) {
        String body =
                "{\"subjectId\":\"%s\",\"evidence\":{\"source\":\"crm\",\"reference\":\"contact-4711\",\"time\":\"2026-11-24T08:00:00Z\"}}"
                        .formatted(at.subject(other));
        assertThat(
                        at.api
                                .call("linkSubjects", Map.of("id", at.subject(one)), "", body)
                                .statusCode())
                .isEqualTo(200);
    }

    private void unlink(String record) {
        assertThat(
                        at.api
                                .call("unlinkSubject", Map.of("id", at.subject(record)), "", "")
                                .statusCode())
                .isEqualTo(200);
    }

    private JsonNode links(String record) {
        return ApiClient.json(
                at.api.call("listSubjectLinks", Map.of("id", at.subject(record)), "", ""));
    }

    private void erase(String subject) {
        at.hub
                .bean(TenantScope.class)
                .run(
                        DemoTenant.ID,
                        () ->
                                at.hub
                                        .bean(ConsentErasure.class)
                                        .erase(
                                                new Person(DemoTenant.ID, UUID.fromString(subject)),
                                                at.hub.clock.instant()));
    }

    /** As the erasure of the rest does: nobody is known under the address any more. */
    private void forget(String subject) {
        at.hub.sql().update("delete from address where subject_id = ?::uuid", subject);
    }

    private String newSubject(String number) {
        return ApiClient.json(
                        at.api.call(
                                "searchConsents",
                                Map.of(),
                                "",
                                "{\"channel\":\"sms\",\"address\":\"" + number + "\"}"))
                .get("subjectId")
                .textValue();
    }

    private int count(String table, String subject) {
        return at.hub
                .sql()
                .queryForList("select 1 from " + table + " where subject_id = ?::uuid", subject)
                .size();
    }

    private HttpResponse<String> proof(String record, String key) {
        return get("/consents/" + record + "/proof", key);
    }

    private HttpResponse<String> heldAt(String subject, String key) {
        return get("/consents?subject=" + subject, key);
    }

    private HttpResponse<String> get(String path, String key) {
        return at.hub.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        at.hub.url() + "/api/v1/tenants/" + DemoTenant.ID + path))
                        .header("Authorization", "Bearer " + key)
                        .build());
    }
}
