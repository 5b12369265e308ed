package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.jawort.proof.Anchor;
import org.jawort.retention.JournalVerifier.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A journal of two years, of a tenant who keeps evidence for one. */
@DisplayName("RET-6, RET-13: a journal that is shortened says by which rule")
class EvidenceCutIT {

    private static final String TENANT = "muster";
    private static final int MONTHS = 24;
    private static final LocalDate FIRST = LocalDate.of(2024, 12, 1);
    private static final String A_YEAR =
            "rules:\n  - { id: short-evidence, version: 1, dataType: deletion-evidence, period: P12M, owner: desk, validFrom: 2026-01-01 }\n";

    @TempDir Path home;

    private MigratedDatabase database;
    private DeletionJournal journal;
    private final List<Anchor> anchors = new ArrayList<>();

    @BeforeEach
    void fill() {
        database = MigratedDatabase.create();
        journal = new DeletionJournal(database.jdbc());
        for (int month = 0; month < MONTHS; month++) {
            Instant at = at(FIRST.plusMonths(month));
            append(done("RETENTION", "conversation-text", at));
            anchor(FIRST.plusMonths(month));
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void isSoundByTheTenantsRule() {
        Instant night = at(LocalDate.of(2026, 11, 27));
        cut(night);
        assertThat(sound().cut())
                .satisfies(
                        cut -> {
                            assertThat(cut.rule()).isEqualTo("short-evidence@1");
                            assertThat(cut.signed()).isFalse();
                        });
        anchor(LocalDate.of(2026, 11, 27));

        Verdict.Sound sound = sound();

        assertThat(sound.entries()).isEqualTo(MONTHS / 2 + 1);
        assertThat(sound.items()).as("not the runs of entries").isEqualTo(MONTHS / 2);
        assertThat(sound.since()).isEqualTo(LocalDate.of(2025, 11, 1));
        assertThat(sound.cut().signed()).isTrue();
        assertThat(sound.cut().at()).isEqualTo(night);
        assertThat(sound.cut().before())
                .isBetween(
                        at(LocalDate.of(2025, 11, 27)),
                        at(LocalDate.of(2025, 11, 27)).plusSeconds(1));
    }

    @Test
    @DisplayName(
            "RET-13: nobody can shorten it unseen: not without an entry, nor beyond what one says")
    void isBrokenWithoutARule() {
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .queryForList(
                                                "select forget_deletion_journal(?, ?::timestamptz)",
                                                TENANT,
                                                "2025-11-27T02:00:00Z"));

        assertThat(verdict())
                .isInstanceOfSatisfying(
                        Verdict.Broken.class,
                        broken -> assertThat(broken.what()).contains("before its period was over"));
    }

    @Test
    void isBrokenWhereMoreIsGoneThanItSays() {
        cut(at(LocalDate.of(2026, 11, 27)));
        anchor(LocalDate.of(2026, 11, 27));
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .queryForList(
                                                "select forget_deletion_journal(?, ?::timestamptz)",
                                                TENANT,
                                                "2026-05-01T00:00:00Z"));

        assertThat(verdict()).isInstanceOf(Verdict.Broken.class);
    }

    @ParameterizedTest
    @DisplayName("RET-13: an entry explains nothing by a rule whose period was not over")
    @CsvSource({
        "deletion-evidence@1, false",
        "deletion-evidence-P24M@1, false",
        "deletion-evidence-P12M@1, true"
    })
    void believesNoEntryThatItsRuleContradicts(String rule, boolean isSound) {
        Instant before = at(LocalDate.of(2025, 11, 27));
        Instant night = at(LocalDate.of(2026, 11, 27));
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .queryForList(
                                                "select forget_deletion_journal(?, ?::timestamptz)",
                                                TENANT,
                                                before.toString()));
        append(
                new DeletionJournal.Done(
                        UUID.randomUUID(),
                        "RETENTION",
                        "DELETED",
                        rule,
                        EvidenceCut.JOURNAL,
                        List.of(UUID.randomUUID()),
                        null,
                        "schedule",
                        before,
                        night));
        anchor(LocalDate.of(2026, 11, 27));

        assertThat(verdict()).isInstanceOf(isSound ? Verdict.Sound.class : Verdict.Broken.class);
    }

    @Test
    void isBrokenWhereTheEntryWasChanged() {
        cut(at(LocalDate.of(2026, 11, 27)));
        anchor(LocalDate.of(2026, 11, 27));
        tamper("update deletion_journal set rule = 'other@1' where store = 'deletion_journal'");

        assertThat(verdict())
                .isInstanceOfSatisfying(
                        Verdict.Broken.class,
                        broken -> assertThat(broken.what()).isEqualTo("changed"));
    }

    @Test
    @DisplayName(
            "journals from before such entries are sound as they were, by the hub's three years")
    void isSoundByTheHubsRuleWithoutAnEntry() {
        append(done("RETENTION", "conversation-text", at(LocalDate.of(2028, 11, 2))));
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .queryForList(
                                                "select forget_deletion_journal(?, ?::timestamptz)",
                                                TENANT,
                                                "2025-11-02T02:00:00Z"));

        assertThat(sound().cut()).isNull();
        assertThat(sound().since()).isNotNull();
    }

    /** As the owner of the tables, who may. */
    private void tamper(String sql) {
        database.owner()
                .execute(
                        (java.sql.Connection connection) -> {
                            try (var statement = connection.createStatement()) {
                                statement.execute("set app.tenants = 'muster'");
                                return statement.executeUpdate(sql);
                            }
                        });
    }

    private void cut(Instant now) {
        var rules = new RetentionRules(MusterFile.tenants(home, A_YEAR), () -> now);
        database.scope()
                .run(
                        TENANT,
                        () ->
                                new EvidenceCut(database.jdbc(), rules)
                                        .cut(TENANT, UUID.randomUUID(), null, "schedule", now));
    }

    private void append(DeletionJournal.Done done) {
        database.scope().run(TENANT, () -> journal.append(TENANT, done));
    }

    private static DeletionJournal.Done done(String kind, String store, Instant at) {
        return new DeletionJournal.Done(
                UUID.randomUUID(),
                kind,
                "DELETED",
                "conversation-text@1",
                store,
                List.of(UUID.randomUUID()),
                null,
                "schedule",
                at,
                at);
    }

    private void anchor(LocalDate day) {
        database.scope()
                .run(
                        TENANT,
                        () -> {
                            DeletionJournal.Head head = journal.head(TENANT);
                            anchors.add(
                                    new Anchor(
                                            Anchor.Chain.DELETIONS,
                                            TENANT,
                                            day,
                                            head.position(),
                                            head.entryHash(),
                                            new byte[0],
                                            new byte[0]));
                            database.jdbc()
                                    .update(
                                            "insert into deletion_anchor (tenant, day, position, entry_hash, signature) values (?, ?, ?, ?, '')",
                                            TENANT,
                                            day,
                                            head.position(),
                                            HexFormat.of().parseHex(head.entryHash()));
                        });
    }

    private Verdict.Sound sound() {
        return (Verdict.Sound) verdict();
    }

    private Verdict verdict() {
        return database.scope()
                .call(TENANT, () -> new JournalVerifier(database.jdbc()).verify(TENANT, anchors));
    }

    private static Instant at(LocalDate day) {
        return day.atTime(3, 17).atZone(Rules.BERLIN).toInstant();
    }
}
