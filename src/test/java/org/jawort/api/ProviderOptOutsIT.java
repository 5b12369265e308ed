package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.jawort.SharedHub;
import org.jawort.conversation.OptOutReconciliation;
import org.jawort.local.FakeBehaviour;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The providers' own opt-outs through their signed webhooks and their answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderOptOutsIT {

    private SharedHub shared;
    private SpeakingHub at;

    @BeforeAll
    void start() {
        SharedHub.Builder builder = SharedHub.in(HomeFolder.copy()).accounts("twilio").tenants(1);
        // one for each sample below, and one each for words of MessageBird and for Apple
        for (String provider :
                List.of(
                        "twilio",
                        "twilio",
                        "twilio",
                        "vonage",
                        "vonage",
                        "messagebird",
                        "messagebird",
                        "messagebird",
                        "smooch",
                        "smooch")) {
            builder.accounts(provider).tenant(provider);
        }
        shared = builder.start();
        at = SpeakingHub.of(shared.seat());
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    private List<Map<String, Object>> suppressions(String scope) {
        return at.hub
                .sql()
                .queryForList(
                        "select * from suppression where source = 'PROVIDER' and scope = ? and since is not null",
                        scope);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "twilio, sms-optout-stop.form, ALL",
        "twilio, sms-status-failed-21610.form, ALL",
        "twilio, whatsapp-status-failed-63014.form, ALL",
        "vonage, status-sms-rejected-1240-optout.json, ALL",
        "vonage, legacy-sms-dlr-failed-optout.json, ALL",
        "messagebird, sms-status-failed-103-optedout.query, ALL",
        "smooch, client-update-blocked.json, ALL",
        "messagebird, status-failed-131050-marketing-stopped.json, MARKETING",
    })
    @DisplayName(
            "T9, CON-20: the recorded webhook suppresses in the scope the provider reported, which"
                    + " the ledger says, with the provider's word as evidence")
    void suppresses(String provider, String sample, String scope) throws Exception {
        HubInTest hub = shared.seat(provider).hub();
        byte[] bytes = Files.readAllBytes(Path.of("mappings", provider, "examples", sample));
        if (sample.endsWith(".query")) {
            String query = new String(bytes, StandardCharsets.UTF_8).strip();
            assertThat(
                            hub.send(hub.signed(provider, "GET", "?" + query, null, new byte[0]))
                                    .statusCode())
                    .isEqualTo(200);
        } else {
            String type =
                    sample.endsWith(".form")
                            ? "application/x-www-form-urlencoded"
                            : "application/json";
            assertThat(hub.post(provider, type, bytes).statusCode()).isEqualTo(200);
        }

        await().untilAsserted(
                        () ->
                                assertThat(
                                                hub.sql()
                                                        .queryForList(
                                                                "select scope from suppression where source = 'PROVIDER' and since is not null",
                                                                String.class))
                                        .containsExactly(scope));
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select distinct transition from consent_event where transition is not null",
                                        String.class))
                .contains("T9");
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select distinct matched_rule from consent_event where transition = 'T9'",
                                        String.class))
                .containsExactly(scope);
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select sealed_evidence from consent_salt s join consent_event e on e.id = s.event_id"
                                                + " where e.transition = 'T9'",
                                        byte[].class))
                .isNotEmpty()
                .doesNotContainNull();
    }

    @Test
    @DisplayName(
            "T10, CON-7: a word of MessageBird lifts its block if it was written later, whenever it"
                    + " arrives")
    void liftsAtMessageBirdsWords() throws Exception {
        HubInTest hub = shared.seat("messagebird").hub();
        String stop = example("messagebird", "sms-optout-stop.json");

        post(hub, "messagebird", stop);
        post(hub, "messagebird", refusedToWhoWrote());
        post(hub, "messagebird", sms(stop, "resume", "2", "08:05:00"));
        List<String> tooEarly = blocks(hub);
        post(hub, "messagebird", sms(stop, "Resume please", "3", "08:07:00"));
        List<String> noWord = blocks(hub);
        post(hub, "messagebird", sms(stop, "Resume", "5", "08:08:00"));

        assertThat(tooEarly).containsExactly("SUBJECT", "PROVIDER");
        assertThat(noWord).containsExactly("SUBJECT", "PROVIDER");
        assertThat(blocks(hub)).containsExactly("SUBJECT");
    }

    /** That nothing can be sent to that person any more. */
    private static String refusedToWhoWrote() throws Exception {
        return example("messagebird", "status-sms-failed-103-optedout.json")
                .replace("4915200000011", "4915200000008")
                .replace("341e4367787796c29c74b1ddb73b22e5", "a556a179871f7a1ac8901084d74b774a")
                .replace("08:10:40", "08:06:40");
    }

    /** The same person's other SMS, written at another time of that day. */
    private static String sms(String sample, String text, String id, String at) {
        return sample.replace("\"Stop\"", "\"" + text + "\"")
                .replace("06862afc466393b7413b283bbb9b38c4", "06862afc466393b7413b283bbb9b38c" + id)
                .replace(
                        "\"createdDatetime\": \"2026-11-03T08:06:30Z\"",
                        "\"createdDatetime\": \"2026-11-03T" + at + "Z\"");
    }

    @Test
    @DisplayName(
            "T10, CON-7: on Apple writing again lifts the block; what was written before does not")
    void liftsWhenSomebodyWritesAgainOnApple() throws Exception {
        HubInTest hub = shared.seat("smooch").hub();
        String written = example("smooch", "apple-text.json");
        String blocked =
                example("smooch", "client-update-blocked.json")
                        .replace("\"telegram\"", "\"apple\"")
                        .replace("      \"externalId\": \"700000021\",\n", "")
                        .replace("693ad04ab572101301210c63", "693b22cf21c45e472a5d3b49");

        String again =
                written.replace("69aeaa143cfc59956ab38148", "69aeaa143cfc59956ab38149")
                        .replace("69b127946ef269463c56be49", "69b127946ef269463c56be50")
                        .replace("T09:05:30.000Z", "T09:10:30.000Z");

        post(hub, "smooch", ofAnother(again));
        post(hub, "smooch", ofAnother(blocked));
        List<String> toldLate = blocks(hub);
        post(hub, "smooch", blocked);
        post(hub, "smooch", written);
        List<String> writtenBefore = blocks(hub);
        post(hub, "smooch", again);

        assertThat(toldLate).isEmpty();
        assertThat(writtenBefore).containsExactly("PROVIDER");
        assertThat(blocks(hub)).isEmpty();
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select distinct state from consent_record where channel = 'apple'",
                                        String.class))
                .doesNotContain("GRANTED");
    }

    /** Another person's, with ids of its own. */
    private static String ofAnother(String webhook) {
        return webhook.replace("693b22cf21c45e472a5d3b49", "693b22cf21c45e472a5d3b50")
                .replace("69aeaa143cfc59956ab38149", "69aeaa143cfc59956ab38160")
                .replace("69b127946ef269463c56be50", "69b127946ef269463c56be60")
                .replace("699a5ce8198e8a531852a51d", "699a5ce8198e8a531852a560")
                .replace("698205a00db885407181870c", "698205a00db8854071818760");
    }

    private static String example(String provider, String name) throws Exception {
        return Files.readString(Path.of("mappings", provider, "examples", name));
    }

    private static void post(HubInTest hub, String provider, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        assertThat(hub.post(provider, "application/json", body).statusCode()).isEqualTo(200);
        hub.awaitQuiet();
    }

    /** Sources of what blocks anybody of a tenant. */
    private static List<String> blocks(HubInTest hub) {
        return hub.sql()
                .queryForList(
                        "select source from suppression where scope = 'ALL' and since is not null"
                                + " and since >= coalesce(lifted_at, '-infinity') order by source desc",
                        String.class);
    }

    @Test
    @DisplayName("T9, CON-15: an opt-out told in the place of taking a message, 21610")
    void suppressesByTheAnswerToARequest() {
        String number = "+4915200300001";
        at.fake.behave(FakeBehaviour.refuse("21610"));

        String record = at.capture(number);

        at.awaitState(record, "WITHDRAWN");
        at.fake.behave();
        assertThat(at.transitions(record)).contains("T9");
        assertThat(suppressions("ALL")).isNotEmpty();
        JsonNode proved = optOut(record);
        assertThat(proved.at("/matchedRule").textValue()).isEqualTo("ALL");
        assertThat(proved.at("/evidence/providerCode").textValue()).isEqualTo("21610");
        assertThat(proved.at("/messageId").isTextual()).isTrue();
        assertThat(proved.at("/addressHash").isTextual()).isTrue();
    }

    /** What the ledger has of the provider's opt-out. */
    private JsonNode optOut(String record) {
        JsonNode proof =
                ApiClient.json(at.api.call("getConsentProof", Map.of("id", record), "", ""));
        for (JsonNode event : proof.get("events")) {
            if (event.get("event_type").textValue().equals("PROVIDER_OPT_OUT")) {
                return event.get("extension");
            }
        }
        throw new AssertionError("no opt-out in " + proof);
    }

    @Test
    @DisplayName("CON-15: what the provider blocks and we do not is taken over, and told once")
    void takesOverWhatTheProviderBlocks() throws Exception {
        String number = "+4915200300002";
        String record = at.capture(number);
        at.awaitState(record, "PENDING");
        // as after a status that came while the hub's own entry was lost, from a backup for example
        at.hub
                .sql()
                .update(
                        "update outbound set state = 'failed', reason = 'recipient_opted_out', updated_at = now() where subject_id = ?::uuid",
                        at.subject(record));

        at.hub.bean(OptOutReconciliation.class).compare(at.hub.tenant);

        assertThat(at.state(record)).isEqualTo("WITHDRAWN");
        assertThat(at.transitions(record)).contains("T9");
        assertThat(optOut(record).at("/evidence/code").textValue())
                .isEqualTo("recipient_opted_out");
        assertThat(optOut(record).at("/messageId").isTextual()).isTrue();
        await().untilAsserted(() -> assertThat(drifts(at.subject(record))).hasSize(1));
        var drift = drifts(at.subject(record)).getFirst();
        assertThat(at.api.violations("/schemas/event-v1.json", drift)).isEmpty();
        assertThat(at.api.violations("/schemas/consent-drifted-v1.json", drift.get("data")))
                .isEmpty();
        assertThat(drift.at("/data/blockedBy").asText()).isEqualTo("provider");
        assertThat(drift.toString()).doesNotContain(number.substring(1));
        at.hub.clock.advance(Duration.ofMinutes(1));
        long told = at.read(record).get("history").size();
        at.hub.bean(OptOutReconciliation.class).compare(at.hub.tenant);
        assertThat(at.read(record).get("history")).hasSize((int) told);
    }

    @Test
    @DisplayName("CON-15: what we block and the provider delivers stays blocked, and is told once")
    void keepsWhatOnlyWeBlock() {
        String number = "+4915200300003";
        String record = at.capture(number);
        at.awaitState(record, "PENDING");
        String subject = at.subject(record);
        at.status(at.awaitSent(number, "Dürfen wir"), "delivered");
        at.quiet();
        at.hub
                .sql()
                .update(
                        "insert into suppression (tenant, id, subject_id, channel, source, scope, since)"
                                + " values (?, gen_random_uuid(), ?::uuid, 'sms', 'PROVIDER', 'ALL', now() - interval '1 day')",
                        at.hub.tenant,
                        subject);

        at.hub.bean(OptOutReconciliation.class).compare(at.hub.tenant);
        at.hub.bean(OptOutReconciliation.class).compare(at.hub.tenant);

        await().untilAsserted(() -> assertThat(drifts(subject)).hasSize(1));
        at.quiet();
        assertThat(drifts(subject))
                .singleElement()
                .satisfies(
                        drift -> assertThat(drift.at("/data/blockedBy").asText()).isEqualTo("hub"));
        assertThat(suppressions("ALL"))
                .extracting(one -> one.get("subject_id").toString())
                .contains(subject);
    }

    private List<JsonNode> drifts(String subject) {
        return at.hub.crmEvents().stream()
                .map(one -> one.get("event"))
                .filter(event -> event.get("type").asText().equals("jawort.consent.drifted.v1"))
                .filter(event -> event.at("/data/subjectId").asText().equals(subject))
                .toList();
    }
}
