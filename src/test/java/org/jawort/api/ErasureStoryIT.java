package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.ColdBackup;
import org.jawort.HomeFolder;
import org.jawort.TwilioForm;
import org.jawort.local.FakeErasure;
import org.jawort.local.FakeMessage;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of somebody who wants to be forgotten and once ordered something: from the words in
 * the chat over a lost database to the first of January on which the letter goes too.
 */
class ErasureStoryIT {

    private static final String NUMBER = "+4915200910001";
    private static final String OTHER = "+4915200910002";
    private static final String ORDER = "Hiermit nehme ich Ihr Angebot an.";
    private static final String PRIVATE = "Und gruessen Sie bitte Ihre Frau von mir.";
    private static final String ORDER_SID = "SM" + "a1".repeat(16);
    private static final String PRIVATE_SID = "SM" + "a2".repeat(16);
    private static final String OTHER_SID = "SM" + "a3".repeat(16);
    private static final String ERASE_SID = "SM" + "a4".repeat(16);
    private static final String OFFICER = "officer-test-key-0123456789abcdef";
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private SpeakingHub at;
    private RightsDesk desk;
    private String subject;
    private Map<String, String> letter;
    private Instant end;

    @Test
    @DisplayName(
            "TST-2, DSR-7, DSR-4, RET-8, RET-14, RET-15: one letter stays, closed to all but the person, and the rest is gone"
                    + " everywhere, also after a restore; the letter goes when its period ends, and whoever received it is told")
    void erasesAllButOneLetterAndThenTheLetter(@TempDir Path folder) {
        Path home = HomeFolder.copy().apiKey("officer", OFFICER, ", restricted: true").path();
        Path server = folder.resolve("postgres");
        Path stones = folder.resolve("stones");
        try (LocalPostgres postgres = LocalPostgres.onFreePort(server).start()) {
            String database = postgres.newDatabase();
            start(home, database, stones);
            try (SpeakingHub before = at) {
                isKnown();
                ColdBackup backup = ColdBackup.take(postgres, server, folder.resolve("backup"));
                await().until(this::isBack);
                isErased();
                isGoneAtEveryRecipient();
                onlyTheLetterIsLeft();
                before.close();
                backup.restore();
            }
            start(home, database, stones);
            try (SpeakingHub restored = at) {
                onlyTheLetterIsLeft();
                nobodyIsToldTwice();
                getsACopyOfTheLetter();
                theLetterStaysUntilTheYearEnds();
                ColdBackup later = ColdBackup.take(postgres, server, folder.resolve("later"));
                await().until(this::isBack);
                theLetterGoesWithTheYear();
                restored.close();
                later.restore();
            }
            start(home, database, stones);
            try (SpeakingHub again = at) {
                nothingIsLeft();
            }
        }
    }

    private void start(Path home, String database, Path stones) {
        at =
                SpeakingHub.start(
                        home,
                        settings ->
                                settings.database(database)
                                        .with("JAWORT_TOMBSTONES_DIR", stones.toString()));
        desk = new RightsDesk(at);
        desk.channel = "whatsapp";
    }

    private void isKnown() {
        writes(ORDER_SID, NUMBER, ORDER);
        writes(PRIVATE_SID, NUMBER, PRIVATE);
        writes(OTHER_SID, OTHER, "Guten Tag");
        await().until(() -> count("message where direction = 'inbound'") == 3);
        at.quiet();
        await().until(() -> at.hub.undelivered() == 0);
        subject = desk.subject(NUMBER);
        letter =
                Map.of(
                        "id",
                        at.hub
                                .sql()
                                .queryForObject(
                                        "select id::text from message where direction = 'inbound' order by id limit 1",
                                        String.class));
        end =
                LocalDate.of(
                                LocalDate.ofInstant(at.hub.clock.instant(), BERLIN).getYear() + 7,
                                1,
                                1)
                        .atStartOfDay(BERLIN)
                        .toInstant();
        var classified =
                at.api.call(
                        "classifyMessage",
                        letter,
                        "",
                        "{\"category\":\"COMMERCIAL_LETTER\",\"source\":\"agent\"}");
        assertThat(classified.statusCode()).isEqualTo(200);
        at.quiet(); // or a notice is on its way while the backup is taken, and is told again after
        await().until(
                        () ->
                                count("outbound where state in ('queued', 'sending')") == 0
                                        && count("delivery where state in ('pending', 'parked')")
                                                == 0);
    }

