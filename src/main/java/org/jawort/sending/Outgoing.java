package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.OutboundReason;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.label.Filing;
import org.jawort.message.Channel;
import org.jawort.message.MessageStatus;
import org.jawort.sending.Placement.Placed;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Account;
import org.jawort.tenant.MessageTraits;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Puts messages on their way: each is stored encrypted under its person's key, with what shall be
 * done with it, and queued for its account. Nothing is decided here: that is done when it is sent.
 */
public final class Outgoing {

    /** What the filter would have said had their time come. */
    private static final String STOPPED = OutboundReason.OUT_SUPPRESSED.name();

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What became of messages that were to be put on their way.
     *
     * @param records what may be published after the commit; who does not is helped by the next
     *     wake-up
     * @param unreached those that could reach nobody: no address on the channel, no key of the
     *     person, no account that can send there
     */
    public record Queued(List<DeliveryRecord> records, List<OutgoingMessage> unreached) {}

    private record Medium(Placed message, UUID id, int position, byte[] sealed) {}

    private final Tenants tenants;
    private final JdbcTemplate jdbc;
    private final Placement placement;
    private final Pseudonyms pseudonyms;
    private final AccountChoice choice;
    private final OutboundRows rows;
    private final SendDocuments documents;
    private final SendEvents events;
    private final Filing filing;

    Outgoing(
            Tenants tenants,
            JdbcTemplate jdbc,
            Placement placement,
            Pseudonyms pseudonyms,
            AccountChoice choice,
            OutboundRows rows,
            SendDocuments documents,
            SendEvents events,
            Filing filing) {
        this.filing = filing;
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.placement = placement;
        this.pseudonyms = pseudonyms;
        this.choice = choice;
        this.rows = rows;
        this.documents = documents;
        this.events = events;
    }

    /**
     * Inside the caller's transaction, set-based. Left out is a message whose trigger went out
     * before, and one that could reach nobody.
     */
    public Queued enqueue(List<OutgoingMessage> messages, Instant now) {
        if (messages.isEmpty()) {
            return new Queued(List.of(), List.of());
        }
        List<Placed> placed = placement.place(messages, now);
        Set<UUID> first = insertOutbound(placed, now);
        List<Placed> fresh = placed.stream().filter(one -> first.contains(one.id())).toList();
        insertMessages(fresh, now);
        filing.file(fresh.stream().map(one -> filed(one, now)).toList());
        List<NewEvent> events =
                fresh.stream()
                        .filter(one -> !one.scheduled(now))
                        .map(one -> event(one, now))
                        .toList();
        Set<UUID> reached = placed.stream().map(Placed::id).collect(Collectors.toSet());
        return new Queued(
                rows.queue(events, now),
                messages.stream().filter(one -> !reached.contains(one.id())).toList());
    }

    /**
     * Stops whatever is on its way to a person on a channel (T8, T9) and tells so, inside the
     * caller's transaction that has the person locked.
     *
     * @return the messages stopped
     */
    public List<UUID> cancel(String tenant, UUID subject, Channel channel, Instant now) {
        return canceled(rows.cancel(tenant, subject, channel, STOPPED, now), now);
    }

    /**
     * The same for what is sent because of these records: what has their purposes, and what asks
     * for them.
     */
    public List<UUID> cancel(
            String tenant,
            UUID subject,
            Channel channel,
            List<ConsentRecord> records,
            Instant now) {
        List<byte[]> prompts =
                records.stream()
                        .map(ConsentRecord::prompt)
                        .filter(Objects::nonNull)
                        .map(prompt -> new Trigger(Trigger.Kind.PROMPT, prompt.promptId()))
                        .map(trigger -> triggerKey(tenant, trigger))
                        .toList();
        return canceled(
                rows.cancel(
                        tenant,
                        subject,
                        channel,
                        records.stream().map(ConsentRecord::purpose).toList(),
                        prompts,
                        STOPPED,
                        now),
                now);
    }

