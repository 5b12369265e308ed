package org.jawort.rights;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Art. 18: the person's data stays and is not used. The overlay closes reading, sending and
 * deliveries; whoever received data is told (DSR-8).
 */
final class Restriction implements Fulfilment {

    private final JdbcTemplate jdbc;
    private final RightsEvents events;

    Restriction(JdbcTemplate jdbc, RightsEvents events) {
        this.jdbc = jdbc;
        this.events = events;
    }

    @Override
    public ObjectNode fulfil(Task task) {
        RightsRequest request = task.request();
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        int known =
                jdbc.update(
                        "update subject set restricted_at = coalesce(restricted_at, ?) where tenant = ? and id = ?",
                        Bulk.timestamp(task.now()),
                        request.tenant(),
                        request.subject());
        if (known == 0) {
            Fulfilment.refuse(facts, "RESTRICT", "NOTHING_STORED");
            return facts;
        }
        facts.put("done", "RESTRICTED").put("since", task.now().toString());
        events.restricted(request, true, task.now()).into(facts);
        return facts;
    }

    /** Whether another restriction of the same person still holds is told by the caller. */
    void lift(RightsRequest request, Instant now) {
        jdbc.update(
                """
                update subject s set restricted_at = null where s.tenant = ? and s.id = ?
                   and not exists (select 1 from rights_request r where r.tenant = s.tenant and r.subject_id = s.id and r.id <> ?
                                      and r.type = 'RESTRICT' and r.answered_at is not null and r.lifted_at is null
                                      and r.outcome ->> 'done' = 'RESTRICTED')""",
                request.tenant(),
                request.subject(),
                request.id());
        events.restricted(request, false, now);
    }
}
