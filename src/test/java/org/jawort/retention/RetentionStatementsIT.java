package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.bench.FilledStore;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** How PostgreSQL carries out what batches and plans ask, in a store with many messages. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetentionStatementsIT {

    private static final int STORED = 20_000;
    private static final int BATCH = 1_000;
    private Connection connection;
    private JdbcTemplate jdbc;

    @BeforeAll
    void fill() throws Exception {
        FilledStore store =
                FilledStore.make(
                        LocalPostgres.shared(), List.of("altbestand"), STORED, 150, "archive");
        connection =
                DriverManager.getConnection(
                        store.url(), LocalPostgres.APP_USER, LocalPostgres.APP_PASSWORD);
        jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
        jdbc.queryForObject("select set_config('app.tenants', 'altbestand', false)", String.class);
        jdbc.execute("set join_collapse_limit = 1");
        jdbc.execute("set random_page_cost = 1.1");
        jdbc.update(
                "insert into media (tenant, id, message_id, position, sealed, created_at)"
                        + " select tenant, id, id, 0, '', received_at from message");
        jdbc.update("update conversation set closed_at = null where id::text < '8'");
        jdbc.execute("analyze conversation");
        jdbc.execute("analyze media");
    }

    @AfterAll
    void close() throws Exception {
        connection.close();
    }

    @ParameterizedTest
    @DisplayName(
            "RET-11: waiting for archives costs what the batch costs, not what the store holds")
    @ValueSource(strings = {"text", "media", "restrict"})
    void looksUpEachMessageOfTheBatchByItsKey(String batch) throws Exception {
        category(batch.equals("restrict") ? "VOUCHER" : "NONE");

        JsonNode plan = explained(sql("retention-batch-" + batch, 0), "'{archive,vault}'");

        looksUp(plan, BATCH);
        assertThat(lookedUp(explained(sql("retention-batch-" + batch, 0), "'{}'")))
                .noneMatch(node -> isOn(node, "event") || isOn(node, "delivery"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void countsWithoutLookingAtWhatIsNotOver(int statement) throws Exception {
        category("NONE");

        looksUp(explained(sql("retention-plan", statement), "'{archive,vault}'"), STORED / 2);
    }

    @Test
    void countsNothingThatWaitsWhereThereIsNoArchive() throws Exception {
        JsonNode none = explained(sql("retention-waiting", 0), "'{}'");
        JsonNode some = explained(sql("retention-waiting", 0), "'{archive,vault}'");

        assertThat(scanned(none, "delivery")).isZero();
        assertThat(scanned(none, "message")).isZero();
        assertThat(scanned(some, "message")).isPositive();
    }

    @Test
    void goesOnWhereTheLastBatchEndedAmongConversationsClosedTogether() throws Exception {
        category("NONE");
        int rest = 10;
        String last =
                jdbc.queryForObject(
                        "select id from (select id from conversation where closed_at is not null order by id desc limit ?) as c order by id limit 1",
                        String.class,
                        rest);

        List<JsonNode> all = new ArrayList<>();
        collect(
                explained(
                        sql("retention-batch-text", 0)
                                .replace(":?reached", "(select max(closed_at) from conversation)")
                                .replace(":?conversation", "cast('" + last + "' as uuid)"),
                        "'{}'"),
                all);

        assertThat(all)
                .filteredOn(node -> node.path("Index Name").asText().equals("message_conversation"))
                .as("no conversation before it is looked through")
                .singleElement()
                .satisfies(node -> assertThat(node.get("Actual Loops").asInt()).isEqualTo(rest));
    }

    @Test
    @DisplayName("RET-6: the proof that ended is looked up by the batch, each entry by its id")
    void looksUpEachEntryOfTheLedgerByItsId() throws Exception {
        jdbc.update(
                "insert into consent_event (tenant, id, subject_id, record_id, channel, purpose, event, outcome, state, received_time, actor,"
                        + " chain_index, commitment, prev_hash, entry_hash)"
                        + " select tenant, id, subject_id, id, 'whatsapp', 'NOTIFICATION', 'declined', 'moved', 'DECLINED',"
                        + " now() - interval '5 years', 'person', row_number() over (), '', '', '' from message");
        jdbc.update(
                "insert into consent_salt (tenant, event_id, subject_id, salt)"
                        + " select tenant, id, subject_id, '' from consent_event");
        jdbc.execute("analyze consent_event");
        jdbc.execute("analyze consent_salt");

        List<JsonNode> all = new ArrayList<>();
        collect(explained(sql("retention-batch-proof", 0), "'{}'"), all);

        assertThat(all)
                .filteredOn(node -> isOn(node, "consent_event"))
                .isNotEmpty()
                .allSatisfy(
                        node ->
                                assertThat(node.path("Index Name").asText())
                                        .startsWith("consent_event_"))
                .allSatisfy(
                        node ->
                                assertThat(node.get("Actual Loops").asLong())
                                        .isLessThanOrEqualTo(BATCH + 1L));
    }

    @Test
    @DisplayName("RET-10: a hold looks at what it covers, not at all that the tenant has")
    void freezesWithoutLookingAtOtherMessages() throws Exception {
        category("NONE");
        Map<String, Object> one =
                jdbc.queryForMap("select id, subject_id, conversation_id from message limit 1");
        UUID message = (UUID) one.get("id");
        UUID subject = (UUID) one.get("subject_id");
        UUID conversation = (UUID) one.get("conversation_id");
        int ofSubject =
                jdbc.queryForObject(
                        "select count(*) from message where subject_id = ?",
                        Integer.class,
                        subject);

        assertThat(frozen(null, List.of(message))).isEqualTo(1);
        assertThat(frozen(new Hold.Scope(null, subject, null, null, null, null), List.of()))
                .isEqualTo(ofSubject);
        assertThat(
                        frozen(
                                new Hold.Scope(
                                        null,
                                        null,
                                        conversation,
                                        Instant.EPOCH,
                                        Instant.parse("2999-01-01T00:00:00Z"),
                                        null),
                                List.of(message)))
                .isPositive();
    }

    /** How many messages a hold freezes, of which it may read some more, but not all. */
    private int frozen(Hold.Scope scope, List<UUID> items) throws Exception {
        UUID hold = UUID.randomUUID();
        connection.setAutoCommit(false);
        try {
            long before = read();
            new HoldRows(jdbc, null)
                    .freeze("altbestand", effective(hold, scope, items), Instant.now());

            assertThat(read() - before).isLessThan(BATCH);
            return jdbc.queryForObject(
                    "select count(*) from held_message where hold_id = ?", Integer.class, hold);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** Messages this connection has read, as far as it has not told anybody yet. */
    private long read() {
        return jdbc.queryForObject(
                "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'message'",
                Long.class);
    }

    private static HoldRows.View effective(UUID id, Hold.Scope scope, List<UUID> items) {
        return new HoldRows.View(
                id,
                Hold.Type.LEGAL,
                Hold.State.EFFECTIVE,
                "",
                "",
                null,
                scope,
                items,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private void category(String category) {
        jdbc.update("update message set category = ? where category <> ?", category, category);
        jdbc.execute("analyze message");
    }

    private static void looksUp(JsonNode plan, int messages) {
        List<JsonNode> lookedUp = lookedUp(plan);
        assertThat(lookedUp)
                .filteredOn(node -> isOn(node, "event") || isOn(node, "delivery"))
                .isNotEmpty()
                .allSatisfy(
                        node ->
                                assertThat(node.path("Index Name").asText())
                                        .isEqualTo(
                                                isOn(node, "event")
                                                        ? "event_message"
                                                        : "delivery_pkey"))
                .allSatisfy(
                        node ->
                                assertThat(node.get("Actual Loops").asLong())
                                        .isBetween(1L, (long) messages));
    }

    /** What is carried out for each message. */
    private static List<JsonNode> lookedUp(JsonNode plan) {
        List<JsonNode> all = new ArrayList<>();
        collect(plan, all);
        List<JsonNode> lookedUp = new ArrayList<>();
        all.stream()
                .filter(node -> node.path("Parent Relationship").asText().equals("SubPlan"))
                .filter(node -> node.path("Actual Loops").asLong() > 0)
                .forEach(node -> collect(node, lookedUp));
        return lookedUp.stream().filter(node -> node.has("Relation Name")).toList();
    }

    private static long scanned(JsonNode plan, String table) {
        List<JsonNode> all = new ArrayList<>();
        collect(plan, all);
        return all.stream()
                .filter(node -> isOn(node, table))
                .mapToLong(node -> node.get("Actual Loops").asLong())
                .sum();
    }

    private static boolean isOn(JsonNode node, String table) {
        return node.path("Relation Name").asText().equals(table);
    }

    private static void collect(JsonNode node, List<JsonNode> nodes) {
        nodes.add(node);
        node.path("Plans").forEach(child -> collect(child, nodes));
    }

    /** A statement of a route that takes its values from headers. */
    private static String sql(String route, int number) throws Exception {
        List<JsonNode> bodies =
                new YAMLMapper()
                        .readTree(Path.of("routes/retention", route + ".camel.yaml").toFile())
                        .findValues("setBody");
        return bodies.get(number).at("/expression/constant/expression").asText();
    }

    /** The plan as it was carried out, and taken back. */
    private JsonNode explained(String sql, String archives) throws Exception {
        String filled =
                sql.replace(":?archives", archives)
                        .replace(":?tenant", "'altbestand'")
                        .replace(":?staying", "'{}'")
                        .replace(":?askable", "'{twilio}'")
                        .replace(":?limit", String.valueOf(BATCH))
                        .replace(":?reached", "cast('epoch' as timestamptz)")
                        .replace(
                                ":?conversation",
                                "cast('00000000-0000-0000-0000-000000000000' as uuid)")
                        .replace(":?after", "cast('00000000-0000-0000-0000-000000000000' as uuid)")
                        .replaceAll(":[?][a-z]+Rules", "'{}'")
                        .replaceAll(":[?]([a-z]+Before|now)", "now()");
        connection.setAutoCommit(false);
        try {
            String plan =
                    jdbc.queryForObject("explain (analyze, format json) " + filled, String.class);
            return new ObjectMapper().readTree(plan).at("/0/Plan");
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
