package org.jawort.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jawort.consent.LedgerEntry;
import org.jawort.proof.LedgerVerdict.Broken;
import org.jawort.proof.LedgerVerdict.Kind;
import org.jawort.proof.LedgerVerdict.Sound;
import org.jawort.vault.RootKey;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantSigner;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * S22: whoever owns the database can change the ledger, but not unseen. Each try changes a stored
 * ledger in a transaction of the owner, verifies it there, and rolls back.
 */
@Label("S22, CON-20: what was done to a stored ledger is found at its first entry")
class LedgerTamperIT {

    private static final String TENANT = "anton";
    private static final int ENTRIES = 20;
    private static final List<String> FIELDS =
            List.of(
                    "event = 'YES'",
                    "state = 'GRANTED'",
                    "outcome = 'removed'",
                    "received_time = received_time - interval '1 microsecond'",
                    "event_time = case when event_time is null then received_time end",
                    "actor = 'person'",
                    "reason = coalesce(reason, '') || ' '",
                    "text_version = 'web-consent-v4'",
                    "language = null, text_version = ''",
                    "subject_id = gen_random_uuid()",
                    "record_id = null",
                    "id = gen_random_uuid()",
                    "valid_until = now()",
                    "commitment = sha256(commitment)",
                    "prev_hash = sha256(prev_hash)",
                    "entry_hash = sha256(entry_hash)",
                    "terms_sha256 = null");

    private static Ledgers ledgers;

    @BeforeContainer
    static void aStoredLedger() {
        ledgers = new Ledgers();
        for (int i = 0; i < ENTRIES / 4; i++) {
            ledgers.append(List.of(TENANT, "berta"), 2);
        }
    }

    @AfterContainer
    static void close() {
        ledgers.close();
    }

    record Spot(int first, int second, int field) {}

    @Provide
    Arbitrary<Spot> spots() {
        Arbitrary<Integer> index = Arbitraries.integers().between(1, ENTRIES);
        return Combinators.combine(
                        index, index, Arbitraries.integers().between(0, FIELDS.size() - 1))
                .as(Spot::new);
    }

    @Property(tries = 5)
    void anUntouchedLedgerIsSound() {
        assertThat(ledgers.verify(TENANT)).isEqualTo(new Sound(ENTRIES, 0, 0));
        assertThat(ledgers.verify("berta", anchor(0))).isEqualTo(new Sound(ENTRIES, 0, 1));
        assertThat(ledgers.verify("nobody")).isEqualTo(new Sound(0, 0, 0));
    }

