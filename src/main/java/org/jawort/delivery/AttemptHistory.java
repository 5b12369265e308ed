package org.jawort.delivery;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Every attempt of a delivery. Works in the caller's transaction. */
public final class AttemptHistory {

    /**
     * @param number of its round: a replay begins at 1 again
     * @param millis how long it took, {@code null} if that is not known
     * @param outcome {@code delivered} or {@code failed}
     * @param status of HTTP, {@code null} if there was none
     * @param error a fixed word, {@code null} if there is none
     * @param answer the beginning of what the destination said, at most 1 KiB; {@code null} if it
     *     said nothing or the message is gone
     * @param answerWithheld why an answer that is there is not shown: {@code RESTRICTED} (Art. 18),
     *     {@code ERASURE_RUNNING}, {@code KEY_DESTROYED}; else {@code null}
     */
    public record Made(
            int number,
            Instant beganAt,
            Integer millis,
            String outcome,
            Integer status,
            String error,
            String answer,
            String answerWithheld) {}

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;

    public AttemptHistory(JdbcTemplate jdbc, SubjectKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    /**
     * In the order in which they were made.
     *
     * @param opensRestricted whether the reader may see what is kept out of ordinary access
     */
    public List<Made> of(String tenant, String destination, UUID event, boolean opensRestricted) {
        List<Made> made =
                new ArrayList<>(
                        Bulk.query(
                                jdbc,
                                """
                                select t.number, t.began_at, t.millis, t.outcome, t.status, t.error, t.sealed_answer, e.subject_id,
                                       s.restricted_at, s.erasing_at, k.wrapped
                                  from delivery_attempt t join event e on e.tenant = t.tenant and e.id = t.event_id
                                  left join subject s on s.tenant = e.tenant and s.id = e.subject_id
                                  left join subject_key k on k.tenant = e.tenant and k.subject_id = e.subject_id and k.key_group = 'ordinary'
                                 where t.tenant = ? and t.event_id = ? and t.destination = ? order by t.position""",
                                row -> made(tenant, row, opensRestricted),
                                Column.one(tenant),
                                Column.one(event),
                                Column.one(destination)));
        made.addAll(
                Bulk.query(
                                jdbc,
                                """
                        select attempts, finished_at - coalesce(last_millis, 0) * interval '1 millisecond' as began_at, last_millis, last_status
                          from delivery where tenant = ? and event_id = ? and destination = ? and state = 'delivered'""",
                                row -> silent(row, made),
                                Column.one(tenant),
                                Column.one(event),
                                Column.one(destination))
                        .stream()
                        .flatMap(List::stream)
                        .toList());
        return List.copyOf(made);
    }

    /** A delivery that was taken without a word says itself what there is to say. */
    private static List<Made> silent(ResultSet row, List<Made> known) throws SQLException {
        boolean hasRow = !known.isEmpty() && known.getLast().outcome().equals("delivered");
        return hasRow && known.getLast().number() == row.getInt("attempts")
                ? List.of()
                : List.of(
                        new Made(
                                row.getInt("attempts"),
                                Bulk.instant(row, "began_at"),
                                row.getObject("last_millis", Integer.class),
                                "delivered",
                                row.getObject("last_status", Integer.class),
                                null,
                                null,
                                null));
    }

    private Made made(String tenant, ResultSet row, boolean opensRestricted) throws SQLException {
        byte[] sealed = row.getBytes("sealed_answer");
        String answer = null;
        String withheld = null;
        if (sealed != null) {
            if (row.getObject("erasing_at") != null) {
                withheld = "ERASURE_RUNNING";
            } else if (row.getObject("restricted_at") != null && !opensRestricted) {
                withheld = "RESTRICTED";
            } else {
                answer = open(tenant, row, sealed);
                withheld = answer == null ? "KEY_DESTROYED" : null;
            }
        }
        return new Made(
                row.getInt("number"),
                Bulk.instant(row, "began_at"),
                row.getInt("millis"),
                row.getString("outcome"),
                row.getObject("status", Integer.class),
                row.getString("error"),
                answer,
                withheld);
    }

    /** {@code null} if no key opens it any more. */
    private String open(String tenant, ResultSet row, byte[] sealed) throws SQLException {
        byte[] wrapped = row.getBytes("wrapped");
        if (wrapped == null) {
            return null;
        }
        try {
            return new String(
                    keys.open(tenant, row.getObject("subject_id", UUID.class), wrapped)
                            .open(DeliveryStore.ANSWER, sealed),
                    StandardCharsets.UTF_8);
        } catch (Undecipherable shredded) {
            return null;
        }
    }
}
