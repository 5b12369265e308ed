package org.jawort.rights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.message.Channel;
import org.jawort.rights.RightsRequest.Identity;
import org.jawort.rights.RightsRequest.Source;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** Rows of {@code rights_request}. Works inside the caller's transaction. */
final class RequestStore {

    /** A step of a request's life. */
    record Step(String state, Instant at, String actor, String reason) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JdbcTemplate jdbc;

    RequestStore(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @return whether it is new; the same asked twice in a chat is one request
     */
    boolean insert(RightsRequest one, byte[] sealedAsked) {
        return Bulk.update(
                        jdbc,
                        """
                        insert into rights_request (tenant, id, subject_id, type, state, source, channel, reply_channel, message_id,
                                                    language, received_at, due_on, identity, identity_method, sealed_asked, next_at)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?::uuid, ?, ?, ?, ?, ?, ?, ?::timestamptz)
                        on conflict do nothing""",
                        Column.one(one.tenant()),
                        Column.one(one.id()),
                        Column.one(one.subject()),
                        Column.one(one.type().name()),
                        Column.one(one.state().name()),
                        Column.one(one.source().name()),
                        Column.one(wire(one.channel())),
                        Column.one(wire(one.replyChannel())),
                        Column.one(text(one.message())),
                        Column.one(one.language()),
                        Column.one(one.receivedAt()),
                        Column.one(java.sql.Date.valueOf(one.dueOn())),
                        Column.one(one.identity().name()),
                        Column.one(one.identityMethod()),
                        Column.one(sealedAsked),
                        Column.one(one.nextAt()))
                == 1;
    }

    /** Locked until the transaction ends. */
    Optional<RightsRequest> lock(String tenant, UUID id) {
        return query("where tenant = ? and id = ? for update", tenant, id).stream().findFirst();
    }

    Optional<RightsRequest> find(String tenant, UUID id) {
        return query("where tenant = ? and id = ?", tenant, id).stream().findFirst();
    }

    /** Newest first. */
    List<RightsRequest> list(String tenant, UUID before, int limit) {
        return query(
                "where tenant = ? and (?::uuid is null or id < ?::uuid) order by id desc limit ?",
                tenant,
                text(before),
                text(before),
                limit);
    }

    /** The same asked in this chat before, of which nobody has decided anything yet. */
    Optional<RightsRequest> lockOpen(RightsRequest one) {
        return query(
                        "where tenant = ? and subject_id = ? and type = ? and channel = ? and source = 'CHAT'"
                                + " and state = 'IDENTITY_CHECK' and identity = 'OPEN' for update",
                        one.tenant(),
                        one.subject(),
                        one.type().name(),
                        wire(one.channel()))
                .stream()
                .findFirst();
    }

    List<RightsRequest> ofSubject(String tenant, UUID subject) {
        return query("where tenant = ? and subject_id = ? order by id", tenant, subject);
    }

    /** Ids of what the hub can go on with, the longest waiting first. */
    List<UUID> ready(String tenant, Instant now, int limit) {
        return jdbc.queryForList(
                "select id from rights_request where tenant = ? and next_at <= ? order by next_at, id limit ?",
                UUID.class,
                tenant,
                Bulk.timestamp(now),
                limit);
    }

    /** Unanswered ones of which a reminder may be due. */
    List<RightsRequest> unanswered(String tenant) {
        return query(
                "where tenant = ? and answered_at is null order by due_on, id for update skip locked",
                tenant);
    }

    private List<RightsRequest> query(String where, Object... values) {
        return jdbc.query("select * from rights_request " + where, (row, n) -> read(row), values);
    }

    private static RightsRequest read(ResultSet row) throws SQLException {
        return new RightsRequest(
                row.getString("tenant"),
                row.getObject("id", UUID.class),
                row.getObject("subject_id", UUID.class),
                RequestType.valueOf(row.getString("type")),
                RequestState.valueOf(row.getString("state")),
                Source.valueOf(row.getString("source")),
                channel(row.getString("channel")),
                channel(row.getString("reply_channel")),
                row.getObject("message_id", UUID.class),
                row.getString("language"),
                Bulk.instant(row, "received_at"),
                row.getObject("due_on", java.time.LocalDate.class),
                row.getInt("extended_months"),
                Identity.valueOf(row.getString("identity")),
                row.getString("identity_method"),
                object(row.getString("outcome")),
                row.getObject("reply_message", UUID.class),
                row.getInt("reminded"),
                row.getInt("attempts"),
                row.getString("last_error"),
                Bulk.instant(row, "next_at"),
                Bulk.instant(row, "lift_at"),
                row.getObject("lift_message", UUID.class),
                Bulk.instant(row, "lifted_at"),
                Bulk.instant(row, "answered_at"),
                Bulk.instant(row, "closed_at"));
    }

    /**
     * @throws IllegalStateException if there is no such step
     */
    void move(RightsRequest one, RequestState to, String actor, String reason, Instant now) {
        if (!one.state().mayBecome(to)) {
            throw new IllegalStateException(one + " cannot become " + to);
        }
        set(one, "state = ?", to.name());
        switch (to) {
            case ANSWERED -> set(one, "answered_at = ?", Bulk.timestamp(now));
            case CLOSED -> set(one, "closed_at = ?", Bulk.timestamp(now));
            case RECEIVED, IDENTITY_CHECK, PLANNED, RUNNING, PARTLY_REFUSED -> {}
        }
        step(one, to, actor, reason, now);
    }

    void step(RightsRequest one, RequestState state, String actor, String reason, Instant now) {
        jdbc.update(
                "insert into rights_request_step (tenant, request_id, state, at, actor, reason) values (?, ?, ?, ?, ?, ?)",
                one.tenant(),
                one.id(),
                state.name(),
                Bulk.timestamp(now),
                actor,
                reason);
    }

    List<Step> steps(RightsRequest one) {
        return jdbc.query(
                "select * from rights_request_step where tenant = ? and request_id = ? order by position",
                (row, n) ->
                        new Step(
                                row.getString("state"),
                                Bulk.instant(row, "at"),
                                row.getString("actor"),
                                row.getString("reason")),
                one.tenant(),
                one.id());
    }

    void outcome(RightsRequest one, ObjectNode outcome) {
        set(one, "outcome = ?::jsonb", outcome.toString());
    }

    void identity(RightsRequest one, Identity identity, String method) {
        set(one, "identity = ?, identity_method = ?", identity.name(), method);
    }

    /**
     * @param sealed {@code null} deletes it
     */
    void proof(RightsRequest one, byte[] sealed) {
        set(one, "sealed_proof = ?", sealed);
    }

    /**
     * @return whether there was one
     */
    boolean dropProof(RightsRequest one) {
        return jdbc.update(
                        "update rights_request set sealed_proof = null, identity = 'OPEN'"
                                + " where tenant = ? and id = ? and sealed_proof is not null",
                        one.tenant(),
                        one.id())
                == 1;
    }

    byte[] asked(RightsRequest one) {
        return jdbc.queryForObject(
                "select sealed_asked from rights_request where tenant = ? and id = ?",
                byte[].class,
                one.tenant(),
                one.id());
    }

    void cover(RightsRequest one, Channel channel) {
        set(one, "channel = ?", wire(channel));
    }

    void extend(RightsRequest one, int months) {
        set(
                one,
                "extended_months = ?, due_on = ?, reminded = 0",
                months,
                java.sql.Date.valueOf(DueDates.dueOn(one.receivedAt(), months)));
    }

    void reminded(RightsRequest one, int percent) {
        set(one, "reminded = ?", percent);
    }

    void replied(RightsRequest one, UUID message) {
        set(one, "reply_message = ?", message);
    }

    void lift(RightsRequest one, Instant at, UUID message) {
        set(one, "lift_at = ?, lift_message = ?", Bulk.timestamp(at), message);
    }

    void lifted(RightsRequest one, Instant now) {
        set(one, "lifted_at = ?", Bulk.timestamp(now));
    }

    /**
     * @param at {@code null}: not by itself
     */
    void next(RightsRequest one, Instant at) {
        set(one, "next_at = ?, attempts = 0, last_error = null", Bulk.timestamp(at));
    }

    void failed(String tenant, UUID id, String error, Instant again) {
        jdbc.update(
                "update rights_request set attempts = attempts + 1, last_error = ?, next_at = ? where tenant = ? and id = ?",
                error,
                Bulk.timestamp(again),
                tenant,
                id);
    }

    private void set(RightsRequest one, String columns, Object... values) {
        Object[] all = java.util.Arrays.copyOf(values, values.length + 2);
        all[values.length] = one.tenant();
        all[values.length + 1] = one.id();
        jdbc.update("update rights_request set " + columns + " where tenant = ? and id = ?", all);
    }

    /** What requests kept of a person who is erased; the requests themselves are the evidence. */
    void forget(String tenant, UUID subject) {
        jdbc.update(
                "delete from rights_package where tenant = ? and subject_id = ?", tenant, subject);
        jdbc.update(
                "delete from message_annotation where tenant = ? and subject_id = ?",
                tenant,
                subject);
        jdbc.update(
                "update rights_request set sealed_asked = null, sealed_proof = null where tenant = ? and subject_id = ?",
                tenant,
                subject);
    }

    /** What waited to hear what is right about a person who is erased: there is nothing left. */
    void wake(String tenant, UUID subject, Instant now) {
        jdbc.update(
                "update rights_request set next_at = ? where tenant = ? and subject_id = ? and state = 'PLANNED' and next_at is null",
                Bulk.timestamp(now),
                tenant,
                subject);
    }

    /** Whether the person alone gets the copy: it holds what nobody at the tenant may see. */
    boolean isClosed(RightsRequest one) {
        return one.outcome().has("kept")
                || !jdbc.queryForList(
                                "select 1 from subject where tenant = ? and id = ? and restricted_at is not null",
                                Integer.class,
                                one.tenant(),
                                one.subject())
                        .isEmpty();
    }

    void ask(RightsRequest one, byte[] sealedAsked) {
        set(one, "sealed_asked = ?", sealedAsked);
    }

    /** State of a message of the hub's own, {@code null} if there is none. */
    String sent(String tenant, UUID message) {
        return message == null
                ? null
                : jdbc
                        .queryForList(
                                "select state from outbound where tenant = ? and message_id = ?",
                                String.class,
                                tenant,
                                message)
                        .stream()
                        .findFirst()
                        .orElse(null);
    }

    /** How long after its n-th failure a request is tried again. */
    static Duration waitAfter(int failures) {
        return Duration.ofMinutes(Math.min(60, 1L << Math.min(failures, 6)));
    }

    static ObjectNode object(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (JsonProcessingException notOurs) {
            throw new IllegalStateException(notOurs);
        }
    }

    private static String wire(Channel channel) {
        return channel == null ? null : channel.wireName();
    }

    private static Channel channel(String wireName) {
        return wireName == null ? null : Channel.of(wireName);
    }

    private static String text(UUID id) {
        return id == null ? null : id.toString();
    }
}
