package org.jawort.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jawort.retention.ErasureRows.Run;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Attempts that were loaded before an erasure began: what they deliver would come after it. Works
 * inside the caller's transaction.
 */
final class UnderWay {

    /**
     * What is parked is attempted as well, and leased meanwhile. What asks somebody to delete is
     * not waited for.
     */
    private static final String DELIVERIES =
            """
             from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
             where e.tenant = ? and e.subject_id = ? and e.type not in ('jawort.message.deleted.v1', 'jawort.erasure_call.v1', '%s', '%s')
               and (d.state = 'pending' or d.state = 'parked' and d.next_attempt_at = d.leased_until and d.leased_until > ?::timestamptz)
            """
                    .formatted(ErasurePropagation.EVENT, EndNotices.EVENT);

    /** Longer no attempt that was on its way when a run began is waited for. */
    private static final Duration LONGEST = Duration.ofMinutes(4);

    private final JdbcTemplate jdbc;

    UnderWay(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Whoever may get something of what is not waited for any longer is told of the erasure, too.
     *
     * @param waits false: nothing is waited for
     * @return false as long as something is on its way
     */
    boolean isOver(Run run, boolean waits, Instant now) {
        if (isThere(run)) {
            if (waits && now.isBefore(run.startedAt().plus(LONGEST))) {
                return false;
            }
            note(run, List.of("pending", "parked"), now);
        }
        return true;
    }

    private boolean isThere(Run run) {
        return !Bulk.query(
                        jdbc,
                        "select 1"
                                + DELIVERIES
                                + " union all select 1 from outbound where tenant = ? and subject_id = ? and state = 'sending' limit 1",
                        row -> 1,
                        Column.one(run.tenant()),
                        Column.one(run.subject()),
                        Column.one(run.startedAt()),
                        Column.one(run.tenant()),
                        Column.one(run.subject()))
                .isEmpty();
    }

    /**
     * Who may get something yet is told of the erasure as well, whatever becomes of the attempt: it
     * may be withheld for its next time while it still is on its way.
     *
     * @param states of the deliveries that count
     */
    void note(Run run, List<String> states, Instant now) {
        Bulk.update(
                jdbc,
                """
                insert into disclosure (tenant, subject_id, recipient, last_at)
                select s.tenant, s.id, w.destination, ?::timestamptz from subject s
                 cross join (select distinct d.destination
                """
                        + DELIVERIES
                        + """
                 and d.state = any(?::text[]) and d.destination not like 'send:%') w
                 where s.tenant = ? and s.id = ? on conflict do nothing""",
                Column.one(now),
                Column.one(run.tenant()),
                Column.one(run.subject()),
                Column.one(run.startedAt()),
                Column.of("text", states, state -> state),
                Column.one(run.tenant()),
                Column.one(run.subject()));
    }
}
