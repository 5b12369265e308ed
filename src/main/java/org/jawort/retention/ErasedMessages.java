package org.jawort.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.retention.ErasureRows.Run;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The messages of a person who is erased, for destinations that find what they have by the id of
 * its message alone, as a CRM does with one record per message (GDPR Art. 19, RET-14). Works inside
 * the caller's transaction.
 */
final class ErasedMessages {

    /** Which events {@code e} tell of messages because the person was erased. */
    static final String ARE_TOLD =
            "e.type = 'jawort.message.deleted.v1' and e.detail ->> 'reason' = 'ERASURE'";

    /** A message that a destination has. */
    record Received(UUID message, UUID conversation, String destination) {}

    private final JdbcTemplate jdbc;

    ErasedMessages(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * To be read before the person's deliveries go: what each destination got or may have got, for
     * nobody knows of an attempt that was under way, or was told to delete and has not taken yet.
     * What law keeps here is not among it, its end is told later.
     */
    List<Received> received(Run run, Collection<String> destinations) {
        return Bulk.query(
                jdbc,
                """
                select distinct e.message_id, e.conversation_id, d.destination
                  from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
                 where e.tenant = ? and e.subject_id = ? and d.destination = any(?::text[])
                   and (e.type in ('jawort.message.received.v1', 'jawort.message.sent.v1')
                        or e.type = 'jawort.message.deleted.v1' and d.state <> 'delivered')
                   and not exists (select 1 from retained_message r where r.tenant = e.tenant and r.id = e.message_id)
                 order by 1, 3""",
                row ->
                        new Received(
                                row.getObject(1, UUID.class),
                                row.getObject(2, UUID.class),
                                row.getString(3)),
                Column.one(run.tenant()),
                Column.one(run.subject()),
                Column.of("text", destinations, id -> id));
    }

    static NewEvent event(Run run, Received message, Instant now) {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("reason", "ERASURE");
        detail.put("dataType", "conversation-text");
        detail.put("rule", Erasure.ARTICLE);
        detail.put("request", run.request().toString());
        return new NewEvent(
                run.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                "jawort.message.deleted.v1",
                null,
                run.subject(),
                message.conversation(),
                message.message(),
                false,
                now,
                detail.toString(),
                null);
    }
}
