package org.jawort.sending;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.Purpose;
import org.jawort.delivery.DeliveryRecord;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Reads and moves rows of {@code outbound}, inside the caller's transaction. */
final class OutboundRows {

    /** What is on the queue of an account: ids, of no interest to any other destination. */
    static final String EVENT = "jawort.message_to_send.v1";

    private final JdbcTemplate jdbc;
    private final Outbox outbox;
    private final Tenants tenants;

    OutboundRows(JdbcTemplate jdbc, Outbox outbox, Tenants tenants) {
        this.jdbc = jdbc;
        this.outbox = outbox;
        this.tenants = tenants;
    }

    /** Without a lock: whose it is must be known before the person can be locked. */
    Optional<Outbound> find(String tenant, UUID message) {
        return read(tenant, message, "");
    }

    /** The row stays locked until the transaction ends. */
    Optional<Outbound> lock(String tenant, UUID message) {
        return read(tenant, message, " for update");
    }

    private Optional<Outbound> read(String tenant, UUID message, String locking) {
        return jdbc
                .query(
                        "select "
                                + Outbound.COLUMNS
                                + " from outbound where tenant = ? and message_id = ?"
                                + locking,
                        (row, n) -> Outbound.read(row),
                        tenant,
                        message)
                .stream()
                .findFirst();
    }

    /**
     * @param reason a fixed word, {@code null} if there is nothing to say
     */
    void move(Outbound row, Outbound.State state, String reason, Instant now) {
        jdbc.update(
                "update outbound set state = ?, reason = ?, updated_at = ? where tenant = ? and message_id = ?",
                state.wireName(),
                reason,
                Bulk.timestamp(now),
                row.tenant(),
                row.message());
    }

    /** From here on it may have been sent. */
    void claim(Outbound row, Instant now) {
        jdbc.update(
                "update outbound set state = 'sending', reason = null, claimed_at = ?, updated_at = ?"
                        + " where tenant = ? and message_id = ?",
                Bulk.timestamp(now),
                Bulk.timestamp(now),
                row.tenant(),
                row.message());
    }

    /**
     * Not sent, by what the provider answered: it waits for another attempt over the same account.
     * When it was claimed stays: a status may yet say that it was sent.
     */
    void again(Outbound row, String reason, Instant now) {
        jdbc.update(
                "update outbound set state = 'queued', reason = ?, attempts = attempts + 1, updated_at = ?"
                        + " where tenant = ? and message_id = ?",
                reason,
                Bulk.timestamp(now),
                row.tenant(),
                row.message());
    }

    /** Its account cannot carry it, today or another day. */
    void cannot(Outbound row, Instant now) {
        jdbc.update(
                "update outbound set unable = unable || account, updated_at = ? where tenant = ? and message_id = ?",
                Bulk.timestamp(now),
                row.tenant(),
                row.message());
    }

    /**
     * Not sent over its account: another takes it over.
     *
     * @param due when
     */
    void handOn(Outbound row, String account, boolean attempted, Instant due, Instant now) {
        jdbc.update(
                "update outbound set state = 'queued', account = ?, tried = tried || ?, attempts = attempts + ?,"
                        + " updated_at = ? where tenant = ? and message_id = ?",
                account,
                row.account(),
                attempted ? 1 : 0,
                Bulk.timestamp(now),
                row.tenant(),
                row.message());
        queue(List.of(toSend(row, account, now)), due);
    }

    /** It was sent over this account after all, which it was handed on from. */
    void takeBack(Outbound row, String account, Instant now) {
        jdbc.update(
                "update outbound set account = ?, updated_at = ? where tenant = ? and message_id = ?",
                account,
                Bulk.timestamp(now),
                row.tenant(),
                row.message());
    }

    /** Of a message that waits for its time: another account will send it. */
    void reassign(Outbound row, String account, Instant now) {
        jdbc.update(
                "update outbound set account = ?, tried = tried || ?, updated_at = ? where tenant = ? and message_id = ?",
                account,
                row.account(),
                Bulk.timestamp(now),
                row.tenant(),
                row.message());
    }

    /** Puts messages into the queues of their accounts. */
    List<DeliveryRecord> queue(List<NewEvent> messages, Instant due) {
        return outbox.addDue(
                messages,
                event ->
                        List.of(
                                Destination.of(
                                        tenants.get(event.tenant())
                                                .accounts()
                                                .get(event.account()))),
                due);
    }

    static NewEvent toSend(Outbound row, String account, Instant now) {
        return new NewEvent(
                row.tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                EVENT,
                account,
                row.subject(),
                row.conversation(),
                row.message(),
                false,
                now,
                "{}",
                null);
    }

