package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.tenant.Writer;
import org.junit.jupiter.api.Test;

/** What is asked while a message's row is locked must not grow with what the tenant has sent. */
class SentMessagesIT {

    private static final String TENANT = "muster";
    private static final int STATUSES = 5000;

    private static Outbound row(UUID message) {
        return new Outbound(
                TENANT,
                message,
                UUID.randomUUID(),
                UUID.randomUUID(),
                UUID.randomUUID(),
                Channel.SMS,
                Purpose.NOTIFICATION,
                null,
                Trigger.Kind.API,
                new byte[0],
                Outbound.State.SENDING,
                "wa",
                false,
                List.of(),
                List.of(),
                0,
                null,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                Writer.SYSTEM,
                null);
    }

    @Test
    void readsTheStatusOfOneMessageAlone() {
        UUID failed = new UUID(0, 17);
        UUID delivered = new UUID(0, 18);
        try (var database = MigratedDatabase.create()) {
            var sent = new SentMessages(database.jdbc(), null, null, null, null, null, null, null);
            database.scope().run(TENANT, () -> fill(database));
            database.owner().execute("analyze message, message_status");
            database.scope()
                    .run(
                            TENANT,
                            () -> {
                                long before = read(database);

                                boolean hasFailed = sent.hasFailed(row(failed));
                                boolean otherHasFailed = sent.hasFailed(row(delivered));

                                assertThat(hasFailed).isTrue();
                                assertThat(otherHasFailed).isFalse();
                                assertThat(read(database) - before).isLessThan(10);
                            });
        }
    }

    /** As many messages with a status, of which one says that it failed. */
    private static void fill(MigratedDatabase database) {
        database.jdbc()
                .update(
                        """
                        insert into message (tenant, id, conversation_id, subject_id, account, provider, channel, direction, content_type,
                                             provider_message_key, received_at, sealed_body, decision, reason)
                        select 'muster', lpad(to_hex(n), 32, '0')::uuid, gen_random_uuid(), gen_random_uuid(), 'wa', 'twilio', 'sms',
                               'outbound', 'text', int4send(n), now(), '', 'queued', 'OUT_QUEUED' from generate_series(1, ?) n""",
                        STATUSES);
        database.jdbc()
                .update(
                        """
                        insert into message_status (tenant, account, provider_message_key, message_id, subject_id, status, rank, updated_at)
                        select tenant, account, provider_message_key, id, subject_id,
                               case when provider_message_key = int4send(17) then 'failed' else 'delivered' end, 3, now() from message""");
    }

    /** Rows of the table that this transaction has read. */
    private static long read(MigratedDatabase database) {
        return database.jdbc()
                .queryForObject(
                        "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables"
                                + " where relname = 'message_status'",
                        Long.class);
    }
}
