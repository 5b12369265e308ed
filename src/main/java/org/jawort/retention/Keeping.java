package org.jawort.retention;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.message.Category;
import org.jawort.store.Bulk;

/**
 * Whether holds or law keep a message although its person asks to be forgotten (GDPR Art. 17(3)),
 * by {@link Precedence} (RET-5).
 */
final class Keeping {

    /**
     * A message as far as the question needs it: no word of it.
     *
     * @param category COMMERCIAL_LETTER, VOUCHER, NONE or UNKNOWN
     * @param purpose {@code null} of what nobody sent for one
     * @param sentAt when the hub sent it, of what came or never left {@code null}
     */
    record Message(
            String tenant,
            UUID id,
            UUID subject,
            UUID conversation,
            String account,
            String channel,
            String direction,
            String category,
            String purpose,
            Instant receivedAt,
            Instant sentAt) {

        /**
         * @param closedAt end of its conversation, {@code null} while that is open
         */
        Item item(Instant closedAt) {
            return new Item(
                    tenant,
                    id,
                    subject,
                    conversation,
                    "conversation-text",
                    channel,
                    purpose,
                    Category.valueOf(category),
                    receivedAt,
                    sentAt,
                    closedAt,
                    null);
        }

        /** The same, if it were of this category. */
        Message as(Category other) {
            return new Message(
                    tenant,
                    id,
                    subject,
                    conversation,
                    account,
                    channel,
                    direction,
                    other.name(),
                    purpose,
                    receivedAt,
                    sentAt);
        }

        /** Of a row of {@code message} with the columns of these names. */
        static Message of(String tenant, ResultSet row) throws SQLException {
            return new Message(
                    tenant,
                    row.getObject("id", UUID.class),
                    row.getObject("subject_id", UUID.class),
                    row.getObject("conversation_id", UUID.class),
                    row.getString("account"),
                    row.getString("channel"),
                    row.getString("direction"),
                    row.getString("category"),
                    row.getString("purpose"),
                    Bulk.instant(row, "received_at"),
                    Bulk.instant(row, "sent_at"));
        }
    }

    sealed interface Verdict {

        /** Nothing keeps it. */
        record Delete() implements Verdict {}

        /**
         * @param until {@code null} as long as a hold lasts
         * @param rule id and version of what keeps it
         * @param because in words, for the answer to the person
         */
        record Keep(Instant until, String rule, String because) implements Verdict {}
    }

    private final RetentionRules rules;
    private final Holds holds;

    Keeping(RetentionRules rules, Holds holds) {
        this.rules = rules;
        this.holds = holds;
    }

    /** By id of the message. */
    Map<UUID, Verdict> decide(String tenant, Collection<Message> messages, Instant now) {
        Map<UUID, Item> items = new LinkedHashMap<>();
        messages.forEach(message -> items.put(message.id(), message.item(null)));
        Map<UUID, List<Hold>> held = holds.covering(tenant, items.values());
        Map<UUID, Verdict> verdicts = new LinkedHashMap<>();
        items.forEach((id, item) -> verdicts.put(id, decide(item, held.get(id), now)));
        return verdicts;
    }

    private Verdict decide(Item item, List<Hold> held, Instant now) {
        var erasure = new Precedence.Request(null, Precedence.Request.Kind.ERASURE, now);
        return switch (Precedence.decide(item, held, rules, erasure, now)) {
            case org.jawort.retention.Verdict.Delete delete -> new Verdict.Delete();
            case org.jawort.retention.Verdict.Keep keep ->
                    new Verdict.Keep(keep.until(), keep.rule().label(), keep.explanation());
            case org.jawort.retention.Verdict.Restrict restrict ->
                    new Verdict.Keep(
                            restrict.until(), restrict.rule().label(), restrict.explanation());
            case org.jawort.retention.Verdict.Held hold ->
                    new Verdict.Keep(null, hold.rule().label(), hold.explanation());
        };
    }
}
