package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jawort.HomeFolder;
import org.jawort.Person;
import org.jawort.TwilioForm;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeAnswer;
import org.jawort.local.FakeErasure;
import org.jawort.retention.Erasure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a nightly run deletes goes at everybody who received it, the fake providers among them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeletionAtProvidersIT {

    private static final Map<String, String> NONE = Map.of();
    private static final int PER_SECOND = 10;

    private SpeakingHub at;

    @BeforeAll
    void start() {
        at =
                SpeakingHub.start(
                        HomeFolder.copy()
                                .change("  notice: texts/notice-v1\n", "")
                                .change(", notice-v1: privacy-notice", "")
                                .path(),
                        settings ->
                                settings.with(
                                                "jawort.retention.provider-calls-per-second",
                                                "" + PER_SECOND)
                                        .with("jawort.retention.batch-size", "5"));
    }

    @AfterAll
    void stop() {
        at.close();
    }

    @Test
    @DisplayName(
            "RET-14, RET-12: a run is over when every destination and every provider has answered, each in its own way;"
                    + " the plan names them all")
    void asksEverybodyWhoHoldsWhatWasDeleted() {
        for (int i = 0; i < 4; i++) {
            writes(Person.number(i), 1);
        }
        String picture = "MM" + "7".repeat(32);
        String place =
                "https://api.twilio.com/2010-04-01/Accounts/ACf00df00df00df00df00df00df00df00d/Messages/"
                        + picture
                        + "/Media/ME"
                        + "7".repeat(32);
        at.post(
                TwilioForm.text(picture, "+4915100000000", "Bild")
                        .with("NumMedia", "1")
                        .with("MediaContentType0", "image/jpeg")
                        .with("MediaUrl0", place));
        await().until(
                        () ->
                                rows("message") == 5
                                        && rows("media_file where state = 'waiting'") == 0
                                        && at.hub.undelivered() == 0);

        over(31);
        assertThat(at(plan().at("/recipients/media")))
                .isEqualTo(Map.of("archive", 1, "crm", 1, "provider:twilio", 1));
        JsonNode media = answered(run());

        assertThat(media.get("status").textValue()).isEqualTo("COMPLETED");
        assertThat(recipient(media, "provider:twilio", "done")).isEqualTo(1);
        assertThat(asked("/Media/ME" + "7".repeat(32)))
                .singleElement()
                .satisfies(one -> assertThat(one.answered()).isEqualTo(204));

        over(91);
        JsonNode plan = plan();
        assertThat(at(plan.at("/recipients/conversation-text")))
                .isEqualTo(
                        Map.of(
                                "archive", 5,
                                "crm", 5,
                                "provider:twilio", 2,
                                "provider:vonage", 1,
                                "provider:smooch", 1,
                                "provider:messagebird", 1));
        assertThat(plan.at("/recipients/dedup-key")).isEmpty();
        assertThat(at(plan.at("/counts/conversation-text/stores"))).isEqualTo(Map.of("message", 5));
        assertThat(at(plan.at("/counts/delivery-metadata/stores")))
                .containsKeys("event", "delivery", "message_status", "outbound", "quarantine");
        at.hub.crmBehaves("{\"status\":503}");
        JsonNode report = run();
        assertThat(report.get("status").textValue()).isEqualTo("RUNNING");
        await().until(() -> recipient(view(report), "provider:smooch", "open") == 0);
        assertThat(view(report).get("status").textValue()).isEqualTo("RUNNING");
        assertThat(recipient(view(report), "crm", "open")).isEqualTo(5);
        at.hub.crmBehaves("{}");
        JsonNode run = answered(report);

        assertThat(run.get("status").textValue()).isEqualTo("COMPLETED_WITH_EXCEPTIONS");
        for (String told : List.of("crm", "archive")) {
            assertThat(recipient(run, told, "done")).isEqualTo(5);
        }
        assertThat(status(run, "crm")).isEqualTo("DONE");
        assertThat(recipient(run, "provider:twilio", "done")).isEqualTo(2);
        assertThat(recipient(run, "provider:smooch", "done")).isEqualTo(1);
        assertThat(recipient(run, "provider:vonage", "expiresAt")).isEqualTo(1);
        assertThat(status(run, "provider:vonage")).isEqualTo("EXPIRES_AT");
        assertThat(status(run, "provider:messagebird")).isEqualTo("NOT_SUPPORTED");
        assertThat(asked(picture + ".json")).hasSize(1);
        assertThat(asked("/users/")).as("of a person only what is over goes").isEmpty();
        assertThat(rows("provider_deletion") + rows("erasure_call where subject_id is not null"))
                .isZero();
        assertThat(
                        rows(
                                "event e where e.type = 'jawort.erasure_call.v1' and not exists"
                                        + " (select 1 from erasure_call c where c.event_id = e.id)"))
                .isZero();
        assertThat(rows("retention_run where wrapped_key is not null")).isZero();
        UUID later = erase(subjectOf(Person.number(3)));
        await().until(() -> view(later).get("finishedAt").isTextual());
        assertThat(view(later).get("exceptions").findValuesAsText("recipient"))
                .as("what went in the night is not forgotten")
                .containsExactly("provider:messagebird");
        assertThat(rows("provider_remainder")).as("Vonage's period").isEqualTo(1);
    }

    @Test
    @DisplayName(
            "RET-14: what a run has asked of a provider that is down is the erasure's once the person wants to be erased;"
                    + " nothing is asked twice, at no more than the account may get")
    void handsOpenCallsToAnErasure() {
        Person person = Person.number(4);
        writesOften(person, 25);
        over(91);
        at.fake.refuseErasures("twilio", FakeAnswer.refused(503, null));
        int before = at.fake.erasures().size();

        JsonNode report = run();
        await().until(() -> rows("erasure_call where subject_id is not null") > PER_SECOND);
        assertThat(portions())
                .allSatisfy((at, calls) -> assertThat(calls).isLessThanOrEqualTo(PER_SECOND))
                .containsValue((long) PER_SECOND);
        assertThat(gaps()).allMatch(gap -> gap.compareTo(Duration.ofMillis(999)) >= 0);
        UUID erasure = erase(subjectOf(person));
        await().until(() -> view(erasure).get("deletedAt").isTextual());

        assertThat(answered(report).get("status").textValue()).isEqualTo("COMPLETED");
        assertThat(rows("provider_deletion")).isZero();
        assertThat(rows("erasure_call where run = '" + erasure + "'")).isEqualTo(25);
        assertThat(view(erasure).get("status").textValue()).isEqualTo("PROPAGATING");
        at.fake.refuseErasures("twilio", null);
        await().until(
                        () -> {
                            at.hub.clock.advance(Duration.ofSeconds(20));
                            return view(erasure).get("finishedAt").isTextual();
                        });

        assertThat(view(erasure).get("status").textValue()).isEqualTo("COMPLETED");
        assertThat(answers(before))
                .hasSize(25)
                .containsValue(List.of(204))
                .doesNotContainValue(List.of(204, 404));
    }

    @Test
    @DisplayName(
            "RET-14: a run and an erasure of the same person at the same time ask for each message once")
    void asksOnceWhenBothAreAtWork() throws Exception {
        Person person = Person.number(8);
        writesOften(person, 40);
        over(91);
        UUID subject = subjectOf(person);
        int before = at.fake.erasures().size();

        UUID erasure;
        JsonNode report;
        try (ExecutorService both = Executors.newFixedThreadPool(2)) {
            var running = both.submit(this::run);
            await().pollInterval(Duration.ofMillis(2)).until(() -> rows("message") < 40);
            erasure = both.submit(() -> erase(subject)).get();
            report = running.get();
        }
        await().until(() -> view(erasure).get("finishedAt").isTextual());
        answered(report);

        assertThat(answers(before)).hasSize(40);
        assertThat(answers(before).values()).allMatch(List.of(204)::equals);
    }

    private void writes(Person person, int n) {
        assertThat(at.hub.send(person.webhook(n, at.hub.clock.instant())).statusCode())
                .isEqualTo(200);
    }

    private void writesOften(Person person, int times) {
        IntStream.range(0, times).forEach(n -> writes(person, n));
        await().until(() -> rows("message") == times && at.hub.undelivered() == 0);
    }

    /** Conversations closed so many days ago, with messages of half a year. */
    private void over(int days) {
        at.hub
                .sql()
                .update(
                        "update conversation set closed_at = ?",
                        at.hub
                                .clock
                                .instant()
                                .minus(Duration.ofDays(days))
                                .atOffset(java.time.ZoneOffset.UTC));
        at.hub.sql().update("update message set received_at = received_at - interval '180 days'");
    }

    private JsonNode plan() {
        return ApiClient.json(at.api.call("runDeletion", NONE, "", "{\"dryRun\":true}"));
    }

    private JsonNode run() {
        return ApiClient.json(at.api.call("runDeletion", NONE, "", "{\"dryRun\":false}"));
    }

    private JsonNode answered(JsonNode report) {
        await().until(() -> !view(report).get("status").textValue().equals("RUNNING"));
        return view(report);
    }

    private JsonNode view(JsonNode report) {
        return view(UUID.fromString(report.get("run").textValue()));
    }

    private JsonNode view(UUID run) {
        return ApiClient.json(at.api.call("getDeletion", Map.of("id", run.toString()), "", ""));
    }

    private static JsonNode recipient(JsonNode run, String recipient) {
        for (JsonNode one : run.get("recipients")) {
            if (one.get("recipient").textValue().equals(recipient)) {
                return one;
            }
        }
        throw new AssertionError(recipient + " is not in " + run);
    }

    private static long recipient(JsonNode run, String recipient, String count) {
        return recipient(run, recipient).get(count).asLong();
    }

    private static String status(JsonNode run, String recipient) {
        return recipient(run, recipient).get("status").textValue();
    }

    private static Map<String, Integer> at(JsonNode counts) {
        return ApiClient.JSON.convertValue(
                counts, new com.fasterxml.jackson.core.type.TypeReference<>() {});
    }

    private UUID erase(UUID subject) {
        return at.hub.bean(Erasure.class).erase(DemoTenant.ID, subject, UUID.randomUUID());
    }

    private UUID subjectOf(Person person) {
        String number = "+49151%08d".formatted(person.number());
        JsonNode found =
                ApiClient.json(
                        at.api.call(
                                "searchConsents",
                                NONE,
                                "",
                                "{\"channel\":\"whatsapp\",\"address\":\"" + number + "\"}"));
        return UUID.fromString(found.get("subjectId").textValue());
    }

    private List<FakeErasure> asked(String part) {
        return at.fake.erasures().stream().filter(one -> one.path().contains(part)).toList();
    }

    /** What each thing that was to be erased came to, but for refusals to answer. */
    private Map<String, List<Integer>> answers(int from) {
        List<FakeErasure> all = at.fake.erasures();
        return all.subList(from, all.size()).stream()
                .filter(one -> one.answered() != 503)
                .collect(
                        Collectors.groupingBy(
                                FakeErasure::path,
                                Collectors.mapping(FakeErasure::answered, Collectors.toList())));
    }

    /** How many calls were made together, by when. */
    private Map<Instant, Long> portions() {
        return at
                .hub
                .sql()
                .queryForList(
                        "select created_at from event where id in (select event_id from erasure_call where subject_id is not null)",
                        java.time.OffsetDateTime.class)
                .stream()
                .collect(
                        Collectors.groupingBy(
                                java.time.OffsetDateTime::toInstant, Collectors.counting()));
    }

    private List<Duration> gaps() {
        List<Instant> times = portions().keySet().stream().sorted().toList();
        return IntStream.range(1, times.size())
                .mapToObj(i -> Duration.between(times.get(i - 1), times.get(i)))
                .toList();
    }

    private long rows(String tableAndCondition) {
        return at.hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }
}
