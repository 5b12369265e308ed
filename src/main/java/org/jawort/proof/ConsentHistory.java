package org.jawort.proof;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.LedgerEntry;
import org.jawort.notice.Text;
import org.jawort.notice.Texts;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What held at any past moment, read from the ledger alone, but for the last use of a grant that
 * still stands. A moment is one of receipt: what the hub had been told by then, which is what it
 * acted on. Works inside the caller's transaction.
 */
public final class ConsentHistory {

    /**
     * Where a person stood with one purpose on one channel.
     *
     * @param since when the declaration was made that led to the state, as its sender said; {@code
     *     null} if it did not say
     * @param receivedAt when the hub heard of it
     * @param validUntil as known then; {@code null} if nothing said so, or if the grant was used
     *     later: of its uses only the last is known
     * @param textVersion the text the person saw last; {@code null} if none is known
     * @param text its words with placeholders; {@code null} if the hub does not have it
     * @param chainIndex of the declaration
     */
    public record Held(
            UUID id,
            String channel,
            String purpose,
            String basis,
            String state,
            String transition,
            Instant since,
            Instant receivedAt,
            Instant validUntil,
            String textVersion,
            String language,
            String textSha256,
            String text,
            String noticeVersion,
            long chainIndex,
            String entryHash) {}

    /** The states a grant may be in that somebody still may use. */
    private static final Set<String> COVERING = Set.of("GRANTED", "RECONSENT_DUE", "PENDING");

    private final JdbcTemplate jdbc;
    private final Texts texts;

    ConsentHistory(JdbcTemplate jdbc, Texts texts) {
        this.jdbc = jdbc;
        this.texts = texts;
    }

    /** Whether the ledger knows anything of a person. */
    public boolean knows(String tenant, UUID subject) {
        return jdbc.queryForObject(
                "select exists (select 1 from consent_event where tenant = ? and subject_id = ?)",
                Boolean.class,
                tenant,
                subject);
    }

    /** All of a person that was in a state other than NONE, oldest record first. */
    public List<Held> at(String tenant, UUID subject, Instant at) {
        Map<UUID, Record> records = new LinkedHashMap<>();
        jdbc.query(
                "select "
                        + LedgerEntry.SELECT
                        + " from consent_event e where e.tenant = ? and e.subject_id = ?"
                        + " order by e.chain_index",
                row -> {
                    LedgerEntry entry = LedgerEntry.read(row);
                    if (entry.text("recordId") == null) {
                        return;
                    }
                    UUID id = UUID.fromString(entry.text("recordId"));
                    if (!entry.instant("receivedTime").isAfter(at)) {
                        records.computeIfAbsent(id, one -> new Record()).add(entry);
                    } else if (records.containsKey(id)) {
                        records.get(id).addLater(entry);
                    }
                },
                tenant,
                subject);
        Map<UUID, LastUse> live = live(tenant, subject);
        List<Held> held = new ArrayList<>();
        records.forEach(
                (id, record) -> {
                    if (record.isThere()) {
                        held.add(record.held(tenant, id, record.validUntil(live.get(id), at)));
                    }
                });
        return held;
    }

    /** When a grant that still stands was used last, and until when it is valid since (T12). */
    private record LastUse(Instant at, Instant validUntil) {}

    private Map<UUID, LastUse> live(String tenant, UUID subject) {
        Map<UUID, LastUse> live = new HashMap<>();
        jdbc.query(
                """
                select id, (details ->> 'lastUsedAt')::timestamptz as used,
                       (details ->> 'validUntil')::timestamptz as until from consent_record
                 where tenant = ? and subject_id = ? and details ->> 'lastUsedAt' is not null""",
                row -> {
                    live.put(
                            row.getObject("id", UUID.class),
                            new LastUse(Bulk.instant(row, "used"), Bulk.instant(row, "until")));
                },
                tenant,
                subject);
        return live;
    }

    /** One record as its entries make it. */
    private final class Record {
        private LedgerEntry moved;
        private LastUse used;
        private LedgerEntry shown;

        /** Whether what was heard later ended the grant, with what it says of its last use. */
        private boolean isOver;

        void add(LedgerEntry entry) {
            if (entry.text("event").equals("USED")) {
                use(entry);
                return;
            }
            boolean first = moved == null;
            boolean changes = !entry.text("state").equals(entry.text("previousState"));
            if (first || changes || !entry.text("outcome").equals("unchanged")) {
                if (!entry.text("outcome").equals("rejected") || first) {
                    moved = entry;
                    used = null;
                }
            }
            // a new version is not shown to anybody by coming into force
            if (entry.text("textVersion") != null && !entry.text("event").equals("TEXT_CHANGED")) {
                shown = entry;
            }
        }

        /** A use is noted when the grant ends, and may have been known before. */
        void addLater(LedgerEntry entry) {
            if (isOver) {
                return;
            }
            if (entry.text("event").equals("USED")) {
                use(entry);
            }
            isOver =
                    !COVERING.contains(entry.text("state"))
                            || entry.text("outcome").equals("removed");
        }

        private void use(LedgerEntry entry) {
            used = new LastUse(entry.instant("eventTime"), entry.instant("validUntil"));
        }

        /**
         * @param live the last use of the grant that stands today, {@code null} if none does
         */
        Instant validUntil(LastUse live, Instant at) {
            LastUse last = isOver || live == null ? used : live;
            if (last == null) {
                return moved.instant("validUntil");
            }
            return last.at().isAfter(at) ? null : last.validUntil();
        }

        boolean isThere() {
            return !moved.text("state").equals("NONE") && !moved.text("outcome").equals("removed");
        }

        Held held(String tenant, UUID id, Instant validUntil) {
            String version = shown == null ? null : shown.text("textVersion");
            String language = shown == null ? null : shown.text("language");
            return new Held(
                    id,
                    moved.text("channel"),
                    moved.text("purpose"),
                    moved.text("basis"),
                    moved.text("state"),
                    moved.text("transition"),
                    moved.instant("eventTime"),
                    moved.instant("receivedTime"),
                    validUntil,
                    version,
                    language,
                    shown == null ? null : shown.text("textSha256"),
                    texts.exact(tenant, version, language).map(Text::words).orElse(null),
                    moved.text("noticeVersion"),
                    moved.index(),
                    moved.hashHex());
        }
    }
}
