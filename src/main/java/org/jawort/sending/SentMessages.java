package org.jawort.sending;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.Prompt;
import org.jawort.consent.Purpose;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.MessageStatus;
import org.jawort.sending.Outbound.State;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Links messages of the hub with what providers call them and tell of them, whichever comes first:
 * the answer to the request or the status. A status or an echo that carries the message's own id
 * settles what was unknown (R25). Works inside the caller's transaction.
 */
public final class SentMessages {

    /** A message as a webhook names it: by the hub's own id, which the provider gave back. */
    public record Reference(String tenant, String account, UUID message) {}

    /**
     * A message of the hub that went over the account of its reference.
     *
     * @param handedOn it goes over another by now
     */
    public record Known(
            Reference reference,
            UUID subject,
            UUID conversation,
            String channel,
            boolean handedOn) {

        /** Another account may well bring what failed over this one. */
        public boolean concerns(MessageStatus status) {
            return !handedOn || !isFailure(status);
        }
    }

    /**
     * What a webhook said.
     *
     * @param providerMessageId {@code null} if it named none
     * @param status {@code null} for an echo: it was sent, and no more is known
     * @param error normalized, {@code null} if none
     */
    public record Heard(
            Reference reference, String providerMessageId, MessageStatus status, String error) {

        /** A provider's id may hold a phone number. */
        @Override
        public String toString() {
            return "Heard[" + reference.message() + ", " + status + "]";
        }
    }

    private final JdbcTemplate jdbc;
    private final Pseudonyms pseudonyms;
    private final Tenants tenants;
    private final OutboundRows rows;
    private final SendDocuments documents;
    private final SendEvents events;
    private final ConsentLedger ledger;
    private final SendHearing hearing;

    SentMessages(
            JdbcTemplate jdbc,
            Pseudonyms pseudonyms,
            Tenants tenants,
            OutboundRows rows,
            SendDocuments documents,
            SendEvents events,
            ConsentLedger ledger,
            SendHearing hearing) {
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
        this.tenants = tenants;
        this.rows = rows;
        this.documents = documents;
        this.events = events;
        this.ledger = ledger;
        this.hearing = hearing;
    }

    /**
     * Those of the references that are messages of the hub, sent over that account, or perhaps:
     * what a provider did not take, as it said, it may have taken.
     */
    public Map<Reference, Known> known(List<Reference> references) {
        Map<Reference, Known> known = new HashMap<>();
        if (!references.isEmpty()) {
            Bulk.query(
                    jdbc,
                    """
                    select w.tenant, w.account, w.message, o.subject_id, o.conversation_id, o.channel, o.account <> w.account
                      from unnest(?::text[], ?::text[], ?::uuid[]) as w(tenant, account, message)
                      join outbound o on o.tenant = w.tenant and o.message_id = w.message
                                     and w.account = any(o.account || o.tried)
                     where o.claimed_at is not null""",
                    row -> {
                        Reference reference =
                                new Reference(
                                        row.getString(1),
                                        row.getString(2),
                                        row.getObject(3, UUID.class));
                        return known.put(
                                reference,
                                new Known(
                                        reference,
                                        row.getObject(4, UUID.class),
                                        row.getObject(5, UUID.class),
                                        row.getString(6),
                                        row.getBoolean(7)));
                    },
                    Column.of("text", references, Reference::tenant),
                    Column.of("text", references, Reference::account),
                    Column.of("uuid", references, Reference::message));
        }
        return known;
    }

    /**
     * Settles what webhooks told of, after their statuses were stored.
     *
     * @return what the tenants' destinations are to be told beside the statuses
     */
    public List<NewEvent> settle(List<Heard> heard, Instant now) {
        List<NewEvent> told = new ArrayList<>();
        heard.stream()
                .sorted(Comparator.comparing(one -> one.reference().message()))
                .forEach(
                        one ->
                                rows.lock(one.reference().tenant(), one.reference().message())
                                        .ifPresent(row -> settle(row, one, told, now)));
        return told;
    }

