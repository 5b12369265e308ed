package org.jawort.sending;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.tenant.Account;
import org.jawort.tenant.Account.AccountChannel;
import org.jawort.tenant.Account.Sending;

/** A message whose attempt over an account is under way; of its content nothing is there. */
final class ClaimedMessage {

    private ClaimedMessage() {}

    static Account account(String tenant, String id, Integer monthlyCap) {
        return new Account(
                tenant,
                id,
                "vonage",
                "vonage-eu",
                null,
                List.of(new AccountChannel(Channel.WHATSAPP, "+4930000000", null)),
                Map.of(),
                Map.of(),
                new Sending(10, monthlyCap, 1));
    }

    /** Over the account {@code wa}. */
    static void insert(MigratedDatabase database, String tenant, UUID message, Instant claimedAt) {
        database.scope()
                .run(
                        tenant,
                        () -> {
                            database.jdbc()
                                    .update(
                                            "insert into subject (tenant, id, created_at) values (?, ?, now())",
                                            tenant,
                                            message);
                            database.jdbc()
                                    .update(
                                            """
                                            insert into outbound (tenant, message_id, subject_id, conversation_id, address_id, channel, purpose,
                                                                  trigger_kind, trigger_key, state, account, fixed, claimed_at, created_at, updated_at)
                                            values (?, ?, ?, gen_random_uuid(), gen_random_uuid(), 'whatsapp', 'NOTIFICATION', 'API', '', 'sending',
                                                    'wa', false, ?, now(), now())""",
                                            tenant,
                                            message,
                                            message,
                                            Bulk.timestamp(claimedAt));
                        });
    }
}
