package org.jawort.consent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.store.Bulk;

/**
 * One entry of a tenant's ledger. Its hash is SHA-256 over the RFC 8785 form of {@link #fields}:
 * all that is not personal, the commitment to what is, and the hash of the entry before.
 *
 * @param fields by the names of {@link #COLUMNS}; an absent value is there as null. Ids are lower
 *     case, times UTC with six decimals, bytes lower-case hex, {@code chainIndex} a number
 * @param hash as stored, which is not to say that it is right
 */
public record LedgerEntry(ObjectNode fields, byte[] hash) {

    private static final HexFormat HEX = HexFormat.of();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** The predecessor of the first entry. */
    public static final String GENESIS = "0".repeat(64);

    /** A field, its column and the column's element type. */
    record Column(String field, String name, String type) {}

    static final List<Column> COLUMNS =
            List.of(
                    new Column("tenant", "tenant", "text"),
                    new Column("chainIndex", "chain_index", "int8"),
                    new Column("id", "id", "uuid"),
                    new Column("subjectId", "subject_id", "uuid"),
                    new Column("recordId", "record_id", "uuid"),
                    new Column("channel", "channel", "text"),
                    new Column("purpose", "purpose", "text"),
                    new Column("basis", "basis", "text"),
                    new Column("event", "event", "text"),
                    new Column("transition", "transition", "text"),
                    new Column("outcome", "outcome", "text"),
                    new Column("reason", "reason", "text"),
                    new Column("previousState", "previous_state", "text"),
                    new Column("state", "state", "text"),
                    new Column("eventTime", "event_time", "timestamptz"),
                    new Column("receivedTime", "received_time", "timestamptz"),
                    new Column("actor", "actor", "text"),
                    new Column("causeMessage", "cause_message", "uuid"),
                    new Column("addressId", "address_id", "uuid"),
                    new Column("matchedRule", "matched_rule", "text"),
                    new Column("textVersion", "text_version", "text"),
                    new Column("language", "language", "text"),
                    new Column("textSha256", "text_sha256", "bytea"),
                    new Column("noticeVersion", "notice_version", "text"),
                    new Column("validUntil", "valid_until", "timestamptz"),
                    new Column("termsSha256", "terms_sha256", "bytea"),
                    new Column("commitment", "commitment", "bytea"),
                    new Column("prevHash", "prev_hash", "bytea"));

    /** The columns of an entry, for a select with the table called {@code e}. */
    public static final String SELECT =
            COLUMNS.stream()
                    .map(column -> "e." + column.name())
                    .collect(Collectors.joining(", ", "", ", e.entry_hash"));

    /** Reads the row of a query over {@link #SELECT}. */
    public static LedgerEntry read(ResultSet row) throws SQLException {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        for (Column column : COLUMNS) {
            switch (column.type()) {
                case "int8" -> fields.put(column.field(), row.getLong(column.name()));
                case "timestamptz" ->
                        fields.put(column.field(), time(Bulk.instant(row, column.name())));
                case "bytea" -> fields.put(column.field(), hex(row.getBytes(column.name())));
                default -> fields.put(column.field(), row.getString(column.name()));
            }
        }
        return new LedgerEntry(fields, row.getBytes("entry_hash"));
    }

    /**
     * As fields hold a time, {@code null} of none: what is finer than a microsecond the database
     * does not keep.
     */
    public static String time(Instant time) {
        return time == null ? null : TIME.format(time.truncatedTo(ChronoUnit.MICROS));
    }

    public static String hex(byte[] bytes) {
        return bytes == null ? null : HEX.formatHex(bytes);
    }

    public byte[] computedHash() {
        return CanonicalJson.sha256(fields);
    }

    /** Whether the stored hash is the hash of what is stored. */
    public boolean isSound() {
        return java.util.Arrays.equals(hash, computedHash());
    }

    /** The same with another number. */
    public LedgerEntry at(long index) {
        return new LedgerEntry(fields.deepCopy().put("chainIndex", index), hash);
    }

    public long index() {
        return fields.get("chainIndex").longValue();
    }

    public UUID id() {
        return UUID.fromString(text("id"));
    }

    /** {@code null} if absent. */
    public String text(String field) {
        return Objects.requireNonNull(fields.get(field), field).textValue();
    }

    /** {@code null} if absent. */
    public Instant instant(String field) {
        String time = text(field);
        return time == null ? null : Instant.parse(time);
    }

    public String hashHex() {
        return hex(hash);
    }

    @Override
    public String toString() {
        return "LedgerEntry[" + index() + ", " + text("id") + "]";
    }
}
