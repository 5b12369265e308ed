package org.jawort.sending;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.tenant.Writer;
import org.jawort.vault.Pseudonyms;

/**
 * A row of {@code outbound}: a message to send, and how far it got.
 *
 * @param fixed asked for over this account and no other
 * @param tried accounts it was handed on from
 * @param unable those of them that cannot carry it
 * @param attempts requests no provider took
 * @param claimedAt the last time it might go; {@code null} if it never might
 * @param writer {@link Writer#SYSTEM} unless a person or a bot made up its words
 * @param disclosedBy the message that told the person that a bot wrote this; {@code null} otherwise
 */
record Outbound(
        String tenant,
        UUID message,
        UUID subject,
        UUID conversation,
        UUID address,
        Channel channel,
        Purpose purpose,
        String template,
        Trigger.Kind trigger,
        byte[] triggerKey,
        State state,
        String account,
        boolean fixed,
        List<String> tried,
        List<String> unable,
        int attempts,
        String reason,
        Instant sendAt,
        Instant claimedAt,
        Instant createdAt,
        Writer writer,
        UUID disclosedBy) {

    enum State {
        SCHEDULED,
        QUEUED,
        SENDING,
        SENT,
        DENIED,
        FAILED,
        UNKNOWN,
        CANCELED;

        String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        static State of(String wireName) {
            return valueOf(wireName.toUpperCase(java.util.Locale.ROOT));
        }
    }

    static final String COLUMNS =
            "tenant, message_id, subject_id, conversation_id, address_id, channel, purpose, template, trigger_kind,"
                    + " trigger_key, state, account, fixed, tried, unable, attempts, reason, send_at, claimed_at, created_at, writer,"
                    + " disclosed_by";

    static Outbound read(ResultSet row) throws SQLException {
        return new Outbound(
                row.getString("tenant"),
                row.getObject("message_id", UUID.class),
                row.getObject("subject_id", UUID.class),
                row.getObject("conversation_id", UUID.class),
                row.getObject("address_id", UUID.class),
                Channel.of(row.getString("channel")),
                Purpose.valueOf(row.getString("purpose")),
                row.getString("template"),
                Trigger.Kind.valueOf(row.getString("trigger_kind")),
                row.getBytes("trigger_key"),
                State.of(row.getString("state")),
                row.getString("account"),
                row.getBoolean("fixed"),
                List.of((String[]) row.getArray("tried").getArray()),
                List.of((String[]) row.getArray("unable").getArray()),
                row.getInt("attempts"),
                row.getString("reason"),
                Bulk.instant(row, "send_at"),
                Bulk.instant(row, "claimed_at"),
                Bulk.instant(row, "created_at"),
                Writer.of(row.getString("writer")),
                row.getObject("disclosed_by", UUID.class));
    }

    /** Whether it was put on its way for this. */
    boolean answers(Pseudonyms pseudonyms, Trigger.Kind kind, String reference) {
        return kind == trigger
                && Arrays.equals(triggerKey, pseudonyms.trigger(tenant, kind.name(), reference));
    }

    SendHearing.Ended ended(
            Pseudonyms pseudonyms, SendHearing.End end, String providerMessageId, Instant at) {
        return new SendHearing.Ended(
                tenant,
                subject,
                message,
                purpose,
                reference -> answers(pseudonyms, trigger, reference),
                end,
                providerMessageId,
                at);
    }
}
