package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.MigratedDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.EmptyResultDataAccessException;

/** Every data type has a run and every table with data of a person something that deletes it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetentionReachIT {

    private static final Path ROUTES = Path.of("routes/retention");
    private static final Path SOURCES = Path.of("src/main/java/org/jawort");

    /** Data types of which no run finds anything, and why. */
    private static final Map<String, String> WITHOUT_A_RUN =
            Map.of(
                    "access-log", "files, rolled by whoever runs the hub",
                    "backup", "files, rolled by whoever runs the hub",
                    "template-category", "no data of a person: what providers say of templates",
                    "archive-procedure", "no data of a person: how archives are fed");

    /** Tables whose rows say nothing of a person, and why. */
    private static final Map<String, String> WITHOUT_A_PERSON =
            Map.ofEntries(
                    Map.entry(
                            "consent_event",
                            "random ids and commitments; the chain stays verifiable (CON-21)"),
                    Map.entry("consent_chain", "the end of the chain"),
                    Map.entry("consent_terms", "what is configured around a declaration"),
                    Map.entry("ledger_anchor", "a signed hash"),
                    Map.entry("text_version", "words of the tenant"),
                    Map.entry("template_category", "what providers say of templates"),
                    Map.entry("retention_rule", "what rules say"),
                    Map.entry("tombstone_directory", "a random id of a directory"),
                    Map.entry("purpose_basis", "what each purpose rests on"),
                    Map.entry("tenant_key", "keys of the tenant"),
                    Map.entry("archive_procedure", "how archives are fed"),
                    Map.entry("destination_sequence", "a number by destination"),
                    Map.entry("destination_state", "how a destination is"),
                    Map.entry("destination_change", "when it was stopped, and by which key"));

    /** What else deletes than the routes of retention: table, and the source that does. */
    private static final Map<String, String> ELSEWHERE =
            Map.ofEntries(
                    Map.entry("subject", "retention/RetainedItems"),
                    Map.entry("subject_key", "retention/EndedRelationships"),
                    Map.entry("address", "retention/EndedRelationships"),
                    Map.entry("disclosure", "retention/EndedRelationships"),
                    Map.entry("last_activity", "retention/EndedRelationships"),
                    Map.entry("provider_remainder", "retention/EndedRelationships"),
                    Map.entry("provider_deletion", "retention/ProviderDeletions"),
                    Map.entry("retained_party", "retention/RetainedItems"),
                    Map.entry("suppression_stub", "consent/SuppressionStubs"),
                    Map.entry("possible_withdrawal", "consent/ConsentErasure"),
                    Map.entry("tenant_act", "consent/ConsentErasure"),
                    Map.entry("retained_message", "retention/RetainedEnds"),
                    Map.entry("legal_hold", "retention/HoldRows"),
                    Map.entry("held_message", "retention/HoldRows"),
                    Map.entry("rights_request", "rights/RequestRuns"),
                    Map.entry("rights_request_step", "rights/RequestRuns"),
                    Map.entry("rights_download", "rights/RequestRuns"),
                    Map.entry("rights_package", "rights/Downloads"),
                    Map.entry("message_annotation", "rights/RequestRuns"),
                    Map.entry("media_piece", "media/PostgresPieces"),
                    Map.entry("webhook_spool", "intake/WebhookSpool"),
                    Map.entry("sealing_key", "intake/SealingKeys"));

    /** What goes with the rows of another table that is deleted from, by foreign key. */
    private static final Map<String, String> WITH_ANOTHER = Map.of("media_file", "media");

    /** What a function of the store deletes. */
    private static final Set<String> BY_FUNCTION = Set.of("deletion_journal", "deletion_anchor");

    /** What goes in a statement without being evidence itself, and why. */
    private static final Map<String, String> WITHOUT_EVIDENCE =
            Map.ofEntries(
                    Map.entry("media", "goes with its message, which is"),
                    Map.entry("label", "goes with its message, which is"),
                    Map.entry("delivery_attempt", "goes with its event, which is"),
                    Map.entry("consent_record", "the record is what the statement names"),
                    Map.entry("consent_salt", "goes with the record of a prompt, which is"),
                    Map.entry("retained_evidence", "goes with its salt, which is"),
                    Map.entry("restricted_proof", "goes with its record's last salt"),
                    Map.entry("send_count", "counts, of nobody"),
                    Map.entry("idempotent_request", "has no random id"),
                    Map.entry("provider_event", "has no random id"),
                    Map.entry("key_change", "evidence of its own, and of no person"),
                    Map.entry("media_object", "evidence of its own, and of no person"),
                    Map.entry("deletion_task", "goes with its run, which is"),
                    Map.entry("erasure_task", "goes with its run, which is"),
                    Map.entry("erasure_call", "goes with its run, which is"),
                    Map.entry("processor_request", "goes with its run, which is"));

    private MigratedDatabase database;
    private String routes;

    @BeforeAll
    void start() {
        database = MigratedDatabase.create();
        try (Stream<Path> files = Files.list(ROUTES)) {
            routes = files.sorted().map(RetentionReachIT::text).collect(Collectors.joining("\n"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @AfterAll
    void stop() {
        database.close();
    }

    static Stream<String> dataTypes() {
        return RetentionRulesFile.load().all().stream().map(RetentionRule::dataType).distinct();
    }

    @ParameterizedTest(name = "RET-6, RET-12: {0}")
    @MethodSource("dataTypes")
    void isCountedByThePlan(String dataType) {
        boolean counted =
                text(ROUTES.resolve("retention-plan.camel.yaml")).contains("'" + dataType + "'");

        assertThat(counted).isEqualTo(!WITHOUT_A_RUN.containsKey(dataType));
    }

    @Test
    @DisplayName("RET-1, RET-6: no table holds something of a person that nothing ever deletes")
    void reachesEveryTable() {
        Set<String> unreached = new TreeSet<>();
        for (String table : tables()) {
            boolean byRoute = routes.matches("(?s).*delete from " + table + "\\b.*");
            boolean byClass =
                    ELSEWHERE.containsKey(table)
                            && deletes(
                                    text(SOURCES.resolve(ELSEWHERE.get(table) + ".java")), table);
            if (!byRoute
                    && !byClass
                    && !BY_FUNCTION.contains(table)
                    && !cascades(table)
                    && !WITHOUT_A_PERSON.containsKey(table)) {
                unreached.add(table);
            }
        }

        assertThat(unreached).isEmpty();
    }

    @Test
    @DisplayName("RET-13: what a route deletes it hands on as evidence, or it goes with what is")
    void provesWhatItDeletes() throws IOException {
        Pattern delete = Pattern.compile("delete from (\\w+)");
        Set<String> unproved = new TreeSet<>();
        try (Stream<Path> files = Files.list(ROUTES)) {
            for (Path file : files.toList()) {
                String route = words(text(file));
                Matcher each = delete.matcher(route);
                while (each.find()) {
                    String rest =
                            route.substring(each.end()).split("delete from|\\), \\w+ as \\(")[0];
                    boolean handsOn =
                            rest.contains(" returning ")
                                    && route.matches(".*method: \"?(deleted|beside).*");
                    if (!handsOn && !WITHOUT_EVIDENCE.containsKey(each.group(1))) {
                        unproved.add(file.getFileName() + ": " + each.group(1));
                    }
                }
            }
        }

        assertThat(unproved).isEmpty();
        assertThat(text(SOURCES.resolve("rights/RequestRuns.java"))).contains(".deleted(");
    }

    @Test
    void namesNoTableThatIsNotThereOrReachedAnyway() {
        assertThat(tables()).containsAll(ELSEWHERE.keySet()).containsAll(WITHOUT_A_PERSON.keySet());
        assertThat(tables()).containsAll(BY_FUNCTION);
        assertThat(WITHOUT_A_PERSON.keySet()).doesNotContainAnyElementsOf(ELSEWHERE.keySet());
    }

    @Test
    @DisplayName("RET-1: every table of a tenant has a data type that has a rule")
    void everyTableHasADataType() {
        assertThat(RetentionRules.DATA_TYPE_BY_TABLE.keySet())
                .containsExactlyInAnyOrderElementsOf(tables());
        assertThat(dataTypes()).containsAll(RetentionRules.DATA_TYPE_BY_TABLE.values());
    }

    @Test
    @DisplayName("RET-12: what the plan counts is what the batches look for, word for word")
    void plansWhatTheBatchesDo() {
        String plan = words(text(ROUTES.resolve("retention-plan.camel.yaml")));

        for (String batch :
                List.of(
                        "text",
                        "media",
                        "restrict",
                        "proof",
                        "prompts",
                        "notices",
                        "relationships")) {
            String sql = words(text(ROUTES.resolve("retention-batch-" + batch + ".camel.yaml")));
            Matcher where =
                    Pattern.compile(
                                    "where \\w\\.tenant = :\\?tenant and .*?(?= (?:order by \\w\\.\\w+ )?limit :\\?limit)")
                            .matcher(
                                    sql.replaceFirst(
                                                    "and (\\(c\\.closed_at, c\\.id\\) >= \\(:\\?reached, :\\?conversation\\)|\\w\\.\\w+ >=? :\\?(reached|after)) ",
                                                    "")
                                            .replace(
                                                    "and m.id <> all(cast(:?staying as uuid[])) ",
                                                    "")
                                            .replaceFirst("order by [\\w., ]+ (?=offset)", "")
                                            .replaceFirst(" for update of m skip locked\\)", ")"));
            assertThat(where.find()).as(batch).isTrue();
            assertThat(plan).as(batch).contains(where.group());
        }
    }

    @Test
    @DisplayName(
            "RET-13: a run is not given up while a batch is at work, however long that takes; one that was given up does nothing more")
    void givesUpNoRunThatIsAtWork() {
        var run = new DeletionTasks.Open("muster", UUID.randomUUID());
        var records = new RunRecords(database.jdbc(), null);
        var tasks = new DeletionTasks(database.jdbc());
        Instant now = Instant.parse("2026-11-26T02:00:00Z");
        database.scope()
                .run(
                        run.tenant(),
                        () ->
                                database.jdbc()
                                        .update(
                                                "insert into retention_run (tenant, id, dry_run, rules, counts, started_at, status, beat_at)"
                                                        + " values (?, ?, false, '', '{}', now(), 'RUNNING', ?::timestamptz)",
                                                run.tenant(),
                                                run.run(),
                                                now.minusSeconds(3600).toString()));

        database.scope()
                .run(
                        run.tenant(),
                        () -> {
                            records.hold(run.tenant(), run.run());
                            assertThat(givenUp(run, tasks, now)).isFalse();
                        });

        assertThat(givenUp(run, tasks, now)).isTrue();
        assertThatThrownBy(
                        () ->
                                database.scope()
                                        .run(
                                                run.tenant(),
                                                () -> records.hold(run.tenant(), run.run())))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(
                        () ->
                                database.scope()
                                        .run(
                                                run.tenant(),
                                                () ->
                                                        records.finish(
                                                                run.tenant(),
                                                                run.run(),
                                                                "{}",
                                                                now)))
                .isInstanceOf(EmptyResultDataAccessException.class);
    }

    /** By another node. */
    private boolean givenUp(DeletionTasks.Open run, DeletionTasks tasks, Instant now) {
        return CompletableFuture.supplyAsync(
                        () ->
                                database.scope()
                                        .call(
                                                run.tenant(),
                                                () ->
                                                        tasks.lock(run)
                                                                && tasks.giveUp(
                                                                                run,
                                                                                now.minusSeconds(
                                                                                        600))
                                                                        .isPresent()))
                .join();
    }

    @Test
    @DisplayName("RET-10: what a hold had frozen is not forgotten before everybody was told")
    void forgetsNoReleaseThatIsYetToBeTold() {
        Instant now = Instant.parse("2026-11-26T02:00:00Z");
        var rows = new HoldRows(database.jdbc(), null);

        List<Integer> left =
                database.scope()
                        .call(
                                "holder",
                                () -> {
                                    database.jdbc()
                                            .update(
                                                    "insert into held_message (tenant, message_id, hold_id, since, released_at, released_told_at)"
                                                            + " select 'holder', gen_random_uuid(), gen_random_uuid(), now(), ?::timestamptz, told"
                                                            + " from (values (now()), (null)) as v(told)",
                                                    now.minusSeconds(200_000).toString());
                                    rows.forget("holder", now, now, 10);
                                    return database.jdbc()
                                            .queryForList(
                                                    "select count(*)::int from held_message where released_told_at is null"
                                                            + " union all select count(*)::int from held_message",
                                                    Integer.class);
                                });

        assertThat(left).containsExactly(1, 1);
    }

    @Test
    @DisplayName("RET-13: each batch holds its run")
    void holdsTheRunInEachBatch() throws IOException {
        try (Stream<Path> files = Files.list(ROUTES)) {
            assertThat(files.filter(file -> file.toString().contains("retention-batch-")))
                    .hasSize(12)
                    .allSatisfy(
                            file ->
                                    assertThat(words(text(file)))
                                            .contains("ref: retentionRuns method: enter"));
        }
    }

    private boolean cascades(String table) {
        return WITH_ANOTHER.containsKey(table)
                && database.owner()
                                .queryForObject(
                                        "select count(*) from pg_constraint where contype = 'f' and confdeltype = 'c'"
                                                + " and conrelid = ?::regclass and confrelid = ?::regclass",
                                        Integer.class,
                                        table,
                                        WITH_ANOTHER.get(table))
                        == 1;
    }

    private List<String> tables() {
        return database.owner()
                .queryForList(
                        "select table_name from information_schema.columns natural join information_schema.tables"
                                + " where table_schema = current_schema() and column_name = 'tenant' and table_type = 'BASE TABLE'",
                        String.class);
    }

    /** With the table's name in the statement, or in a list that is put into one. */
    private static boolean deletes(String source, String table) {
        return source.contains("delete from " + table + " ")
                || source.contains("delete from \"")
                        && source.matches("(?s).*\"" + table + "[ \"].*");
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
