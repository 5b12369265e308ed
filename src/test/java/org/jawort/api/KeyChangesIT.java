package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.jawort.TwilioForm;
import org.jawort.local.DemoTenant;
import org.jawort.retention.Erasure;
import org.jawort.retention.RetainedMessages;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A tenant's key, replaced and destroyed over the API by two people. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyChangesIT {

    private static final Map<String, String> NONE = Map.of();
    private static final String SECOND = "second-key-of-the-demo-tenant-0001";
    private static final String NUMBER = "+4915200920001";
    private static final String ERASED = "+4915200920002";

    private HubInTest hub;
    private ApiClient api;

    @BeforeAll
    void start() {
        hub =
                HubInTest.hub()
                        .home(HomeFolder.copy().apiKey("second", SECOND, "").path())
                        .with("jawort.keys.refresh-period-millis", "200")
                        .with("jawort.keys.announced", "PT1S")
                        .start();
        api = new ApiClient(hub);
    }

    @AfterAll
    void stop() {
        hub.close();
    }

    @Test
    @DisplayName(
            "SEC-6, SEC-2: a key is replaced, and an older version destroyed, by two API keys and never by one; what it holds is"
                    + " never lost")
    void twoPeopleReplaceAndDestroyAKey() {
        writes("Guten Tag");
        String answered = api.call("listConversations", NONE, "", "").body();
        assertThat(versions()).containsExactly("0 WRITES");
        String message =
                hub.sql()
                        .queryForObject(
                                "select id::text from message where direction = 'inbound'",
                                String.class);

        String first = propose("{\"kind\":\"REPLACE\",\"reason\":\"ROTATION\"}");
        assertThat(code(api.call("approveKeyChange", Map.of("id", first), "", "{}")))
                .isEqualTo("KEY_CHANGE_SAME_KEY");
        assertThat(versions()).as("nothing happened").containsExactly("0 WRITES");
        JsonNode made = second("approveKeyChange", first, 200);
        assertThat(made.get("version").intValue()).isEqualTo(1);
        assertThat(made.get("proposedBy").textValue()).isEqualTo("demo");
        assertThat(made.get("decidedBy").textValue()).isEqualTo("second");
        assertThat(second("approveKeyChange", first, 409).get("code").textValue())
                .isEqualTo("KEY_CHANGE_STATE");
        await().until(() -> replaced(1));
        List<UUID> erased = erasedAfterAStop();
        String destroy1 =
                propose("{\"kind\":\"DESTROY\",\"version\":1,\"reason\":\"NO_LONGER_NEEDED\"}");
        assertThat(second("approveKeyChange", destroy1, 409).get("code").textValue())
                .as("it is written under")
                .isEqualTo("KEY_IN_USE");

        replace();
        await().until(() -> replaced(2));
        assertThat(versions()).containsExactly("0 OLDER", "1 OLDER", "2 WRITES");
        assertThat(second("approveKeyChange", destroy1, 409).get("code").textValue())
                .as("stored answers lie under it for three days")
                .isEqualTo("KEY_IN_USE");
        hub.sql().update("delete from idempotent_request");
        assertThat(code(api.call("approveKeyChange", Map.of("id", destroy1), "", "{}")))
                .isEqualTo("KEY_CHANGE_SAME_KEY");
        second("approveKeyChange", destroy1, 200);
        assertThat(versions()).containsExactly("0 OLDER", "2 WRITES");
        String oldest =
                propose("{\"kind\":\"DESTROY\",\"version\":9,\"reason\":\"NO_LONGER_NEEDED\"}");
        assertThat(second("approveKeyChange", oldest, 409).get("code").textValue())
                .isEqualTo("KEY_IN_USE");

        assertThat(text(message)).isEqualTo("Guten Tag");
        long people = rows("subject");
        writes("Noch etwas");
        assertThat(rows("subject")).as("found by the same number").isEqualTo(people);
        assertThat(api.call("listConversations", NONE, "", "").body()).isNotEqualTo(answered);

        assertThat(keptOf(ERASED)).as("what law keeps of them").isEqualTo(erased);
        writes(ERASED, "Guten Tag");
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select channel || ' ' || scope from suppression",
                                        String.class))
                .as("SEC-4: their refusal outlives the key it was written under")
                .containsExactly("whatsapp ALL");
    }

    @Test
    @DisplayName("SEC-6: a change that was withdrawn is not made; the file of all changes stays")
    void keepsTheFileOfAChange() {
        String id = propose("{\"kind\":\"REPLACE\",\"reason\":\"SUSPECTED_EXPOSURE\"}");

        HttpResponse<String> withdrawn = api.call("withdrawKeyChange", Map.of("id", id), "", "{}");

        assertThat(ApiClient.json(withdrawn).get("state").textValue()).isEqualTo("WITHDRAWN");
        assertThat(second("approveKeyChange", id, 409).get("code").textValue())
                .isEqualTo("KEY_CHANGE_STATE");
        assertThat(
                        ApiClient.json(api.call("listKeyChanges", NONE, "", ""))
                                .get("items")
                                .findValuesAsText("id"))
                .contains(id);
        for (String body :
                List.of(
                        "{\"kind\":\"DESTROY\",\"reason\":\"ROTATION\"}",
                        "{\"kind\":\"REPLACE\",\"version\":1,\"reason\":\"ROTATION\"}",
                        "{\"kind\":\"REPLACE\",\"reason\":\"because Erika left\"}")) {
            assertThat(api.call("proposeKeyChange", NONE, "", body).statusCode())
                    .as(body)
                    .isEqualTo(400);
        }
        assertThat(second("approveKeyChange", ApiClient.NOBODY, 404).get("code").textValue())
                .isEqualTo("NOT_FOUND");
    }

    private void replace() {
        second(
                "approveKeyChange",
                propose("{\"kind\":\"REPLACE\",\"reason\":\"STAFF_CHANGE\"}"),
                200);
    }

    private String propose(String body) {
        HttpResponse<String> answer = api.call("proposeKeyChange", NONE, "", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return ApiClient.json(answer).get("id").textValue();
    }

    private JsonNode second(String operation, String id, int status) {
        HttpResponse<String> answer = api.as(SECOND, operation, Map.of("id", id), "{}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return ApiClient.json(answer);
    }

    private List<String> versions() {
        JsonNode versions = ApiClient.json(api.call("listKeys", NONE, "", "")).get("versions");
        return java.util.stream.StreamSupport.stream(versions.spliterator(), false)
                .map(one -> one.get("version").asText() + " " + one.get("state").textValue())
                .toList();
    }

    private boolean replaced(int version) {
        return hub.sql()
                        .queryForObject(
                                "select count(*) from tenant_key where rewrapped_at is not null and version = ?",
                                Long.class,
                                version)
                == 1;
    }

    private void writes(String text) {
        writes(NUMBER, text);
    }

    private void writes(String number, String text) {
        TwilioForm form = TwilioForm.text("SM" + UUID.randomUUID(), number, text);
        assertThat(hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode()).isEqualTo(200);
        hub.awaitQuiet();
    }

    /** While version 1 writes. */
    private List<UUID> erasedAfterAStop() {
        writes(ERASED, "STOP");
        UUID subject =
                hub.sql().queryForObject("select distinct subject_id from suppression", UUID.class);
        hub.bean(Erasure.class).erase(DemoTenant.ID, subject, UUID.randomUUID());
        await().until(() -> rows("erasure_run where wrapped_key is not null") == 0);
        assertThat(rows("suppression")).isZero();
        return List.of(subject);
    }

    private List<UUID> keptOf(String number) {
        return hub.bean(TenantScope.class)
                .call(
                        DemoTenant.ID,
                        () ->
                                hub.bean(RetainedMessages.class)
                                        .people(
                                                DemoTenant.ID,
                                                List.of(
                                                        new RetainedMessages.Known(
                                                                "whatsapp", number))));
    }

    private long rows(String from) {
        return hub.sql().queryForObject("select count(*) from " + from, Long.class);
    }

    private String text(String message) {
        JsonNode conversation =
                ApiClient.json(api.call("listConversations", NONE, "", "")).at("/items/0/id");
        for (JsonNode one :
                ApiClient.json(
                                api.call(
                                        "listMessages",
                                        Map.of("id", conversation.textValue()),
                                        "",
                                        ""))
                        .get("items")) {
            if (one.at("/messageId").asText(one.path("id").asText()).equals(message)) {
                return one.at("/content/text").textValue();
            }
        }
        return null;
    }

    private static String code(HttpResponse<String> answer) {
        return ApiClient.json(answer).path("code").asText();
    }
}
