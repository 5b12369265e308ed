package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.bench.FilledStore;
import org.jawort.local.LocalPostgres;
import org.jawort.retention.Tombstones.Stone;
import org.jawort.store.TenantScope;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Ten messages in a real store, and what files say was deleted. */
@DisplayName("RET-15: a start deletes what a restored backup brought back, and nothing else")
class TombstoneReplayIT {

    private static final String TENANT = "muster";
    private static final Instant NOW = Instant.parse("2026-11-26T02:00:00Z");

    @TempDir Path folder;

    private Connection connection;
    private JdbcTemplate sql;
    private TenantScope scope;
    private Tombstones stones;
    private List<UUID> messages;
    private final UUID run = UUID.randomUUID();

    @BeforeEach
    void fill() throws Exception {
        FilledStore store =
                FilledStore.make(LocalPostgres.shared(), List.of(TENANT), 10, 150, "crm");
        connection = store.connect();
        var source = new SingleConnectionDataSource(connection, true);
        sql = new JdbcTemplate(source);
        scope =
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(source)), sql);
        stones = new Tombstones(folder, "node");
        messages = messages();
    }

    @AfterEach
    void close() throws Exception {
        stones.close();
        connection.close();
    }

    @Test
    @DisplayName(
            "what a batch named that a kill took back is still due, and is not deleted unheard")
    void leavesWhatWasNotCommitted() {
        began(null);
        stone(run, messages.subList(0, 4));

        start();

        assertThat(messages()).isEqualTo(messages);
        assertThat(journal()).isEmpty();
    }

    @Test
    @DisplayName("what a run deleted before it was killed counts from the next start on")
    void learnsWhatAnInterruptedRunDidDelete() {
        began(NOW);
        stone(run, messages.subList(0, 2));
        delete(messages.subList(0, 2));
        stone(run, messages.subList(2, 4)); // this batch was taken back

        start();

        assertThat(messages()).isEqualTo(messages.subList(2, 10));
        Tombstones.Found found = stones.since(TENANT, Instant.EPOCH);
        assertThat(found.open()).isEmpty();
        assertThat(found.deleted())
                .singleElement()
                .satisfies(stone -> assertThat(stone.ids()).isEqualTo(messages.subList(0, 2)));
        start();
        assertThat(stones.since(TENANT, Instant.EPOCH).deleted()).hasSize(1);
    }

    @Test
    @DisplayName(
            "RET-13: what a backup brought back goes again, on record, however often one starts")
    void deletesAgainWhatWasDeleted() {
        stone(run, messages.subList(0, 3));
        stones.over(TENANT, run, true, NOW);
        stone(UUID.randomUUID(), messages.subList(5, 6)); // of a run this database never saw

        start();
        start();

        assertThat(messages()).isEqualTo(messages.subList(3, 10));
        assertThat(journal()).startsWith("RESTORE tombstone conversation-text 3");
    }

    @Test
    void goesOnWithAReplayThatWasInterrupted() {
        stone(null, messages.subList(0, 1));
        stones.write(
                TENANT,
                new Stone(
                        NOW.minus(Duration.ofDays(20)),
                        "conversation-text",
                        null,
                        null,
                        messages.subList(1, 2),
                        Map.of()));
        // as if it had come to the first and no further
        scope.run(
                TENANT,
                () ->
                        new DeletionJournal(sql)
                                .append(
                                        TENANT,
                                        new DeletionJournal.Done(
                                                run,
                                                "RESTORE",
                                                "DELETED",
                                                "tombstone",
                                                "conversation-text",
                                                messages.subList(0, 1),
                                                null,
                                                "hub",
                                                NOW,
                                                NOW)));

        start();

        assertThat(messages()).isEqualTo(messages.subList(2, 10));
    }

    @Test
    @DisplayName(
            "a run that ended while another node started is over, whichever of them wrote last")
    void believesARunThatSaysAllWasCommitted() {
        stone(run, messages.subList(0, 3));
        Tombstones other = new Tombstones(folder, "zzz");
        stones.over(TENANT, run, true, NOW);
        other.over(TENANT, run, false, NOW);
        other.close();

        assertThat(stones.since(TENANT, Instant.EPOCH).deleted())
                .singleElement()
                .satisfies(stone -> assertThat(stone.ids()).isEqualTo(messages.subList(0, 3)));
    }

    @Test
    void readsNothingOfALineThatWasCutOff() throws Exception {
        stone(null, messages.subList(0, 1));
        Files.writeString(
                folder.resolve(TENANT).resolve("2026-11-26.other.jsonl"),
                "{\"at\":\"2026-11-26T02:00:00Z\",\"store\":\"conversation-text\",\"ids\":[\"01");

        assertThat(stones.since(TENANT, Instant.EPOCH).deleted()).hasSize(1);
    }

    @Test
    @DisplayName(
            "RET-15: does not start with another directory than the database was used with, nor with an empty one, unless told to")
    void knowsItsDirectory() throws Exception {
        start();
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path others = Files.createDirectories(folder.resolve("others"));
        Files.createDirectories(others.resolve(TENANT));
        Files.writeString(
                others.resolve(TENANT).resolve("directory.json"),
                "{\"id\":\"%s\",\"usedAt\":\"%s\"}".formatted(UUID.randomUUID(), NOW));

        assertThatThrownBy(() -> start(empty, false))
                .hasMessageContaining("tenant muster")
                .hasMessageContaining(empty.toString())
                .hasMessageContaining("JAWORT_TOMBSTONES_DIR")
                .hasMessageContaining("JAWORT_TOMBSTONES_ACCEPT_LOSS");
        assertThatThrownBy(() -> start(others, false)).hasMessageContaining("another database");
        start();
        start(empty, true);
        start(empty, false);
    }

    @Test
    @DisplayName(
            "RET-15: a database from before it knew its directory does not start without what it deleted last")
    void missesWhatItDeletedLast() throws Exception {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        deletedOnRecord(NOW.minus(Duration.ofDays(3)));

        assertThatThrownBy(() -> start(empty, false)).hasMessageContaining("2026-11-23");
        stones.write(
                TENANT,
                new Stone(
                        NOW.minus(Duration.ofDays(3)),
                        "conversation-text",
                        null,
                        null,
                        List.of(UUID.randomUUID()),
                        Map.of()));
        start();
    }

    @Test
    @DisplayName(
            "RET-15: an upgraded database starts if nothing it deleted can still stand in a tombstone")
    void startsWhereWhatItDeletedLastIsOver() throws Exception {
        deletedOnRecord(NOW.minus(Duration.ofDays(71)));

        start(Files.createDirectories(folder.resolve("empty")), false);
    }

    @Test
    @DisplayName("RET-15: a mark of the directory that cannot be read is as good as none")
    void doesNotStartWithADamagedMark() throws Exception {
        start();
        Path mark = folder.resolve(TENANT).resolve("directory.json");
        Files.writeString(mark, "");

        assertThatThrownBy(this::start)
                .hasMessageContaining(mark + " cannot be read")
                .hasMessageContaining("JAWORT_TOMBSTONES_ACCEPT_LOSS");
        start(folder, true);
        start();
    }

    @Test
    @DisplayName("RET-15: does not start on a backup that is older than the tombstones reach")
    void refusesABackupThatIsTooOld() {
        start();
        scope.run(
                TENANT,
                () ->
                        sql.update(
                                "update tombstone_directory set used_at = used_at - interval '60 days'"));
        start(); // 60 days: they reach
        scope.run(
                TENANT,
                () ->
                        sql.update(
                                "update tombstone_directory set used_at = used_at - interval '71 days'"));

        assertThatThrownBy(this::start)
                .hasMessageContaining("2026-09-16")
                .hasMessageContaining("70 days")
                .hasMessageContaining("younger backup");
        start(folder, true);
        start();
    }

    @Test
    @DisplayName(
            "RET-15: does not start past a line it cannot read, but for a last one that was cut off")
    void refusesADamagedLine() throws Exception {
        stone(null, messages.subList(0, 1));
        stones.close();
        Path file;
        try (var files = Files.list(folder.resolve(TENANT))) {
            file = files.findFirst().orElseThrow();
        }
        String line = Files.readString(file);
        Files.writeString(file, line.substring(0, 60) + "\n" + line + line.substring(0, 60));

        assertThatThrownBy(this::start).hasMessageContaining(file + ":1;");
        assertThat(messages()).isEqualTo(messages);
        start(folder, true);
        assertThat(messages()).isEqualTo(messages.subList(1, 10));
        Files.writeString(file, line + line.substring(0, 60));
        start();
        Files.writeString(file, line + line.substring(0, 60) + "\n");
        assertThatThrownBy(this::start).hasMessageContaining(file + ":2;");
    }

    private void deletedOnRecord(Instant at) {
        scope.run(
                TENANT,
                () ->
                        new DeletionJournal(sql)
                                .append(
                                        TENANT,
                                        new DeletionJournal.Done(
                                                run,
                                                "RETENTION",
                                                "DELETED",
                                                "conversation-text@1",
                                                "conversation-text",
                                                List.of(UUID.randomUUID()),
                                                null,
                                                "schedule",
                                                at,
                                                at)));
    }

    private void start() {
        start(folder, false);
    }

    private void start(Path at, boolean acceptLoss) {
        Tenants tenants = TenantInTest.of(TENANT).alone();
        Tombstones starting = new Tombstones(at, "starting");
        try {
            new TombstoneReplay(
                            tenants,
                            scope,
                            sql,
                            starting,
                            new TombstoneDirectory(at, acceptLoss, scope, sql),
                            new InterruptedRuns(sql, starting, () -> NOW),
                            null,
                            null,
                            null,
                            new OverdueRows(scope, sql, new RetentionRules(tenants, () -> NOW)),
                            () -> NOW)
                    .afterPropertiesSet();
        } finally {
            starting.close();
        }
    }

    private void stone(UUID of, List<UUID> ids) {
        stones.write(TENANT, new Stone(NOW, "conversation-text", null, of, ids, Map.of()));
    }

    private void began(Instant finished) {
        scope.run(
                TENANT,
                () ->
                        sql.update(
                                "insert into retention_run (tenant, id, dry_run, rules, counts, started_at, finished_at, status, beat_at)"
                                        + " values (?, ?, false, '', '{}', now(), ?::timestamptz, 'RUNNING', now())",
                                TENANT,
                                run,
                                finished == null ? null : finished.toString()));
    }

    private void delete(List<UUID> ids) {
        scope.run(TENANT, () -> new StoredItems(sql).delete(TENANT, "conversation-text", ids));
    }

    private List<UUID> messages() {
        return scope.call(
                TENANT,
                () ->
                        new ArrayList<>(
                                sql.queryForList(
                                        "select id from message order by id", UUID.class)));
    }

    private List<String> journal() {
        return scope.call(
                TENANT,
                () ->
                        sql.queryForList(
                                "select kind || ' ' || rule || ' ' || store || ' ' || items from deletion_journal order by position",
                                String.class));
    }
}
