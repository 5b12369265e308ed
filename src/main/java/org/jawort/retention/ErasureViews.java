package org.jawort.retention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** How far an erasure is, here and at each recipient. Works in the caller's transaction. */
public final class ErasureViews {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param recipient a destination, or {@code provider:} with an account
     * @param until with EXPIRES_AT: when the recipient's own period ends; else {@code null}
     * @param reason fixed word, {@code null} if there is nothing to say
     */
    public record Recipient(String recipient, String status, Instant until, String reason) {}

    /**
     * @param status RUNNING, PROPAGATING, COMPLETED or COMPLETED_WITH_EXCEPTIONS
     * @param plan what it was going to do, as {@link ErasurePlans} has it; {@code null} of a run of
     *     an older hub
     * @param kept JSON list: messages law keeps, until when, by which rule and why
     * @param keptBesides JSON list: what else is kept, by data type, how many, until when, by which
     *     rule and why
     * @param counts JSON object: rows deleted by table
     * @param exceptions recipients that have not erased and will not by themselves
     * @param shreddedAt {@code null} until the key is destroyed
     * @param deletedAt {@code null} until the rows are gone
     * @param finishedAt {@code null} until every recipient has answered
     */
    public record Erased(
            UUID run,
            UUID request,
            UUID subject,
            String status,
            JsonNode plan,
            JsonNode kept,
            JsonNode keptBesides,
            JsonNode counts,
            List<Recipient> recipients,
            List<Recipient> exceptions,
            Instant startedAt,
            Instant shreddedAt,
            Instant deletedAt,
            Instant finishedAt) {}

    private final JdbcTemplate jdbc;

    public ErasureViews(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** The run of a request. */
    public Optional<Erased> ofRequest(String tenant, UUID request) {
        return new ErasureRows(jdbc).of(tenant, request).flatMap(run -> find(tenant, run));
    }

    public Optional<Erased> find(String tenant, UUID run) {
        List<Recipient> recipients =
                Bulk.query(
                        jdbc,
                        "select recipient, status, until, reason from erasure_task where tenant = ? and run = ? order by recipient",
                        row ->
                                new Recipient(
                                        row.getString(1),
                                        row.getString(2),
                                        Bulk.instant(row, "until"),
                                        row.getString(4)),
                        Column.one(tenant),
                        Column.one(run));
        return Bulk.query(
                        jdbc,
                        """
                        select request, subject_id, status, plan, kept, kept_besides, counts, started_at, shredded_at, deleted_at, finished_at
                          from erasure_run where tenant = ? and id = ?""",
                        row ->
                                new Erased(
                                        run,
                                        row.getObject("request", UUID.class),
                                        row.getObject("subject_id", UUID.class),
                                        row.getString("status"),
                                        read(row.getString("plan")),
                                        read(row.getString("kept")),
                                        read(row.getString("kept_besides")),
                                        read(row.getString("counts")),
                                        recipients,
                                        recipients.stream()
                                                .filter(ErasureViews::isException)
                                                .toList(),
                                        Bulk.instant(row, "started_at"),
                                        Bulk.instant(row, "shredded_at"),
                                        Bulk.instant(row, "deleted_at"),
                                        Bulk.instant(row, "finished_at")),
                        Column.one(tenant),
                        Column.one(run))
                .stream()
                .findFirst();
    }

    private static boolean isException(Recipient one) {
        return one.status().equals("MANUAL") || one.status().equals("NOT_SUPPORTED");
    }

    private static JsonNode read(String json) {
        try {
            return json == null ? null : JSON.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("an erasure in the store", impossible);
        }
    }
}
