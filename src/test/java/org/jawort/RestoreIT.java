package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalPostgres;
import org.jawort.retention.Erasure;
import org.jawort.rights.RequestRuns;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A backup from before a deletion, restored: made by PostgreSQL's {@code pg_dump}, or where that is
 * not installed by copying the stopped server's files.
 */
class RestoreIT {

    private static final Person ERASED = Person.number(0);
    private static final Person OVER = Person.number(4);
    private static final Person STAYS = Person.number(8);
    private static final Person ENDED = Person.number(12);
    private static final Instant LAST_ACTIVE = Instant.parse("2023-11-02T10:11:12Z");

    /** How a database is kept and brought back. */
    private interface Backup {
        void make(String database) throws Exception;

        /** The JDBC URL of what was kept. */
        String restored(String database) throws Exception;
    }

    @Test
    @DisplayName(
            "RET-15: what was deleted after a pg_dump is deleted again before the hub takes any traffic on its restored"
                    + " database, as of the same day, and nothing else; nobody is told twice")
    void whatWasDeletedStaysDeletedAfterADump(@TempDir Path folder) throws Exception {
        assumeTrue(
                PgDump.isInstalled(),
                "pg_dump of PostgreSQL 18 is not installed: npm install --prefix src/test/pg-dump");
        Path dump = folder.resolve("backup.sql");
        try (LocalPostgres postgres = LocalPostgres.onFreePort(folder.resolve("pg")).start()) {
            staysDeleted(
                    postgres,
                    folder,
                    new Backup() {
                        @Override
                        public void make(String database) throws Exception {
                            PgDump.dump(database, dump);
                            assertThat(Files.readString(dump))
                                    .contains("-- Dumped by pg_dump version 18")
                                    .contains("INSERT INTO public.message ");
                        }

                        @Override
                        public String restored(String database) throws Exception {
                            String fresh = postgres.newDatabase();
                            PgDump.restore(dump, fresh);
                            return fresh;
                        }
                    });
        }
    }

    @Test
    @DisplayName("RET-15: the same where the backup is a copy of the server's files")
    void whatWasDeletedStaysDeletedAfterACopy(@TempDir Path folder) throws Exception {
        assumeFalse(PgDump.isInstalled(), "the same is tested with a pg_dump");
        try (LocalPostgres postgres = LocalPostgres.onFreePort(folder.resolve("pg")).start()) {
            staysDeleted(
                    postgres,
                    folder,
                    new Backup() {
                        @Override
                        public void make(String database) throws IOException {
                            backUp(postgres, folder);
                        }

                        @Override
                        public String restored(String database) throws IOException {
                            restore(postgres, folder);
                            return database;
                        }
                    });
        }
    }

