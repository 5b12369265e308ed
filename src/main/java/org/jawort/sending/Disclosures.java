package org.jawort.sending;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Writer;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Tells a person that a bot writes, ahead of the first thing it writes in a conversation and
 * wherever it takes over from people, and that a person writes where one takes over from it (FLT-7;
 * EU AI Act Art. 50(1)). What tells is a message of its own, queued ahead of the one it tells of;
 * what a bot wrote leaves only once that was sent. Works inside the caller's transaction.
 */
final class Disclosures {

    /** Fields beside the content, in messages and events. */
    static final String WRITTEN_BY = "writtenBy";

    static final String DISCLOSURE = "disclosure";

    /** Whether the person has been told that a bot wrote this. */
    enum Told {
        YES,
        UNDER_WAY,
        /** What tells has come behind this one in their queue, and would wait for it. */
        BEHIND,
        NO
    }

    /** Where a message goes. */
    record Place(String tenant, UUID subject, UUID address, Channel channel, UUID conversation) {}

    /**
     * What one message needs.
     *
     * @param ahead to be queued before it, {@code null} if nothing is to be told
     * @param by id of the message that tells, or has told; {@code null} if none does
     */
    record Plan(Writer writer, OutgoingMessage ahead, UUID by) {

        static final Plan NONE = new Plan(Writer.SYSTEM, null, null);

        /** A bot's, and there are no words to tell so. */
        boolean isUntold() {
            return writer == Writer.BOT && by == null;
        }
    }

    private record Last(UUID message, Writer writer, boolean interrupted) {}

    private final JdbcTemplate jdbc;
    private final Disclosing words;

    Disclosures(JdbcTemplate jdbc, Disclosing words) {
        this.jdbc = jdbc;
        this.words = words;
    }

    /**
     * @param writer of a message that goes there next
     */
    Plan plan(Place place, Writer writer) {
        Optional<Last> last = writer == Writer.SYSTEM ? Optional.empty() : last(place);
        return switch (writer) {
            case SYSTEM -> Plan.NONE;
            case BOT ->
                    last.filter(one -> one.writer() == Writer.BOT && !one.interrupted())
                            .map(one -> new Plan(writer, null, one.message()))
                            .orElseGet(() -> tell(place, writer));
            case HUMAN ->
                    last.filter(one -> one.writer() == Writer.BOT)
                            .map(one -> tell(place, writer))
                            .orElseGet(() -> new Plan(writer, null, null));
        };
    }

    /**
     * After both were queued.
     *
     * @param message that is so written
     */
    void keep(String tenant, UUID message, Plan plan) {
        if (plan.writer() == Writer.SYSTEM) {
            return;
        }
        if (plan.ahead() != null) {
            jdbc.update(
                    "update outbound set discloses = ? where tenant = ? and message_id = ?",
                    plan.writer().wireName(),
                    tenant,
                    plan.ahead().id());
        }
        jdbc.update(
                "update outbound set writer = ?, disclosed_by = ? where tenant = ? and message_id = ?",
                plan.writer().wireName(),
                plan.writer() == Writer.BOT ? plan.by() : null,
                tenant,
                message);
    }

    /** At the instant of sending. */
    Told told(Outbound row) {
        if (row.writer() != Writer.BOT) {
            return Told.YES;
        }
        return Bulk.query(
                        jdbc,
                        """
                        select o.state, case when o.state = 'queued' and o.account = ? then exists (
                                 select 1 from event e
                                   join delivery d on d.tenant = e.tenant and d.event_id = e.id and d.destination = ?
                                                  and d.state in ('pending', 'parked')
                                   join event f on f.tenant = e.tenant and f.message_id = ?
                                   join delivery own on own.tenant = f.tenant and own.event_id = f.id and own.destination = d.destination
                                                    and own.state in ('pending', 'parked') and own.lane = d.lane
                                                    and own.sequence < d.sequence
                                  where e.tenant = o.tenant and e.message_id = o.message_id) end
                          from outbound o where o.tenant = ? and o.message_id = ?""",
                        found ->
                                found.getBoolean(2)
                                        ? Told.BEHIND
                                        : told(Outbound.State.of(found.getString(1))),
                        Column.one(row.account()),
                        Column.one(Destination.SEND + row.account()),
                        Column.one(row.message()),
                        Column.one(row.tenant()),
                        Column.one(row.disclosedBy()))
                .stream()
                .findFirst()
                .orElse(Told.NO);
    }

    /** Of one whose answer was lost nobody knows whether the person has it. */
    private static Told told(Outbound.State state) {
        return switch (state) {
            case SENT -> Told.YES;
            case SCHEDULED, QUEUED, SENDING -> Told.UNDER_WAY;
            case DENIED, FAILED, UNKNOWN, CANCELED -> Told.NO;
        };
    }

    private Plan tell(Place place, Writer writer) {
        return words.words(place.tenant(), place.subject(), place.channel(), writer)
                .map(said -> message(place, writer, said))
                .map(ahead -> new Plan(writer, ahead, ahead.id()))
                .orElseGet(() -> new Plan(writer, null, null));
    }

    private static OutgoingMessage message(Place place, Writer writer, Disclosing.Words said) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.put("type", "text").put("text", said.text());
        content.putObject(DISCLOSURE)
                .put("writer", writer.wireName())
                .put("textVersion", said.textVersion())
                .put("language", said.language());
        return new OutgoingMessage(
                id,
                place.tenant(),
                place.subject(),
                place.address(),
                place.channel(),
                null,
                place.conversation(),
                Purpose.SUPPORT_REPLY,
                content,
                null,
                new Trigger(Trigger.Kind.DISCLOSURE, id.toString()),
                null);
    }

    /**
     * What the person was last told in the conversation the message will be part of: the open one
     * at the same place as the one it names.
     */
    private Optional<Last> last(Place place) {
        List<Last> last =
                Bulk.query(
                        jdbc,
                        """
                        select o.message_id, o.discloses,
                               exists (select 1 from message m
                                        where m.tenant = o.tenant and m.conversation_id = o.conversation_id
                                          and m.reason = 'OUT_SENT_ELSEWHERE' and m.id > o.message_id) as interrupted
                          from conversation g
                          join conversation c on c.tenant = g.tenant and c.subject_id = g.subject_id and c.account = g.account
                                             and c.channel = g.channel and c.business_key = g.business_key and c.closed_at is null
                          join outbound o on o.tenant = c.tenant and o.conversation_id = c.id and o.discloses is not null
                                         and o.state in ('queued', 'sending', 'sent')
                         where g.tenant = ? and g.id = ?
                         order by o.message_id desc limit 1""",
                        row ->
                                new Last(
                                        row.getObject(1, UUID.class),
                                        Writer.of(row.getString(2)),
                                        row.getBoolean(3)),
                        Column.one(place.tenant()),
                        Column.one(place.conversation()));
        return last.stream().findFirst();
    }
}
