package org.jawort.proof;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
                        // a use is noted when the grant ends, and was known before
                        + " and (e.received_time <= ? or e.event = 'USED' and e.event_time <= ?)"
                        + " order by e.chain_index",
                row -> {
                    LedgerEntry entry = LedgerEntry.read(row);
                    if (entry.text("recordId") != null) {
                        records.computeIfAbsent(
                                        UUID.fromString(entry.text("recordId")), id -> new Record())
                                .add(entry);
                    }
                },
                tenant,
                subject,
                Bulk.timestamp(at),
                Bulk.timestamp(at));
        Map<UUID, Instant> live = live(tenant, subject, at);
        List<Held> held = new ArrayList<>();
        records.forEach(
                (id, record) -> {
                    if (record.isThere()) {
                        held.add(record.held(tenant, id, live.get(id)));
                    }
                });
        return held;
    }

    /** Until when the grants are valid that were used last by then and still stand (T12). */
    private Map<UUID, Instant> live(String tenant, UUID subject, Instant at) {
        Map<UUID, Instant> live = new HashMap<>();
        jdbc.query(
                """
                select id, (details ->> 'validUntil')::timestamptz as until from consent_record
                 where tenant = ? and subject_id = ? and (details ->> 'lastUsedAt')::timestamptz <= ?""",
                row -> {
                    live.put(row.getObject("id", UUID.class), Bulk.instant(row, "until"));
                },
                tenant,
                subject,
                Bulk.timestamp(at));
        return live;
    }

    /** One record as its entries make it. */
    private final class Record {
        private LedgerEntry moved;
        private LedgerEntry used;
        private LedgerEntry shown;

        void add(LedgerEntry entry) {
            if (entry.text("event").equals("USED")) {
                used = entry;
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

        boolean isThere() {
            return !moved.text("state").equals("NONE") && !moved.text("outcome").equals("removed");
        }

        /**
         * @param live until when it is valid by the record, {@code null} if the entries say it
         */
        Held held(String tenant, UUID id, Instant live) {
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
                    live != null ? live : (used == null ? moved : used).instant("validUntil"),
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