    private static void staysDeleted(LocalPostgres postgres, Path folder, Backup backup)
            throws Exception {
        Path stones = folder.resolve("stones");
        String database = postgres.newDatabase();
        UUID erased;
        UUID over;
        UUID ended;
        try (HubInTest hub = hub(database, stones)) {
            for (Person person : new Person[] {ERASED, OVER, STAYS, ENDED}) {
                assertThat(hub.send(person.webhook(1, hub.clock.instant())).statusCode())
                        .isEqualTo(200);
            }
            HubInTest.await()
                    .until(() -> rows(hub.sql(), "message") == 4 && hub.undelivered() == 0);
            erased = subject(hub.sql(), 0);
            over = subject(hub.sql(), 1);
            ended = subject(hub.sql(), 3);
            lastHeardOfLongAgo(hub.sql(), ended);
            hub.sql()
                    .update(
                            "update conversation set closed_at = now() - interval '91 days' where subject_id = ?",
                            over);
            isOverdue(hub.sql(), over);
            hub.sql()
                    .update(
                            "update delivery set state = 'pending', attempts = 0, finished_at = null where destination = 'crm'"
                                    + " and event_id in (select id from event where subject_id in (?, ?))",
                            erased,
                            subject(hub.sql(), 2));
        }
        backup.make(database);

        try (HubInTest hub = hub(database, stones)) {
            hub.sql() // it arrived after the backup
                    .update(
                            "update delivery set state = 'delivered', finished_at = now() where state = 'pending'"
                                    + " and event_id in (select id from event where subject_id = ?)",
                            erased);
            hub.bean(Erasure.class).erase(DemoTenant.ID, erased, UUID.randomUUID());
            run(hub);
            hub.bean(RequestRuns.class).expire(DemoTenant.ID);
            assertThat(overdue(hub.sql())).as("by the nightly run").isEmpty();
            HubInTest.await()
                    .until(() -> rows(hub.sql(), "erasure_run where deleted_at is not null") == 1);
            assertThat(messagesOf(hub.sql(), erased) + messagesOf(hub.sql(), over)).isZero();
            assertThat(endOf(hub.sql(), ended)).isEqualTo(LAST_ACTIVE);
        }
        String restored = backup.restored(database);

        try (HubInTest hub = hub(restored, stones)) {
            assertThat(overdue(hub.sql()))
                    .as("by its age alone, or as it stood beside what is gone")
                    .isEmpty();
            assertThat(rows(hub.sql(), "quarantine")).as("what is not over stays").isOne();
            assertThat(messagesOf(hub.sql(), erased)).isZero();
            assertThat(rows(hub.sql(), "subject_key where subject_id = '" + erased + "'")).isZero();
            assertThat(messagesOf(hub.sql(), over)).isZero();
            assertThat(rows(hub.sql(), "message")).isEqualTo(1);
            assertThat(endOf(hub.sql(), ended))
                    .as("the period of the notices begins with it")
                    .isEqualTo(LAST_ACTIVE);
            assertThat(rows(hub.sql(), "event where type = 'jawort.subject.erased.v1'")).isZero();
            assertThat(rows(hub.sql(), "erasure_task")).isZero();
            assertThat(rows(hub.sql(), "deletion_journal where kind = 'RESTORE'")).isPositive();
            assertThat(hub.undelivered()).as("it was on its way, and its record is gone").isOne();
            hub.clock.advance(Duration.ofMinutes(61));
            HubInTest.await().until(() -> rows(hub.sql(), "delivery where state = 'pending'") == 0);
            hub.clock.advance(Duration.ofMinutes(5));
            HubInTest.await().until(() -> hub.undelivered() == 0);
            assertThat(hub.crmEvents()).hasSize(1);
        }
    }

    /** A row of each table of which the night deletes something and writes no tombstone. */
    private static final Map<String, String> OVERDUE =
            Map.ofEntries(
                    Map.entry("quarantine", "received_at"),
                    Map.entry("message_status", "updated_at"),
                    Map.entry("outbound", "updated_at"),
                    Map.entry("send_decision", "decided_at"),
                    Map.entry("category_change", "changed_at"),
                    Map.entry("replay", "finished_at"),
                    Map.entry("message_annotation", "created_at"),
                    Map.entry("rights_request", "answered_at"),
                    Map.entry("legal_hold", "released_at"),
                    Map.entry("suppression", "lifted_at"),
                    Map.entry("idempotent_request", "created_at"));

    private static void isOverdue(JdbcTemplate sql, UUID subject) {
        OVERDUE.forEach((table, time) -> insert(sql, table, time, subject, "5 years"));
        insert(sql, "quarantine", "received_at", subject, "1 day");
        insert(sql, "rights_package", "download_id", subject, "5 years");
        sql.update(
                """
                insert into rights_download (tenant, id, request_id, secret_hash, created_at, expires_at)
                select tenant, download_id, gen_random_uuid(), sha256('x'), now() - interval '20 days', now() - interval '6 days'
                  from rights_package""");
        sql.update("update rights_request set state = 'CLOSED'");
        sql.update("update suppression set since = lifted_at - interval '1 day'");
        insert(sql, "consent_record", "updated_at", subject, "5 years");
        sql.update(
                """
                update consent_record set state = 'DECLINED',
                       details = jsonb_build_object('since', updated_at, 'lastRefusalAt', updated_at, 'prompt', 'x')
                 where subject_id = ?""",
                subject);
    }

    /** Of what was overdue before the backup, the tables that have it. */
    private static List<String> overdue(JdbcTemplate sql) {
        return Stream.concat(
                        OVERDUE.entrySet().stream()
                                .filter(
                                        one ->
                                                rows(
                                                                sql,
                                                                one.getKey()
                                                                        + " where "
                                                                        + one.getValue()
                                                                        + " < now() - interval '4 years'")
                                                        > 0)
                                .map(Map.Entry::getKey),
                        Stream.of(
                                        "rights_package",
                                        "consent_record where state = 'DECLINED'",
                                        "conversation where closed_at < now() - interval '90 days'")
                                .filter(rows -> rows(sql, rows) > 0))
                .toList();
    }

