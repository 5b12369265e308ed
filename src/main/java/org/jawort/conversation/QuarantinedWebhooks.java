package org.jawort.conversation;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jawort.intake.WebhookRequest;
import org.jawort.intake.WebhookSeal;
import org.jawort.intake.WebhookSeal.WebhookUnsealable;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantKeys.Use;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What lies in quarantine, to be looked through and replayed. Works in the caller's transaction.
 */
public final class QuarantinedWebhooks {

    /**
     * @param location mapping line, schema path or name of an event, {@code null} if unknown
     * @param entry which entry of the webhook, {@code null} for all of it
     * @param state held or replayed
     */
    public record Item(
            UUID id,
            String account,
            String provider,
            String reason,
            String location,
            Integer entry,
            Instant receivedAt,
            String state,
            Instant changedAt) {}

    /** A held webhook, opened. */
    public sealed interface Opened {
        UUID id();

        record Readable(UUID id, String account, WebhookRequest webhook) implements Opened {}

        /** Its bytes were damaged before they came here; no replay makes a webhook of them. */
        record Unreadable(UUID id) implements Opened {}
    }

    private record Looked(UUID id, boolean isMeant) {}

    /** Before any other. */
    private static final UUID FIRST = new UUID(0, 0);

    /** How much of it is in memory at a time; what is larger comes alone. */
    private static final int PIECE = 500;

    private static final int PIECE_BYTES = 8 << 20;

    private final JdbcTemplate jdbc;
    private final TenantKeys keys;
    private final InstantSource clock;

    QuarantinedWebhooks(JdbcTemplate jdbc, TenantKeys keys, InstantSource clock) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * Newest first.
     *
     * @param before only what came before this one, {@code null} for the start
     */
    public List<Item> page(String tenant, UUID before, int limit) {
        return Bulk.query(
                jdbc,
                """
                select id, account, provider, reason, location, entry, received_at, state, changed_at from quarantine
                 where tenant = ? and (?::uuid is null or id < ?::uuid) order by id desc limit ?""",
                row ->
                        new Item(
                                row.getObject("id", UUID.class),
                                row.getString("account"),
                                row.getString("provider"),
                                row.getString("reason"),
                                row.getString("location"),
                                row.getObject("entry", Integer.class),
                                Bulk.instant(row, "received_at"),
                                row.getString("state"),
                                Bulk.instant(row, "changed_at")),
                Column.one(tenant),
                Column.one(text(before)),
                Column.one(text(before)),
                Column.one(limit));
    }

    /** The state of one, {@code null} if the tenant has no such. */
    public String state(String tenant, UUID id) {
        return jdbc
                .queryForList(
                        "select state from quarantine where tenant = ? and id = ?",
                        String.class,
                        tenant,
                        id)
                .stream()
                .findFirst()
                .orElse(null);
    }

    /**
     * Held webhooks, oldest first, locked until the transaction ends; those another replay is at
     * are passed over. Several entries of one webhook give one webhook each, which the pipeline
     * takes for repetitions.
     *
     * @param id this one only; {@code null} for any
     * @param reason of this reason only; {@code null} for any
     * @param provider of this provider only; {@code null} for any
     */
    public List<Opened> open(String tenant, UUID id, String reason, String provider, int limit) {
        List<Opened> opened = new ArrayList<>();
        Bulk.query(
                jdbc,
                """
                select id, account, sealed_webhook from quarantine
                 where tenant = ? and state = 'held' and (?::uuid is null or id = ?::uuid)
                   and (?::text is null or reason = ?::text) and (?::text is null or provider = ?::text)
                   and reason <> 'UNSEALABLE'
                 order by id limit ? for update skip locked""",
                row ->
                        opened.add(
                                open(
                                        tenant,
                                        row.getObject(1, UUID.class),
                                        row.getString(2),
                                        row.getBytes(3))),
                Column.one(tenant),
                Column.one(text(id)),
                Column.one(text(id)),
                Column.one(reason),
                Column.one(reason),
                Column.one(provider),
                Column.one(provider),
                Column.one(limit));
        return opened;
    }

    /**
     * Deletes the webhooks a predicate is true of, replayed or not.
     *
     * @return their ids
     */
    public List<UUID> delete(String tenant, Predicate<WebhookRequest> which) {
        List<UUID> deleted = new ArrayList<>();
        List<Looked> piece = after(FIRST, tenant, which);
        while (!piece.isEmpty()) {
            List<UUID> meant = piece.stream().filter(Looked::isMeant).map(Looked::id).toList();
            if (!meant.isEmpty()) {
                Bulk.update(
                        jdbc,
                        "delete from quarantine where tenant = ? and id = any(?::uuid[])",
                        Column.one(tenant),
                        Column.of("uuid", meant, id -> id));
                deleted.addAll(meant);
            }
            piece = after(piece.getLast().id(), tenant, which);
        }
        return deleted;
    }

    private List<Looked> after(UUID id, String tenant, Predicate<WebhookRequest> which) {
        return Bulk.query(
                jdbc,
                Bulk.piece(
                        "select id, account, sealed_webhook from quarantine where tenant = ? and id > ?",
                        "id",
                        "sealed_webhook"),
                row -> {
                    Opened opened =
                            open(
                                    tenant,
                                    row.getObject("id", UUID.class),
                                    row.getString("account"),
                                    row.getBytes("sealed_webhook"));
                    return new Looked(
                            opened.id(),
                            opened instanceof Opened.Readable readable
                                    && which.test(readable.webhook()));
                },
                Column.one(tenant),
                Column.one(id),
                Column.one(PIECE),
                Column.one(PIECE_BYTES));
    }

    private Opened open(String tenant, UUID id, String account, byte[] sealed) {
        try {
            byte[] packed =
                    keys.aead(tenant, Use.QUARANTINE)
                            .decrypt(sealed, Quarantine.associatedData(tenant, account));
            return new Opened.Readable(id, account, WebhookSeal.unpack(packed));
        } catch (GeneralSecurityException | WebhookUnsealable damaged) {
            return new Opened.Unreadable(id);
        }
    }

    public void replayed(String tenant, List<UUID> ids) {
        if (!ids.isEmpty()) {
            Bulk.update(
                    jdbc,
                    "update quarantine set state = 'replayed', changed_at = ? where tenant = ? and id = any(?::uuid[])",
                    Column.one(clock.instant()),
                    Column.one(tenant),
                    Column.of("uuid", ids, id -> id));
        }
    }

    private static String text(UUID id) {
        return id == null ? null : id.toString();
    }
}