    @Property(tries = 120, shrinking = ShrinkingMode.OFF)
    void anEdit(@ForAll("spots") Spot spot) {
        assertFound(
                spot.first(),
                Kind.CHANGED,
                sql -> update(sql, FIELDS.get(spot.field()), spot.first()));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void anEditWithItsHashMadeAnew(@ForAll("spots") Spot spot) {
        assertFound(
                spot.first(),
                Kind.CHANGED,
                sql -> {
                    update(sql, "state = 'GRANTED', event = 'YES'", spot.first());
                    rehash(sql, spot.first());
                });
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void anEditOfWhatTheEntryCommitsTo(@ForAll("spots") Spot spot) {
        assertFound(
                spot.first(),
                Kind.CHANGED,
                sql ->
                        sql.update(
                                "update consent_salt set "
                                        + List.of(
                                                        "salt = sha256(salt)",
                                                        "sealed_evidence = sha256('\\x00')",
                                                        "sealed_evidence = null",
                                                        "address_lookup = sha256('\\x00')")
                                                .get(spot.field() % 4)
                                        + " where event_id = (select id from consent_event where chain_index = ?)",
                                spot.first()));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void aRemovedEntry(@ForAll("spots") Spot spot) {
        int index = spot.first();
        assertFound(index, index == ENTRIES ? Kind.CUT : Kind.REMOVED, sql -> remove(sql, index));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void removedEntriesWithTheRestRenumbered(@ForAll("spots") Spot spot) {
        int from = Math.min(spot.first(), spot.second());
        int to = Math.max(spot.first(), spot.second());
        assertFound(
                from,
                to == ENTRIES ? Kind.CUT : Kind.REMOVED,
                sql -> {
                    sql.update(
                            "delete from consent_event where chain_index between ? and ?",
                            from,
                            to);
                    renumber(sql, to + 1, from - to - 1);
                });
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void anInsertedEntryUnderANumberThatIsTaken(@ForAll("spots") Spot spot) {
        assertFound(
                spot.first(), Kind.INSERTED, sql -> insertCopy(sql, spot.first(), spot.first()));
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void anEntryDoubled(@ForAll("spots") Spot spot) {
        assertFound(
                spot.first(),
                Kind.INSERTED,
                sql -> {
                    insertCopy(sql, spot.first(), spot.first());
                    sql.update(
                            "update consent_event n set id = e.id from consent_event e"
                                    + " where n.chain_index = ? and e.chain_index = ? and e.position < n.position",
                            spot.first(),
                            spot.first());
                });
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void anInsertedEntryWithTheRestRenumbered(@ForAll("spots") Spot spot) {
        assertFound(
                spot.first(),
                Kind.INSERTED,
                sql -> {
                    renumber(sql, spot.first(), 1);
                    insertCopy(sql, spot.first() + 1, spot.first());
                    rehash(sql, spot.first());
                });
    }

    @Property(tries = 5, shrinking = ShrinkingMode.OFF)
    void anEntryAppendedPastTheHead() {
        assertFound(
                ENTRIES + 1,
                Kind.INSERTED,
                sql -> {
                    insertCopy(sql, ENTRIES, ENTRIES + 1);
                    sql.update(
                            "update consent_event n set prev_hash = e.entry_hash from consent_event e"
                                    + " where n.chain_index = ? and e.chain_index = ?",
                            ENTRIES + 1,
                            ENTRIES);
                    rehash(sql, ENTRIES + 1);
                });
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void twoEntriesSwapped(@ForAll("spots") Spot spot) {
        int one = Math.min(spot.first(), spot.second());
        int other = Math.max(spot.first(), spot.second());
        if (one == other) {
            return;
        }
        assertFound(
                one,
                Kind.REORDERED,
                sql ->
                        sql.update(
                                "update consent_event set chain_index = case chain_index when ? then ? else ? end"
                                        + " where chain_index in (?, ?)",
                                one,
                                other,
                                one,
                                one,
                                other));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void theEndCutOff(@ForAll("spots") Spot spot) {
        assertFound(
                spot.first(),
                Kind.CUT,
                sql ->
                        sql.update(
                                "delete from consent_event where chain_index >= ?", spot.first()));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    @Label("the end cut off and the head taken back, as by restoring an old database")
    void theEndCutOffWithTheHead(@ForAll("spots") Spot spot) {
        Consumer<JdbcTemplate> cut =
                sql -> {
                    sql.update("delete from consent_event where chain_index >= ?", spot.first());
                    takeHeadBack(sql);
                };

        assertThat(after(cut)).isInstanceOf(Sound.class);
        assertThat(after(cut, anchor(ENTRIES)))
                .isInstanceOfSatisfying(
                        Broken.class,
                        broken -> {
                            assertThat(broken.kind()).isEqualTo(Kind.CUT);
                            assertThat(broken.index()).isEqualTo(spot.first());
                        });
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void theWholeRestWrittenAnewShowsBetweenTheAnchors(@ForAll("spots") Spot spot) {
        int anchored = Math.min(spot.first(), spot.second());
        int changed = Math.max(spot.first(), spot.second());
        if (anchored == changed) {
            return;
        }
        Anchor before = anchor(anchored);
        Anchor end = anchor(ENTRIES);

        LedgerVerdict verdict =
                after(
                        sql -> {
                            update(sql, "state = 'GRANTED', event = 'YES'", changed);
                            rehash(sql, changed);
                            for (int i = changed + 1; i <= ENTRIES; i++) {
                                sql.update(
                                        "update consent_event n set prev_hash = e.entry_hash from consent_event e"
                                                + " where n.chain_index = ? and e.chain_index = ?",
                                        i,
                                        i - 1);
                                rehash(sql, i);
                            }
                            takeHeadBack(sql);
                        },
                        before,
                        end);

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Broken.class,
                        broken -> {
                            assertThat(broken.kind()).isEqualTo(Kind.REWRITTEN);
                            assertThat(broken.index()).isEqualTo(anchored + 1);
                        });
    }

    @Property(tries = 3)
    void changedTerms() {
        assertFound(
                1,
                Kind.CHANGED,
                sql ->
                        sql.update(
                                "update consent_terms set terms = terms || '{\"controller\":\"x\"}'"));
        assertFound(1, Kind.CHANGED, sql -> sql.update("delete from consent_terms"));
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    @Label("CON-21: an erased salt breaks nothing, and is told")
    void erasedSalts(@ForAll("spots") Spot spot) {
        LedgerVerdict verdict =
                after(
                        sql ->
                                sql.update(
                                        "delete from consent_salt where event_id in"
                                                + " (select id from consent_event where chain_index <= ?)",
                                        spot.first()));

        assertThat(verdict).isEqualTo(new Sound(ENTRIES, spot.first(), 0));
    }

    private static void assertFound(int index, Kind kind, Consumer<JdbcTemplate> tampering) {
        assertThat(after(tampering))
                .isInstanceOfSatisfying(
                        Broken.class,
                        broken -> {
                            assertThat(broken.index()).as(broken.toString()).isEqualTo(index);
                            assertThat(broken.kind()).as(broken.toString()).isEqualTo(kind);
                        });
    }

    private static LedgerVerdict after(Consumer<JdbcTemplate> tampering, Anchor... anchors) {
        var source = ledgers.ownerSource(TENANT);
        var transaction =
                new org.springframework.transaction.support.TransactionTemplate(
                        new org.springframework.jdbc.datasource.DataSourceTransactionManager(
                                source));
        AtomicReference<LedgerVerdict> verdict = new AtomicReference<>();
        transaction.executeWithoutResult(
                status -> {
                    status.setRollbackOnly();
                    JdbcTemplate sql = new JdbcTemplate(source);
                    sql.execute("drop index consent_event_chain");
                    tampering.accept(sql);
                    verdict.set(
                            new LedgerVerifier(new LedgerTable(sql))
                                    .verify(TENANT, List.of(anchors), done -> {}));
                });
        return verdict.get();
    }

    private static void update(JdbcTemplate sql, String change, int index) {
        assertThat(
                        sql.update(
                                "update consent_event set " + change + " where chain_index = ?",
                                index))
                .isEqualTo(1);
    }

    private static void remove(JdbcTemplate sql, int index) {
        sql.update("delete from consent_event where chain_index = ?", index);
    }

    private static void renumber(JdbcTemplate sql, int from, int by) {
        sql.update(
                "update consent_event set chain_index = chain_index + ? where chain_index >= ?",
                by,
                from);
    }

    /** Copies an entry under a new id and another number. */
    private static void insertCopy(JdbcTemplate sql, int from, int to) {
        List<String> columns =
                sql.queryForList(
                        """
                        select column_name from information_schema.columns
                         where table_name = 'consent_event' and column_name not in ('position', 'id', 'chain_index')""",
                        String.class);
        String names = String.join(", ", columns);
        sql.update(
                "insert into consent_event (id, chain_index, %s) select ?, ?, %s from consent_event where chain_index = ?"
                        .formatted(names, names),
                UUID.randomUUID(),
                to,
                from);
    }

    private static void rehash(JdbcTemplate sql, int index) {
        LedgerEntry entry = entry(sql, index);
        sql.update(
                "update consent_event set entry_hash = ? where id = ? and chain_index = ?",
                entry.computedHash(),
                entry.id(),
                index);
    }

    private static void takeHeadBack(JdbcTemplate sql) {
        sql.update(
                """
                update consent_chain c set chain_index = coalesce(e.chain_index, 0),
                                           entry_hash = coalesce(e.entry_hash, decode(repeat('00', 32), 'hex'))
                  from (select 1) one
                  left join (select chain_index, entry_hash from consent_event order by chain_index desc limit 1) e on true
                 where c.tenant = ?""",
                TENANT);
    }

    private static LedgerEntry entry(JdbcTemplate sql, int index) {
        return sql.queryForObject(
                "select "
                        + LedgerEntry.SELECT
                        + " from consent_event e where e.tenant = ? and e.chain_index = ? order by position desc limit 1",
                (row, n) -> LedgerEntry.read(row),
                TENANT,
                index);
    }

    /** Of the untouched ledger; 0 for the other tenant's end. */
    private static Anchor anchor(int index) {
        String tenant = index == 0 ? "berta" : TENANT;
        int at = index == 0 ? ENTRIES : index;
        String hash =
                ledgers.scope.call(
                        tenant,
                        () ->
                                LedgerEntry.hex(
                                        ledgers.app.queryForObject(
                                                "select entry_hash from consent_event where chain_index = ?",
                                                byte[].class,
                                                at)));
        var keys = new TenantKeys(RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null));
        return Anchor.signed(
                new TenantSigner(keys),
                Anchor.Chain.LEDGER,
                tenant,
                LocalDate.of(2026, 11, 24),
                at,
                hash);
    }
}
