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
import org.jawort.conversation.ReadConversations.Sent;
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

        /** Whether nothing more is to be expected under this id, unless it is told by itself. */
        boolean isOver(Slot slot) {
            int rank = rank(slot);
            return rank == MessageStatus.FAILED.rank() || rank == MessageStatus.READ.rank();
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

    /**
     * What rose.
     *
     * @param news the status entries that told something new of their message, in order; an older
     *     or equal status is left out, and what other parts of it have not reached yet
     * @param read of entries that name no message, which messages they told something new of
     */
    record Risen(List<Incoming> news, Map<Incoming, List<Sent>> read) {}

    private final JdbcTemplate jdbc;
    private final Messages messages;
    private final ReadConversations conversations;

    Statuses(JdbcTemplate jdbc, Messages messages, ReadConversations conversations) {
        this.jdbc = jdbc;
        this.messages = messages;
        this.conversations = conversations;
    }

    /** Stores what rose. */
    Risen raise(List<Incoming> items, Map<ByteBuffer, Messages.Known> known, Instant now) {
        List<Incoming> statuses =
                items.stream().filter(item -> item.entry instanceof ProviderEntry.Status).toList();
        if (statuses.isEmpty()) {
            return new Risen(List.of(), Map.of());
        }
        Map<Incoming, List<Sent>> unread = conversations.find(statuses);
        Ids ids = ids(statuses, known, unread);
        Map<Slot, Heard> risen = new LinkedHashMap<>();
        List<Incoming> news = new ArrayList<>();
        Map<Incoming, List<Sent>> read = new HashMap<>();
        for (Incoming item : statuses) {
            ProviderEntry.Status entry = (ProviderEntry.Status) item.entry;
            if (entry.providerMessageId() == null) {
                // "Everything up to now was read": the conversation, and what had gone out there
                news.add(item);
                read.put(
                        item,
                        unread.getOrDefault(item, List.of()).stream()
                                .filter(sent -> isRead(sent, item, ids, risen))
                                .toList());
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
        return new Risen(news, read);
    }

    /** Raises a message under each of its ids at the account; whether that is new of the whole. */
    private static boolean isRead(Sent sent, Incoming item, Ids ids, Map<Slot, Heard> risen) {
        UUID id = sent.message().id();
        Set<Slot> same = ids.of(id);
        same.add(new Slot(item.tenant(), item.account.id(), sent.key()));
        int before = ids.rank(same);
        for (Slot slot : same) {
            if (slot.account().equals(item.account.id()) && !ids.isOver(slot)) {
                risen.put(slot, new Heard(item, id, MessageStatus.READ));
                ids.raise(slot, MessageStatus.READ);
            }
        }
        return ids.rank(same) > before && ids.rank(same) == MessageStatus.READ.rank();
    }

    private Ids ids(
            List<Incoming> statuses,
            Map<ByteBuffer, Messages.Known> known,
            Map<Incoming, List<Sent>> unread) {
        Map<Slot, UUID> slots = new LinkedHashMap<>();
        for (Incoming item : statuses) {
            if (item.entry.providerMessageId() != null) {
                ByteBuffer key = messages.key(item, item.entry.providerMessageId());
                slots.put(
                        new Slot(item.tenant(), item.account.id(), key),
                        known.containsKey(key) ? known.get(key).id() : null);
            }
            for (Sent sent : unread.getOrDefault(item, List.of())) {
                slots.put(
                        new Slot(item.tenant(), item.account.id(), sent.key()),
                        sent.message().id());
            }
        }
        List<Map.Entry<Slot, UUID>> linked =
                slots.entrySet().stream().filter(slot -> slot.getValue() != null).toList();
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
                Column.of("text", slots.keySet(), Slot::tenant),
                Column.of("text", slots.keySet(), Slot::account),
                Column.of("bytea", slots.keySet(), slot -> slot.message().array()),
                Column.of("text", linked, slot -> slot.getKey().tenant()),
                Column.of("uuid", linked, Map.Entry::getValue));
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
