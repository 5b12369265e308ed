package org.jawort.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Puts events and one delivery per destination into the store, inside the caller's transaction.
 * Sequence numbers come from one counter row per destination, so they are gap-free: a transaction
 * that rolls back gives its numbers back.
 */
public final class Outbox {

    /**
     * @param detail JSON without personal data, {@code null} if the data is sealed or stands in the
     *     message
     * @param subject {@code null} if the event is about no person, such as an anchor of the ledger
     * @param sealedData sealed as {@code event.data}; {@code null} if the message row holds it
     */
    public record NewEvent(
            String tenant,
            UUID id,
            String type,
            String account,
            UUID subject,
            UUID conversation,
            UUID message,
            boolean consumed,
            Instant createdAt,
            String detail,
            byte[] sealedData) {

        /** Conversation, else subject; what is about neither waits for nothing. */
        UUID lane() {
            return conversation != null ? conversation : subject != null ? subject : id;
        }
    }

    private record NewDelivery(NewEvent event, String destination, long sequence) {}

    private record Counter(String tenant, String destination) implements Comparable<Counter> {
        @Override
        public int compareTo(Counter other) {
            int byTenant = tenant.compareTo(other.tenant);
            return byTenant != 0 ? byTenant : destination.compareTo(other.destination);
        }
    }

    private final JdbcTemplate jdbc;

    public Outbox(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * For a caller that publishes the returned records itself, after its commit, and does all of it
     * again if it is interrupted.
     *
     * @return in order of sequence per destination
     */
    public List<DeliveryRecord> add(
            List<NewEvent> events, Function<NewEvent, Collection<Destination>> receivers) {
        return add(events, ids(receivers), event -> null, false);
    }

    /**
     * The same; the deliveries of some events wait for something else first. They are not among
     * what is returned: the wake-up takes them along once they are due, and what comes later in
     * their lane waits behind them.
     *
     * @param waits until when at most the deliveries of an event wait, {@code null} for not at all
     */
    public List<DeliveryRecord> add(
            List<NewEvent> events,
            Function<NewEvent, Collection<Destination>> receivers,
            Function<NewEvent, Instant> waits) {
        return add(events, ids(receivers), waits, false);
    }

    /**
     * For a caller that publishes nothing: the deliveries are due at once, and the next wake-up
     * takes them along.
     *
     * @return what may be published after the commit, for those who are in a hurry
     */
    public List<DeliveryRecord> addDue(
            List<NewEvent> events,
            Function<NewEvent, Collection<Destination>> receivers,
            Instant now) {
        return add(events, ids(receivers), event -> now, true);
    }

    /** The same to destinations this node need not know, by their ids. */
    public void addDueTo(
            List<NewEvent> events, Function<NewEvent, Collection<String>> receivers, Instant now) {
        add(events, receivers, event -> now, true);
    }

    private static Function<NewEvent, Collection<String>> ids(
            Function<NewEvent, Collection<Destination>> receivers) {
        return event -> receivers.apply(event).stream().map(Destination::id).toList();
    }

    private List<DeliveryRecord> add(
            List<NewEvent> events,
            Function<NewEvent, Collection<String>> receivers,
            Function<NewEvent, Instant> dueAt,
            boolean returnsDue) {
        if (events.isEmpty()) {
            return List.of();
        }
        insertEvents(events);
        // Sorted, so that two transactions take the counters' row locks in the same order.
        TreeMap<Counter, List<NewEvent>> byCounter = new TreeMap<>();
        for (NewEvent event : events) {
            for (String destination : receivers.apply(event)) {
                byCounter
                        .computeIfAbsent(
                                new Counter(event.tenant(), destination), c -> new ArrayList<>())
                        .add(event);
            }
        }
        List<NewDelivery> deliveries = new ArrayList<>();
        for (Map.Entry<Counter, List<NewEvent>> entry : byCounter.entrySet()) {
            long sequence = reserve(entry.getKey(), entry.getValue().size());
            for (NewEvent event : entry.getValue()) {
                deliveries.add(new NewDelivery(event, entry.getKey().destination(), sequence++));
            }
        }
        insertDeliveries(deliveries, dueAt);
        return deliveries.stream()
                .filter(delivery -> returnsDue || dueAt.apply(delivery.event()) == null)
                .map(
                        delivery ->
                                new DeliveryRecord(
                                        delivery.event().tenant(),
                                        delivery.destination(),
                                        delivery.event().lane(),
                                        delivery.event().id(),
                                        0))
                .toList();
    }

    /** The first of {@code count} numbers; the row stays locked until the transaction ends. */
    private long reserve(Counter counter, int count) {
        Long last =
                jdbc.queryForObject(
                        """
                insert into destination_sequence as s (tenant, destination, last) values (?, ?, ?)
                on conflict (tenant, destination) do update set last = s.last + excluded.last returning last""",
                        Long.class,
                        counter.tenant(),
                        counter.destination(),
                        count);
        return last - count + 1;
    }

    private void insertEvents(List<NewEvent> events) {
        Bulk.update(
                jdbc,
                """
                insert into event (tenant, id, type, account, subject_id, conversation_id, message_id, consumed, created_at, detail,
                                   sealed_data)
                select tenant, id, type, account, subject_id, conversation_id, message_id, consumed, created_at, detail::jsonb,
                       sealed_data
                  from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bool[],
                              ?::timestamptz[], ?::text[], ?::bytea[])
                    as n(tenant, id, type, account, subject_id, conversation_id, message_id, consumed, created_at, detail, sealed_data)""",
                Column.of("text", events, NewEvent::tenant),
                Column.of("uuid", events, NewEvent::id),
                Column.of("text", events, NewEvent::type),
                Column.of("text", events, NewEvent::account),
                Column.of("uuid", events, NewEvent::subject),
                Column.of("uuid", events, NewEvent::conversation),
                Column.of("uuid", events, NewEvent::message),
                Column.of("bool", events, NewEvent::consumed),
                Column.of("timestamptz", events, NewEvent::createdAt),
                Column.of("text", events, NewEvent::detail),
                Column.of("bytea", events, NewEvent::sealedData));
    }

    private void insertDeliveries(List<NewDelivery> deliveries, Function<NewEvent, Instant> dueAt) {
        Bulk.update(
                jdbc,
                """
                insert into delivery (tenant, destination, event_id, lane, sequence, state, next_attempt_at, created_at)
                select tenant, destination, event_id, lane, sequence, case when due_at is null then 'pending' else 'parked' end, due_at,
                       created_at
                  from unnest(?::text[], ?::text[], ?::uuid[], ?::uuid[], ?::bigint[], ?::timestamptz[], ?::timestamptz[])
                    as n(tenant, destination, event_id, lane, sequence, due_at, created_at)""",
                Column.of("text", deliveries, delivery -> delivery.event().tenant()),
                Column.of("text", deliveries, NewDelivery::destination),
                Column.of("uuid", deliveries, delivery -> delivery.event().id()),
                Column.of("uuid", deliveries, delivery -> delivery.event().lane()),
                Column.of("int8", deliveries, NewDelivery::sequence),
                Column.of("timestamptz", deliveries, delivery -> dueAt.apply(delivery.event())),
                Column.of("timestamptz", deliveries, delivery -> delivery.event().createdAt()));
    }
}
