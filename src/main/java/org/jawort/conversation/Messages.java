package org.jawort.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.label.Filing;
import org.jawort.message.Channel;
import org.jawort.message.MessageStatus;
import org.jawort.message.ProviderEntry;
import org.jawort.sending.SentMessages;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.CategoryRules.Classified;
import org.jawort.tenant.MessageTraits;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Stores messages, encrypted under their subject's key, and finds them again by what the provider
 * called them.
 */
final class Messages {

    /**
     * A message with what was decided about it.
     *
     * @param state consent state the decision rests on, {@code null} if it rests on none
     * @param heldUntil when held content is deleted unless the person agrees; {@code null} if not
     *     held
     */
    record Decided(
            Incoming item,
            String direction,
            String decision,
            String reason,
            String purpose,
            String state,
            UUID record,
            Set<String> flags,
            Instant heldUntil) {

        /**
         * @param consentChannel the one consent is kept for
         */
        boolean isHeldOf(Person person, Channel consentChannel) {
            return heldUntil != null
                    && item.person().equals(person)
                    && Channel.of(item.conversation.channel()).consentChannel() == consentChannel;
        }

        /** As {@link HeldMessages} frees one that is stored. */
        Decided released() {
            return new Decided(
                    item, direction, "accept", "IN_OK", purpose, "GRANTED", record, flags, null);
        }
    }

    /** A stored message under a provider's id. */
    record Known(UUID id, UUID subject, UUID conversation, String channel) {}

    private record ProviderId(String tenant, String account, ByteBuffer key) {}

    /** What the row's own columns say, or what is kept elsewhere. */
    private static final Set<String> NOT_IN_BODY =
            Set.of("kind", "eventId", "account", "channel", "original");

    private static final Pattern OURS =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final JdbcTemplate jdbc;
    private final Pseudonyms pseudonyms;
    private final ObjectMapper json;
    private final SentMessages sent;
    private final Filing filing;
    private final ReceivedMedia media;

    Messages(
            JdbcTemplate jdbc,
            Pseudonyms pseudonyms,
            ObjectMapper json,
            SentMessages sent,
            Filing filing,
            ReceivedMedia media) {
        this.filing = filing;
        this.media = media;
        this.sent = sent;
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
        this.json = json;
    }

    /**
     * Messages of these entries' accounts that the provider calls as the entries do, that the
     * entries reply to, or whose own id the provider gave back.
     */
    Map<ByteBuffer, Known> known(List<Incoming> items) {
        List<ProviderId> wanted = new ArrayList<>();
        for (Incoming item : items) {
            switch (item.entry) {
                case ProviderEntry.Received received -> add(wanted, item, replyTo(received.json()));
                case ProviderEntry.Echo echo -> {
                    add(wanted, item, replyTo(echo.json()));
                    add(wanted, item, echo.providerMessageId());
                }
                case ProviderEntry.Status status -> add(wanted, item, status.providerMessageId());
                case ProviderEntry.Preference preference ->
                        add(wanted, item, preference.providerMessageId());
                case ProviderEntry.Identity identity -> {}
                case ProviderEntry.Template template -> {}
                case ProviderEntry.Ignored ignored -> {}
            }
        }
        Map<ByteBuffer, Known> known = new HashMap<>();
        if (!wanted.isEmpty()) {
            Bulk.query(
                    jdbc,
                    """
                    select m.provider_message_key, m.id, m.subject_id, m.conversation_id, m.channel
                      from unnest(?::text[], ?::text[], ?::bytea[]) as w(tenant, account, key)
                      join message m on m.tenant = w.tenant and m.account = w.account and m.provider_message_key = w.key""",
                    row ->
                            known.put(
                                    ByteBuffer.wrap(row.getBytes(1)),
                                    new Known(
                                            row.getObject(2, UUID.class),
                                            row.getObject(3, UUID.class),
                                            row.getObject(4, UUID.class),
                                            row.getString(5))),
                    Column.of("text", wanted, ProviderId::tenant),
                    Column.of("text", wanted, ProviderId::account),
                    Column.of("bytea", wanted, id -> id.key().array()));
        }
        addReferenced(items, known);
        return known;
    }

    /** Those of the entries that are about a message nobody of the hub is known to have sent. */
    List<Incoming> unnamed(List<Incoming> items, Map<ByteBuffer, Known> known) {
        return items.stream()
                .filter(
                        item ->
                                item.entry.providerMessageId() != null
                                        && !known.containsKey(
                                                key(item, item.entry.providerMessageId())))
                .toList();
    }

