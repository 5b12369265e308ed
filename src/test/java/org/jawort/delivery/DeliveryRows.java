package org.jawort.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.jawort.tenant.Destination;
import org.jawort.vault.SubjectKeys;

/** A tenant of a test's own, with a person, a message and events about it. */
final class DeliveryRows {

    static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    final String tenant = "t-" + UUID.randomUUID().toString().substring(0, 8);
    final UUID person = UUID.randomUUID();
    final UUID conversation = UUID.randomUUID();
    final UUID message = UUID.randomUUID();
    final Destination crm = destination("crm");

    private final MigratedDatabase database;

    DeliveryRows(MigratedDatabase database, SubjectKeys keys) {
        this.database = database;
        SubjectKeys.NewKey key = keys.create(tenant, person);
        sql("insert into subject (tenant, id, created_at) values (?, ?, now())", tenant, person);
        sql(
                "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at) values (?, ?, 'ordinary', ?, now())",
                tenant,
                person,
                key.wrapped());
        sql(
                "insert into conversation (tenant, id, subject_id, account, channel, business_key, opened_at, last_message_at)"
                        + " values (?, ?, ?, 'wa', 'whatsapp', '', now(), now())",
                tenant,
                conversation,
                person);
        sql(
                "insert into message (tenant, id, conversation_id, subject_id, account, provider, channel, direction, content_type,"
                        + " received_at, sealed_body, decision, reason)"
                        + " values (?, ?, ?, ?, 'wa', 'twilio', 'whatsapp', 'inbound', 'text', now(), '', 'accept', 'IN_OK')",
                tenant,
                message,
                conversation,
                person);
    }

    Destination destination(String id) {
        return new Destination(
                tenant, id, "crm-webhook", null, List.of("*"), false, null, Map.of());
    }

    int sql(String statement, Object... values) {
        return database.scope().call(tenant, () -> database.jdbc().update(statement, values));
    }

    List<String> strings(String query) {
        return database.scope()
                .call(tenant, () -> database.jdbc().queryForList(query, String.class));
    }

    UUID event(long sequence) {
        return new UUID(tenant.hashCode(), sequence);
    }

    /** About the message, made {@code sequence} seconds after {@link #NOW}. */
    void delivery(String destination, long sequence, String state) {
        about("jawort.message.deleted.v1", destination, sequence, state);
    }

    void about(String type, String destination, long sequence, String state) {
        sql(
                "insert into event (tenant, id, type, subject_id, conversation_id, message_id, created_at, detail)"
                        + " values (?, ?, ?, ?, ?, ?, ?::timestamptz, '{}') on conflict do nothing",
                tenant,
                event(sequence),
                type,
                person,
                conversation,
                message,
                NOW.plusSeconds(sequence).toString());
        sql(
                "insert into delivery (tenant, destination, event_id, lane, sequence, state, attempts, created_at, finished_at)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?::timestamptz, ?::timestamptz)",
                tenant,
                destination,
                event(sequence),
                conversation,
                sequence,
                state,
                state.equals("pending") ? 0 : 1,
                NOW.plusSeconds(sequence).toString(),
                state.equals("pending") ? null : NOW.plusSeconds(sequence).toString());
    }
}
