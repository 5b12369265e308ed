package org.jawort.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.message.MessageStatus;
import org.jawort.message.ProviderEntry;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a person has read who has read a conversation up to now, of which the provider names no
 * message.
 */
final class ReadConversations {

    /**
     * A message of the business.
     *
     * @param key as {@link Messages#key}
     * @param providerMessageId {@code null} if it is not kept
     */
    record Sent(ByteBuffer key, Messages.Known message, String providerMessageId) {}

    /** The newest that one reading may tell of: each is told by itself. */
    private static final int MOST = 100;

    private final JdbcTemplate jdbc;
    private final ObjectMapper json;

    ReadConversations(JdbcTemplate jdbc, ObjectMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * What had gone out in the conversation before it was read, over the entry's account and
     * channel, and neither failed nor is known to be read; oldest first.
     */
    Map<Incoming, List<Sent>> find(List<Incoming> statuses) {
        List<Incoming> readings =
                statuses.stream().filter(ReadConversations::isOfAConversation).toList();
        Map<Incoming, List<Sent>> found = new HashMap<>();
        if (readings.isEmpty()) {
            return found;
        }
        Bulk.query(
                jdbc,
                """
                select w.item, m.provider_message_key, m.id, m.subject_id, m.conversation_id, m.channel, m.sealed_body
                  from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[]) with ordinality
                       as w(tenant, subject, account, channel, at, item)
                 cross join lateral (
                       select m.* from message m
                         left join outbound o on o.tenant = m.tenant and o.message_id = m.id
                         left join message_status s on s.tenant = m.tenant and s.account = m.account
                                                   and s.provider_message_key = m.provider_message_key
                        where m.tenant = w.tenant and m.subject_id = w.subject and m.account = w.account
                          and (w.channel is null or m.channel = w.channel)
                          and m.received_at > w.at - interval '30 days' and m.direction = 'outbound' and m.provider_message_key is not null
                          and (o.state is null or o.state = 'sent') and coalesce(o.claimed_at, m.received_at) <= w.at
                          and coalesce(s.rank, -1) not in (?, ?)
                        order by m.id desc limit ?) m
                 order by m.id""",
                row -> {
                    Incoming item = readings.get(row.getInt(1) - 1);
                    JsonNode body = open(item, row.getBytes(7));
                    if (body != null && isOf(item.entry.providerConversationId(), body)) {
                        found.computeIfAbsent(item, none -> new ArrayList<>())
                                .add(
                                        new Sent(
                                                ByteBuffer.wrap(row.getBytes(2)),
                                                new Messages.Known(
                                                        row.getObject(3, UUID.class),
                                                        row.getObject(4, UUID.class),
                                                        row.getObject(5, UUID.class),
                                                        row.getString(6)),
                                                body.path("providerMessageId").textValue()));
                    }
                    return null;
                },
                Column.of("text", readings, Incoming::tenant),
                Column.of("uuid", readings, item -> item.subject.id()),
                Column.of("text", readings, item -> item.account.id()),
                Column.of(
                        "text",
                        readings,
                        item -> Messages.wireName(((ProviderEntry.Status) item.entry).channel())),
                Column.of("timestamptz", readings, ReadConversations::at),
                Column.one(MessageStatus.FAILED.rank()),
                Column.one(MessageStatus.READ.rank()),
                Column.one(MOST));
        return found;
    }

    /** Of one person's: in a group somebody else may not have read it. */
    private static boolean isOfAConversation(Incoming item) {
        return item.entry.providerMessageId() == null
                && ((ProviderEntry.Status) item.entry).status() == MessageStatus.READ
                && item.subject != null
                && item.subject.known()
                && !item.inGroup;
    }

    /** When it was read; a provider's clock is not believed about what is yet to come. */
    static Instant at(Incoming item) {
        Instant said = item.entry.time("occurredAt");
        return said == null || said.isAfter(item.receivedAt) ? item.receivedAt : said;
    }

    /** What went to a person without a conversation is in whichever they have. */
    private static boolean isOf(String conversation, JsonNode body) {
        return body.path("providerConversationId").asText(conversation).equals(conversation);
    }

    /** Null for one that is kept under a key of its own by now. */
    private JsonNode open(Incoming item, byte[] sealed) {
        try {
            return json.readTree(item.subject.key().open("message.body", sealed));
        } catch (Undecipherable keptElsewhere) {
            return null;
        } catch (IOException notOurs) {
            throw new UncheckedIOException(notOurs);
        }
    }
}
