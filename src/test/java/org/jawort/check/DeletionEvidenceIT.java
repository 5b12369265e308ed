package org.jawort.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.jawort.HubInTest;
import org.jawort.Person;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalPostgres;
import org.jawort.retention.DeletionAnchors;
import org.jawort.retention.PlanChanged;
import org.jawort.retention.RetentionRuns;
import org.jawort.rights.RequestRuns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Plans that are executed as they were looked at, and what proves afterwards what was deleted. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeletionEvidenceIT {

    private static final String ROOT_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final int CAP = 4;
    private static final List<String> BESIDE =
            List.of(
                    "send_decision",
                    "category_change",
                    "quarantine",
                    "suppression",
                    "legal_hold",
                    "rights_request",
                    "message_annotation",
                    "conversation");

    /** Of the six people; whole, as some of their digits may stand in a hash by chance. */
    private static final String NUMBERS = "49151000000\\d{2}";

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private HubInTest hub;

    @BeforeAll
    void start(@TempDir Path home) throws IOException {
        for (String folder : List.of("routes", "mappings", "tenants")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.toList()) {
                    Files.copy(file, home.resolve(file));
                }
            }
        }
        Path tenant = home.resolve("tenants/autohaus-muster.yaml");
        Files.writeString(
                tenant,
                Files.readString(tenant)
                        .replace("  notice: texts/notice-v1\n", "")
                        .replace(", notice-v1: privacy-notice", ""));
        hub =
                HubInTest.hub()
                        .home(home)
                        .with("JAWORT_RETENTION_DAILY_CAP", String.valueOf(CAP))
                        .with("jawort.retention.batch-size", "3")
                        .start();
        // the cap is a day's, and no midnight is to come between two tests
        hub.clock.moveToNoon(BERLIN);
        for (int i = 0; i < 6; i++) {
            Person person = Person.number(4 * i);
            hub.send(person.webhook(1, hub.clock.instant()));
        }
        HubInTest.await().until(() -> messages() == 6 && hub.undelivered() == 0);
    }

    @AfterAll
    void stop() {
        hub.close();
    }

    @Test
    @Order(1)
    @DisplayName(
            "RET-12: what is executed is what was planned: not under other rules, not with other counts, not twice")
    void executesOnlyWhatWasPlanned() {
        over(2);
        Map<String, Object> plan = run(true, null);
        assertThat(plan.get("recipients").toString()).contains("\"crm\":2", "\"archive\":2");
        assertThat(plan.toString()).doesNotContainPattern(NUMBERS);

        over(3);
        assertThat(refused(plan)).isEqualTo(PlanChanged.Reason.COUNTS_DRIFTED);
        Map<String, Object> present = run(true, null);
        hub.sql().update("update retention_plan set rules = rules || ', other@1'");
        assertThat(refused(present)).isEqualTo(PlanChanged.Reason.RULES_CHANGED);
        Map<String, Object> named = run(true, null);
        hub.sql()
                .update(
                        "update retention_plan set counts = jsonb_set(counts, '{rulesHash}', '\"00\"')");
        assertThat(refused(named))
                .as("the same names, of rules that say something else")
                .isEqualTo(PlanChanged.Reason.RULES_CHANGED);
        assertThat(refused(Map.of("plan", "00".repeat(32)))).isEqualTo(PlanChanged.Reason.UNKNOWN);
        assertThat(messages()).isEqualTo(6);
        hub.sql().update("delete from retention_plan");
        Map<String, Object> last = run(true, null);
        run(false, (String) last.get("plan"), "api:second");

        assertThat(messages()).isEqualTo(3);
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select distinct actor from deletion_journal",
                                        String.class))
                .as("RET-13: who had it done")
                .containsExactly("api:second");
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select p.made_by || ' ' || r.actor from retention_plan p join retention_run r on r.id = p.run",
                                        String.class))
                .containsExactly("hub api:second");
        assertThat(refused(last)).isEqualTo(PlanChanged.Reason.EXECUTED);
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select encode(plan_hash, 'hex') from deletion_journal where store = 'conversation-text'",
                                        String.class))
                .containsOnly((String) last.get("plan"));
    }

    @Test
    @Order(2)
    @DisplayName("RET-12: on one day no more is deleted than the cap says; the rest follows")
    void stopsAtTheDailyCap() {
        over(6);

        Exchange other = new DefaultExchange(hub.camel());
        other.getMessage().setBody(DemoTenant.ID);
        hub.bean(RetentionRuns.class).begin(other);
        hub.bean(RetentionRuns.class).decide(other);
        run(false, null);
        assertThat(messages()).as("three were deleted before").isEqualTo(6 - CAP);
        hub.camel().createProducerTemplate().send("direct:retention-batches-text", other);
        assertThat(other.getException()).isNull();
        assertThat(messages()).as("by a run that began before, too").isEqualTo(6 - CAP);
        hub.bean(RetentionRuns.class).finish(other);
        run(false, null);
        assertThat(messages()).isEqualTo(6 - CAP);
        hub.sql()
                .update(
                        "update message set held_until = now() - interval '1 minute' where id in (select id from message limit 1)");
        hub.camel()
                .createProducerTemplate()
                .sendBody("direct:retention-buffers-run", DemoTenant.ID);
        assertThat(messages())
                .as("what nobody agreed to does not wait for tomorrow")
                .isEqualTo(6 - CAP - 1);
        hub.sql().update("update retention_run set started_at = started_at - interval '2 days'");
        run(false, null);

        assertThat(messages()).isZero();
    }

    @Test
    @Order(3)
    @DisplayName(
            "RET-13: the journal is checked offline, against its anchors; it holds neither address nor word")
    void provesWhatWasDeletedWithoutIt(@TempDir Path exports) throws IOException {
        Path file = exports.resolve("journal.jsonl");
        hub.bean(DeletionAnchors.class).anchor(DemoTenant.ID);
        hub.bean(DeletionAnchors.class).anchor(DemoTenant.ID);
        HubInTest.await()
                .until(() -> hub.archived().toString().contains("jawort.deletions.anchored.v1"));
        long entries = count("deletion_journal");

        assertThat(verify())
                .startsWith("0 ")
                .contains(DemoTenant.ID + ": " + entries + " entries", "; 1 anchors");
        assertThat(count("deletion_anchor")).isEqualTo(1);
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select to_jsonb(j)::text from deletion_journal j",
                                        String.class))
                .noneMatch(row -> row.matches(".*" + NUMBERS + ".*") || row.contains("Frage"));

        assertThat(verify("--export", file.toString())).startsWith("0 ");
        String elsewhere = "jdbc:postgresql://localhost:9/nowhere";
        assertThat(verifyAt(elsewhere, "--journal", file.toString()))
                .as("RET-13: where there is no database")
                .startsWith("0 ")
                .contains(DemoTenant.ID + ": " + entries + " entries", "; 1 anchors");
        String journal = Files.readString(file);
        Files.writeString(file, journal.replaceFirst("\"items\":\\d+", "\"items\":77"));
        assertThat(verifyAt(elsewhere, "--journal", file.toString()))
                .contains("1 ", "entry 1: changed");
        Files.writeString(file, journal.substring(journal.indexOf('\n') + 1));
        assertThat(verifyAt(elsewhere, "--journal", file.toString())).startsWith("1 ");
        Files.writeString(
                file,
                journal.lines()
                        .filter(line -> !line.contains("\"position\":2,"))
                        .collect(java.util.stream.Collectors.joining("\n")));
        assertThat(verifyAt(elsewhere, "--journal", file.toString()))
                .contains("1 ", "entry 2: missing");

        hub.sql().update("update deletion_journal set items = items + 1 where position = 2");
        assertThat(verify()).contains("1 ", "entry 2: changed");
        hub.sql().update("update deletion_journal set items = items - 1 where position = 2");
        hub.sql().update("delete from deletion_journal where position = " + entries);
        assertThat(verify())
                .contains("entry " + entries + ": the journal ends here, an anchor knows");
    }

    @Test
    @Order(4)
    @DisplayName("RET-12: far more to delete than usual is told")
    void tellsOfAJump() {
        hub.sql()
                .update(
                        "insert into provider_event (tenant, account, event_key, event_ids, received_at)"
                                + " select ?, 'twilio', decode(md5(n::text), 'hex'), '{}', now() - interval '13 months'"
                                + " from generate_series(1, 1500) n",
                        DemoTenant.ID);

        run(false, (String) run(true, null).get("plan"));

        HubInTest.await()
                .until(() -> hub.archived().toString().contains("jawort.retention.jumped.v1"));
        assertThat(hub.archived())
                .filteredOn(event -> event.get("type").asText().contains("retention.jumped"))
                .singleElement()
                .satisfies(
                        event -> {
                            assertThat(event.at("/data/dataType").asText()).isEqualTo("dedup-key");
                            assertThat(event.at("/data/due").asInt()).isEqualTo(1500);
                        });
    }

    @Test
    @Order(5)
    @DisplayName(
            "RET-13: what stands beside items is proved too: statuses, decisions, quarantine, lifted suppressions, files of"
                    + " requests and holds")
    void provesWhatGoesBeside() {
        hub.sql().update("update retention_run set started_at = started_at - interval '2 days'");
        run(false, null);
        long before =
                hub.sql().queryForObject("select max(position) from deletion_journal", Long.class);
        List<String> ids = beside();

        run(false, null);
        hub.bean(RequestRuns.class).expire(DemoTenant.ID);

        assertThat(items(before))
                .containsEntry("delivery-metadata", 4L)
                .containsEntry("suppression-stub", 1L)
                .containsEntry("hold-file", 1L)
                .containsEntry("request-file", 1L)
                .containsEntry("conversation-text", 1L)
                .containsEntry("conversation", 1L);
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select rule from deletion_journal where store = 'request-file'",
                                        String.class))
                .containsExactly("request-file@1");
        for (String table : BESIDE) {
            assertThat(
                            hub.sql()
                                    .queryForObject(
                                            "select count(*) from "
                                                    + table
                                                    + " t where id = any(?::uuid[])",
                                            Long.class,
                                            (Object) ids.toArray(String[]::new)))
                    .as(table)
                    .isZero();
        }
    }

    private Map<String, Long> items(long after) {
        Map<String, Long> items = new HashMap<>();
        hub.sql()
                .query(
                        "select store, sum(items) from deletion_journal where position > ? and event = 'DELETED' group by store",
                        row -> {
                            items.put(row.getString(1), row.getLong(2));
                        },
                        after);
        return items;
    }

    /** One row each that is over, named by an id of its own; and a status. */
    private List<String> beside() {
        List<String> ids = new ArrayList<>();
        for (String row :
                List.of(
                        "send_decision (tenant, message_id, subject_id, stage, decided_at, reason, account, obligations, id)"
                                + " select ?, gen_random_uuid(), gen_random_uuid(), 'send', now() - interval '10 years', 'OUT_OK', 'wa', '{}'",
                        "category_change (tenant, message_id, previous, category, source, changed_by, changed_at, id)"
                                + " select ?, gen_random_uuid(), 'UNKNOWN', 'NONE', 'agent', 'demo', now() - interval '10 years'",
                        "quarantine (tenant, account, provider, reason, sealed_webhook, received_at, state, changed_at, id)"
                                + " select ?, 'wa', 'twilio', 'BAD_JSON', 'x', now() - interval '10 years', 'held', now()",
                        "suppression (tenant, subject_id, channel, scope, source, lifted_at, id)"
                                + " select ?, gen_random_uuid(), 'sms', 'ALL', 'SUBJECT', now() - interval '10 years'",
                        "legal_hold (tenant, type, state, review_on, by_query, sealed_details, created_at, created_by, released_at, id)"
                                + " select ?, 'LEGAL', 'RELEASED', now(), false, 'x', now(), 'demo', now() - interval '10 years'",
                        "rights_request (tenant, subject_id, type, state, source, received_at, due_on, identity, answered_at, id)"
                                + " select ?, gen_random_uuid(), 'ACCESS', 'CLOSED', 'API', now(), now(), 'CONFIRMED', now() - interval '10 years'",
                        "message_annotation (tenant, message_id, subject_id, request_id, sealed_text, created_at, id)"
                                + " select ?, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'x', now()",
                        "conversation (tenant, subject_id, account, channel, business_key, opened_at, last_message_at, closed_at, id)"
                                + " select ?, (select id from subject limit 1), 'wa', 'sms', 'x', now(), now(), now() - interval '10 years'")) {
            String id = UUID.randomUUID().toString();
            hub.sql().update("insert into " + row + ", ?::uuid", DemoTenant.ID, id);
            ids.add(id);
        }
        hub.sql()
                .update(
                        "insert into message_status (tenant, account, provider_message_key, subject_id, status, rank, updated_at)"
                                + " values (?, 'wa', 'x', gen_random_uuid(), 'delivered', 3, now() - interval '10 years')",
                        DemoTenant.ID);
        return ids;
    }

    /** The first conversations are over for longer than their period. */
    private void over(int conversations) {
        hub.sql()
                .update(
                        "update conversation set closed_at = now() - interval '91 days' where id in"
                                + " (select id from conversation order by id limit "
                                + conversations
                                + ")");
    }

    private Object refused(Map<String, Object> plan) {
        var thrown =
                org.assertj.core.api.Assertions.catchThrowableOfType(
                        CamelExecutionException.class, () -> run(false, (String) plan.get("plan")));
        return ((PlanChanged) thrown.getCause()).reason();
    }

    private Map<String, Object> run(boolean dryRun, String planHash) {
        return run(dryRun, planHash, null);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> run(boolean dryRun, String planHash, String actor) {
        Map<String, Object> headers = new HashMap<>(Map.of("dryRun", dryRun));
        if (actor != null) {
            headers.put("actor", actor);
        }
        if (planHash != null) {
            headers.put("planHash", planHash);
        }
        return hub.camel()
                .createProducerTemplate()
                .requestBodyAndHeaders("direct:retention-run", DemoTenant.ID, headers, Map.class);
    }

    private long messages() {
        return count("message");
    }

    private long count(String table) {
        return hub.sql().queryForObject("select count(*) from " + table, Long.class);
    }

    /** Exit code and what was printed. */
    private String verify(String... more) {
        return verifyAt(hub.databaseUrl(), more);
    }

    private String verifyAt(String database, String... more) {
        Map<String, String> environment =
                Map.of(
                        "JAWORT_DB_URL",
                        database,
                        "JAWORT_DB_USER",
                        LocalPostgres.APP_USER,
                        "JAWORT_DB_PASSWORD",
                        LocalPostgres.APP_PASSWORD,
                        "JAWORT_ROOT_KEY",
                        ROOT_KEY);
        var out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "deletions",
                                "--tenant",
                                DemoTenant.ID,
                                "--anchors",
                                hub.archive.toString()));
        arguments.addAll(List.of(more));
        int code = new Verify(environment::get, print, print).run(arguments);
        return code + " " + out.toString(StandardCharsets.UTF_8);
    }
}
