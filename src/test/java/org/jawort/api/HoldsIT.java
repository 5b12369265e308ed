package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.jawort.SharedHub;
import org.jawort.TwilioForm;
import org.jawort.retention.Erasure;
import org.jawort.retention.Holds;
import org.jawort.retention.RetentionRuns;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Holds and categories against the nightly run, on a whole hub whose clock is moved. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HoldsIT {

    private static final String ERIKA = "+4915112300001";
    private static final String JANA = "+4915112300002";
    private static final String SECOND_KEY = "second-key-of-the-demo-tenant-0001";
    private static final String OFFICER = "officer-test-key-0123456789abcdef";
    private static final Duration PAST_ALL = Duration.ofDays(121);

    private SharedHub shared;
    private ApiClient api;
    private String tenant;

    /** A hub that sends no notice at first contact, and whose tenants have three keys. */
    @BeforeAll
    void start() {
        HomeFolder home =
                HomeFolder.copy()
                        .change("  notice: texts/notice-v1\n", "")
                        .change(", notice-v1: privacy-notice", "")
                        .apiKey("second", SECOND_KEY, "")
                        .apiKey("officer", OFFICER, ", restricted: true");
        shared =
                SharedHub.in(home)
                        .accounts("twilio")
                        .tenants(5)
                        .tenant(
                                "rules",
                                "unknown: { after: P30D, then: NONE }",
                                "unknown: { after: P60D, then: COMMERCIAL_LETTER }",
                                "  categories: ",
                                "  rules:\n    - { id: voucher-sms, version: 1, dataType: conversation-text, period: P10D,"
                                        + " criteria: { category: NONE }, owner: desk, validFrom: 2026-01-01 }\n  categories: ",
                                "- { id: sticker,",
                                "- { id: greeting, category: NONE, words: [guten tag] }\n    - { id: sticker,")
                        .tenant(
                                "bound",
                                "unknown: { after: P30D, then: NONE }",
                                "unknown: { after: P60D, then: COMMERCIAL_LETTER }")
                        .start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    @Test
    @DisplayName(
            "RET-10: a hold keeps messages, media and conversation, also later ones; released by two, they go with the next run")
    void keepsWhatAHoldCoversUntilTwoPeopleReleasedIt() {
        HubInTest hub = take("");
        picture(hub, ERIKA);
        writes(hub, JANA, "Guten Tag");
        stored(hub, 2);
        String subject =
                hub.sql()
                        .queryForObject(
                                "select m.subject_id from message m join media d on d.message_id = m.id",
                                String.class);
        JsonNode proposed =
                json(
                        api.call(
                                "proposeHold",
                                Map.of(),
                                "",
                                hold(hub, "LEGAL", "{\"subject\":\"" + subject + "\"}")));
        String id = proposed.get("id").textValue();
        assertThat(proposed.get("messages").intValue()).isEqualTo(1);

        assertThat(code(api.call("approveHold", Map.of("id", id), "", "{}")))
                .isEqualTo("HOLD_SAME_KEY");
        assertThat(second("approveHold", id).statusCode()).isEqualTo(200);
        writes(hub, ERIKA, "Noch eine Frage"); // comes into the scope of the hold
        stored(hub, 3);
        hub.clock.advance(PAST_ALL);
        run(hub);

        assertThat(rows(hub, "message")).isEqualTo(2);
        assertThat(rows(hub, "message where subject_id = '" + subject + "'")).isEqualTo(2);
        assertThat(rows(hub, "media")).isEqualTo(1);
        assertThat(rows(hub, "conversation where subject_id = '" + subject + "'")).isEqualTo(1);
        assertThat(rows(hub, "message where sealed_original is not null")).isEqualTo(2);
        String message =
                hub.sql().queryForObject("select min(id::text) from message", String.class);
        assertThat(held(hub)).isEqualTo(2);
        JsonNode explained = explained(message);
        assertThat(explained.at("/items/0/verdict").textValue()).isEqualTo("HELD");
        assertThat(explained.at("/items/0/holds/0").textValue()).isEqualTo(id);
        assertThat(explained.at("/items/0/deferred/0/name").textValue())
                .isEqualTo("conversation-text@1");
        assertThat(rows(hub, "legal_hold where sealed_details::text like '%4711%'")).isZero();

        Exchange running = new DefaultExchange(hub.camel());
        running.getMessage().setBody(tenant);
        hub.bean(RetentionRuns.class).begin(running);
        hub.bean(RetentionRuns.class).record(running);
        assertThat(api.call("releaseHold", Map.of("id", id), "", "{}").statusCode()).isEqualTo(200);
        assertThat(code(api.call("releaseHold", Map.of("id", id), "", "{}")))
                .isEqualTo("HOLD_SAME_KEY");
        JsonNode released = json(second("releaseHold", id));

        assertThat(released.at("/hold/state").textValue()).isEqualTo("RELEASED");
        assertThat(released.get("freed").intValue()).isEqualTo(2);
        assertThat(released.get("due").intValue()).isEqualTo(2);
        hub.camel().createProducerTemplate().send("direct:retention-batches-text", running);
        assertThat(running.getException()).isNull();
        assertThat(rows(hub, "message")).as("a run that began before").isEqualTo(2);

        run(hub);
        assertThat(rows(hub, "message")).isZero();
        assertThat(rows(hub, "media")).isZero();
        await().until(() -> rows(hub, "held_message where released_told_at is null") == 0);
        hub.clock.advance(Duration.ofDays(2));
        run(hub);
        assertThat(rows(hub, "held_message")).isZero();
    }

    @Test
    @DisplayName(
            "RET-10, RET-8: what only a hold kept of somebody erased has an end again once it is released: a letter that of the law,"
                    + " all else the next run; a hold over what is restricted already holds too")
    void givesWhatAHoldKeptOfTheErasedAnEnd() {
        HubInTest hub = take("");
        writes(hub, ERIKA, "Guten Tag");
        writes(hub, ERIKA, "Hiermit bestelle ich");
        stored(hub, 2);
        String letter = message(hub, 1);
        classify(letter, "COMMERCIAL_LETTER", "agent");
        String subject = hub.sql().queryForObject("select id::text from subject", String.class);
        String hold = effective(hub, "LEGAL", "{\"subject\":\"" + subject + "\"}");
        hub.bean(Erasure.class).erase(tenant, UUID.fromString(subject), UUID.randomUUID());
        await().until(() -> rows(hub, "retained_message where kept_until is null") == 2);
        hub.clock.advance(Duration.ofDays(4000));
        run(hub);
        assertThat(rows(hub, "retained_message where kept_until is null")).isEqualTo(2);
        hub.sql()
                .update(
                        "update retained_message set received_at = ? where id = ?::uuid",
                        java.sql.Timestamp.from(hub.clock.instant()),
                        letter); // a letter of today

        Exchange running = new DefaultExchange(hub.camel());
        running.getMessage().setBody(tenant);
        hub.bean(RetentionRuns.class).begin(running);
        hub.bean(RetentionRuns.class).record(running);
        api.call("releaseHold", Map.of("id", hold), "", "{}");
        JsonNode released = json(second("releaseHold", hold));
        hub.camel().createProducerTemplate().send("direct:retention-batches-retained", running);

        assertThat(released.get("freed").intValue()).isEqualTo(2);
        assertThat(released.get("due").intValue()).isEqualTo(1);
        assertThat(running.getException()).isNull();
        assertThat(rows(hub, "retained_message where kept_until is null"))
                .as("a run that began before")
                .isEqualTo(2);

        run(hub);
        assertThat(hub.sql().queryForList("select id::text from retained_message", String.class))
                .containsExactly(letter);
        assertThat(
                        hub.sql()
                                .queryForObject(
                                        "select rule || ' ' || extract(year from kept_until at time zone 'Europe/Berlin')"
                                                + " from retained_message",
                                        String.class))
                .isEqualTo(
                        "commercial-letter@1 "
                                + (hub.clock
                                                .instant()
                                                .atZone(java.time.ZoneId.of("Europe/Berlin"))
                                                .getYear()
                                        + 7));

        effective(hub, "TAX_OPEN", "{\"channel\":\"whatsapp\"}");
        hub.clock.advance(Duration.ofDays(3000));
        run(hub);
        assertThat(rows(hub, "retained_message")).as("the assessment is open").isEqualTo(1);
        assertThat(held(hub)).isEqualTo(1);
        assertThat(explained(letter).at("/items/0/verdict").textValue()).isEqualTo("HELD");
    }

    @Test
    @DisplayName(
            "RET-9: while a tax assessment is open, letters stay beyond their period and the rest goes")
    void keepsOnlyWhatTheTaxOfficeMayAskFor() {
        HubInTest hub = take("");
        writes(hub, ERIKA, "Hiermit bestelle ich");
        writes(hub, ERIKA, "Guten Tag");
        stored(hub, 2);
        String letter = message(hub, 0);
        var classified =
                api.call(
                        "classifyMessage",
                        Map.of("id", letter),
                        "",
                        "{\"category\":\"COMMERCIAL_LETTER\",\"source\":\"agent\"}");
        JsonNode proposed =
                json(
                        api.call(
                                "proposeHold",
                                Map.of(),
                                "",
                                hold(hub, "TAX_OPEN", "{\"channel\":\"whatsapp\"}")));
        second("approveHold", proposed.get("id").textValue());
        hub.clock.advance(PAST_ALL);
        run(hub);

        assertThat(json(classified).at("/items/0/verdict").textValue()).isEqualTo("KEEP");
        assertThat(hub.sql().queryForList("select id::text from message", String.class))
                .containsExactly(letter);
        assertThat(explained(letter).at("/items/0/explanation").textValue()).contains("TAX_OPEN");
        assertThat(
                        json(api.call(
                                        "getHold",
                                        Map.of("id", proposed.get("id").textValue()),
                                        "",
                                        ""))
                                .get("messages")
                                .intValue())
                .isEqualTo(1);

        hub.clock.advance(Duration.ofDays(4000)); // the law's period is over, the assessment open
        run(hub);
        assertThat(rows(hub, "message")).isEqualTo(1);
        assertThat(explained(letter).at("/items/0/verdict").textValue()).isEqualTo("HELD");
    }

    @Test
    @DisplayName(
            "RET-5, RET-8: a letter is restricted, named with law, rule version and what was deferred")
    void explainsALetter() {
        HubInTest hub = take("");
        writes(hub, ERIKA, "Hiermit bestelle ich");
        stored(hub, 1);
        String letter = message(hub, 0);
        classify(letter, "VOUCHER", "crm");
        classify(letter, "COMMERCIAL_LETTER", "agent");
        hub.clock.advance(PAST_ALL);
        run(hub);

        JsonNode explained = explained(letter);
        JsonNode text = explained.at("/items/0");

        assertThat(explained.get("history"))
                .extracting(change -> change.get("category").textValue())
                .containsExactly("VOUCHER", "COMMERCIAL_LETTER");
        assertThat(explained.at("/history/0/by").textValue()).isEqualTo("demo");
        assertThat(explained.at("/history/0/source").textValue()).isEqualTo("crm");
        assertThat(text.get("verdict").textValue()).isEqualTo("RESTRICT");
        assertThat(text.at("/rule/id").textValue()).isEqualTo("commercial-letter");
        assertThat(text.at("/deferred/0/name").textValue()).isEqualTo("conversation-text@1");
        assertThat(text.get("explanation").textValue())
                .contains("restricted, kept until 31.12.")
                .contains("HGB §257")
                .contains("rule commercial-letter@1");
    }

    @Test
    @DisplayName(
            "RET-7: the tenant's rules classify what is stored; the rest is on a review list, and then what the tenant said")
    void classifiesByRulesAndFallsBackInTime() {
        HubInTest hub = take("rules");
        writes(hub, ERIKA, "GUTEN TAG!");
        writes(hub, ERIKA, "Hiermit bestelle ich");
        stored(hub, 2);
        String greeting = message(hub, 0);
        String order = message(hub, 1);

        assertThat(explained(greeting).get("category").textValue()).isEqualTo("NONE");
        assertThat(explained(greeting).get("categoryRule").textValue()).isEqualTo("greeting");
        assertThat(unclassified()).isEmpty(); // its conversation is not over

        hub.clock.advance(Duration.ofDays(41));
        run(hub);
        assertThat(hub.sql().queryForList("select id::text from message", String.class))
                .as("a rule for what is bound by no law: ten days after the end")
                .containsExactly(order);
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select detail ->> 'rule' from event where type = 'jawort.message.deleted.v1'"
                                                + " and message_id = ?::uuid",
                                        String.class,
                                        greeting))
                .as("RET-13: the rule that decided, not the one for all")
                .containsExactly("voucher-sms@1");
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select rule from deletion_journal where store = 'conversation-text'",
                                        String.class))
                .containsExactly("voucher-sms@1");
        assertThat(unclassified())
                .extracting(item -> item.get("messageId").textValue())
                .containsExactly(order);
        assertThat(unclassified().get(0).get("then").textValue()).isEqualTo("COMMERCIAL_LETTER");

        hub.clock.advance(Duration.ofDays(50));
        String plan = api.call("runDeletion", Map.of(), "", "{\"dryRun\":true}").body();
        assertThat(rows(hub, "message where category = 'UNKNOWN'"))
                .as("RET-12: who plans classifies nothing")
                .isEqualTo(1);
        assertThat(
                        api.call(
                                        "runDeletion",
                                        Map.of(),
                                        "",
                                        "{\"dryRun\":false,\"planHash\":%s}"
                                                .formatted(ApiClient.json(plan).get("plan")))
                                .statusCode())
                .as("what was planned is what is executed")
                .isEqualTo(200);
        assertThat(rows(hub, "message where category = 'UNKNOWN'")).isEqualTo(1);
        assertThat(json(api.call("listDeletions", Map.of(), "", "")).at("/items/0/actor").asText())
                .as("RET-13: whose key it was")
                .isEqualTo("api:demo");
        run(hub);
        assertThat(unclassified()).isEmpty();
        assertThat(explained(order).get("category").textValue()).isEqualTo("COMMERCIAL_LETTER");
        assertThat(explained(order).at("/history/0/source").textValue()).isEqualTo("fallback");
        hub.clock.advance(PAST_ALL);
        run(hub);
        assertThat(rows(hub, "retained_message")).isEqualTo(1);
        assertThat(rows(hub, "message")).isZero();
    }

    @Test
    @DisplayName(
            "RET-4: a relationship idle for 24 months is on a list, also once its messages are gone")
    void listsIdleRelationships() {
        HubInTest hub = take("");
        writes(hub, ERIKA, "Guten Tag");
        writes(hub, JANA, "Guten Tag");
        stored(hub, 2);
        hub.clock.advance(Duration.ofDays(300));
        writes(hub, JANA, "Noch einmal guten Tag");
        stored(hub, 3);
        String jana =
                hub.sql()
                        .queryForObject(
                                "select subject_id::text from message group by 1 having count(*) = 2",
                                String.class);
        hub.clock.advance(PAST_ALL);
        run(hub);
        assertThat(rows(hub, "message")).isZero();
        assertThat(rows(hub, "last_activity")).isEqualTo(2);

        hub.clock.advance(Duration.ofDays(731 - 300));
        List<String> idle = idle();
        hub.clock.advance(Duration.ofDays(300));

        assertThat(idle).hasSize(1).doesNotContain(jana);
        assertThat(idle()).hasSize(2).contains(jana);
    }

    private List<String> idle() {
        List<String> subjects = new ArrayList<>();
        json(api.call("listIdleRelationships", Map.of(), "", ""))
                .get("items")
                .forEach(item -> subjects.add(item.get("subjectId").textValue()));
        return subjects;
    }

    @Test
    @DisplayName(
            "RET-7, RET-8, DSR-7: what nobody classified stands on the review list once its person wants to be erased, and when they"
                    + " are it counts as the tenant said; the answer says that nobody looked")
    void keepsWhatNobodyClassifiedOfTheErased() {
        HubInTest hub = take("bound");
        writes(hub, ERIKA, "Guten Tag");
        writes(hub, ERIKA, "Hiermit bestelle ich");
        stored(hub, 2);
        String chat = message(hub, 0);
        String order = message(hub, 1);
        String subject = hub.sql().queryForObject("select id::text from subject", String.class);
        assertThat(unclassified()).as("its conversation goes on").isEmpty();

        var opened =
                api.call(
                        "openRequest",
                        Map.of(),
                        "",
                        "{\"type\":\"ERASE\",\"source\":\"AGENT\",\"person\":{\"channel\":\"whatsapp\",\"address\":\"%s\"}}"
                                .formatted(ERIKA));
        assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
        assertThat(unclassified())
                .extracting(item -> item.get("messageId").textValue())
                .containsExactly(chat, order);
        assertThat(unclassified().get(0).get("waitsUntil").isNull()).isTrue();
        classify(chat, "NONE", "agent");
        assertThat(unclassified()).hasSize(1);
        String request = UUID.randomUUID().toString();
        hub.bean(Erasure.class).erase(tenant, UUID.fromString(subject), UUID.fromString(request));

        await().until(() -> rows(hub, "retained_message") == 1);
        JsonNode kept =
                json(api.call(
                                "getDeletion",
                                Map.of(
                                        "id",
                                        hub.sql()
                                                .queryForObject(
                                                        "select id::text from erasure_run",
                                                        String.class)),
                                "",
                                ""))
                        .get("kept");
        assertThat(kept.findValuesAsText("messageId")).containsExactly(order);
        assertThat(kept.at("/0/category").textValue()).isEqualTo("COMMERCIAL_LETTER");
        assertThat(kept.at("/0/because").textValue())
                .contains("HGB §257")
                .endsWith("; unclassified");
        assertThat(explained(order).at("/history/0/source").textValue()).isEqualTo("fallback");
        assertThat(explained(order).at("/history/0/previous").textValue()).isEqualTo("UNKNOWN");
    }

    private HubInTest take(String kind) {
        HubInTest hub = shared.seat(kind).hub();
        api = new ApiClient(hub);
        tenant = hub.tenant;
        return hub;
    }

    private HttpResponse<String> second(String operation, String hold) {
        var called = ApiClient.operation(operation);
        return api.send(
                called,
                ApiClient.path(called, tenant, Map.of("id", hold)),
                Map.of(
                        "Authorization",
                        "Bearer " + SECOND_KEY,
                        "Idempotency-Key",
                        UUID.randomUUID().toString()),
                "{}");
    }

    /** Proposed with one key and approved with another. */
    private String effective(HubInTest hub, String type, String query) {
        String id =
                json(api.call("proposeHold", Map.of(), "", hold(hub, type, query)))
                        .get("id")
                        .textValue();
        assertThat(second("approveHold", id).statusCode()).isEqualTo(200);
        return id;
    }

    private static String hold(HubInTest hub, String type, String query) {
        ObjectNode body = ApiClient.object("{\"reason\":\"Claim 4711\",\"owner\":\"Legal\"}");
        body.put("type", type);
        body.put(
                "reviewOn",
                LocalDate.ofInstant(hub.clock.instant(), java.time.ZoneOffset.UTC)
                        .plusMonths(11)
                        .toString());
        body.set("query", ApiClient.json(query));
        return body.toString();
    }

    private void classify(String message, String category, String source) {
        var answer =
                api.call(
                        "classifyMessage",
                        Map.of("id", message),
                        "",
                        "{\"category\":\"%s\",\"source\":\"%s\"}".formatted(category, source));
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private JsonNode explained(String message) {
        return json(api.as(OFFICER, "explainRetention", Map.of("id", message), ""));
    }

    private List<JsonNode> unclassified() {
        List<JsonNode> items = new ArrayList<>();
        json(api.call("listUnclassified", Map.of(), "", "")).get("items").forEach(items::add);
        return items;
    }

    private static void writes(HubInTest hub, String number, String text) {
        TwilioForm form = TwilioForm.text("SM" + UUID.randomUUID(), number, text);
        assertThat(hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode()).isEqualTo(200);
        await().until(
                        () ->
                                hub.sql()
                                                .queryForObject(
                                                        "select count(*) from webhook_spool",
                                                        Long.class)
                                        == 0);
    }

    private static void picture(HubInTest hub, String number) {
        TwilioForm form =
                TwilioForm.text("MM" + UUID.randomUUID(), number, "")
                        .with("MessageType", "image")
                        .with("NumMedia", "1")
                        .with("MediaContentType0", "image/jpeg")
                        .with("MediaUrl0", "https://api.twilio.com/2010-04-01/Media/ME1");
        assertThat(hub.post("twilio", TwilioForm.TYPE, form.bytes()).statusCode()).isEqualTo(200);
    }

    private static void stored(HubInTest hub, int messages) {
        await().until(() -> rows(hub, "message") == messages && hub.undelivered() == 0);
    }

    /** In the order they were stored. */
    private static String message(HubInTest hub, int n) {
        return hub.sql()
                .queryForList("select id::text from message order by id", String.class)
                .get(n);
    }

    private static long rows(HubInTest hub, String tableAndCondition) {
        return hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }

    private static long held(HubInTest hub) {
        return hub.bean(TenantScope.class)
                .call(hub.tenant, () -> hub.bean(Holds.class).hit(hub.tenant, hub.clock.instant()));
    }

    private void run(HubInTest hub) {
        assertThat(api.call("runDeletion", Map.of(), "", "{\"dryRun\":false}").statusCode())
                .isEqualTo(200);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return ApiClient.json(answer);
    }

    private static String code(HttpResponse<String> answer) {
        return json(answer).path("code").asText();
    }
}