    private List<UUID> canceled(List<Outbound> stopped, Instant now) {
        if (!stopped.isEmpty()) {
            rows.tell(told(stopped, now), now);
        }
        return stopped.stream().map(Outbound::message).toList();
    }

    /** Whether an account of the tenant can send on a channel. */
    public boolean canSend(String tenant, String account, Channel channel) {
        Account found = tenants.get(tenant).accounts().get(account);
        return found != null && choice.canSend(tenants.get(tenant), found, channel);
    }

    /** Ids of the accounts that can carry a channel now, the best first. */
    public List<String> senders(String tenant, Channel channel, Instant now) {
        return choice.candidates(tenants.get(tenant), channel, null, now).stream()
                .map(Account::id)
                .toList();
    }

    private List<NewEvent> told(List<Outbound> stopped, Instant now) {
        SendError why = new SendError(STOPPED, null, null);
        List<NewEvent> told = new ArrayList<>();
        for (Outbound row : stopped) {
            documents
                    .open(row)
                    .ifPresent(
                            opened ->
                                    told.add(
                                            events.status(
                                                    row,
                                                    opened,
                                                    MessageStatus.CANCELED,
                                                    why,
                                                    now)));
        }
        return told;
    }

    /** Those whose trigger is new. */
    private Set<UUID> insertOutbound(List<Placed> messages, Instant now) {
        return new HashSet<>(
                Bulk.query(
                        jdbc,
                        """
                        insert into outbound (tenant, message_id, subject_id, conversation_id, address_id, channel, purpose, template,
                                              trigger_kind, trigger_key, state, account, fixed, send_at, sealed_reference, created_at,
                                              updated_at)
                        select *, ?::timestamptz, ?::timestamptz
                          from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[],
                                      ?::bytea[], ?::text[], ?::text[], ?::bool[], ?::timestamptz[], ?::bytea[])
                        on conflict do nothing returning message_id""",
                        row -> row.getObject(1, UUID.class),
                        Column.one(now),
                        Column.one(now),
                        Column.of("text", messages, Placed::tenant),
                        Column.of("uuid", messages, Placed::id),
                        Column.of("uuid", messages, one -> one.wanted().subject()),
                        Column.of("uuid", messages, one -> one.conversation().id()),
                        Column.of("uuid", messages, one -> one.recipient().address().id()),
                        Column.of("text", messages, one -> one.channel().wireName()),
                        Column.of("text", messages, one -> one.wanted().purpose().name()),
                        Column.of("text", messages, one -> one.wanted().template()),
                        Column.of("text", messages, one -> one.wanted().trigger().kind().name()),
                        Column.of("bytea", messages, this::triggerKey),
                        Column.of(
                                "text",
                                messages,
                                one ->
                                        (one.scheduled(now)
                                                        ? Outbound.State.SCHEDULED
                                                        : Outbound.State.QUEUED)
                                                .wireName()),
                        Column.of("text", messages, one -> one.account().id()),
                        Column.of("bool", messages, one -> one.wanted().account() != null),
                        Column.of("timestamptz", messages, one -> one.wanted().sendAt()),
                        Column.of("bytea", messages, Outgoing::reference)));
    }

    private byte[] triggerKey(Placed message) {
        return triggerKey(message.tenant(), message.wanted().trigger());
    }

    /** Keyed: a reference may be a message's id, and those are personal data. */
    private byte[] triggerKey(String tenant, Trigger trigger) {
        return pseudonyms.trigger(tenant, trigger.kind().name(), trigger.reference());
    }

    private static byte[] reference(Placed message) {
        String reference = message.wanted().content().path("reference").textValue();
        return message.recipient()
                .key()
                .seal("outbound.reference", reference == null ? null : bytes(reference));
    }

