package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Account;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantKeys.Use;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Authentic webhooks, or entries of them, that no mapping could make anything of: encrypted under
 * the tenant's key, with the reason, until the mapping is mended and they are replayed.
 */
final class Quarantine {

    /**
     * @param reason fixed word
     * @param location mapping line or schema path, {@code null} if unknown; never a value
     * @param entry which entry of the webhook, {@code null} for all of it
     * @param webhook as {@link org.jawort.intake.WebhookSeal#seal} packs it, or the bytes as they
     *     lay on the topic
     */
    record Item(
            String tenant,
            String account,
            String provider,
            String reason,
            String location,
            Integer entry,
            byte[] webhook,
            Instant receivedAt) {}

    /**
     * A webhook that something may turn out to be wrong with.
     *
     * @param webhook as in {@link Item}
     */
    record Suspect(Account account, byte[] webhook, Instant receivedAt) {

        Item because(String reason) {
            return because(reason, null);
        }

        Item because(String reason, String location) {
            return because(reason, location, null);
        }

        /** The parameters are those of {@link Item}. */
        Item because(String reason, String location, Integer entry) {
            return new Item(
                    account.tenant(),
                    account.id(),
                    account.provider(),
                    reason,
                    location == null ? null : location.replaceAll("[^ -~]", "?"),
                    entry,
                    webhook,
                    receivedAt);
        }
    }

    private final JdbcTemplate jdbc;
    private final TenantKeys keys;

    Quarantine(JdbcTemplate jdbc, TenantKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    void add(List<Item> items, Instant now) {
        if (items.isEmpty()) {
            return;
        }
        List<UUID> ids = items.stream().map(item -> UuidCreator.getTimeOrderedEpoch()).toList();
        Bulk.update(
                jdbc,
                """
                insert into quarantine (tenant, id, account, provider, reason, location, entry, sealed_webhook, received_at,
                                        state, changed_at)
                select tenant, id, account, provider, reason, location, entry, sealed_webhook, received_at, 'held', ?::timestamptz
                  from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::int[], ?::bytea[],
                              ?::timestamptz[])
                    as n(tenant, id, account, provider, reason, location, entry, sealed_webhook, received_at)""",
                Column.one(now),
                Column.of("text", items, Item::tenant),
                Column.of("uuid", ids, id -> id),
                Column.of("text", items, Item::account),
                Column.of("text", items, Item::provider),
                Column.of("text", items, Item::reason),
                Column.of("text", items, Item::location),
                Column.of("int4", items, Item::entry),
                Column.of("bytea", items, this::seal),
                Column.of("timestamptz", items, Item::receivedAt));
    }

    private byte[] seal(Item item) {
        try {
            return keys.aead(item.tenant(), Use.QUARANTINE)
                    .encrypt(item.webhook(), associatedData(item.tenant(), item.account()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static byte[] associatedData(String tenant, String account) {
        return ("quarantine|" + tenant + "|" + account).getBytes(StandardCharsets.UTF_8);
    }
}
