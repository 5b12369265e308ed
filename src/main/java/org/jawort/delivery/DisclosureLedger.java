package org.jawort.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Which destinations received something about a person (GDPR Art. 15(1)(c), 19): by their
 * deliveries, and once these are deleted by what was noted of them. Who may have it without having
 * said so counts, and so does one the tenant file does not name any more. Inside the caller's
 * transaction.
 */
public final class DisclosureLedger {

    /**
     * Somebody who received something of which there may be no delivery any more.
     *
     * @param lastAt when for the last time
     */
    public record Noted(String recipient, Instant lastAt) {}

    private final JdbcTemplate jdbc;

    public DisclosureLedger(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Ids of destinations, in order; providers are none. */
    public Set<String> recipients(String tenant, UUID subject) {
        return new TreeSet<>(
                jdbc.queryForList(
                        """
                        select d.destination from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
                         where e.tenant = ? and e.subject_id = ? and was_received(d.state, d.attempts, d.given)
                           and d.destination not like 'send:%'
                        union select recipient from disclosure where tenant = ? and subject_id = ?""",
                        String.class, tenant, subject, tenant, subject));
    }

    /** What was noted when deliveries were deleted, by recipient. */
    public List<Noted> noted(String tenant, UUID subject) {
        return Bulk.query(
                jdbc,
                "select recipient, last_at from disclosure where tenant = ? and subject_id = ? order by recipient",
                row -> new Noted(row.getString(1), Bulk.instant(row, "last_at")),
                Column.one(tenant),
                Column.one(subject));
    }
}
