package org.jawort.sending;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/** Finds whom messages go to: key, address and conversation, many at once. */
final class Recipients {

    /** Where somebody is reached, in the clear. */
    record Reached(UUID id, String scheme, String text) {
        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    /** A conversation, open or not. */
    record Place(UUID id, String account, Channel channel, byte[] businessKey) {}

    /**
     * @param key {@code null} if it is destroyed
     * @param address {@code null} if none is known on the channel
     * @param place {@code null} if there is no conversation
     */
    record Recipient(OutgoingMessage wanted, SubjectKey key, Reached address, Place place) {}

    // An opaque id means something to one provider only, and an id of the platform stands beside a
    // number that the person wrote from: an address that all understand comes first.
    private static final String FIND =
            """
            select w.n, k.wrapped, a.id as address_id, a.scheme, a.sealed_address, c.id as conversation_id, c.account, c.channel,
                   c.business_key
              from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[]) with ordinality
                   as w(tenant, subject, address, conversation, channel, account, n)
              left join subject_key k on k.tenant = w.tenant and k.subject_id = w.subject and k.key_group = 'ordinary'
              left join lateral (
                select c.id, c.account, c.channel, c.business_key from conversation c
                 where c.tenant = w.tenant and c.subject_id = w.subject
                   and case when w.conversation is not null then c.id = w.conversation
                            else c.channel = w.channel and (w.account is null or c.account = w.account) end
                 order by c.closed_at is null desc, c.last_inbound_at desc nulls last, c.last_message_at desc limit 1) c on true
              left join lateral (
                select a.id, a.scheme, a.sealed_address from address a
                 where a.tenant = w.tenant and a.subject_id = w.subject
                   and a.channel = case coalesce(w.channel, c.channel) when 'mms' then 'sms' else coalesce(w.channel, c.channel) end
                 order by (a.id = w.address) desc nulls last, a.scheme = 'opaque', a.scheme = 'bsuid', a.id desc limit 1) a on true
             order by w.n""";

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;

    Recipients(JdbcTemplate jdbc, SubjectKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    /** In the order of the messages. */
    List<Recipient> find(List<OutgoingMessage> messages) {
        return Bulk.query(
                jdbc,
                FIND,
                row -> {
                    OutgoingMessage wanted = messages.get((int) row.getLong("n") - 1);
                    byte[] wrapped = row.getBytes("wrapped");
                    SubjectKey key =
                            wrapped == null
                                    ? null
                                    : keys.open(wanted.tenant(), wanted.subject(), wrapped);
                    UUID address = row.getObject("address_id", UUID.class);
                    UUID conversation = row.getObject("conversation_id", UUID.class);
                    String channel = row.getString("channel");
                    return new Recipient(
                            wanted,
                            key,
                            address == null || key == null
                                    ? null
                                    : new Reached(
                                            address,
                                            row.getString("scheme"),
                                            new String(
                                                    key.open(
                                                            "address",
                                                            row.getBytes("sealed_address")),
                                                    StandardCharsets.UTF_8)),
                            conversation == null || channel.isEmpty()
                                    ? null
                                    : new Place(
                                            conversation,
                                            row.getString("account"),
                                            Channel.of(channel),
                                            row.getBytes("business_key")));
                },
                Column.of("text", messages, OutgoingMessage::tenant),
                Column.of("uuid", messages, OutgoingMessage::subject),
                Column.of("uuid", messages, OutgoingMessage::address),
                Column.of("uuid", messages, OutgoingMessage::conversation),
                Column.of(
                        "text",
                        messages,
                        one -> one.channel() == null ? null : one.channel().wireName()),
                Column.of("text", messages, OutgoingMessage::account));
    }
}
