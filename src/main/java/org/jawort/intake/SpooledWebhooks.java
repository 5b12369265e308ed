package org.jawort.intake;

import java.util.List;
import java.util.function.Predicate;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** What waits in the spool, looked through. Works in the caller's transaction. */
public final class SpooledWebhooks {

    private record Looked(long position, boolean isMeant) {}

    private final JdbcTemplate jdbc;
    private final WebhookSeal seal;

    public SpooledWebhooks(JdbcTemplate jdbc, WebhookSeal seal) {
        this.jdbc = jdbc;
        this.seal = seal;
    }

    /**
     * Deletes the webhooks a predicate is true of; those that do not open are nobody's.
     *
     * @return how many
     */
    public int delete(String tenant, Predicate<WebhookRequest> which) {
        int deleted = 0;
        List<Looked> piece = after(0, tenant, which);
        while (!piece.isEmpty()) {
            List<Looked> meant = piece.stream().filter(Looked::isMeant).toList();
            if (!meant.isEmpty()) {
                deleted +=
                        Bulk.update(
                                jdbc,
                                "delete from webhook_spool where tenant = ? and position = any(?::bigint[])",
                                Column.one(tenant),
                                Column.of("int8", meant, Looked::position));
            }
            piece = after(piece.getLast().position(), tenant, which);
        }
        return deleted;
    }

    private List<Looked> after(long position, String tenant, Predicate<WebhookRequest> which) {
        return Bulk.query(
                jdbc,
                Bulk.piece(
                        "select * from webhook_spool where tenant = ? and position > ?",
                        "position",
                        "sealed"),
                row ->
                        new Looked(
                                row.getLong("position"),
                                isMeant(
                                        tenant,
                                        row.getString("account"),
                                        row.getBytes("sealed"),
                                        which)),
                Column.one(tenant),
                Column.one(position),
                Column.one(WebhookSpool.PIECE),
                Column.one(WebhookSpool.PIECE_BYTES));
    }

    private boolean isMeant(
            String tenant, String account, byte[] sealed, Predicate<WebhookRequest> which) {
        try {
            return which.test(seal.open(tenant, account, sealed));
        } catch (WebhookSeal.WebhookUnsealable damaged) {
            return false; // the drain puts it into quarantine
        }
    }
}
