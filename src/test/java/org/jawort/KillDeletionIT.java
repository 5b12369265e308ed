package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jawort.check.Verify;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeErasure;
import org.jawort.local.FakeProvider;
import org.jawort.local.LocalPostgres;
import org.jawort.local.SignedWebhook;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Kills the hub in the middle of a nightly run and of an erasure, and looks from outside at what
 * the next one makes of it.
 */
class KillDeletionIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API = "/api/v1/tenants/" + DemoTenant.ID;
    private static final Person ERASED = Person.number(0);
    private static final int ERASED_WROTE = 20;
    private static final List<Person> OVER = List.of(Person.number(4), Person.number(8));
    private static final int EACH_WROTE = 30;
    private static final int ALL_OVER = OVER.size() * EACH_WROTE;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    @Test
    @DisplayName(
            "RET-13, RET-14, DSR-3: after a SIGKILL a nightly run and an erasure go on where they were; CRM and provider"
                    + " hear of each item once, and the journal is sound")
    void goesOnWhereItWasKilled() throws Exception {
        try (var crm = new CrmReceiver(0, DemoTenant.CRM_SECRET, InstantSource.system()).start();
                var fake =
                        new FakeProvider(
                                        0, DemoTenant.sending(name -> null), InstantSource.system())
                                .start();
                var hub = new ChildHub(crm)) {
            start(hub, fake);
            JdbcTemplate sql = hub.sql();
            everybodyWrites(hub, sql);
            slowly(sql);
            String request = asks(hub);
            sql.update(
                    "update conversation set closed_at = now() - interval '91 days' where subject_id not in"
                            + " (select subject_id from rights_request)");
            await().until(() -> rows(sql, "message") < ALL_OVER + ERASED_WROTE);
            post(
                    hub,
                    "/requests/" + request + "/identity",
                    "{\"decision\":\"CONFIRMED\",\"method\":\"SECOND_PROOF\"}");
            await().until(() -> rows(sql, "erasure_run where phase = 'SHREDDED'") == 1);

            hub.kill();
            long left = rows(sql, "message");
            assertThat(left)
                    .as("both were at work")
                    .isBetween(ERASED_WROTE + 1L, ALL_OVER + ERASED_WROTE - 1L);
            assertThat(rows(sql, "erasure_run where status = 'RUNNING'")).isEqualTo(1);
            UUID killed =
                    sql.queryForObject(
                            "select id from retention_run where finished_at is null", UUID.class);
            sql.execute("drop trigger slowly on message");
            sql.update(
                    "update retention_run set beat_at = beat_at - interval '11 minutes' where id = ?",
                    killed);
            hub.start();
            await().until(
                            () ->
                                    rows(sql, "message") == 0
                                            && rows(sql, "erasure_run where finished_at is null")
                                                    == 0
                                            && rows(sql, "retention_run where answered_at is null")
                                                    == 0);

            // one every three seconds: the next may have begun by now
            assertThat(rows(sql, "retention_run where status not in ('COMPLETED', 'RUNNING')"))
                    .isZero();
            assertThat(rows(sql, "erasure_run where status <> 'COMPLETED'")).isZero();
            assertToldOnce(crm);
            assertAskedOnce(fake);
            assertThat(
                            sql.queryForObject(
                                    "select sum((counts -> 'conversation-text' ->> 'deleted')::int) from retention_run",
                                    Long.class))
                    .isEqualTo(ALL_OVER);
            assertThat(items(sql, "store = 'conversation-text'")).isEqualTo(ALL_OVER);
            assertThat(items(sql, "store = 'message' and kind = 'ERASURE'"))
                    .isEqualTo(ERASED_WROTE);
            assertThat(items(sql, "run = '" + killed + "'")).isPositive();
            assertThat(verify(hub)).startsWith("0 " + DemoTenant.ID + ": ").contains("entries");
        }
    }

    private static void start(ChildHub hub, FakeProvider fake) {
        Path silent =
                HomeFolder.copy()
                        .change("  notice: texts/notice-v1\n", "")
                        .change(", notice-v1: privacy-notice", "")
                        .path();
        hub.with("JAWORT_HOME", silent.toString())
                .with("TWILIO_API_URL", fake.url("twilio"))
                .with("JAWORT_RETENTION_CRON", "0/3 * * * * ?")
                .with("JAWORT_RETENTION_BATCHSIZE", "5")
                .with("JAWORT_DELIVERY_RELAYPERIODMILLIS", "200")
                .with("JAWORT_RIGHTS_PERIOD_MILLIS", "300")
                .start();
    }

    private void everybodyWrites(ChildHub hub, JdbcTemplate sql) {
        writes(hub, ERASED, ERASED_WROTE);
        OVER.forEach(person -> writes(hub, person, EACH_WROTE));
        await().until(
                        () ->
                                rows(sql, "message") == ALL_OVER + ERASED_WROTE
                                        && rows(
                                                        sql,
                                                        "delivery where state <> 'delivered' and destination not like 'send:%'")
                                                == 0);
    }

    private void writes(ChildHub hub, Person person, int times) {
        IntStream.range(0, times)
                .forEach(n -> await().until(() -> posted(hub, person.webhook(n, Instant.now()))));
    }

    private boolean posted(ChildHub hub, SignedWebhook webhook) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        webhook.url().replace("http://localhost:8080", hub.url())))
                        .timeout(Duration.ofSeconds(20))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(webhook.body()));
        webhook.headers().forEach(request::header);
        try {
            return http.send(request.build(), BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notThereYet) {
            return false;
        }
    }

    /** Every message takes its time to delete. */
    private static void slowly(JdbcTemplate sql) {
        sql.execute(
                "create function slowly() returns trigger language plpgsql as"
                        + " $$ begin perform pg_sleep(0.3); return old; end $$");
        sql.execute(
                "create trigger slowly before delete on message for each row execute function slowly()");
    }

    /** The request of the person to be erased. */
    private String asks(ChildHub hub) throws IOException, InterruptedException {
        return post(
                        hub,
                        "/requests",
                        "{\"type\":\"ERASE\",\"source\":\"AGENT\",\"person\":{\"channel\":\"whatsapp\",\"address\":\"+49151%08d\"}}"
                                .formatted(ERASED.number()))
                .get("id")
                .textValue();
    }

    private JsonNode post(ChildHub hub, String path, String body)
            throws IOException, InterruptedException {
        var answer =
                http.send(
                        HttpRequest.newBuilder(URI.create(hub.url() + API + path))
                                .header("Authorization", "Bearer " + DemoTenant.API_KEY)
                                .header("Idempotency-Key", UUID.randomUUID().toString())
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return JSON.readTree(answer.body());
    }

    private void assertToldOnce(CrmReceiver crm) throws IOException, InterruptedException {
        JsonNode events =
                JSON.readTree(
                        http.send(
                                        HttpRequest.newBuilder(URI.create(crm.url() + "/events"))
                                                .build(),
                                        BodyHandlers.ofString())
                                .body());
        Map<String, List<String>> deleted =
                java.util.stream.StreamSupport.stream(events.spliterator(), false)
                        .map(got -> got.get("event"))
                        .filter(event -> event.get("type").asText().contains("deleted"))
                        .collect(
                                Collectors.groupingBy(
                                        event -> event.at("/data/messageId").asText(),
                                        Collectors.mapping(
                                                event -> event.get("id").asText(),
                                                Collectors.toList())));
        List<String> erased = events.findValuesAsText("type");
        assertThat(deleted).hasSize(ALL_OVER);
        assertThat(deleted.values())
                .as("one event of each, however often it was tried")
                .allMatch(ids -> ids.stream().distinct().count() == 1);
        assertThat(erased).containsOnlyOnce("jawort.subject.erased.v1");
    }

    private static void assertAskedOnce(FakeProvider fake) {
        Map<String, List<Integer>> answers =
                fake.erasures().stream()
                        .collect(
                                Collectors.groupingBy(
                                        FakeErasure::path,
                                        Collectors.mapping(
                                                FakeErasure::answered, Collectors.toList())));
        assertThat(answers).hasSize(ALL_OVER + ERASED_WROTE);
        assertThat(answers.values())
                .as("erased once; who was killed before writing that down finds nothing")
                .allMatch(all -> all.getFirst() == 204)
                .allMatch(all -> all.stream().skip(1).allMatch(status -> status == 404));
        assertThat(answers.values().stream().filter(all -> all.size() > 1).count())
                .as("only what was on its way is asked again")
                .isLessThan(ALL_OVER / 3);
    }

    /** Exit code and output of {@code ./hub verify deletions}. */
    private static String verify(ChildHub hub) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Verify.class.getName(),
                        "deletions",
                        "--tenant",
                        DemoTenant.ID);
        builder.environment().put("JAWORT_DB_URL", hub.databaseUrl);
        builder.environment().put("JAWORT_DB_USER", LocalPostgres.APP_USER);
        builder.environment().put("JAWORT_DB_PASSWORD", LocalPostgres.APP_PASSWORD);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + said;
    }

    private static long items(JdbcTemplate sql, String condition) {
        return sql.queryForObject(
                "select coalesce(sum(items), 0) from deletion_journal where " + condition,
                Long.class);
    }

    private static long rows(JdbcTemplate sql, String tableAndCondition) {
        return sql.queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }

    private static ConditionFactory await() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50));
    }
}
