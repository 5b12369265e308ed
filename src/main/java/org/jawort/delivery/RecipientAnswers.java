package org.jawort.delivery;

import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Notes with a delivery what its recipient answered to being told to delete. Who asked reads it
 * there once the delivery is over; an answer given twice counts once.
 */
public final class RecipientAnswers {

    private final TenantScope scope;
    private final JdbcTemplate jdbc;

    public RecipientAnswers(TenantScope scope, JdbcTemplate jdbc) {
        this.scope = scope;
        this.jdbc = jdbc;
    }

    /** To be called before the delivery counts as delivered. */
    public void note(String tenant, String destination, UUID event, RecipientAnswer answer) {
        boolean done = answer.status() == RecipientAnswer.Status.DONE;
        scope.run(
                tenant,
                () ->
                        jdbc.update(
                                """
                                update delivery set answer = ?, answer_until = ?, answer_reason = ?
                                 where tenant = ? and destination = ? and event_id = ?""",
                                done ? null : answer.status().name(),
                                answer.until() == null ? null : Bulk.timestamp(answer.until()),
                                answer.reason(),
                                tenant,
                                destination,
                                event));
    }
}
