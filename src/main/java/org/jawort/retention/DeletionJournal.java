package org.jawort.retention;

import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/** Appends to a tenant's chain of evidence, inside the caller's transaction. */
public final class DeletionJournal {

    /**
     * What was done to items of one store.
     *
     * @param ids random ids of the items
     * @param from when the oldest of them began, or the run did
     */
    record Done(
            UUID run,
            String kind,
            String event,
            String rule,
            String store,
            Collection<UUID> ids,
            byte[] planHash,
            String actor,
            Instant from,
            Instant to) {}

    /**
     * Where a journal stands.
     *
     * @param entryHash lower-case hex; 64 zeros before the first entry
     */
    public record Head(long position, String entryHash) {}

    private final JdbcTemplate jdbc;

    public DeletionJournal(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Nothing is written where there were no items. */
    void append(String tenant, Done done) {
        if (done.ids().isEmpty()) {
            return;
        }
        MerkleTree.Hashed items = MerkleTree.of(done.ids());
        lock(tenant);
        Head head = head(tenant);
        JournalEntry entry =
                new JournalEntry(
                        tenant,
                        head.position() + 1,
                        done.run(),
                        done.kind(),
                        done.event(),
                        done.rule(),
                        done.store(),
                        items.leaves(),
                        JournalEntry.hex(items.root()),
                        JournalEntry.hex(done.planHash()),
                        done.actor(),
                        done.from(),
                        done.to(),
                        head.entryHash());
        jdbc.update(
                "insert into deletion_journal ("
                        + JournalEntry.COLUMNS
                        + ", entry_hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                tenant,
                entry.position(),
                entry.run(),
                entry.kind(),
                entry.event(),
                entry.rule(),
                entry.store(),
                entry.items(),
                bytes(entry.merkleRoot()),
                bytes(entry.planHash()),
                entry.actor(),
                Bulk.timestamp(entry.from()),
                Bulk.timestamp(entry.to()),
                bytes(entry.prevHash()),
                entry.hash());
    }

    /** Until the transaction ends nobody else appends. */
    private void lock(String tenant) {
        jdbc.query(
                "select pg_advisory_xact_lock(hashtextextended('deletion_journal ' || ?, 0))",
                row -> {},
                tenant);
    }

    public Head head(String tenant) {
        return jdbc
                .query(
                        "select position, entry_hash from deletion_journal where tenant = ? order by position desc limit 1",
                        (row, n) -> new Head(row.getLong(1), JournalEntry.hex(row.getBytes(2))),
                        tenant)
                .stream()
                .findFirst()
                .orElse(new Head(0, JournalEntry.GENESIS));
    }

    /** Entries after a position, in order, with the hash that stands beside each. */
    public List<Line> page(String tenant, long after, int limit) {
        return jdbc.query(
                "select "
                        + JournalEntry.COLUMNS
                        + ", entry_hash from deletion_journal where tenant = ? and position > ? order by position limit ?",
                (row, n) ->
                        new Line(
                                JournalEntry.read(row),
                                JournalEntry.hex(row.getBytes("entry_hash"))),
                tenant,
                after,
                limit);
    }

    /**
     * @param entryHash as stored
     */
    public record Line(JournalEntry entry, String entryHash) {}

    private static byte[] bytes(String hex) {
        return hex == null ? null : HexFormat.of().parseHex(hex);
    }
}