    private void addReferenced(List<Incoming> items, Map<ByteBuffer, Known> known) {
        Map<Incoming, SentMessages.Reference> references = new HashMap<>();
        for (Incoming item : items) {
            String reference = item.entry.json().path("clientRef").asText("");
            String providerId = item.entry.providerMessageId();
            if (OURS.matcher(reference).matches()
                    && providerId != null
                    && !known.containsKey(key(item, providerId))) {
                references.put(
                        item,
                        new SentMessages.Reference(
                                item.tenant(), item.account.id(), UUID.fromString(reference)));
            }
        }
        Map<SentMessages.Reference, SentMessages.Known> ours =
                sent.known(List.copyOf(references.values()));
        references.forEach(
                (item, reference) -> {
                    SentMessages.Known found = ours.get(reference);
                    MessageStatus status =
                            item.entry instanceof ProviderEntry.Status said ? said.status() : null;
                    if (found != null && found.concerns(status)) {
                        known.put(
                                key(item, item.entry.providerMessageId()),
                                new Known(
                                        reference.message(),
                                        found.subject(),
                                        found.conversation(),
                                        found.channel()));
                    }
                });
    }

    /**
     * Settles messages of the hub by what these entries tell of them.
     *
     * @param risen status entries that told something new
     * @return what else is to be told, as events of the entries
     */
    List<NewEvent> settle(
            List<Incoming> items,
            Map<ByteBuffer, Known> known,
            Collection<Incoming> risen,
            Instant now) {
        Map<SentMessages.Reference, Incoming> by = new LinkedHashMap<>();
        List<SentMessages.Heard> heard = new ArrayList<>();
        for (Incoming item : items) {
            String providerId = item.entry.providerMessageId();
            boolean tells = item.entry instanceof ProviderEntry.Echo || risen.contains(item);
            Known message = providerId == null || !tells ? null : known.get(key(item, providerId));
            if (message == null) {
                continue;
            }
            SentMessages.Reference reference =
                    new SentMessages.Reference(item.tenant(), item.account.id(), message.id());
            by.put(reference, item);
            heard.add(
                    new SentMessages.Heard(
                            reference,
                            providerId,
                            item.entry instanceof ProviderEntry.Status status
                                    ? status.status()
                                    : null,
                            item.entry.json().path("error").path("code").asText(null)));
        }
        Set<SentMessages.Reference> ours = sent.known(List.copyOf(by.keySet())).keySet();
        List<NewEvent> events =
                sent.settle(
                        heard.stream().filter(one -> ours.contains(one.reference())).toList(), now);
        for (NewEvent event : events) {
            by.get(new SentMessages.Reference(event.tenant(), event.account(), event.message()))
                    .events
                    .add(event.id());
        }
        return events;
    }

    private void add(List<ProviderId> wanted, Incoming item, String providerMessageId) {
        if (providerMessageId != null) {
            wanted.add(
                    new ProviderId(item.tenant(), item.account.id(), key(item, providerMessageId)));
        }
    }

    ByteBuffer key(Incoming item, String providerMessageId) {
        return ByteBuffer.wrap(
                pseudonyms.providerMessage(item.tenant(), item.account.id(), providerMessageId));
    }

    private static String replyTo(JsonNode entry) {
        return entry.path("replyTo").path("providerMessageId").asText(null);
    }

