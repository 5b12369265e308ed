package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.retention.Keeping.Message;
import org.jawort.retention.Keeping.Verdict;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What law and holds keep of somebody who is being erased, as far as that is known without opening
 * anything. Works inside the caller's transaction.
 */
final class BoundItems {

    private static final String MESSAGES =
            """
            select m.id, m.subject_id, m.conversation_id, m.account, m.channel, m.direction, m.category, m.purpose, m.received_at, m.sent_at
              from message m where m.tenant = ? and m.subject_id = ?""";

    private final JdbcTemplate jdbc;
    private final Keeping keeping;

    BoundItems(JdbcTemplate jdbc, Keeping keeping) {
        this.jdbc = jdbc;
        this.keeping = keeping;
    }

    /** Whether the ordinary key still opens what is to be kept: messages, or what was declared. */
    boolean areThere(String tenant, UUID subject, Instant now) {
        return !jdbc.queryForList(
                                """
                                select 1 from consent_salt s where s.tenant = ? and s.subject_id = ? and s.sealed_evidence is not null
                                   and not exists (select 1 from retained_evidence r where r.tenant = s.tenant and r.event_id = s.event_id)
                                 limit 1""",
                                Integer.class,
                                tenant,
                                subject)
                        .isEmpty()
                || keepsMessages(tenant, subject, now);
    }

    private boolean keepsMessages(String tenant, UUID subject, Instant now) {
        List<Message> messages =
                Bulk.query(
                        jdbc,
                        MESSAGES,
                        row -> Message.of(tenant, row),
                        Column.one(tenant),
                        Column.one(subject));
        return keeping.decide(tenant, messages, now).values().stream()
                .anyMatch(verdict -> verdict instanceof Verdict.Keep);
    }
}
