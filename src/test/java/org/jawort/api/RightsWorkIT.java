package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.jawort.HomeFolder;
import org.jawort.SharedHub;
import org.jawort.TwilioForm;
import org.jawort.local.FakeBehaviour;
import org.jawort.retention.Erasure;
import org.jawort.retention.RetentionRuns;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** What is done when a person restricts, objects, withdraws, rectifies or wants to be erased. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RightsWorkIT {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final String NUMBER = "+4915200700001";
    private static final String OFFICER = "officer-test-key-0123456789abcdef";
    private static final String NOTICE = "Datenschutz: Verantwortlich ist";

    private SharedHub shared;
    private SpeakingHub at;
    private RightsDesk desk;

    @BeforeAll
    void start() {
        shared =
                SharedHub.in(
                                HomeFolder.copy()
                                        .change(
                                                "destinations:\n",
                                                "processors: [{ id: archive-eu, atRest: DE }]\ndestinations:\n")
                                        .change(
                                                "SUPPORT_REPLY: CONTRACT",
                                                "SUPPORT_REPLY: LEGAL_INTEREST")
                                        .apiKey("officer", OFFICER, ", restricted: true"))
                        .accounts("twilio")
                        .tenants(22)
                        .tenant(
                                "short",
                                "  deliveryMetadata: P90D\n",
                                """
                                  deliveryMetadata: P90D
                                  rules:
                                    - { id: requests, version: 1, dataType: request-file, period: P6M, owner: desk, validFrom: 2026-01-01 }
                                """)
                        .tenant(
                                "template",
                                "notice-v1: privacy-notice }",
                                "notice-v1: privacy-notice, request-received-v1: request-received }",
                                "templates:                                #",
                                """
                                templates:
                                  - id: request-received
                                    purpose: SUPPORT_REPLY
                                    category: UTILITY
                                    languages:
                                      de:
                                        text: "Ihre Anfrage ist da, die Antwort kommt bis {1}"
                                        providers:
                                          twilio: { providerId: HX00000000000000000000000000000010 }
                                #""")
                        .tenant(
                                "dms",
                                "  - id: archive\n",
                                """
                                  - id: dms
                                    route: archive-jsonl
                                    mapping: destinations/canonical.jslt
                                    events: [deletions.anchored]
                                    profile: full
                                    processor: archive-eu
                                  - id: archive
                                """)
                        .start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    /** Of the kind the test is tagged with. */
    @BeforeEach
    void takeATenant(TestInfo test) {
        at = SpeakingHub.of(shared.seat(test.getTags().stream().findFirst().orElse("")));
        desk = new RightsDesk(at);
    }

    private void writes(String text) {
        at.says(NUMBER, text);
        at.awaitSent(NUMBER, NOTICE);
        at.quiet();
        await().until(() -> at.hub.undelivered() == 0);
    }

    @Test
    @DisplayName(
            "DSR-8, SEC-6: a restriction closes the data and tells the recipients; a link is for the key that may have it; it"
                    + " ends only after the person was told")
    void restrictsAndLifts() {
        writes("Meine Rechnung stimmt nicht");
        String answer = answered();
        String id = desk.open("RESTRICT", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        assertThat(restricted()).isTrue();
        assertThat(at.message(answer).get("reference").isNull()).isTrue();
        assertThat(at.message(answer).get("statuses")).isEmpty();
        assertThat(at.message(answer).get("state").textValue()).isEqualTo("sent");
        JsonNode officers =
                ApiClient.json(at.api.as(OFFICER, "getMessage", Map.of("id", answer), ""));
        assertThat(officers.get("reference").textValue()).isEqualTo("ticket-4711");
        assertThat(officers.get("statuses")).isNotEmpty();
        assertThat(contents()).containsOnlyNulls();
        assertThat(RightsDesk.code(at.remind(NUMBER))).startsWith("OUT_");
        await().untilAsserted(() -> assertThat(desk.events("subject.restricted")).hasSize(1));
        assertThat(desk.read(id).at("/outcome/told"))
                .extracting(JsonNode::asText)
                .containsExactly("archive", "crm");
        assertThat(desk.link(NUMBER)).as("the answer goes out all the same").isNotNull();
        String copy = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(copy);
        desk.awaitState(copy, "ANSWERED");
        assertThat(RightsDesk.code(desk.post("renewLink", copy, "{}")))
                .as("the person gets it, an agent does not")
                .isEqualTo("RESTRICTED");
        assertThatALinkIsForWhoMayHaveIt(copy);

        Instant end = at.hub.clock.instant().plus(Duration.ofHours(2));
        HttpResponse<String> lifting = desk.post("liftRestriction", id, "{\"at\":\"" + end + "\"}");
        assertThat(lifting.statusCode()).as(lifting.body()).isEqualTo(200);
        at.awaitSent(NUMBER, "Die Einschränkung, um die Sie gebeten hatten, endet am");
        at.quiet();
        desk.work();
        assertThat(restricted()).as("not before the day").isTrue();
        at.hub.clock.advance(Duration.ofHours(3));
        await().untilAsserted(
                        () -> {
                            desk.work();
                            assertThat(restricted()).isFalse();
                        });
        await().untilAsserted(
                        () ->
                                assertThat(desk.events("subject.restricted"))
                                        .extracting(e -> e.at("/data/restricted").asBoolean())
                                        .containsExactly(true, false));
        assertThat(desk.read(id).get("liftedAt").isNull()).isFalse();
        assertThat(at.message(answer).get("reference").textValue()).isEqualTo("ticket-4711");
    }

    /** A reply to the person that the provider has told of; its id. */
    private String answered() {
        HttpResponse<String> taken =
                at.send(
                        """
                        {"to":{"conversation":"%s"},"reference":"ticket-4711",
                         "content":{"type":"text","text":"Wir sehen nach"}}"""
                                .formatted(conversation()));
        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
        at.status(at.awaitSent(NUMBER, "Wir sehen nach"), "delivered");
        String message = ApiClient.json(taken).get("messageId").textValue();
        at.awaitDelivered(message);
        return message;
    }

    @Test
    @DisplayName(
            "DSR-8, RET-5: what a person asked to have kept is not deleted by age while that is in force; the reason is told")
    void keepsWhatIsRestricted() {
        writes("Meine Rechnung stimmt nicht");
        String message =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id::text from message where tenant = ? and direction = 'inbound'",
                                String.class,
                                at.hub.tenant);
        String id = desk.open("RESTRICT", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        at.quiet();
        at.hub.clock.advance(Duration.ofDays(121));

        nightly();

        assertThat(count("message where id = '" + message + "'")).isEqualTo(1);
        JsonNode why =
                ApiClient.json(at.api.as(OFFICER, "explainRetention", Map.of("id", message), ""));
        assertThat(why.at("/items/0/verdict").textValue()).as("%s", why).isEqualTo("KEEP");
        assertThat(why.at("/items/0/explanation").textValue()).contains("Art. 18");
        assertThat(why.at("/items/0/deferred/0/name").textValue()).startsWith("conversation-text");
        lift(id);
        at.hub.clock.advance(Duration.ofMinutes(1));
        await().untilAsserted(
                        () -> {
                            desk.work();
                            assertThat(restricted()).isFalse();
                        });
        nightly();
        assertThat(count("message where id = '" + message + "'")).isZero();
    }

    /** The tenant has told the person itself. */
    private HttpResponse<String> lift(String id) {
        return desk.post(
                "liftRestriction",
                id,
                "{\"told\":\"elsewhere\",\"at\":\"" + at.hub.clock.instant() + "\"}");
    }

    private void nightly() {
        at.hub
                .camel()
                .createProducerTemplate()
                .requestBodyAndHeader("direct:retention-run", at.hub.tenant, "dryRun", false);
    }

    @Test
    @DisplayName(
            "DSR-3, DSR-8: who asked for something since they were looked for is not forgotten; a restriction of somebody erased meanwhile ends in silence")
    void forgetsNobodyWhoAsksAndTellsOfNobodyWhoIsGone() {
        writes("Guten Tag");
        UUID subject = UUID.fromString(desk.subject(NUMBER));
        String id = desk.open("RESTRICT", NUMBER, "{}");
        for (String table : List.of("message", "conversation", "outbound")) {
            at.hub.sql().update("delete from " + table + " where tenant = ?", at.hub.tenant);
        }
        Exchange night = new DefaultExchange(at.hub.camel());
        night.getMessage().setBody(at.hub.tenant);
        RetentionRuns runs = at.hub.bean(RetentionRuns.class);
        runs.begin(night);
        night.getMessage()
                .setBody(
                        List.of(
                                Map.of(
                                        "id",
                                        subject,
                                        "last_active_at",
                                        java.sql.Timestamp.from(at.hub.clock.instant()))));

        at.hub.bean(TenantScope.class).run(at.hub.tenant, () -> runs.endRelationships(night));

        assertThat(count("address where subject_id = '" + subject + "'")).isPositive();
        assertThat(desk.read(id).get("state").textValue()).isEqualTo("IDENTITY_CHECK");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        await().untilAsserted(() -> assertThat(desk.events("subject.restricted")).hasSize(1));
        at.hub.bean(Erasure.class).erase(at.hub.tenant, subject, UUID.randomUUID());
        // it may wait for what is on its way, and the lift is to be of somebody who is gone
        await().until(
                        () ->
                                count(
                                                "erasure_run where deleted_at is not null and tenant = '"
                                                        + at.hub.tenant
                                                        + "'")
                                        == 1);
        lift(id);
        at.hub.clock.advance(Duration.ofMinutes(1));
        await().untilAsserted(
                        () -> {
                            desk.work();
                            assertThat(desk.read(id).get("liftedAt").isNull()).isFalse();
                        });
        assertThat(
                        count(
                                "event where type = 'jawort.subject.restricted.v1' and tenant = '"
                                        + at.hub.tenant
                                        + "'"))
                .as("all of theirs went with them, and there is no new one")
                .isZero();
    }

    @Test
    @Tag("short")
    @DisplayName("RET-3: a shorter period of the tenant holds for the files of requests as well")
    void forgetsRequestsByTheRuleOfTheTenant() {
        int year = LocalDate.ofInstant(at.hub.clock.instant(), BERLIN).getYear() + 1;
        at.hub.clock.moveTo(berlin(year + "-11-10T12:00:00"));
        writes("Guten Tag");
        String id = desk.open("WITHDRAW", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        at.quiet();
        at.hub.clock.advance(Duration.ofDays(15));
        desk.awaitState(id, "CLOSED");
        at.hub.clock.moveTo(berlin((year + 1) + "-06-30T23:00:00"));
        desk.work();
        assertThat(count("rights_request where id = '" + id + "'")).isEqualTo(1);

        at.hub.clock.moveTo(berlin((year + 1) + "-07-01T01:00:00"));
        desk.work();

        assertThat(count("rights_request where id = '" + id + "'")).isZero();
    }

    private static Instant berlin(String local) {
        return LocalDateTime.parse(local).atZone(BERLIN).toInstant();
    }

    @Test
    @DisplayName(
            "DSR-8: the file of a restriction is there as long as that is in force, or nobody could end it; then it goes after its period")
    void keepsTheFileOfARestrictionInForce() {
        writes("Meine Rechnung stimmt nicht");
        String id = desk.open("RESTRICT", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        at.quiet();
        at.hub.clock.advance(Duration.ofDays(15));
        desk.awaitState(id, "CLOSED");

        at.hub.clock.advance(Duration.ofDays(365 * 5));
        desk.work();
        HttpResponse<String> lifted = lift(id);

        assertThat(lifted.statusCode()).as(lifted.body()).isEqualTo(200);
        at.hub.clock.advance(Duration.ofMinutes(1));
        await().untilAsserted(
                        () -> {
                            desk.work();
                            assertThat(restricted()).isFalse();
                        });
        desk.work();
        assertThat(count("rights_request where id = '" + id + "'")).isZero();
    }

    @Test
    @Tag("dms")
    @DisplayName(
            "DSR-4, DSR-8, DSR-9: whoever ever received something is told of a restriction and named in a copy: after the"
                    + " deliveries are deleted, without having answered, and by name where the tenant knows them no more")
    void tellsWhoeverEverReceived() {
        writes("Guten Tag");
        String subject = desk.subject(NUMBER);
        for (String former : List.of("dms", "old-dms")) {
            at.hub
                    .sql()
                    .update(
                            "insert into disclosure (tenant, subject_id, recipient, last_at) values (?, ?::uuid, ?, now())",
                            at.hub.tenant,
                            subject,
                            former);
        }
        at.hub
                .sql()
                .update(
                        """
                        insert into delivery (tenant, destination, event_id, lane, sequence, state, attempts, created_at, finished_at)
                        select tenant, 'old-crm', event_id, lane, sequence, 'dead', 1, created_at, finished_at from delivery
                         where destination = 'crm' and state = 'delivered'""");
        String id = desk.open("RESTRICT", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        JsonNode outcome = desk.read(id).get("outcome");
        assertThat(outcome.get("told"))
                .extracting(JsonNode::asText)
                .containsExactly("archive", "crm", "dms");
        assertThat(outcome.get("unreachable"))
                .extracting(JsonNode::asText)
                .containsExactly("old-crm", "old-dms");
        await().until(
                        () ->
                                count(
                                                "delivery d join event e on e.id = d.event_id where d.destination = 'dms' and d.state = 'delivered'"
                                                        + " and e.type = 'jawort.subject.restricted.v1'")
                                        == 1);
        String copy = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(copy);
        desk.awaitState(copy, "ANSWERED");
        await().until(() -> at.sent(NUMBER, "/requests/download/").size() == 2);
        Map<String, String> files = desk.unpacked(desk.link(NUMBER));
        JsonNode data = ApiClient.json(files.get("data.json"));
        assertThat(data.get("disclosures").findValuesAsText("destination"))
                .containsExactly("dms", "old-dms");
        assertThat(data.at("/information/recipients"))
                .filteredOn(one -> one.get("role").asText().equals("FORMER_DESTINATION"))
                .extracting(one -> one.get("recipient").asText())
                .containsExactly("old-crm", "old-dms");
        assertThat(data.at("/information/recipients"))
                .filteredOn(one -> one.path("storedIn").asText().equals("DE"))
                .extracting(one -> one.get("recipient").asText())
                .contains("archive", "dms")
                .doesNotContain("crm");
        assertThat(files.get("index.html"))
                .contains("An wen früher Daten gingen", "old-dms", "gespeichert in");
    }

    /** A repeated request opens nothing that its key does not, and the hub keeps no link. */
    private void assertThatALinkIsForWhoMayHaveIt(String request) {
        Map<String, String> id = Map.of("id", request);
        String key = UUID.randomUUID().toString();
        int stored = count("idempotent_request");

        HttpResponse<String> officer = at.api.as(OFFICER, "renewLink", id, "{}", key);
        HttpResponse<String> agent = at.api.call("renewLink", id, "", "{}", key);
        HttpResponse<String> again = at.api.as(OFFICER, "renewLink", id, "{}", key);

        assertThat(officer.statusCode()).as(officer.body()).isEqualTo(201);
        assertThat(RightsDesk.code(agent)).isEqualTo("RESTRICTED");
        assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
        assertThat(again.body()).isNotEqualTo(officer.body());
        assertThat(count("idempotent_request")).as("a link is a secret").isEqualTo(stored);
    }

    private boolean restricted() {
        return at.hub
                .sql()
                .queryForObject(
                        "select restricted_at is not null from subject where id = ?::uuid",
                        Boolean.class,
                        desk.subject(NUMBER));
    }

    /** Texts of the conversation as agents see them. */
    private String conversation() {
        return ApiClient.json(at.api.call("listConversations", Map.of(), "", ""))
                .at("/items/0/id")
                .textValue();
    }

    private List<String> contents() {
        String conversation = conversation();
        List<String> texts = new java.util.ArrayList<>();
        ApiClient.json(at.api.call("listMessages", Map.of("id", conversation), "", ""))
                .get("items")
                .forEach(one -> texts.add(one.at("/content/text").textValue()));
        return texts;
    }

    @Test
    @DisplayName(
            "DSR-3, DSR-5, T8: a withdrawal ends every purpose of every channel the person is known on, also"
                    + " where nobody ever asked for consent; what rests on an interest is nothing to take along")
    void withdraws() {
        writes("Guten Tag");
        String taken = desk.open("PORTABILITY", NUMBER, "{}");
        desk.confirm(taken);
        desk.awaitState(taken, "ANSWERED");
        JsonNode own = ApiClient.json(desk.unpacked(desk.link(NUMBER)).get("data.json"));
        assertThat(own.get("messages")).isEmpty();
        assertThat(own.get("addresses")).isNotEmpty();
        String id = desk.open("WITHDRAW", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        JsonNode consents =
                ApiClient.json(
                        at.api.call(
                                "listSubjectConsents", Map.of("id", desk.subject(NUMBER)), "", ""));
        assertThat(consents.get("consents"))
                .extracting(one -> one.get("purpose").asText() + " " + one.get("state").asText())
                .containsExactlyInAnyOrder("SUPPORT_REPLY OBJECTED", "NOTIFICATION WITHDRAWN");
        await().until(() -> at.sent(NUMBER, "/requests/download/").size() == 2);
        JsonNode answer = ApiClient.json(desk.unpacked(desk.link(NUMBER)).get("data.json"));
        assertThat(answer.at("/outcome/declared").findValuesAsText("state"))
                .containsExactlyInAnyOrder("OBJECTED", "WITHDRAWN");
    }

    @Test
    @DisplayName(
            "DSR-3, T14: an objection ends what rests on an interest; grounds that outweigh it are named in the answer")
    void objects() {
        writes("Wann habt ihr offen?");
        String record = assessed(NUMBER);
        at.hub.clock.advance(Duration.ofMinutes(1));

        String outweighed =
                desk.open(
                        "OBJECT",
                        NUMBER,
                        "{\"compellingGrounds\":{\"recordedBy\":\"Erika Muster\",\"document\":\"weighing-7\"}}");
        desk.confirm(outweighed);
        desk.awaitState(outweighed, "ANSWERED");
        assertThat(at.state(record)).isEqualTo("LI_ACTIVE");
        assertThat(desk.states(outweighed)).contains("PARTLY_REFUSED");
        assertThat(desk.read(outweighed).at("/outcome/refused/0/because").asText())
                .isEqualTo("COMPELLING_GROUNDS");

        at.hub.clock.advance(Duration.ofMinutes(1));
        String objected = desk.open("OBJECT", NUMBER, "{}");
        desk.confirm(objected);
        desk.awaitState(objected, "ANSWERED");
        assertThat(at.state(record)).isEqualTo("OBJECTED");
        assertThat(desk.states(objected)).doesNotContain("PARTLY_REFUSED");

        String other = "+4915200700444";
        at.says(other, "Wann habt ihr offen?");
        at.awaitSent(other, NOTICE);
        String others = assessed(other);
        at.hub
                .sql()
                .update(
                        "update subject set identity = '00000000-0000-4000-8000-000000000001' where id in (?::uuid, ?::uuid)",
                        desk.subject(NUMBER),
                        desk.subject(other));
        at.hub.clock.advance(Duration.ofMinutes(1));
        String again = desk.open("OBJECT", NUMBER, "{}");
        desk.confirm(again);
        desk.awaitState(again, "ANSWERED");
        assertThat(at.state(others)).as("CON-3: what another name is sent").isEqualTo("OBJECTED");
    }

    @Test
    @DisplayName(
            "FLT-4: where the provider takes nothing for the person, the answer goes elsewhere")
    void answersOverAnotherChannelThanTheBlockedOne() {
        writes("Guten Tag");
        String subject = desk.subject(NUMBER);
        block(subject);
        reachOverRcs(subject);
        int before = at.fake.messages().size();

        String id = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        at.awaitSent(NUMBER, "/requests/download/");

        assertThat(at.fake.messages().stream().skip(before))
                .isNotEmpty()
                .allMatch(one -> one.request().get("To").asText().equals("rcs:" + NUMBER));
    }

    @Test
    @DisplayName(
            "FLT-4: where there is no other channel nothing is sent in vain: it is counted as unsaid,"
                    + " and the tenant hears that the person was not told")
    void sendsNoAnswerToABlockedPersonInVain() {
        writes("Guten Tag");
        block(desk.subject(NUMBER));
        int before = at.fake.messages().size();

        String id = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        at.hub.clock.advance(Duration.ofMinutes(10));
        await().untilAsserted(
                        () -> {
                            desk.work();
                            assertThat(desk.read(id).at("/outcome/notTold").asBoolean()).isTrue();
                        });
        at.quiet();

        assertThat(at.fake.messages()).hasSize(before);
        assertThat(at.unsaid("requestAnswered", "provider_blocks")).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "DSR-2, FLT-4: whoever asked by chat has shown that this address is theirs, and no other:"
                    + " blocked there, they are answered on none")
    void tellsNoOtherAddressWhatAChatAskedFor() {
        writes("Guten Tag");
        String subject = desk.subject(NUMBER);
        block(subject);
        reachOverRcs(subject);
        int before = at.fake.messages().size();

        at.says(NUMBER, "Auskunft über meine Daten");
        String id = desk.ofChat("ACCESS").get("id").textValue();
        desk.awaitState(id, "ANSWERED");
        at.quiet();

        assertThat(at.fake.messages()).hasSize(before);
        assertThat(at.unsaid("requestReceived", "provider_blocks")).isEqualTo(1);
        assertThat(at.unsaid("requestAnswered", "provider_blocks")).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "DSR-7, DSR-6, FLT-4: whoever is erased and could not be told so is named to the tenant, as the message goes with them")
    void namesWhomItErasedWithoutTellingThem() {
        writes("Guten Tag");
        at.quiet();
        at.fake.behave(FakeBehaviour.refuse("21610"));

        String id = desk.open("ERASE", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        assertThat(desk.read(id).at("/outcome/notTold").asBoolean()).isTrue();
        assertThat(desk.read(id).at("/outcome/done").asText()).isEqualTo("ERASED");
        await().untilAsserted(() -> assertThat(causes(id)).containsOnlyOnce("not-told"));
    }

    @Test
    @DisplayName(
            "DSR-7, DSR-6: a person is erased a quarter of an hour later although the message with the link cannot leave, and the"
                    + " tenant hears that they were not told")
    void erasesWhomItCannotTellInTime() {
        writes("Guten Tag");
        at.quiet();
        at.fake.behave(FakeBehaviour.refuse(503, null));

        String id = desk.open("ERASE", NUMBER, "{}");
        desk.confirm(id);
        desk.work();
        desk.work();
        assertThat(desk.read(id).get("state").asText()).isEqualTo("RUNNING");
        at.hub.clock.advance(Duration.ofMinutes(16));
        desk.awaitState(id, "ANSWERED");

        assertThat(desk.read(id).at("/outcome/notTold").asBoolean()).isTrue();
        await().untilAsserted(() -> assertThat(causes(id)).containsOnlyOnce("not-told"));
    }

    private List<String> causes(String id) {
        return desk.events("request.changed").stream()
                .map(event -> event.get("data"))
                .filter(data -> data.get("requestId").asText().equals(id))
                .map(data -> data.get("cause").textValue())
                .toList();
    }

    private void reachOverRcs(String subject) {
        at.hub
                .sql()
                .update(
                        "insert into address select tenant, gen_random_uuid(), subject_id, 'rcs', scheme, sha256(lookup), sealed_address, created_at from address where subject_id = ?::uuid",
                        subject);
    }

    /** The provider has told that the person wants nothing by SMS. */
    private void block(String subject) {
        at.hub
                .sql()
                .update(
                        "insert into suppression (tenant, id, subject_id, channel, scope, source, since)"
                                + " values (?, gen_random_uuid(), ?::uuid, 'sms', 'ALL', 'PROVIDER', now())",
                        at.hub.tenant,
                        subject);
    }

    @Test
    @Tag("template")
    @DisplayName("who wrote a picture message has written by SMS: no template is needed")
    void answersAPictureMessageInWords() {
        at.post(
                at.sms(NUMBER, "Guten Tag")
                        .with("To", "+13125550199")
                        .with("MessageSid", "MM" + UUID.randomUUID().toString().replace("-", "")));
        at.awaitSent(NUMBER, NOTICE);

        desk.open("ACCESS", NUMBER, "{}");

        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select distinct channel from conversation", String.class))
                .contains("mms");
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select template from outbound where purpose = 'DSR_REPLY'",
                                        String.class))
                .containsOnlyNulls()
                .hasSize(1);
    }

    /** Whom messages may be sent on grounds of an interest. */
    private String assessed(String number) {
        at.status(at.sent(number, NOTICE).getFirst(), "delivered");
        at.quiet();
        var assessment = ApiClient.object(ApiClient.operation("assessInterest").example());
        ((com.fasterxml.jackson.databind.node.ObjectNode) assessment.get("address"))
                .put("address", number);
        assessment.put("channel", "sms").put("at", at.hub.clock.instant().toString());
        HttpResponse<String> assessed =
                at.api.call("assessInterest", Map.of(), "", assessment.toString());
        String record = ApiClient.json(assessed).get("id").textValue();
        assertThat(at.state(record)).isEqualTo("LI_ACTIVE");
        return record;
    }

    @Test
    @DisplayName(
            "DSR-9: the name is put right where the hub works with it, letters and contested words get"
                    + " an annotation, recipients are told")
    void rectifies() {
        desk.channel = "whatsapp";
        for (String text : List.of("Ich nehme das Angebot an", "Bis morgen")) {
            at.post(
                    TwilioForm.text("SM" + UUID.randomUUID(), NUMBER, text)
                            .with("ProfileName", "Erika Falsch"));
        }
        at.quiet();
        await().until(() -> at.hub.undelivered() == 0);
        List<String> messages =
                at.hub
                        .sql()
                        .queryForList(
                                "select id::text from message where direction = 'inbound' order by id",
                                String.class);
        at.hub
                .sql()
                .update(
                        "update message set category = 'COMMERCIAL_LETTER' where id = ?::uuid",
                        messages.getFirst());
        byte[] letter = body(messages.getFirst());
        String id =
                desk.open(
                        "RECTIFY",
                        NUMBER,
                        "{\"replyChannel\":\"whatsapp\",\"name\":\"Erika Richtig\",\"statements\":[{\"messageId\":\"%s\",\"text\":\"Das war ein Irrtum\"}]}"
                                .formatted(messages.get(1)));
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        assertThat(body(messages.getFirst())).as("as it was written").isEqualTo(letter);
        assertThat(desk.read(id).at("/outcome/corrected").asInt()).isEqualTo(1);
        assertThat(desk.read(id).at("/outcome/annotated").asInt()).isEqualTo(2);
        await().untilAsserted(() -> assertThat(desk.events("subject.rectified")).hasSize(1));
        JsonNode told = desk.events("subject.rectified").getFirst().get("data");
        assertThat(told.get("name").asText()).isEqualTo("Erika Richtig");
        assertThat(told.at("/statements/0/text").asText()).isEqualTo("Das war ein Irrtum");
        String copy = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(copy);
        desk.awaitState(copy, "ANSWERED");
        await().until(() -> at.sent(NUMBER, "/requests/download/").size() == 2);
        JsonNode data = ApiClient.json(desk.unpacked(desk.link(NUMBER)).get("data.json"));
        assertThat(data.get("annotations").findValuesAsText("text"))
                .containsExactlyInAnyOrder("Erika Richtig", "Das war ein Irrtum");
        assertThat(data.get("messages").findValuesAsText("name"))
                .contains("Erika Falsch", "Erika Richtig");
    }

    @Test
    @DisplayName(
            "DSR-9, RET-8: a letter that only law still keeps is annotated where it lies, under its own key, also after its"
                    + " person was erased and came back")
    void annotatesWhatOnlyLawKeeps() {
        desk.channel = "whatsapp";
        writesAs("Erika Falsch", "Ich nehme das Angebot an");
        String letter =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id::text from message where direction = 'inbound'",
                                String.class);
        at.api.call(
                "classifyMessage",
                Map.of("id", letter),
                "",
                "{\"category\":\"COMMERCIAL_LETTER\",\"source\":\"agent\"}");
        at.hub.clock.advance(Duration.ofDays(31)); // closed
        retain();
        at.hub.clock.advance(Duration.ofDays(91)); // over
        retain();
        assertThat(count("retained_message where id = '" + letter + "'")).isEqualTo(1);
        assertThat(count("message where id = '" + letter + "'")).isZero();

        writesAs("Erika Falsch", "Guten Tag");
        JsonNode first = rectified(letter, "Es waren Sommerreifen");

        assertThat(first.get("corrected").asInt()).isEqualTo(1);
        assertThat(first.get("annotated").asInt()).isEqualTo(2);
        assertThat(first.has("refused")).isFalse();
        assertThat(annotations(letter)).containsExactly("Erika Richtig", "Es waren Sommerreifen");
        assertThat(
                        count(
                                "retained_message where encode(sealed_annotations[1], 'escape') like '%Erika%'"))
                .isZero();

        UUID subject = UUID.fromString(desk.subject(NUMBER));
        at.hub.bean(Erasure.class).erase(at.hub.tenant, subject, UUID.randomUUID());
        await().until(() -> count("message where subject_id = '" + subject + "'") == 0);
        writesAs("Erika Richtig", "Ich bin wieder da");
        JsonNode second = rectified(letter, "Und es waren zwei");

        assertThat(second.has("refused")).isFalse();
        assertThat(annotations(letter)).endsWith("Erika Richtig", "Und es waren zwei");
        assertThat(rectified(UUID.randomUUID().toString(), "Nie").at("/refused/0/because").asText())
                .isEqualTo("MESSAGE_NOT_STORED");
    }

    @Test
    @DisplayName(
            "DSR-9, RET-8: a statement on a letter that a nightly run is about to restrict waits for it, and is kept with the letter")
    void annotatesALetterThatIsBeingRestricted() throws Exception {
        desk.channel = "whatsapp";
        writesAs("Erika Falsch", "Ich nehme das Angebot an");
        String letter =
                at.hub
                        .sql()
                        .queryForObject(
                                "select id::text from message where direction = 'inbound'",
                                String.class);
        at.hub.sql().update("update message set category = 'COMMERCIAL_LETTER'");
        at.hub.clock.advance(Duration.ofDays(31)); // closed
        retain();
        at.hub.clock.advance(Duration.ofDays(91)); // over
        String id =
                desk.open(
                        "RECTIFY",
                        NUMBER,
                        "{\"statements\":[{\"messageId\":\"%s\",\"text\":\"Es waren Sommerreifen\"}]}"
                                .formatted(letter));

        try (Connection other = at.hub.sql().getDataSource().getConnection()) {
            other.setAutoCommit(false);
            new JdbcTemplate(new SingleConnectionDataSource(other, true))
                    .queryForList(
                            "select pg_advisory_xact_lock(hashtextextended('deletion_journal ' || ?, 0))",
                            at.hub.tenant);
            CompletableFuture<Void> nightly = CompletableFuture.runAsync(this::retain);
            await().until(() -> count("pg_locks where not granted and locktype = 'advisory'") > 0);
            desk.confirm(id);
            await().until(
                            () ->
                                    count(
                                                            "pg_locks where not granted and locktype = 'transactionid'")
                                                    > 0
                                            || count("rights_request where state = 'ANSWERED'")
                                                    > 0);
            other.rollback();
            nightly.get(60, TimeUnit.SECONDS);
        }
        desk.awaitState(id, "ANSWERED");

        assertThat(count("retained_message where id = '" + letter + "'")).isEqualTo(1);
        assertThat(annotations(letter)).containsExactly("Es waren Sommerreifen");
    }

    private void writesAs(String name, String text) {
        at.post(TwilioForm.text("SM" + UUID.randomUUID(), NUMBER, text).with("ProfileName", name));
        at.quiet();
        await().until(() -> at.hub.undelivered() == 0);
    }

    /** What came of a request that gives the right name and contests a message. */
    private JsonNode rectified(String message, String text) {
        String id =
                desk.open(
                        "RECTIFY",
                        NUMBER,
                        "{\"replyChannel\":\"whatsapp\",\"name\":\"Erika Richtig\",\"statements\":[{\"messageId\":\"%s\",\"text\":\"%s\"}]}"
                                .formatted(message, text));
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        return desk.read(id).get("outcome");
    }

    private List<String> annotations(String letter) {
        List<String> texts = new java.util.ArrayList<>();
        ApiClient.json(at.api.as(OFFICER, "getRetained", Map.of("id", letter), ""))
                .get("annotations")
                .forEach(one -> texts.add(one.asText()));
        return texts;
    }

    private void retain() {
        at.hub
                .camel()
                .createProducerTemplate()
                .requestBodyAndHeader(
                        "direct:retention-run", at.hub.tenant, "dryRun", false, Map.class);
    }

    @Test
    @DisplayName(
            "DSR-3, DSR-9: a chat does not say what is right: the request waits until a human does")
    void waitsForWhatIsRight() {
        writes("Guten Tag");
        at.says(NUMBER, "Bitte um Berichtigung meiner Daten");
        String id = desk.ofChat("RECTIFY").get("id").textValue();
        desk.work();
        assertThat(desk.read(id).get("state").textValue()).isEqualTo("PLANNED");

        HttpResponse<String> corrected =
                desk.post("correctRequest", id, "{\"name\":\"Erika Richtig\"}");

        assertThat(corrected.statusCode()).as(corrected.body()).isEqualTo(200);
        desk.awaitState(id, "ANSWERED");
        assertThat(RightsDesk.code(desk.post("correctRequest", id, "{\"name\":\"Anders\"}")))
                .isEqualTo("REQUEST_STATE");
    }

    private byte[] body(String message) {
        return at.hub
                .sql()
                .queryForObject(
                        "select sealed_body from message where id = ?::uuid",
                        byte[].class,
                        message);
    }

    @Test
    @DisplayName(
            "DSR-7, RET-14: \"Daten löschen\" erases; the answer says what a law keeps, why and until when,"
                    + " and names the recipient that is not done; a failing one hides no other")
    void erasesAndGivesReasons() {
        at.says(NUMBER, "Ich nehme das Angebot an");
        writes("Und noch etwas Privates");
        at.hub
                .sql()
                .update(
                        "update message set category = 'COMMERCIAL_LETTER' where id = (select min(id::text)::uuid from message where direction = 'inbound')");
        at.hub.crmBehaves("{\"status\":503}");
        String subject = desk.subject(NUMBER);
        at.says(NUMBER, "Bitte löschen Sie meine Daten");
        String id = desk.ofChat("ERASE").get("id").textValue();
        desk.awaitState(id, "ANSWERED");
        String link = desk.link(NUMBER);

        assertThat(desk.states(id))
                .containsExactly(
                        "RECEIVED",
                        "IDENTITY_CHECK",
                        "PLANNED",
                        "RUNNING",
                        "PARTLY_REFUSED",
                        "ANSWERED");
        assertThat(count("address where subject_id = '" + subject + "'")).isZero();
        assertThat(count("message where subject_id = '" + subject + "'")).isZero();
        assertThat(count("retained_message where subject_id = '" + subject + "'")).isEqualTo(1);
        assertThat(count("rights_package")).isZero();
        await().until(
                        () ->
                                desk.read(id).at("/state").asText().equals("ANSWERED")
                                        && at.hub.archived().stream()
                                                .anyMatch(
                                                        line ->
                                                                line.toString()
                                                                        .contains(
                                                                                "subject.erased")));
        await().until(
                        () ->
                                count(
                                                "erasure_task where recipient = 'archive' and status = 'DONE' and request = '"
                                                        + id
                                                        + "'")
                                        == 1);
        Map<String, String> files = desk.unpacked(link);
        JsonNode outcome = ApiClient.json(files.get("data.json")).get("outcome");
        JsonNode kept = outcome.at("/kept/0");
        assertThat(kept.get("dataType").asText()).isEqualTo("commercial-letter");
        assertThat(kept.get("count").asInt()).isEqualTo(1);
        assertThat(kept.get("because").asText()).contains("HGB §257");
        assertThat(kept.get("until").asText())
                .isEqualTo(
                        LocalDate.ofInstant(at.hub.clock.instant(), ZoneId.of("Europe/Berlin"))
                                        .getYear()
                                + 6
                                + "-12-31T23:00:00Z");
        assertThat(status(outcome, "archive")).isEqualTo("DONE");
        assertThat(status(outcome, "crm")).isEqualTo("RETRY");
        assertThat(files.get("index.html")).contains("§ 257 Abs. 1 Nr. 2 und 3", "Art. 17 DSGVO");
        assertThat(desk.read(id).get("state").asText())
                .as("until all are done")
                .isEqualTo("ANSWERED");
        assertThat(desk.post("closeRequest", id, "{}").statusCode()).isEqualTo(200);
        assertThat(desk.read(id).get("steps").findValuesAsText("reason"))
                .contains("COMPLETED_WITH_EXCEPTIONS");
    }

    @Test
    @DisplayName(
            "RET-10: what all of the tenant's holds cover is looked up when an erasure begins, and not each time the desk looks how"
                    + " far it is")
    void looksAtHoldsOnceForAnErasure() throws Exception {
        writes("Guten Tag");
        at.quiet();
        at.hub
                .sql()
                .update(
                        "insert into suppression_stub values (?, 'sms', '', 'ALL', now() - interval '4 years')",
                        at.hub.tenant);
        String id = desk.open("ERASE", NUMBER, "{}");
        desk.confirm(id);
        at.hub.crmBehaves("{\"status\":503}");
        desk.awaitState(id, "ANSWERED");

        long begun = reviews();
        assertThat(begun).isPositive();
        for (int hour = 0; hour < 3; hour++) {
            at.hub.clock.advance(Duration.ofHours(1));
            desk.work();
        }

        assertThat(status(desk.read(id).get("outcome"), "crm")).isEqualTo("RETRY");
        assertThat(reviews()).as("said beside the holds").isEqualTo(begun);
    }

    @Test
    @DisplayName(
            "DSR-7, DSR-3, T15: an erasure that keeps no letter says all the same that what proves a refusal stays (Art. 17(3)(e)), that"
                    + " nobody may write again, by what the person finds it, and that they asked; why and until when, and that it refused as much")
    void namesAllThatItKeepsBesidesLetters() {
        writes("Guten Tag");
        at.says(NUMBER, "STOP");
        at.awaitSent(NUMBER, "abgemeldet");
        at.quiet();
        int year =
                LocalDate.ofInstant(at.hub.clock.instant(), ZoneId.of("Europe/Berlin")).getYear();
        String end = year + 3 + "-12-31T23:00:00Z";

        String id = desk.open("ERASE", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        Map<String, String> answer = desk.unpacked(desk.link(NUMBER));
        JsonNode kept = ApiClient.json(answer.get("data.json")).at("/outcome/kept");
        assertThat(kept.findValuesAsText("dataType"))
                .containsExactly(
                        "consent-proof", "suppression-stub", "address-hash", "request-file");
        assertThat(kept.findValues("until").stream().map(JsonNode::textValue))
                .containsExactly(end, null, end, end);
        assertThat(kept.findValuesAsText("rule"))
                .containsExactly(
                        "consent-proof@1",
                        "suppression-stub@1",
                        "consent-proof@1",
                        "request-file@1");
        assertThat(kept.at("/0/count").intValue())
                .isEqualTo(count("consent_salt where subject_id = '" + subject(id) + "'"));
        assertThat(kept.at("/0/because").textValue()).contains("17(3)(e)", "31.12." + (year + 3));
        assertThat(kept.at("/1/count").intValue()).isEqualTo(count("suppression_stub"));
        assertThat(answer.get("index.html"))
                .contains("Nachweise von Einwilligungen und Ablehnungen", "31.12." + (year + 3))
                .contains("aufbewahrt bis zu Ihrem Widerruf", "damit Ihre Ablehnung beachtet wird")
                .contains("Prüfsummen Ihrer Adressen", "Anfragen zu Ihren Daten");
        assertThat(desk.states(id)).contains("PARTLY_REFUSED");
        assertThat(desk.read(id).at("/outcome/kept")).isEqualTo(kept);
        assertThat(
                        ApiClient.json(
                                        at.api.call(
                                                "getDeletion",
                                                Map.of(
                                                        "id",
                                                        at.hub
                                                                .sql()
                                                                .queryForObject(
                                                                        "select id::text from erasure_run where request = ?::uuid",
                                                                        String.class,
                                                                        id)),
                                                "",
                                                ""))
                                .get("keptBesides"))
                .hasSize(4);
    }

    @Test
    @DisplayName(
            "DSR-7, RET-12, RET-13: whoever confirms an erasure sees before what goes, from where, and what is refused and why;"
                    + " its evidence names the plan it began with")
    void showsWhatAnErasureIsGoingToDo() {
        writes("Das Angebot nehme ich an");
        at.hub
                .sql()
                .update(
                        "update message set category = 'COMMERCIAL_LETTER' where id = (select min(id::text)::uuid from message where direction = 'inbound')");
        int year =
                LocalDate.ofInstant(at.hub.clock.instant(), ZoneId.of("Europe/Berlin")).getYear();

        long received = count("message");
        String id = desk.open("ERASE", NUMBER, "{}");
        long messages = count("message where subject_id = '" + subject(id) + "'");
        JsonNode before = desk.read(id).get("plan");

        assertThat(before.at("/counts/message").longValue()).isEqualTo(messages).isPositive();
        assertThat(before.at("/recipients/crm").longValue())
                .as("but for what the request itself is answered with, which is on its way")
                .isBetween(received, messages);
        assertThat(before.at("/accounts/twilio").longValue()).isEqualTo(messages);
        assertThat(before.at("/kept/0/rule").textValue()).isEqualTo("commercial-letter@1");
        assertThat(before.at("/kept/0/count").intValue()).isOne();
        assertThat(before.at("/kept/0/until").textValue()).startsWith(year + 6 + "-12-31");
        assertThat(before.get("held").intValue()).isZero();
        assertThat(count("message where subject_id = '" + subject(id) + "'"))
                .as("nothing is done yet")
                .isEqualTo(messages);

        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");

        JsonNode plan = desk.read(id).get("plan");
        assertThat(plan.get("kept")).isEqualTo(before.get("kept"));
        assertThat(plan.get("rules")).isEqualTo(before.get("rules"));
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select distinct encode(j.plan_hash, 'hex') from deletion_journal j join erasure_run r"
                                                + " on r.tenant = j.tenant and r.id = j.run where r.request = ?::uuid",
                                        String.class,
                                        id))
                .containsExactly(plan.get("hash").textValue());
        assertThat(ApiClient.json(at.api.call("listRequests", Map.of(), "", "")).findValues("plan"))
                .isNotEmpty()
                .allMatch(JsonNode::isNull);
    }

    private String subject(String request) {
        return desk.read(request).get("subjectId").asText();
    }

    private long reviews() throws IOException {
        String review = "suppression.review.due tenant=" + at.hub.tenant + " ";
        try (Stream<String> lines = Files.lines(at.hub.log)) {
            return lines.filter(line -> line.contains(review)).count();
        }
    }

    @Test
    @DisplayName(
            "RET-14, RET-4: once its link is over an erasure closes by itself, with the recipient that will not do its part as an"
                    + " exception; its evidence may go, and nobody is erased anew")
    void closesWithExceptionsByItself() {
        String id = erasedButForTheCrm();
        String subject = desk.read(id).get("subjectId").asText();

        at.hub.clock.advance(Duration.ofDays(15));
        desk.awaitState(id, "CLOSED");

        assertThat(desk.read(id).get("steps").findValuesAsText("reason"))
                .contains("COMPLETED_WITH_EXCEPTIONS");
        assertThat(status(desk.read(id).get("outcome"), "crm")).isEqualTo("MANUAL");
        at.hub.sql().update("delete from erasure_task");
        at.hub.sql().update("delete from erasure_run");
        at.hub.clock.advance(Duration.ofHours(2));
        desk.work();
        assertThat(count("erasure_run where subject_id = '" + subject + "'")).isZero();
        assertThat(status(desk.read(id).get("outcome"), "crm")).isEqualTo("MANUAL");
    }

    @Test
    @DisplayName(
            "RET-14: an erasure whose last recipient was told since closes as completed, whoever closes it")
    void closesAsCompletedOnceTheLastRecipientWasTold() {
        String id = erasedButForTheCrm();
        at.hub.crmBehaves("{}");
        at.api.call(
                "replayDeliveries", Map.of(), "", "{\"destination\":\"crm\",\"state\":\"dead\"}");
        await().until(() -> count("erasure_run where status = 'COMPLETED'") == 1);

        assertThat(desk.post("closeRequest", id, "{}").statusCode()).isEqualTo(200);

        assertThat(desk.read(id).get("steps").findValuesAsText("reason"))
                .contains("COMPLETED")
                .doesNotContain("COMPLETED_WITH_EXCEPTIONS");
    }

    /** The desk has seen that the CRM refused. */
    private String erasedButForTheCrm() {
        writes("Guten Tag");
        at.quiet();
        String id = desk.open("ERASE", NUMBER, "{}");
        desk.confirm(id);
        at.hub.crmBehaves("{\"status\":422}");
        desk.awaitState(id, "ANSWERED");
        await().until(() -> count("erasure_run where status = 'COMPLETED_WITH_EXCEPTIONS'") == 1);
        at.hub.clock.advance(Duration.ofHours(2));
        desk.work();
        assertThat(status(desk.read(id).get("outcome"), "crm")).isEqualTo("MANUAL");
        return id;
    }

    private static String status(JsonNode outcome, String recipient) {
        for (JsonNode one : outcome.get("recipients")) {
            if (one.get("recipient").asText().equals(recipient)) {
                return one.get("status").asText();
            }
        }
        return null;
    }

    private int count(String rows) {
        return at.hub.sql().queryForObject("select count(*) from " + rows, Integer.class);
    }

    @Test
    @DisplayName(
            "DSR-2, DSR-3: who is known on a second channel is not erased on the word of the first; whoever"
                    + " wants a copy as well gets it first")
    void waitsForProofAndForTheCopy() {
        writes("Guten Tag");
        at.says(NUMBER, "Auskunft über meine Daten und dann löschen Sie meine Daten");
        String copy = desk.ofChat("ACCESS").get("id").textValue();
        String erasure = desk.ofChat("ERASE").get("id").textValue();
        desk.awaitState(copy, "ANSWERED");
        desk.work();
        assertThat(desk.read(erasure).get("state").asText()).isEqualTo("PLANNED");
        assertThat(desk.unpacked(desk.link(NUMBER))).isNotEmpty();
        at.hub.clock.advance(Duration.ofHours(2));
        desk.awaitState(copy, "CLOSED");
        desk.awaitState(erasure, "ANSWERED");

        String other = "+4915200700002";
        at.says(other, "Hallo");
        at.quiet();
        at.hub
                .sql()
                .update(
                        "insert into address select tenant, gen_random_uuid(), subject_id, 'whatsapp', scheme, sha256(lookup), sealed_address, created_at from address where subject_id = ?::uuid",
                        desk.subject(other));
        at.says(other, "Daten löschen");
        await().until(
                        () ->
                                count(
                                                "rights_request where type = 'ERASE' and subject_id <> '"
                                                        + desk.read(erasure)
                                                                .get("subjectId")
                                                                .asText()
                                                        + "'")
                                        == 1);
        desk.work();
        assertThat(
                        at.hub
                                .sql()
                                .queryForObject(
                                        "select state from rights_request where type = 'ERASE' and id <> ?::uuid",
                                        String.class,
                                        erasure))
                .isEqualTo("IDENTITY_CHECK");
    }
}