    /**
     * @return until when the deliveries of a message wait for its files, for those that have some
     */
    Map<UUID, Instant> insert(List<Decided> messages, Map<ByteBuffer, Known> known, Instant now) {
        if (messages.isEmpty()) {
            return Map.of();
        }
        Map<Decided, byte[]> bodies =
                messages.stream()
                        .collect(
                                Collectors.toMap(
                                        message -> message,
                                        message -> sealedBody(message.item(), known)));
        Map<Decided, Classified> categories =
                messages.stream()
                        .collect(
                                Collectors.toMap(
                                        message -> message,
                                        message -> filing.category(filed(message))));
        Bulk.update(
                jdbc,
                """
                insert into message (tenant, id, conversation_id, subject_id, account, provider, channel, direction, content_type,
                                     provider_message_key, received_at, sealed_body, sealed_original, decision, reason, purpose,
                                     consent_state, consent_record, flags, held_until, category, category_rule)
                select tenant, id, conversation_id, subject_id, account, provider, channel, direction, content_type,
                       provider_message_key, received_at, sealed_body, sealed_original, decision, reason, purpose,
                       consent_state, consent_record, coalesce(string_to_array(nullif(flags, ''), ','), '{}'), held_until,
                       category, category_rule
                  from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[],
                              ?::text[], ?::bytea[], ?::timestamptz[], ?::bytea[], ?::bytea[], ?::text[], ?::text[], ?::text[],
                              ?::text[], ?::uuid[], ?::text[], ?::timestamptz[], ?::text[], ?::text[])
                    as n(tenant, id, conversation_id, subject_id, account, provider, channel, direction, content_type,
                         provider_message_key, received_at, sealed_body, sealed_original, decision, reason, purpose,
                         consent_state, consent_record, flags, held_until, category, category_rule)""",
                Column.of("text", messages, m -> m.item().tenant()),
                Column.of("uuid", messages, m -> m.item().id),
                Column.of("uuid", messages, m -> m.item().conversation.id()),
                Column.of("uuid", messages, m -> m.item().subject.id()),
                Column.of("text", messages, m -> m.item().account.id()),
                Column.of("text", messages, m -> m.item().account.provider()),
                Column.of("text", messages, m -> m.item().conversation.channel()),
                Column.of("text", messages, Decided::direction),
                Column.of(
                        "text",
                        messages,
                        m -> m.item().entry.json().path("content").path("type").asText()),
                Column.of(
                        "bytea",
                        messages,
                        m ->
                                m.item().entry.providerMessageId() == null
                                        ? null
                                        : key(m.item(), m.item().entry.providerMessageId())
                                                .array()),
                Column.of("timestamptz", messages, m -> m.item().receivedAt),
                Column.of("bytea", messages, bodies::get),
                Column.of(
                        "bytea",
                        messages,
                        m -> m.item().subject.key().seal("message.original", m.item().original)),
                Column.of("text", messages, Decided::decision),
                Column.of("text", messages, Decided::reason),
                Column.of("text", messages, Decided::purpose),
                Column.of("text", messages, Decided::state),
                Column.of("uuid", messages, Decided::record),
                Column.of("text", messages, m -> String.join(",", m.flags())),
                Column.of("timestamptz", messages, Decided::heldUntil),
                Column.of("text", messages, m -> categories.get(m).category().name()),
                Column.of("text", messages, m -> categories.get(m).rule()));
        filing.file(messages.stream().map(Messages::filed).toList());
        return media.insert(messages.stream().map(Decided::item).toList(), now);
    }

    private static Filing.Filed filed(Decided message) {
        Incoming item = message.item();
        JsonNode entry = item.entry.json();
        return new Filing.Filed(
                item.tenant(),
                item.subject.id(),
                item.subject.key(),
                item.conversation.id(),
                item.conversation.category(),
                item.id,
                new MessageTraits(
                        message.direction(),
                        item.conversation.channel(),
                        null,
                        entry.path("content"),
                        entry.path("clientRef").textValue()),
                message.heldUntil() != null,
                item.receivedAt);
    }

    /**
     * The event's data as far as the provider said it; media stand in rows of their own, since they
     * are deleted earlier.
     */
    private byte[] sealedBody(Incoming item, Map<ByteBuffer, Known> known) {
        ObjectNode entry = item.entry.json();
        ObjectNode body = json.createObjectNode();
        entry.properties()
                .forEach(
                        field -> {
                            if (!NOT_IN_BODY.contains(field.getKey())) {
                                body.set(field.getKey(), field.getValue());
                            }
                        });
        if (entry.path("content").has("media")) {
            body.set("content", ((ObjectNode) entry.get("content")).deepCopy().without("media"));
        }
        String replyTo = replyTo(entry);
        if (replyTo != null) {
            Known original = known.get(key(item, replyTo));
            ObjectNode reference = body.putObject("replyTo");
            reference.put("providerMessageId", replyTo);
            reference.put("messageId", original == null ? null : original.id().toString());
        }
        return item.subject.key().seal("message.body", bytes(body));
    }

    private byte[] bytes(JsonNode node) {
        try {
            return json.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String wireName(Channel channel) {
        return channel == null ? null : channel.wireName();
    }
}