    private boolean isBack() {
        return at.api.call("listRequests", Map.of(), "", "").statusCode() == 200;
    }

    private void writes(String sid, String number, String text) {
        at.post(TwilioForm.text(sid, number, text));
    }

    private void isErased() {
        writes(ERASE_SID, NUMBER, "Bitte löschen Sie meine Daten");
        String id = desk.ofChat("ERASE").get("id").textValue();
        desk.awaitState(id, "ANSWERED");

        Map<String, String> answer = desk.unpacked(desk.link(NUMBER));
        JsonNode kept = ApiClient.json(answer.get("data.json")).at("/outcome/kept");
        assertThat(kept.findValuesAsText("dataType"))
                .startsWith("commercial-letter")
                .containsOnlyOnce("commercial-letter")
                .doesNotContain("conversation-text");
        assertThat(kept.at("/0/dataType").textValue()).isEqualTo("commercial-letter");
        assertThat(kept.at("/0/count").intValue()).isEqualTo(1);
        assertThat(kept.at("/0/until").textValue()).isEqualTo(end.toString());
        assertThat(kept.at("/0/because").textValue()).contains(lastDay(), "HGB §257", "AO §147");
        assertThat(answer.get("index.html"))
                .contains("Antwort auf Ihre Bitte um Löschung", "Art. 17 DSGVO", lastDay())
                .contains("§ 257 Abs. 1 Nr. 2 und 3", "HGB, § 147 AO", "Aufsichtsbehörde");
        assertThat(answer.toString()).doesNotContain(ORDER).doesNotContain(PRIVATE);
        assertThat(desk.states(id)).contains("PARTLY_REFUSED");
    }

    private String lastDay() {
        return "31.12." + (LocalDate.ofInstant(end, BERLIN).getYear() - 1);
    }

    private void isGoneAtEveryRecipient() {
        await().untilAsserted(
                        () ->
                                assertThat(
                                                at.hub
                                                        .sql()
                                                        .queryForList(
                                                                "select recipient || ' ' || status from erasure_task",
                                                                String.class))
                                        .containsExactlyInAnyOrder(
                                                "crm DONE",
                                                "archive DONE",
                                                "provider:twilio DONE"));
        JsonNode told = desk.events("subject.erased").getFirst().get("data");
        assertThat(told.get("subjectId").textValue()).isEqualTo(subject);
        assertThat(told.at("/kept/0/messageId").textValue()).isEqualTo(letter.get("id"));
        assertThat(told.at("/kept/0/until").textValue()).isEqualTo(end.toString());
        assertThat(at.hub.archived())
                .filteredOn(line -> line.at("/type").asText().equals("jawort.subject.erased.v1"))
                .singleElement()
                .satisfies(line -> assertThat(line.get("data")).isEqualTo(told));
        List<String> erased =
                at.fake.erasures().stream()
                        .peek(one -> assertThat(one.answered()).isEqualTo(204))
                        .map(FakeErasure::path)
                        .toList();
        for (String sid : List.of(ORDER_SID, PRIVATE_SID, ERASE_SID)) {
            assertThat(erased).anyMatch(path -> path.contains(sid));
        }
        for (FakeMessage sent : at.sent(NUMBER, "")) {
            assertThat(erased).anyMatch(path -> path.contains(sent.taken().id()));
        }
        assertThat(erased).noneMatch(path -> path.contains(OTHER_SID));
    }

