package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import org.jawort.consent.CanonicalJson;
import org.jawort.store.Bulk;

/**
 * That something was deleted, without what (RET-13). Its hash is SHA-256 over the RFC 8785 form of
 * all fields but the hash itself, times in microseconds.
 *
 * @param position in the tenant's journal, from 1, without gaps
 * @param kind RETENTION, ERASURE or RESTORE
 * @param event SHREDDED (the key is gone), DELETED (the rows are) or RESTRICTED (kept by law)
 * @param rule id and version, or the article
 * @param store table
 * @param merkleRoot hex, over the random ids of the items
 * @param planHash hex; {@code null} if no plan was executed
 * @param actor who had it done: {@code schedule}; {@code api:} and the id of a key; {@code
 *     request:} and the id of the person's request; {@code hub} by itself, e.g. after a restore,
 *     and for all that was written before version 49 of the store
 * @param prevHash hex; 64 zeros for the first
 */
public record JournalEntry(
        String tenant,
        long position,
        UUID run,
        String kind,
        String event,
        String rule,
        String store,
        long items,
        String merkleRoot,
        String planHash,
        String actor,
        Instant from,
        Instant to,
        String prevHash) {

    static final String HUB = "hub";
    static final String SCHEDULE = "schedule";
    public static final String GENESIS = "0".repeat(64);
    static final String COLUMNS =
            "tenant, position, run, kind, event, rule, store, items, merkle_root, plan_hash, actor, from_time, to_time, prev_hash";

    static JournalEntry read(ResultSet row) throws SQLException {
        return new JournalEntry(
                row.getString("tenant"),
                row.getLong("position"),
                row.getObject("run", UUID.class),
                row.getString("kind"),
                row.getString("event"),
                row.getString("rule"),
                row.getString("store"),
                row.getLong("items"),
                hex(row.getBytes("merkle_root")),
                hex(row.getBytes("plan_hash")),
                row.getString("actor"),
                Bulk.instant(row, "from_time"),
                Bulk.instant(row, "to_time"),
                hex(row.getBytes("prev_hash")));
    }

    byte[] hash() {
        return MerkleTree.sha256(CanonicalJson.bytes(json()));
    }

    /** All fields, times in microseconds. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("tenant", tenant);
        json.put("position", position);
        json.put("run", run.toString());
        json.put("kind", kind);
        json.put("event", event);
        json.put("rule", rule);
        json.put("store", store);
        json.put("items", items);
        json.put("merkleRoot", merkleRoot);
        json.put("planHash", planHash);
        json.put("actor", actor);
        json.put("from", Bulk.timestamp(from).toInstant().toString());
        json.put("to", Bulk.timestamp(to).toInstant().toString());
        json.put("prevHash", prevHash);
        return json;
    }

    /** The opposite of {@link #json}. */
    static JournalEntry read(JsonNode json) {
        return new JournalEntry(
                json.path("tenant").asText(),
                json.path("position").asLong(),
                UUID.fromString(json.path("run").asText()),
                json.path("kind").asText(),
                json.path("event").asText(),
                json.path("rule").asText(),
                json.path("store").asText(),
                json.path("items").asLong(),
                json.path("merkleRoot").asText(),
                json.path("planHash").textValue(),
                json.path("actor").asText(),
                Instant.parse(json.path("from").asText()),
                Instant.parse(json.path("to").asText()),
                json.path("prevHash").asText());
    }

    static String hex(byte[] bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }
}
