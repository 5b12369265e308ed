package org.jawort.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Tells the destinations that ask for {@code hold.*} which messages a legal hold covers and which
 * no longer (RET-10): an event per message and hold, in the order of its conversation, so behind
 * the message and ahead of its deletion. Registered as {@code holdNotices}.
 */
public final class HoldNotices {

    static final String PLACED = "jawort.hold.placed.v1";
    static final String RELEASED = "jawort.hold.released.v1";

    private static final Logger LOG = LoggerFactory.getLogger(HoldNotices.class);
    private static final int BATCH = 500;

    /** A message that is gone was deleted at the destinations too: nobody is told. */
    private record Held(
            UUID message,
            UUID hold,
            boolean isPlacedTold,
            boolean isReleased,
            boolean isHeldByAnother,
            UUID conversation,
            UUID subject) {}

    private static final String UNTOLD =
            """
            select h.message_id, h.hold_id, h.placed_told_at is not null, h.released_at is not null,
                   exists (select 1 from held_message o where o.tenant = h.tenant and o.message_id = h.message_id
                                                          and o.hold_id <> h.hold_id and o.released_at is null),
                   coalesce(m.conversation_id, r.conversation_id), coalesce(m.subject_id, r.subject_id)
              from held_message h left join message m on m.tenant = h.tenant and m.id = h.message_id
              left join retained_message r on r.tenant = h.tenant and r.id = h.message_id
             where h.tenant = ? and (h.placed_told_at is null or h.released_at is not null and h.released_told_at is null)
             order by h.hold_id, h.message_id limit ? for update of h skip locked""";

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final Outbox outbox;
    private final InstantSource clock;
    private final MeterRegistry meters;

    HoldNotices(
            Tenants tenants,
            TenantScope scope,
            JdbcTemplate jdbc,
            Outbox outbox,
            InstantSource clock,
            MeterRegistry meters) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.outbox = outbox;
        this.clock = clock;
        this.meters = meters;
    }

    /** Some of what is to be told; a route calls it again and again. */
    public void tell() {
        List<String> all = tenants.all().stream().map(Tenant::id).toList();
        for (String id : scope.call(all, () -> untold(all))) {
            try {
                scope.run(id, () -> tell(tenants.get(id)));
            } catch (RuntimeException later) {
                meters.counter("jawort.retention.failures", "tenant", id).increment();
                LOG.warn(
                        "hold.notices.interrupted tenant={} error={}",
                        id,
                        later.getClass().getSimpleName());
            }
        }
    }

    private List<String> untold(List<String> tenants) {
        return Bulk.query(
                jdbc,
                """
                select distinct tenant from held_message where tenant = any(?::text[])
                   and (placed_told_at is null or released_at is not null and released_told_at is null)""",
                row -> row.getString(1),
                Column.of("text", tenants, id -> id));
    }

    private void tell(Tenant tenant) {
        List<Held> untold =
                Bulk.query(
                        jdbc,
                        UNTOLD,
                        row ->
                                new Held(
                                        row.getObject(1, UUID.class),
                                        row.getObject(2, UUID.class),
                                        row.getBoolean(3),
                                        row.getBoolean(4),
                                        row.getBoolean(5),
                                        row.getObject(6, UUID.class),
                                        row.getObject(7, UUID.class)),
                        Column.one(tenant.id()),
                        Column.one(BATCH));
        if (untold.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        List<Destination> receivers =
                tenant.destinations().values().stream()
                        .filter(destination -> destination.receives(PLACED, false))
                        .toList();
        List<NewEvent> events = new ArrayList<>();
        for (Held held : untold) {
            // Placed and released before anybody was told is nothing to tell.
            if (held.conversation() != null && held.isPlacedTold() == held.isReleased()) {
                events.add(event(tenant.id(), held, now));
            }
        }
        if (!receivers.isEmpty()) {
            outbox.addDue(events, event -> receivers, now);
        }
        Bulk.update(
                jdbc,
                """
                update held_message h set placed_told_at = coalesce(h.placed_told_at, ?::timestamptz),
                       released_told_at = case when u.released then ?::timestamptz end
                  from unnest(?::uuid[], ?::uuid[], ?::bool[]) as u(message_id, hold_id, released)
                 where h.tenant = ? and h.message_id = u.message_id and h.hold_id = u.hold_id""",
                Column.one(now),
                Column.one(now),
                Column.of("uuid", untold, Held::message),
                Column.of("uuid", untold, Held::hold),
                Column.of("bool", untold, Held::isReleased),
                Column.one(tenant.id()));
    }

    private static NewEvent event(String tenant, Held held, Instant now) {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("hold", held.hold().toString());
        if (held.isReleased()) {
            detail.put("heldByAnother", held.isHeldByAnother());
        }
        return new NewEvent(
                tenant,
                UuidCreator.getTimeOrderedEpoch(),
                held.isReleased() ? RELEASED : PLACED,
                null,
                held.subject(),
                held.conversation(),
                held.message(),
                false,
                now,
                detail.toString(),
                null);
    }
}