    /** One row with something in each column that must have something. */
    private static void insert(
            JdbcTemplate sql, String table, String time, UUID subject, String ago) {
        List<Map<String, Object>> columns =
                sql.queryForList(
                        "select column_name as name, data_type as type from information_schema.columns where table_schema = 'public'"
                                + " and table_name = ? and (column_name = ? or is_nullable = 'NO' and column_default is null)",
                        table,
                        time);
        StringJoiner names = new StringJoiner(", ");
        StringJoiner values = new StringJoiner(", ");
        for (Map<String, Object> column : columns) {
            String name = (String) column.get("name");
            names.add(name);
            values.add(
                    name.equals("tenant")
                            ? "'" + DemoTenant.ID + "'"
                            : name.equals("subject_id")
                                    ? "'" + subject + "'"
                                    : switch ((String) column.get("type")) {
                                        case "uuid" -> "gen_random_uuid()";
                                        case "timestamp with time zone" ->
                                                "now() - interval '" + ago + "'";
                                        case "date" -> "current_date";
                                        case "bytea" -> "sha256(gen_random_uuid()::text::bytea)";
                                        case "boolean" -> "false";
                                        case "jsonb" -> "'{}'";
                                        case "ARRAY" -> "'{}'";
                                        case "integer", "smallint", "bigint" -> "1";
                                        default -> "'x'";
                                    });
        }
        sql.update("insert into " + table + " (" + names + ") values (" + values + ")");
    }

    /** Nothing is left of the person but a notice, whose period begins with the end. */
    private static void lastHeardOfLongAgo(JdbcTemplate sql, UUID subject) {
        Timestamp then = Timestamp.from(LAST_ACTIVE);
        sql.update(
                "delete from media where message_id in (select id from message where subject_id = ?)",
                subject);
        for (String table : List.of("message", "conversation")) {
            sql.update("delete from " + table + " where subject_id = ?", subject);
        }
        sql.update("update subject set created_at = ? where id = ?", then, subject);
        sql.update(
                """
                insert into notice_delivery (tenant, id, subject_id, channel, notice_version, attempt, text_version, language, text_sha256,
                                             cause, queued_at)
                values (?, gen_random_uuid(), ?, 'whatsapp', 'notice-v1', 1, 'notice-v1', 'de', 'x', 'first_contact', ?)""",
                DemoTenant.ID,
                subject,
                then);
    }

    private static Instant endOf(JdbcTemplate sql, UUID subject) {
        return sql.queryForObject(
                "select ended_at from subject where id = ?",
                (row, n) -> row.getTimestamp(1).toInstant(),
                subject);
    }

    private static HubInTest hub(String database, Path stones) {
        return HubInTest.hub()
                .database(database)
                .home(
                        HomeFolder.copy()
                                .change("  notice: texts/notice-v1\n", "")
                                .change(", notice-v1: privacy-notice", "")
                                .path())
                .with("JAWORT_TOMBSTONES_DIR", stones.toString())
                .start();
    }

    private static void run(HubInTest hub) throws IOException {
        try (var route = hub.camel().createProducerTemplate()) {
            route.requestBodyAndHeader(
                    "direct:retention-run", DemoTenant.ID, "dryRun", false, Map.class);
        }
    }

    private static void backUp(LocalPostgres postgres, Path folder) throws IOException {
        postgres.stop();
        copy(folder.resolve("pg/data"), folder.resolve("backup"));
        postgres.start();
    }

    private static void restore(LocalPostgres postgres, Path folder) throws IOException {
        postgres.stop();
        Files.move(folder.resolve("pg/data"), folder.resolve("lost"));
        copy(folder.resolve("backup"), folder.resolve("pg/data"));
        postgres.start();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(
                    file -> {
                        try {
                            Files.copy(
                                    file,
                                    to.resolve(from.relativize(file)),
                                    java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                        } catch (IOException failure) {
                            throw new UncheckedIOException(failure);
                        }
                    });
        }
    }

    /** In the order they first wrote. */
    private static UUID subject(JdbcTemplate sql, int n) {
        return sql.queryForObject(
                "select subject_id from message order by id offset ? limit 1", UUID.class, n);
    }

    private static long messagesOf(JdbcTemplate sql, UUID subject) {
        return rows(sql, "message where subject_id = '" + subject + "'");
    }

    private static long rows(JdbcTemplate sql, String tableAndCondition) {
        return sql.queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }
}