    private void settle(Outbound found, Heard heard, List<NewEvent> told, Instant now) {
        Outbound row = takenBack(found, heard, now);
        if (!row.account().equals(heard.reference().account())) {
            return; // another account is at it already, or was
        }
        boolean isNamed = isNamed(row);
        // one that has ended gets its name with what says that it left all the same
        if (heard.providerMessageId() != null && !isNamed && (!isOver(row) || hasArrived(heard))) {
            documents
                    .open(row)
                    .ifPresent(
                            opened ->
                                    name(
                                            row,
                                            opened,
                                            new SendResult.Accepted(
                                                    heard.providerMessageId(),
                                                    null,
                                                    MessageStatus.SENT,
                                                    List.of()),
                                            tenants.get(row.tenant())
                                                    .accounts()
                                                    .get(row.account())
                                                    .provider()));
        }
        boolean isEcho = heard.status() == null;
        boolean failed =
                isEcho ? row.state() == State.UNKNOWN && hasFailed(row) : isFailure(heard.status());
        String reason = failed ? isEcho ? "provider" : heard.error() : null;
        switch (row.state()) {
            case UNKNOWN, QUEUED -> {
                if (heard.status() == MessageStatus.UNKNOWN) {
                    return;
                }
                rows.move(row, failed ? State.FAILED : State.SENT, reason, now);
                told.add(events.sent(row, now));
            }
            case SENT -> {
                if (failed) {
                    rows.move(row, State.FAILED, reason, now);
                }
            }
            case FAILED, DENIED, CANCELED -> {
                if (hasArrived(heard)) {
                    rows.move(row, State.SENT, null, now);
                    if (!isNamed) { // nobody was told that it left
                        told.add(events.sent(row, now));
                    }
                }
            }
            // of one that is being sent the answer comes yet; the other never left
            case SENDING, SCHEDULED -> {}
        }
    }

    private static boolean isOver(Outbound row) {
        return switch (row.state()) {
            case FAILED, DENIED, CANCELED -> true;
            case SCHEDULED, QUEUED, SENDING, SENT, UNKNOWN -> false;
        };
    }

    private static boolean hasArrived(Heard heard) {
        return heard.status() == MessageStatus.DELIVERED || heard.status() == MessageStatus.READ;
    }

    /**
     * What was handed on is its former account's again, if that has it and no other does: what
     * still waits, and what ended meanwhile.
     */
    private Outbound takenBack(Outbound row, Heard heard, Instant now) {
        String account = heard.reference().account();
        boolean isTaken =
                switch (row.state()) {
                    case QUEUED ->
                            heard.status() != MessageStatus.UNKNOWN && !isFailure(heard.status());
                    case FAILED, DENIED, CANCELED -> hasArrived(heard) && !isNamed(row);
                    case SCHEDULED, SENDING, SENT, UNKNOWN -> false;
                };
        if (!isTaken || row.account().equals(account)) {
            return row;
        }
        rows.takeBack(row, account, now);
        return rows.lock(row.tenant(), row.message()).orElseThrow();
    }

    /**
     * The highest that was told of a message which a provider has, named after its echo.
     *
     * @return empty unless it is a prompt or notice of the hub, sent over that account
     */
    public Optional<MessageStatus> toldOfDuty(Reference reference) {
        return jdbc
                .queryForList(
                        """
                        select coalesce(s.status, 'sent') from outbound o
                          join message m on m.tenant = o.tenant and m.id = o.message_id
                          left join message_status s on s.tenant = m.tenant and s.account = m.account
                                                    and s.provider_message_key = m.provider_message_key
                         where o.tenant = ? and o.message_id = ? and o.account = ? and o.claimed_at is not null
                           and o.purpose in ('CONSENT_PROMPT', 'PRIVACY_NOTICE')""",
                        String.class,
                        reference.tenant(),
                        reference.message(),
                        reference.account())
                .stream()
                .map(MessageStatus::of)
                .map(told -> told.rank() < MessageStatus.SENT.rank() ? MessageStatus.SENT : told)
                .findFirst();
    }

    /**
     * T2 or T3 of whoever was asked, by a status that does not name them, where no answer told. For
     * a caller that has not loaded this person's consent.
     *
     * @param at by the provider's clock, else ours
     */
    public void promptTold(Heard heard, Instant at) {
        Reference reference = heard.reference();
        if (heard.status() != MessageStatus.UNKNOWN) {
            SendHearing.End end =
                    isFailure(heard.status()) ? SendHearing.End.FAILED : SendHearing.End.TAKEN;
            rows.find(reference.tenant(), reference.message())
                    .filter(row -> row.purpose() == Purpose.CONSENT_PROMPT)
                    .filter(this::isOpen)
                    .map(row -> row.ended(pseudonyms, end, heard.providerMessageId(), at))
                    .ifPresent(hearing::ended);
        }
    }

