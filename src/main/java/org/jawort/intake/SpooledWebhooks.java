package org.jawort.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** What waits in the spool, looked through. Works in the caller's transaction. */
public final class SpooledWebhooks {

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
        List<Long> found = new ArrayList<>();
        Bulk.query(
                jdbc,
                "select position, account, sealed from webhook_spool where tenant = ? order by position",
                row -> {
                    try {
                        if (which.test(seal.open(tenant, row.getString(2), row.getBytes(3)))) {
                            found.add(row.getLong(1));
                        }
                    } catch (WebhookSeal.WebhookUnsealable damaged) {
                        // the drain puts it into quarantine
                    }
                    return null;
                },
                Column.one(tenant));
        return found.isEmpty()
                ? 0
                : Bulk.update(
                        jdbc,
                        "delete from webhook_spool where tenant = ? and position = any(?::bigint[])",
                        Column.one(tenant),
                        Column.of("int8", found, position -> position));
    }
}
