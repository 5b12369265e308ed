package org.jawort.conversation;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.message.MessageStatus;
import org.jawort.message.ProviderEntry;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Keeps the highest status of each id a provider has for a message, and says which entries told
 * something new of a message. One of the hub may have several: its text went in parts, of which all
 * count, or a provider took it that had said it did not, where the best counts.
 */
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

    /**
     * @param part of one of several ids under which a text went in parts
     */
    private record Known(MessageStatus status, boolean part) {}

    /** What is stored, and what the entries add to it. */
    private static final class Ids {
        private final Map<Slot, Known> known = new HashMap<>();
        private final Map<UUID, Set<Slot>> ofMessage = new HashMap<>();

        void add(Slot slot, UUID message, Known one) {
            known.put(slot, one);
            if (message != null) {
                of(message).add(slot);
            }
        }

        Set<Slot> of(UUID message) {
            return ofMessage.computeIfAbsent(message, none -> new HashSet<>());
        }

        int rank(Slot slot) {
            return known.containsKey(slot) ? known.get(slot).status().rank() : -1;
        }

        void raise(Slot slot, MessageStatus status) {
            known.put(slot, new Known(status, known.containsKey(slot) && known.get(slot).part()));
        }

        /** How far a message got that has these ids. */
        int rank(Set<Slot> slots) {
            List<MessageStatus> parts =
                    slots.stream()
                            .map(known::get)
                            .filter(one -> one != null && one.part())
                            .map(Known::status)
                            .toList();
            int best = parts.isEmpty() ? -1 : MessageStatus.ofParts(parts).rank();
            for (Slot slot : slots) {
                if (known.containsKey(slot) && !known.get(slot).part()) {
                    best = Math.max(best, rank(slot));
                }
            }
            return best;
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
     * @return the status entries that told something new of their message, in order; an older or
     *     equal status is left out, and what other parts of it have not reached yet
     */
    List<Incoming> raise(List<Incoming> items, Map<ByteBuffer, Messages.Known> known, Instant now) {
        List<Incoming> statuses =
                items.stream().filter(item -> item.entry instanceof ProviderEntry.Status).toList();
        if (statuses.isEmpty()) {
            return List.of();
        }
        Ids ids = ids(statuses, known);
        Map<Slot, Heard> risen = new LinkedHashMap<>();
        List<Incoming> news = new ArrayList<>();
        for (Incoming item : statuses) {
            ProviderEntry.Status entry = (ProviderEntry.Status) item.entry;
            if (entry.providerMessageId() == null) {
                // "Everything up to now was read": about a conversation, so there is no message to
                // raise.
                news.add(item);
                continue;
            }
            ByteBuffer key = messages.key(item, entry.providerMessageId());
            Slot slot = new Slot(item.tenant(), item.account.id(), key);
            if (entry.status().rank() > ids.rank(slot)) {
                Messages.Known message = known.get(key);
                UUID id = message == null ? null : message.id();
                risen.put(slot, new Heard(item, id, entry.status()));
                Set<Slot> same = id == null ? Set.of(slot) : ids.of(id);
                if (id != null) {
                    same.add(slot);
                }
                int before = ids.rank(same);
                ids.raise(slot, entry.status());
                int after = ids.rank(same);
                if (after > before && after == entry.status().rank()) {
                    news.add(item);
                }
            }
        }
        store(risen, now);
        return news;
    }

    private Ids ids(List<Incoming> statuses, Map<ByteBuffer, Messages.Known> known) {
        List<Slot> slots =
                statuses.stream()
                        .filter(item -> item.entry.providerMessageId() != null)
                        .map(
                                item ->
                                        new Slot(
                                                item.tenant(),
                                                item.account.id(),
                                                messages.key(item, item.entry.providerMessageId())))
                        .distinct()
                        .toList();
        List<Slot> linked =
                slots.stream().filter(slot -> known.containsKey(slot.message())).toList();
        Ids ids = new Ids();
        Bulk.query(
                jdbc,
                """
                select s.tenant, s.account, s.provider_message_key, s.message_id, s.status, s.part
                  from unnest(?::text[], ?::text[], ?::bytea[]) as w(tenant, account, key)
                  join message_status s on s.tenant = w.tenant and s.account = w.account and s.provider_message_key = w.key
                union
                select s.tenant, s.account, s.provider_message_key, s.message_id, s.status, s.part
                  from unnest(?::text[], ?::uuid[]) as w(tenant, message)
                  join message_status s on s.tenant = w.tenant and s.message_id = w.message""",
                row -> {
                    ids.add(
                            new Slot(
                                    row.getString(1),
                                    row.getString(2),
                                    ByteBuffer.wrap(row.getBytes(3))),
                            row.getObject(4, UUID.class),
                            new Known(MessageStatus.of(row.getString(5)), row.getBoolean(6)));
                    return null;
                },
                Column.of("text", slots, Slot::tenant),
                Column.of("text", slots, Slot::account),
                Column.of("bytea", slots, slot -> slot.message().array()),
                Column.of("text", linked, Slot::tenant),
                Column.of("uuid", linked, slot -> known.get(slot.message()).id()));
        return ids;
    }

    private void store(Map<Slot, Heard> risen, Instant now) {
        if (risen.isEmpty()) {
            return;
        }
        // in one order, as whoever hears the answer locks them too
        List<Map.Entry<Slot, Heard>> rows =
                risen.entrySet().stream()
                        .sorted(
                                Comparator.comparing(
                                                (Map.Entry<Slot, Heard> row) ->
                                                        row.getKey().tenant())
                                        .thenComparing(row -> row.getKey().account())
                                        .thenComparing(
                                                row -> row.getKey().message().array(),
                                                Arrays::compareUnsigned))
                        .toList();
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
                Column.of(
                        "timestamptz", rows, row -> row.getValue().item.entry.time("occurredAt")));
    }
}
