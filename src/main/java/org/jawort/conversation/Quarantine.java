package org.jawort.conversation;

import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.intake.WebhookRequest;
import org.jawort.intake.WebhookSeal;
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
     * @param location mapping line, schema path or name of an event, {@code null} if unknown
     * @param entry which entry of the webhook, {@code null} for all of it
     * @param webhook as {@link WebhookSeal#pack} makes it, or the bytes as they lay on the topic
     * @param origin names the record and the entry: what is read again is held once (R15). A replay
     *     is a record of its own
     */
    record Item(
            String tenant,
            String account,
            String provider,
            String reason,
            String location,
            Integer entry,
            byte[] webhook,
            Instant receivedAt,
            byte[] origin) {

        /** Bytes on the topic that no key of the account opens. */
        static Item ofUnsealable(Account account, byte[] sealed, Instant now) {
            return new Item(
                    account.tenant(),
                    account.id(),
                    account.provider(),
                    "UNSEALABLE",
                    null,
                    null,
                    sealed,
                    now,
                    Quarantine.origin(sealed, null));
        }

        /** A webhook of an account that this node's tenant files do not have. */
        static Item ofUnknownAccount(
                String tenant, String account, WebhookRequest request, byte[] sealed) {
            return new Item(
                    tenant,
                    account,
                    "unknown",
                    "UNKNOWN_ACCOUNT",
                    null,
                    null,
                    WebhookSeal.pack(request),
                    request.receivedAt(),
                    Quarantine.origin(sealed, null));
        }
    }

    /**
     * A webhook that something may turn out to be wrong with.
     *
     * @param sealed the bytes as they lay on the topic, which no other record has
     */
    record Suspect(Account account, WebhookRequest request, byte[] sealed) {

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
                    WebhookSeal.pack(request),
                    request.receivedAt(),
                    origin(sealed, entry));
        }
    }

    private static byte[] origin(byte[] sealed, Integer entry) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update(String.valueOf(entry).getBytes(StandardCharsets.US_ASCII));
            return hash.digest(sealed);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private final JdbcTemplate jdbc;
    private final TenantKeys keys;

    Quarantine(JdbcTemplate jdbc, TenantKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    /**
     * @return those that are held since now, and not since they were read the last time
     */
    List<Item> add(List<Item> items, Instant now) {
        if (items.isEmpty()) {
            return List.of();
        }
        Map<UUID, Item> byId = new LinkedHashMap<>();
        items.forEach(item -> byId.put(UuidCreator.getTimeOrderedEpoch(), item));
        return Bulk.query(
                jdbc,
                """
                insert into quarantine (tenant, id, account, provider, reason, location, entry, sealed_webhook, received_at,
                                        origin, state, changed_at)
                select tenant, id, account, provider, reason, location, entry, sealed_webhook, received_at, origin, 'held',
                       ?::timestamptz
                  from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::int[], ?::bytea[],
                              ?::timestamptz[], ?::bytea[])
                    as n(tenant, id, account, provider, reason, location, entry, sealed_webhook, received_at, origin)
                on conflict do nothing returning id""",
                row -> byId.get(row.getObject(1, UUID.class)),
                Column.one(now),
                Column.of("text", items, Item::tenant),
                Column.of("uuid", byId.keySet(), id -> id),
                Column.of("text", items, Item::account),
                Column.of("text", items, Item::provider),
                Column.of("text", items, Item::reason),
                Column.of("text", items, Item::location),
                Column.of("int4", items, Item::entry),
                Column.of("bytea", items, this::seal),
                Column.of("timestamptz", items, Item::receivedAt),
                Column.of("bytea", items, Item::origin));
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
