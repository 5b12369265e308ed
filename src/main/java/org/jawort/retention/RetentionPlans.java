package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.CanonicalJson;
import org.jawort.retention.PlanChanged.Reason;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a run would delete, kept under a hash that names it, and whether it still would (RET-12).
 * Works inside the caller's transaction.
 */
final class RetentionPlans {

    /** Beyond this share a count is another count. */
    private static final double DRIFT = 0.05;

    private static final Duration LONGEST_RUN = Duration.ofDays(1);

    /** Deleted all day without a plan, so that the count of a plan is soon another one. */
    private static final String BUFFER = "transport-buffer";

    /** In the document and in what is kept of it. */
    private static final String CONTENT = "rulesHash";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private record Kept(UUID id, String rules, String counts, UUID run) {}

    private final JdbcTemplate jdbc;
    private final Holds holds;

    RetentionPlans(JdbcTemplate jdbc, Holds holds) {
        this.jdbc = jdbc;
        this.holds = holds;
    }

    /**
     * @param rules ids and versions
     * @param content a hash of what these say
     * @param counts by data type, with {@code due}, {@code oldest} and {@code newest}
     * @param recipients by data type, how many of the items each received
     * @return the plan's document: rules, counts, recipients, held
     */
    ObjectNode document(
            String tenant,
            String rules,
            byte[] content,
            Map<String, Map<String, Object>> counts,
            Map<String, Map<String, Object>> recipients,
            Instant now) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("tenant", tenant);
        document.put("rules", rules);
        document.put(CONTENT, HexFormat.of().formatHex(content));
        ObjectNode types = document.putObject("counts");
        counts.forEach(
                (type, entry) -> {
                    ObjectNode copy = JSON.valueToTree(entry);
                    copy.remove("deleted");
                    types.set(type, copy);
                });
        document.set("recipients", JSON.valueToTree(recipients));
        document.put("held", holds.hit(tenant, now));
        return document;
    }

    /**
     * @param run that executes it at once, {@code null} for one that is to be looked at
     * @param actor who had it made
     * @return the hash that names the plan, lower-case hex; no two plans have the same
     */
    String keep(String tenant, ObjectNode document, UUID run, String actor, Instant now) {
        document.put("madeAt", now.toString());
        byte[] hash = MerkleTree.sha256(CanonicalJson.bytes(document));
        ObjectNode counts = document.deepCopy();
        counts.remove(List.of("tenant", "rules", "madeAt"));
        jdbc.update(
                "insert into retention_plan (tenant, id, hash, rules, counts, made_at, run, made_by) values (?, ?, ?, ?, ?::jsonb, ?, ?, ?)",
                tenant,
                UuidCreator.getTimeOrderedEpoch(),
                hash,
                document.get("rules").textValue(),
                counts.toString(),
                Bulk.timestamp(now),
                run,
                actor);
        return HexFormat.of().formatHex(hash);
    }

    /**
     * Marks a plan as executed.
     *
     * @param present the document as it would be made now
     * @throws PlanChanged if it is not what would be executed any more
     */
    void execute(String tenant, String hash, UUID run, ObjectNode present) {
        Kept plan = find(tenant, hash).orElseThrow(() -> new PlanChanged(Reason.UNKNOWN));
        if (plan.run() != null) {
            throw new PlanChanged(Reason.EXECUTED);
        }
        JsonNode kept = read(plan.counts());
        if (!plan.rules().equals(present.get("rules").textValue())
                || !kept.path(CONTENT).equals(present.get(CONTENT))) {
            throw new PlanChanged(Reason.RULES_CHANGED);
        }
        if (drifted(kept.path("counts"), present.get("counts"))) {
            throw new PlanChanged(Reason.COUNTS_DRIFTED);
        }
        jdbc.update(
                "update retention_plan set run = ? where tenant = ? and id = ?",
                run,
                tenant,
                plan.id());
    }

    private Optional<Kept> find(String tenant, String hash) {
        return jdbc
                .query(
                        "select id, rules, counts, run from retention_plan where tenant = ? and hash = ? for update",
                        (row, n) ->
                                new Kept(
                                        row.getObject(1, UUID.class),
                                        row.getString(2),
                                        row.getString(3),
                                        row.getObject(4, UUID.class)),
                        tenant,
                        HexFormat.of().parseHex(hash))
                .stream()
                .findFirst();
    }

    static boolean drifted(JsonNode planned, JsonNode present) {
        Set<String> types = new HashSet<>();
        planned.fieldNames().forEachRemaining(types::add);
        present.fieldNames().forEachRemaining(types::add);
        types.remove(BUFFER);
        return types.stream()
                .anyMatch(
                        type -> {
                            long before = planned.path(type).path("due").asLong();
                            long now = present.path(type).path("due").asLong();
                            return Math.abs(now - before) > before * DRIFT;
                        });
    }

    /** Until the transaction ends no other run deletes what is under the day's cap. */
    void lockDay(String tenant) {
        jdbc.query(
                "select pg_advisory_xact_lock(hashtextextended('retention day ' || ?, 0))",
                row -> {},
                tenant);
    }

    /**
     * How much of what is under the day's cap went since midnight in Berlin; all of a run that was
     * at work since, even if some of it went before.
     */
    long deletedToday(String tenant, Instant now) {
        Instant midnight = now.atZone(BERLIN).toLocalDate().atStartOfDay(BERLIN).toInstant();
        return jdbc.queryForObject(
                """
                select coalesce(sum((c.value ->> 'deleted')::bigint), 0)
                  from retention_run r cross join lateral jsonb_each(r.counts) c
                 where r.tenant = ? and not r.dry_run and r.started_at >= ? and coalesce(r.beat_at, r.started_at) >= ?
                   and c.key not in ('transport-buffer', 'dedup-key')""",
                Long.class,
                tenant,
                Bulk.timestamp(midnight.minus(LONGEST_RUN)),
                Bulk.timestamp(midnight));
    }

    /**
     * What the last seven runs deleted of each data type on average; nothing before the first. Runs
     * of buffers alone do not count.
     */
    Map<String, Double> usual(String tenant) {
        Map<String, Double> usual = new java.util.HashMap<>();
        jdbc.query(
                """
                select c.key, avg(coalesce((c.value ->> 'deleted')::bigint, 0))
                  from (select counts from retention_run where tenant = ? and not dry_run and finished_at is not null and counts -> 'conversation-text' is not null order by id desc limit 7) r
                 cross join lateral jsonb_each(r.counts) c group by c.key""",
                row -> {
                    usual.put(row.getString(1), row.getDouble(2));
                },
                tenant);
        return usual;
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException impossible) {
            throw new IllegalStateException("a plan in the store", impossible);
        }
    }
}
