package org.jawort.conversation;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.message.MessageStatus;
import org.jawort.message.ProviderEntry;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** Keeps the highest status of each message and says which entries raised one. */
final class Statuses {

    private record Slot(String tenant, String account, ByteBuffer message) {}

    private static final class Heard {
        final Incoming item;
        final UUID message;
        final MessageStatus status;

        Heard(Incoming item, UUID message, MessageStatus status) {
            this.item = item;
            this.message = message;
            this.status = status;
        }
    }

    private final JdbcTemplate jdbc;
    private final Messages messages;

    Statuses(JdbcTemplate jdbc, Messages messages) {
        this.jdbc = jdbc;
        this.messages = messages;
    }

    /**
     * Stores what rose.
     *
     * @return the status entries that told something new, in order; an older or equal status is left out
     */
    List<Incoming> raise(List<Incoming> items, Map<ByteBuffer, Messages.Known> known, Instant now) {
        List<Incoming> statuses = items.stream()
                .filter(item -> item.entry instanceof ProviderEntry.Status)
                .toList();
        if (statuses.isEmpty()) {
            return List.of();
        }
        Map<Slot, Integer> ranks = ranks(statuses);
        Map<Slot, Heard> risen = new LinkedHashMap<>();
        List<Incoming> news = new ArrayList<>();
        for (Incoming item : statuses) {
            ProviderEntry.Status entry = (ProviderEntry.Status) item.entry;
            if (entry.providerMessageId() == null) {
                // "Everything up to now was read": about a conversation, so there is no message to raise.
                news.add(item);
                continue;
            }
            ByteBuffer key = messages.key(item, entry.providerMessageId());
            Slot slot = new Slot(item.tenant(), item.account.id(), key);
            if (entry.status().rank() > ranks.getOrDefault(slot, -1)) {
                Messages.Known message = known.get(key);
                ranks.put(slot, (int) entry.status().rank());
                risen.put(slot, new Heard(item, message == null ? null : message.id(), entry.status()));
                news.add(item);
            }
        }
        store(risen, now);
        return news;
    }

    private Map<Slot, Integer> ranks(List<Incoming> statuses) {
        List<Slot> slots = statuses.stream()
                .filter(item -> item.entry.providerMessageId() != null)
                .map(item -> new Slot(
                        item.tenant(), item.account.id(), messages.key(item, item.entry.providerMessageId())))
                .distinct()
                .toList();
        Map<Slot, Integer> ranks = new HashMap<>();
        Bulk.query(
                jdbc,
                """
                select s.tenant, s.account, s.provider_message_key, s.rank
                  from unnest(?::text[], ?::text[], ?::bytea[]) as w(tenant, account, key)
                  join message_status s on s.tenant = w.tenant and s.account = w.account and s.provider_message_key = w.key""",
                row -> ranks.put(
                        new Slot(row.getString(1), row.getString(2), ByteBuffer.wrap(row.getBytes(3))), row.getInt(4)),
                Column.of("text", slots, Slot::tenant),
                Column.of("text", slots, Slot::account),
                Column.of("bytea", slots, slot -> slot.message().array()));
        return ranks;
    }

    private void store(Map<Slot, Heard> risen, Instant now) {
        if (risen.isEmpty()) {
            return;
        }
        List<Map.Entry<Slot, Heard>> rows = List.copyOf(risen.entrySet());
        Bulk.update(
                jdbc,
                """
                insert into message_status as s (tenant, account, provider_message_key, message_id, subject_id, status, rank,
                                                 occurred_at, updated_at)
                select *, ?::timestamptz from unnest(?::text[], ?::text[], ?::bytea[], ?::uuid[], ?::uuid[], ?::text[], ?::smallint[],
                                      ?::timestamptz[])
                on conflict (tenant, account, provider_message_key) do update
                   set status = excluded.status, rank = excluded.rank, occurred_at = excluded.occurred_at,
                       message_id = coalesce(excluded.message_id, s.message_id), updated_at = excluded.updated_at
                 where s.rank < excluded.rank""",
                Column.one(now),
                Column.of("text", rows, row -> row.getKey().tenant()),
                Column.of("text", rows, row -> row.getKey().account()),
                Column.of("bytea", rows, row -> row.getKey().message().array()),
                Column.of("uuid", rows, row -> row.getValue().message),
                Column.of("uuid", rows, row -> row.getValue().item.subject.id()),
                Column.of("text", rows, row -> row.getValue().status.wireName()),
                Column.of("int2", rows, row -> row.getValue().status.rank()),
                Column.of("timestamptz", rows, row -> row.getValue().item.entry.time("occurredAt")));
    }
}