    private void onlyTheLetterIsLeft() {
        await().until(() -> count("erasure_run where finished_at is null") == 0);
        assertThat(count("message where subject_id = '" + subject + "'")).isZero();
        assertThat(count("message where direction = 'inbound'")).isEqualTo(1);
        assertThat(count("address where subject_id = '" + subject + "'")).isZero();
        assertThat(
                        at.hub
                                .sql()
                                .queryForList(
                                        "select key_group from subject_key where subject_id = ?::uuid",
                                        String.class,
                                        subject))
                .containsExactly("retained");
        assertThat(at.api.call("getMessage", letter, "", "").statusCode()).isEqualTo(404);
        assertThat(at.api.call("getRetained", letter, "", "").statusCode()).isEqualTo(403);
        assertThat(at.api.call("explainRetention", letter, "", "").statusCode())
                .as("to others it is not there")
                .isEqualTo(404);
        assertThat(everybodySees()).doesNotContain(ORDER, PRIVATE, NUMBER, letter.get("id"));

        JsonNode listed = officer("listRetained", Map.of()).get("items");
        assertThat(listed).hasSize(1);
        assertThat(officer("getRetained", letter).at("/body/content/text").textValue())
                .isEqualTo(ORDER);
        JsonNode explained = officer("explainRetention", letter).at("/items/0");
        assertThat(explained.get("verdict").textValue()).isEqualTo("RESTRICT");
        assertThat(explained.get("until").textValue()).isEqualTo(end.toString());
        assertThat(explained.at("/rule/id").textValue()).isEqualTo("commercial-letter");
        assertThat(explained.at("/rule/version").intValue()).isEqualTo(1);
        assertThat(explained.at("/rule/basis").textValue()).contains("HGB §257", "AO §147");
        assertThat(explained.at("/deferred/0/name").textValue()).isEqualTo("erasure request");
        assertThat(explained.get("explanation").textValue()).contains(lastDay());
    }

    /** What an ordinary key reads where messages and people are listed. */
    private String everybodySees() {
        StringBuilder seen = new StringBuilder();
        JsonNode conversations = ApiClient.json(at.api.call("listConversations", Map.of(), "", ""));
        seen.append(conversations);
        for (JsonNode one : conversations.get("items")) {
            seen.append(
                    at.api
                            .call("listMessages", Map.of("id", one.get("id").textValue()), "", "")
                            .body());
        }
        seen.append(at.api.call("listRequests", Map.of(), "", "").body());
        return seen.toString();
    }

    private JsonNode officer(String operation, Map<String, String> id) {
        var answer = at.api.as(OFFICER, operation, id, "");
        assertThat(answer.statusCode()).as(operation).isEqualTo(200);
        return ApiClient.json(answer);
    }

    private void nobodyIsToldTwice() {
        at.quiet();
        assertThat(at.hub.crmEvents()).isEmpty();
        assertThat(at.hub.archived()).isEmpty();
        assertThat(at.fake.erasures()).isEmpty();
        assertThat(at.fake.messages()).isEmpty();
    }

