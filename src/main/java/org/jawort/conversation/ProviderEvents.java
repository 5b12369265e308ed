package org.jawort.conversation;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Remembers which events of a provider are stored, so that a repeated webhook has no second effect.
 * The memory is written in the same transaction as the effects (C12).
 */
final class ProviderEvents {

    /**
     * @param unpublished records of repeated entries whose deliveries never got onto the topic, as
     *     far as anybody knows
     */
    record Split(List<Incoming> fresh, List<Incoming> repeated, List<DeliveryRecord> unpublished) {}

    private record Key(String tenant, String account, ByteBuffer event) {}

    private final JdbcTemplate jdbc;

    ProviderEvents(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    Split split(List<Incoming> items) {
        Map<Key, UUID[]> stored = stored(items);
        List<Incoming> fresh = new ArrayList<>();
        List<Incoming> repeated = new ArrayList<>();
        Set<Key> inBatch = new HashSet<>();
        List<UUID> events = new ArrayList<>();
        for (Incoming item : items) {
            UUID[] earlier = stored.get(key(item));
            if (earlier == null && inBatch.add(key(item))) {
                fresh.add(item);
            } else {
                repeated.add(item);
                events.addAll(earlier == null ? List.of() : List.of(earlier));
            }
        }
        return new Split(fresh, repeated, unpublished(events));
    }

    private Map<Key, UUID[]> stored(List<Incoming> items) {
        Map<Key, UUID[]> stored = new HashMap<>();
        Bulk.query(
                jdbc,
                """
                select p.tenant, p.account, p.event_key, p.event_ids
                  from unnest(?::text[], ?::text[], ?::bytea[]) as w(tenant, account, key)
                 cross join lateral (
                   select p.* from provider_event p
                    where p.tenant = w.tenant and p.account = w.account and p.event_key = w.key limit 1) p""",
                row ->
                        stored.put(
                                new Key(
                                        row.getString(1),
                                        row.getString(2),
                                        ByteBuffer.wrap(row.getBytes(3))),
                                (UUID[]) row.getArray(4).getArray()),
                Column.of("text", items, Incoming::tenant),
                Column.of("text", items, item -> item.account.id()),
                Column.of("bytea", items, item -> item.eventKey.array()));
        return stored;
    }

    private List<DeliveryRecord> unpublished(List<UUID> events) {
        if (events.isEmpty()) {
            return List.of();
        }
        return Bulk.query(
                jdbc,
                """
                select d.tenant, d.destination, d.lane, d.event_id from delivery d
                 where d.event_id = any(?::uuid[]) and d.state = 'pending' and d.attempts = 0
                   and d.tenant = any((select app_tenants())::text[]) order by d.sequence""",
                row ->
                        new DeliveryRecord(
                                row.getString(1),
                                row.getString(2),
                                row.getObject(3, UUID.class),
                                row.getObject(4, UUID.class),
                                0),
                Column.of("uuid", events, event -> event));
    }

    /**
     * @throws Contended if another transaction remembered one of them first
     */
    void remember(List<Incoming> fresh, Instant now) {
        if (fresh.isEmpty()) {
            return;
        }
        int inserted =
                Bulk.update(
                        jdbc,
                        """
                        insert into provider_event (tenant, account, event_key, event_ids, received_at)
                        select tenant, account, key, coalesce(string_to_array(nullif(events, ''), ',')::uuid[], '{}'), ?::timestamptz
                          from unnest(?::text[], ?::text[], ?::bytea[], ?::text[]) as n(tenant, account, key, events)
                        on conflict do nothing""",
                        Column.one(now),
                        Column.of("text", fresh, Incoming::tenant),
                        Column.of("text", fresh, item -> item.account.id()),
                        Column.of("bytea", fresh, item -> item.eventKey.array()),
                        Column.of(
                                "text",
                                fresh,
                                item ->
                                        String.join(
                                                ",",
                                                item.events.stream()
                                                        .map(UUID::toString)
                                                        .toList())));
        if (inserted < fresh.size()) {
            throw new Contended("provider event");
        }
    }

    private static Key key(Incoming item) {
        return new Key(item.tenant(), item.account.id(), item.eventKey);
    }
}