    private void insertMessages(List<Placed> messages, Instant now) {
        if (messages.isEmpty()) {
            return;
        }
        Bulk.update(
                jdbc,
                """
                insert into message (tenant, id, conversation_id, subject_id, account, provider, channel, direction, content_type,
                                     received_at, sealed_body, decision, reason, purpose, category, category_rule)
                select tenant, id, conversation_id, subject_id, account, provider, channel, 'outbound', content_type, ?::timestamptz,
                       sealed_body, 'queued', 'OUT_QUEUED', purpose, category, category_rule
                  from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[],
                              ?::text[], ?::text[], ?::text[])
                    as n(tenant, id, conversation_id, subject_id, account, provider, channel, content_type, sealed_body, purpose,
                         category, category_rule)""",
                Column.one(now),
                Column.of("text", messages, Placed::tenant),
                Column.of("uuid", messages, Placed::id),
                Column.of("uuid", messages, one -> one.conversation().id()),
                Column.of("uuid", messages, one -> one.wanted().subject()),
                Column.of("text", messages, one -> one.account().id()),
                Column.of("text", messages, one -> one.account().provider()),
                Column.of("text", messages, one -> one.channel().wireName()),
                Column.of("text", messages, one -> one.wanted().content().get("type").asText()),
                Column.of("bytea", messages, Outgoing::sealedBody),
                Column.of("text", messages, one -> one.wanted().purpose().name()),
                Column.of(
                        "text",
                        messages,
                        one -> filing.category(filed(one, now)).category().name()),
                Column.of("text", messages, one -> filing.category(filed(one, now)).rule()));
        List<Medium> media = messages.stream().flatMap(one -> media(one).stream()).toList();
        Bulk.update(
                jdbc,
                "insert into media (tenant, id, message_id, position, sealed, created_at)"
                        + " select *, ?::timestamptz from unnest(?::text[], ?::uuid[], ?::uuid[], ?::int[], ?::bytea[])",
                Column.one(now),
                Column.of("text", media, one -> one.message().tenant()),
                Column.of("uuid", media, Medium::id),
                Column.of("uuid", media, one -> one.message().id()),
                Column.of("int4", media, Medium::position),
                Column.of("bytea", media, Medium::sealed));
    }

    private static Filing.Filed filed(Placed message, Instant now) {
        JsonNode content = message.wanted().content();
        return new Filing.Filed(
                message.tenant(),
                message.wanted().subject(),
                message.recipient().key(),
                message.conversation().id(),
                message.conversation().category(),
                message.id(),
                new MessageTraits(
                        "outbound",
                        message.channel().wireName(),
                        message.wanted().template(),
                        content,
                        content.path("reference").textValue()),
                false,
                now);
    }

    /** As an event's data has it; media stand in rows of their own, which are deleted earlier. */
    private static byte[] sealedBody(Placed message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("from", MessageBody.business(message.sender()));
        body.putObject("to")
                .put("address", message.recipient().address().text())
                .put("scheme", message.recipient().address().scheme());
        ObjectNode content = message.wanted().content().deepCopy();
        content.remove("media");
        body.setAll(Written.besides(content));
        body.set("content", content);
        return message.recipient().key().seal("message.body", bytes(body.toString()));
    }

    private static List<Medium> media(Placed message) {
        List<Medium> media = new ArrayList<>();
        for (JsonNode medium : message.wanted().content().path("media")) {
            UUID id = UuidCreator.getTimeOrderedEpoch();
            ObjectNode described = JSON.createObjectNode().put("id", id.toString());
            described.setAll((ObjectNode) medium);
            media.add(
                    new Medium(
                            message,
                            id,
                            media.size(),
                            message.recipient().key().seal("media", bytes(described.toString()))));
        }
        return media;
    }

    private static NewEvent event(Placed message, Instant now) {
        return new NewEvent(
                message.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                OutboundRows.EVENT,
                message.account().id(),
                message.wanted().subject(),
                message.conversation().id(),
                message.id(),
                false,
                now,
                "{}",
                null);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