    /** Whether the person is still to be asked by this prompt; locks the person. */
    private boolean isOpen(Outbound prompt) {
        Person person = new Person(prompt.tenant(), prompt.subject());
        return ledger.load(List.of(person)).records(person).stream()
                .map(ConsentRecord::prompt)
                .filter(Objects::nonNull)
                .filter(asked -> asked.status() == Prompt.Status.OFFERED)
                .anyMatch(
                        asked -> prompt.answers(pseudonyms, Trigger.Kind.PROMPT, asked.promptId()));
    }

    private static boolean isFailure(MessageStatus status) {
        return status == MessageStatus.FAILED || status == MessageStatus.CANCELED;
    }

    /** Whether a message was put on its way for this. */
    public boolean answers(String tenant, UUID message, Trigger trigger) {
        return rows.find(tenant, message)
                .map(row -> row.answers(pseudonyms, trigger.kind(), trigger.reference()))
                .orElse(false);
    }

    /** Whether the provider's name of the message is known. */
    boolean isNamed(Outbound row) {
        return !jdbc.queryForList(
                        "select 1 from message where tenant = ? and id = ? and provider_message_key is not null",
                        Integer.class,
                        row.tenant(),
                        row.message())
                .isEmpty();
    }

    /** Whether the last that was told of the message is that it did not arrive. */
    boolean hasFailed(Outbound row) {
        return !jdbc.queryForList(
                        """
                        select 1 from message m
                          join message_status s on s.tenant = m.tenant and s.account = m.account
                                               and s.provider_message_key = m.provider_message_key
                         where m.tenant = ? and m.id = ? and s.status in ('failed', 'canceled')""",
                        Integer.class,
                        row.tenant(),
                        row.message())
                .isEmpty();
    }

    /**
     * Writes the provider's name of a message to its row: hashed to be found, sealed to be told.
     */
    void name(
            Outbound row,
            SendDocuments.Opened opened,
            SendResult.Accepted accepted,
            String provider) {
        MessageBody.name(opened.body(), accepted);
        jdbc.update(
                "update message set provider_message_key = ?, sealed_body = ?, account = ?, provider = ?"
                        + " where tenant = ? and id = ?",
                key(row, accepted),
                MessageBody.seal(opened.key(), opened.body()),
                row.account(),
                provider,
                row.tenant(),
                row.message());
    }

    /**
     * The highest status heard of a message, of one that went in parts what all have reached.
     *
     * @param unlinked it came before the answer, when nobody knew whose it was
     */
    record Highest(MessageStatus status, boolean unlinked) {}

    /** The provider took a message. */
    Highest heard(Outbound row, SendResult.Accepted accepted, Instant now) {
        boolean goesInParts = !accepted.parts().isEmpty();
        Column keys =
                Column.of(
                        "bytea",
                        goesInParts ? accepted.parts() : List.of(accepted.providerMessageId()),
                        id -> key(row, id));
        boolean unlinked =
                !Bulk.query(
                                jdbc,
                                """
                                select 1 from message_status
                                 where tenant = ? and account = ? and provider_message_key = any(?::bytea[]) and message_id is null
                                 order by provider_message_key for update""",
                                found -> true,
                                Column.one(row.tenant()),
                                Column.one(row.account()),
                                keys)
                        .isEmpty();
        List<MessageStatus> heard =
                Bulk.query(
                        jdbc,
                        """
                        insert into message_status as s (tenant, account, provider_message_key, message_id, subject_id, status, rank,
                                                         part, occurred_at, updated_at)
                        select ?, ?, w.key, ?, ?, ?, ?, ?, null, ?::timestamptz from unnest(?::bytea[]) as w(key) order by w.key
                        on conflict (tenant, account, provider_message_key) do update
                           set message_id = excluded.message_id, subject_id = excluded.subject_id, part = excluded.part
                        returning status""",
                        found -> MessageStatus.of(found.getString(1)),
                        Column.one(row.tenant()),
                        Column.one(row.account()),
                        Column.one(row.message()),
                        Column.one(row.subject()),
                        Column.one(accepted.status().wireName()),
                        Column.one(accepted.status().rank()),
                        Column.one(goesInParts),
                        Column.one(now),
                        keys);
        return new Highest(MessageStatus.ofParts(heard), unlinked);
    }

    private byte[] key(Outbound row, SendResult.Accepted accepted) {
        return key(row, accepted.providerMessageId());
    }

    private byte[] key(Outbound row, String providerMessageId) {
        return pseudonyms.providerMessage(row.tenant(), row.account(), providerMessageId);
    }
}
