package org.jawort.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.label.StoredLabels;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads deliveries with what their events are made of, and decides whether they may leave. Works
 * inside the caller's transaction. {@code case when … then true end} hides from the planner how few
 * deliveries are open: it would begin with all of them (docs/decisions/0013).
 */
final class DeliveryReader {

    /**
     * Of those that would not fit any more, only which they are: the first fits always. A length is
     * known without reading what is so long.
     */
    private static final String LOAD =
            """
            select event_id, lane, sequence, attempts, woken, type, account, subject_id, conversation_id, message_id, created_at, detail,
                   has_message, provider, channel, direction, received_at, decision, reason, purpose, consent_state, consent_record, flags,
                   category, restricted, erasing, wrapped, before >= ? as left_off, case when before < ? then sealed_data end as sealed_data,
                   case when before < ? then sealed_body end as sealed_body
              from (
            select d.event_id, d.lane, d.sequence, d.attempts, d.state = 'parked' as woken, e.type, e.account, e.subject_id, e.conversation_id, e.message_id,
                   e.created_at, e.sealed_data, e.detail, m.id is not null as has_message, m.provider, m.channel, m.direction, m.received_at,
                   m.sealed_body, m.decision, m.reason, m.purpose, m.consent_state, m.consent_record, m.flags, m.category,
                   s.restricted_at is not null as restricted, s.erasing_at is not null as erasing, k.wrapped,
                   coalesce(sum(coalesce(octet_length(e.sealed_data), 0) + coalesce(octet_length(m.sealed_body), 0)
                                + case when ? then coalesce(octet_length(m.sealed_original), 0) else 0 end)
                              over (order by d.sequence rows between unbounded preceding and 1 preceding), 0) as before
              from unnest(?::text[], ?::text[], ?::uuid[], ?::int[]) as wanted(tenant, destination, event_id, attempts)
              join delivery d on d.tenant = wanted.tenant and d.destination = wanted.destination and d.event_id = wanted.event_id
                             and d.attempts = wanted.attempts and case when d.state in ('pending', 'parked') then true end
              join event e on e.tenant = d.tenant and e.id = d.event_id
              left join message m on m.tenant = e.tenant and m.id = e.message_id
              left join subject s on s.tenant = e.tenant and s.id = e.subject_id
              left join subject_key k on k.tenant = e.tenant and k.subject_id = e.subject_id and k.key_group = 'ordinary') as found
            """;

    /**
     * @param left those that are in turn after these
     */
    record Loaded(List<Attempt> attempts, List<DeliveryRecord> left) {}

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final EventComposer composer;
    private final StoredLabels labels;
    private final MessageOriginals originals;
    private final MessageMedia messageMedia;

    DeliveryReader(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            EventComposer composer,
            MessageMedia messageMedia) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.composer = composer;
        this.messageMedia = messageMedia;
        this.labels = new StoredLabels(jdbc);
        this.originals = new MessageOriginals(jdbc);
    }

    /**
     * The deliveries these records name, as far as they still wait for exactly this attempt, in
     * order of sequence.
     *
     * @param bytes how much of what is stored sealed is read at once
     */
    Loaded load(Destination destination, List<DeliveryRecord> records, int bytes) {
        String tenant = destination.tenant();
        Map<Boolean, List<DeliveryRow>> rows =
                Bulk.query(
                                jdbc,
                                LOAD,
                                DeliveryRow::read,
                                Column.one(bytes),
                                Column.one(bytes),
                                Column.one(bytes),
                                Column.one(destination.takesOriginals()),
                                Column.of("text", records, record -> tenant),
                                Column.of("text", records, record -> destination.id()),
                                Column.of("uuid", records, DeliveryRecord::event),
                                Column.of("int4", records, DeliveryRecord::attempt))
                        .stream()
                        .sorted(Comparator.comparingLong(row -> row.sequence))
                        .collect(Collectors.partitioningBy(row -> row.leftOff));
        Set<UUID> leftOff = new HashSet<>();
        rows.get(true).forEach(row -> leftOff.add(row.eventId));
        rows.get(false).forEach(row -> leftOff.remove(row.eventId)); // named twice
        return new Loaded(
                attempts(destination, rows.get(false)),
                records.stream().filter(record -> leftOff.contains(record.event())).toList());
    }

    private List<Attempt> attempts(Destination destination, List<DeliveryRow> rows) {
        String tenant = destination.tenant();
        Map<UUID, List<MessageMedia.Medium>> media = media(tenant, rows);
        label(tenant, rows);
        if (destination.takesOriginals()) {
            originals.add(tenant, rows);
        }
        Map<UUID, Attempt> attempts = new LinkedHashMap<>();
        for (DeliveryRow row : rows) {
            attempts.put(row.eventId, attempt(tenant, row, media));
        }
        return List.copyOf(attempts.values());
    }

    private void label(String tenant, List<DeliveryRow> rows) {
        Map<UUID, List<StoredLabels.Sealed>> found =
                labels.of(
                        tenant,
                        rows.stream()
                                .filter(row -> row.hasMessage && row.isWhole())
                                .map(
                                        row ->
                                                new StoredLabels.Place(
                                                        row.conversationId, row.messageId))
                                .toList());
        rows.stream()
                .filter(row -> row.hasMessage)
                .forEach(row -> row.labels = found.getOrDefault(row.messageId, List.of()));
    }

    private Map<UUID, List<MessageMedia.Medium>> media(String tenant, List<DeliveryRow> rows) {
        List<UUID> messages =
                rows.stream()
                        .filter(row -> row.hasMessage)
                        .map(row -> row.messageId)
                        .distinct()
                        .toList();
        return messageMedia.of(tenant, messages);
    }

    private Attempt attempt(
            String tenant, DeliveryRow row, Map<UUID, List<MessageMedia.Medium>> media) {
        String withheld = null;
        SubjectKey key = null;
        boolean content =
                row.isOfFile()
                        || row.type.startsWith("jawort.message.")
                                && !row.type.startsWith("jawort.message.deleted");
        if (content && row.erasing) {
            withheld = "ERASURE_RUNNING";
        } else if (content && row.restricted) {
            withheld = "RESTRICTED";
        } else if (content && row.sealedData == null && !row.hasMessage) {
            withheld = "CONTENT_DELETED";
        } else if (row.isSealed() && row.wrapped == null) {
            withheld = "KEY_DESTROYED";
        } else {
            try {
                key = row.wrapped == null ? null : keys.open(tenant, row.subjectId, row.wrapped);
            } catch (Undecipherable shredded) {
                withheld = row.isSealed() ? "KEY_DESTROYED" : null;
            }
        }
        SubjectKey opens = key;
        List<MessageMedia.Medium> files =
                row.hasMessage ? media.getOrDefault(row.messageId, List.of()) : List.of();
        return new Attempt(
                row.eventId,
                row.lane,
                row.sequence,
                row.attempts,
                row.woken,
                row.type,
                row.messageId,
                withheld == null ? () -> compose(tenant, row, opens, files) : null,
                withheld,
                key);
    }

    private ObjectNode compose(
            String tenant, DeliveryRow row, SubjectKey key, List<MessageMedia.Medium> media) {
        ObjectNode event;
        try {
            event = composer.compose(tenant, row, key, media);
        } catch (Undecipherable shredded) {
            throw new DeliveryWithheld("KEY_DESTROYED");
        }
        if (row.isOfFile() && event.at("/data/content/media").isEmpty()) {
            throw new DeliveryWithheld("CONTENT_DELETED");
        }
        return event;
    }
}