    /** Whoever comes back under the number is somebody new, and yet may know what is kept. */
    private void getsACopyOfTheLetter() {
        writes("SM" + UUID.randomUUID(), NUMBER, "Auskunft");
        desk.awaitState(desk.ofChat("ACCESS").get("id").textValue(), "ANSWERED");
        assertThat(desk.subject(NUMBER)).isNotEqualTo(subject);
        Map<String, String> first = desk.unpacked(desk.link(NUMBER));
        assertThat(ApiClient.json(first.get("data.json")).get("retained"))
                .as("DSR-2: the number may be somebody else's by now")
                .isEmpty();
        assertThat(first.toString()).doesNotContain(ORDER, subject);
        assertThat(first.get("index.html")).contains("brauchen wir einen weiteren Nachweis");

        String id = desk.open("ACCESS", NUMBER, "{}");
        desk.confirm(id);
        desk.awaitState(id, "ANSWERED");
        await().until(() -> at.sent(NUMBER, "/requests/download/").size() == 2);
        assertThat(RightsDesk.code(desk.post("renewLink", id, "{}")))
                .as("the person gets it, an agent does not")
                .isEqualTo("RESTRICTED");

        Map<String, String> copy = desk.unpacked(desk.link(NUMBER));
        JsonNode data = ApiClient.json(copy.get("data.json"));
        JsonNode retained = data.get("retained");
        assertThat(retained).hasSize(1);
        assertThat(retained.at("/0/content/text").textValue()).isEqualTo(ORDER);
        assertThat(retained.at("/0/from/address").textValue()).isEqualTo(NUMBER);
        assertThat(retained.at("/0/keptUntil").textValue()).isEqualTo(end.toString());
        assertThat(data.at("/outcome/kept/0/count").intValue()).isEqualTo(1);
        assertThat(data.at("/outcome/kept/0/because").textValue()).contains("HGB §257");
        assertThat(copy.get("index.html"))
                .contains("Was wir nach einer früheren Löschung noch aufbewahren müssen", ORDER);
        assertThat(copy.toString()).doesNotContain(PRIVATE);

        String others = desk.open("ACCESS", OTHER, "{}");
        desk.confirm(others);
        desk.awaitState(others, "ANSWERED");
        String theirs = desk.unpacked(desk.link(OTHER)).get("data.json");
        assertThat(ApiClient.json(theirs).get("retained")).isEmpty();
        assertThat(theirs).doesNotContain(ORDER);
        String taken = desk.open("PORTABILITY", NUMBER, "{}");
        desk.confirm(taken);
        desk.awaitState(taken, "ANSWERED");
        await().until(() -> at.sent(NUMBER, "/requests/download/").size() == 3);
        assertThat(desk.unpacked(desk.link(NUMBER)).toString())
                .as("nobody provided it on consent or contract any more")
                .doesNotContain(ORDER);
    }

    private void theLetterStaysUntilTheYearEnds() {
        at.quiet();
        at.hub.clock.moveTo(end.minus(Duration.ofMinutes(10)));
        runs();
        assertThat(count("retained_message")).isEqualTo(1);
    }

    private void theLetterGoesWithTheYear() {
        at.hub.clock.moveTo(end);
        runs();
        nothingIsLeft();
        everyRecipientHearsOfTheEnd();
    }

    /** Its deliveries went with the person, and yet those who received it are known. */
    private void everyRecipientHearsOfTheEnd() {
        await().untilAsserted(() -> assertThat(endsAt(crm())).hasSize(1));
        await().untilAsserted(() -> assertThat(endsAt(at.hub.archived())).hasSize(1));
        JsonNode told = endsAt(crm()).getFirst().get("data");
        assertThat(told.get("dataType").textValue()).isEqualTo("commercial-letter");
        assertThat(told.get("rule").textValue()).isEqualTo("commercial-letter@1");
    }

    private List<JsonNode> crm() {
        return at.hub.crmEvents().stream().map(one -> one.get("event")).toList();
    }

    private List<JsonNode> endsAt(List<JsonNode> events) {
        return events.stream()
                .filter(one -> one.at("/type").asText().equals("jawort.message.deleted.v1"))
                .filter(one -> one.at("/data/messageId").asText().equals(letter.get("id")))
                .toList();
    }

    private void nothingIsLeft() {
        assertThat(count("retained_message")).isZero();
        assertThat(count("retained_party")).isZero();
        assertThat(count("subject where id = '" + subject + "'")).isZero();
        assertThat(count("subject_key where subject_id = '" + subject + "'")).isZero();
        assertThat(at.api.as(OFFICER, "getRetained", letter, "").statusCode()).isEqualTo(404);
        assertThat(at.api.as(OFFICER, "explainRetention", letter, "").statusCode()).isEqualTo(404);
    }

    private void runs() {
        var answer = at.api.call("runDeletion", Map.of(), "", "{\"dryRun\":false}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private long count(String tableAndCondition) {
        return at.hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }
}
