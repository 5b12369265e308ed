package org.jawort.conversation;

import java.time.Instant;
import org.jawort.message.ProviderEntry;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/** What providers say their templates are; the decision about a message reads it (FLT-6). */
final class TemplateEntries {

    private final JdbcTemplate jdbc;
    private final EntryCounts counts;

    TemplateEntries(JdbcTemplate jdbc, EntryCounts counts) {
        this.jdbc = jdbc;
        this.counts = counts;
    }

    /** Seldom, so one statement each. Of two events the one the provider dates later holds. */
    void take(Incoming item, ProviderEntry.Template entry) {
        Instant said = entry.time("occurredAt");
        Instant since = said == null ? item.receivedAt : said;
        int changed =
                jdbc.update(
                        """
                        insert into template_category as t (tenant, account, template, language, category, since, source)
                        values (?, ?, ?, ?, ?, ?, ?)
                        on conflict (tenant, account, template, language) do update
                           set category = excluded.category, since = excluded.since, source = excluded.source
                         where t.since <= excluded.since""",
                        item.tenant(),
                        item.account.id(),
                        entry.name(),
                        entry.language() == null ? "" : entry.language(),
                        entry.category(),
                        Bulk.timestamp(since),
                        entry.json().path("source").asText("event"));
        counts.count(item, "template", changed == 0 ? "stale" : entry.category());
    }
}