    /**
     * Tells the tenant's destinations, at the very end of the caller's transaction: person, ledger
     * and rows are locked before the destinations' counters, whoever comes from where.
     */
    void tell(List<NewEvent> events, Instant now) {
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void beforeCommit(boolean readOnly) {
                        outbox.addDue(events, OutboundRows.this::receivers, now);
                    }
                });
    }

    private List<Destination> receivers(NewEvent event) {
        return tenants.get(event.tenant()).destinations().values().stream()
                .filter(destination -> destination.receives(event.type(), false))
                .toList();
    }

    /** The tenants of scheduled messages whose time has come. */
    List<String> due(List<String> of, Instant now) {
        return Bulk.query(
                jdbc,
                """
                select w.tenant from unnest(?::text[]) as w(tenant)
                 where exists (select 1 from outbound o where o.tenant = w.tenant and o.state = 'scheduled' and o.send_at <= ?)""",
                row -> row.getString(1),
                Column.of("text", of, tenant -> tenant),
                Column.one(now));
    }

    /**
     * Scheduled messages whose time has come; they are queued from here on.
     *
     * @param accounts they go over; whoever can send over others releases those
     */
    List<Outbound> release(String tenant, List<String> accounts, int limit, Instant now) {
        return Bulk.query(
                        jdbc,
                        """
                        update outbound o set state = 'queued', updated_at = ?::timestamptz
                          from (select tenant as t, message_id as m from outbound
                                 where tenant = ? and state = 'scheduled' and send_at <= ?::timestamptz
                                   and account = any(?::text[])
                                 order by send_at, message_id limit ? for update skip locked) due
                         where o.tenant = due.t and o.message_id = due.m
                        returning\s"""
                                + Outbound.COLUMNS,
                        Outbound::read,
                        Column.one(now),
                        Column.one(tenant),
                        Column.one(now),
                        Column.of("text", accounts, id -> id),
                        Column.one(limit))
                .stream()
                .sorted(Comparator.comparing(Outbound::message))
                .toList();
    }

    /** The same, not yet queued; oldest first. */
    List<UUID> scheduled(String tenant, List<String> accounts, int limit, Instant now) {
        return Bulk.query(
                jdbc,
                """
                select message_id from outbound
                 where tenant = ? and state = 'scheduled' and send_at <= ? and account = any(?::text[])
                 order by send_at, message_id limit ?""",
                row -> row.getObject(1, UUID.class),
                Column.one(tenant),
                Column.one(now),
                Column.of("text", accounts, id -> id),
                Column.one(limit));
    }

    /** One of them; none if somebody else was faster. */
    List<Outbound> release(String tenant, UUID message, Instant now) {
        return Bulk.query(
                jdbc,
                "update outbound set state = 'queued', updated_at = ?"
                        + " where tenant = ? and message_id = ? and state = 'scheduled' returning "
                        + Outbound.COLUMNS,
                Outbound::read,
                Column.one(now),
                Column.one(tenant),
                Column.one(message));
    }

    /**
     * Stops what a caller asked for. What the hub owes a person is no caller's to stop.
     *
     * @return whether it could still be stopped
     */
    boolean cancel(String tenant, UUID message, Instant now) {
        return jdbc.update(
                        "update outbound set state = 'canceled', updated_at = ? where tenant = ? and message_id = ?"
                                + " and state in ('scheduled', 'queued') and trigger_kind = 'API'",
                        Bulk.timestamp(now),
                        tenant,
                        message)
                == 1;
    }

    /**
     * Stops what is on its way to a person on a channel, but for what confirms that it stops and
     * what answers a request of theirs.
     *
     * @param reason a fixed word
     * @return the messages stopped
     */
    List<Outbound> cancel(
            String tenant, UUID subject, Channel channel, String reason, Instant now) {
        return cancel(tenant, subject, channel, "true", reason, now);
    }

    /**
     * @param purposes of the messages to stop
     * @param prompts keys of the prompts to stop
     */
    List<Outbound> cancel(
            String tenant,
            UUID subject,
            Channel channel,
            List<Purpose> purposes,
            List<byte[]> prompts,
            String reason,
            Instant now) {
        return cancel(
                tenant,
                subject,
                channel,
                "(purpose = any(?::text[]) or purpose = 'CONSENT_PROMPT' and trigger_key = any(?::bytea[]))",
                reason,
                now,
                Column.of("text", purposes, Purpose::name),
                Column.of("bytea", prompts, key -> key));
    }

    private List<Outbound> cancel(
            String tenant,
            UUID subject,
            Channel channel,
            String which,
            String reason,
            Instant now,
            Column... of) {
        return Bulk.query(
                jdbc,
                """
                update outbound set state = 'canceled', reason = ?, updated_at = ?
                 where tenant = ? and subject_id = ? and case channel when 'mms' then 'sms' else channel end = ?
                   and state in ('scheduled', 'queued') and purpose not in ('OPTOUT_CONFIRM', 'DSR_REPLY') and\s"""
                        + which
                        + " returning "
                        + Outbound.COLUMNS,
                Outbound::read,
                Stream.concat(
                                Stream.of(
                                        Column.one(reason),
                                        Column.one(now),
                                        Column.one(tenant),
                                        Column.one(subject),
                                        Column.one(channel.consentChannel().wireName())),
                                Stream.of(of))
                        .toArray(Column[]::new));
    }
}
