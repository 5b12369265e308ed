package org.jawort.notice;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Which text a person was shown, when, and whether it arrived (INF-3, INF-5). Works inside the
 * caller's transaction.
 */
public final class NoticeHistory {

    /**
     * A notice that was sent.
     *
     * @param noticeVersion the notice it counts as
     * @param textVersion what was shown: that notice, or a prompt that embeds it
     * @param sha256 of {@code words}, lower-case hex
     * @param words the wording, placeholders not filled in; {@code null} if the text is not the
     *     hub's any more
     * @param cause why it was sent
     * @param template the template that carried it, {@code null} if it was free text
     * @param via the account or channel that carried it because it had not arrived as usual, {@code
     *     null} otherwise
     */
    public record Shown(
            String channel,
            String noticeVersion,
            String textVersion,
            String language,
            String sha256,
            String words,
            UUID messageId,
            String cause,
            String template,
            String via,
            Instant queuedAt,
            Instant sentAt,
            Instant deliveredAt,
            Instant readAt,
            Instant failedAt) {}

    private final JdbcTemplate jdbc;
    private final Texts texts;

    NoticeHistory(JdbcTemplate jdbc, Texts texts) {
        this.jdbc = jdbc;
        this.texts = texts;
    }

    /** All of them, oldest first. */
    public List<Shown> of(String tenant, UUID subject) {
        return jdbc.query(
                "select * from notice_delivery where tenant = ? and subject_id = ? order by queued_at, id",
                (row, n) -> shown(tenant, row),
                tenant,
                subject);
    }

    /** Per channel, the newest that had arrived by then. */
    public List<Shown> at(String tenant, UUID subject, Instant at) {
        return jdbc.query(
                """
                select distinct on (channel) * from notice_delivery
                 where tenant = ? and subject_id = ? and coalesce(least(delivered_at, read_at), delivered_at, read_at) <= ?
                 order by channel, coalesce(least(delivered_at, read_at), delivered_at, read_at) desc, id desc""",
                (row, n) -> shown(tenant, row),
                tenant,
                subject,
                Bulk.timestamp(at));
    }

    private Shown shown(String tenant, ResultSet row) throws SQLException {
        String version = row.getString("text_version");
        String language = row.getString("language");
        return new Shown(
                row.getString("channel"),
                row.getString("notice_version"),
                version,
                language,
                HexFormat.of().formatHex(row.getBytes("text_sha256")),
                texts.exact(tenant, version, language).map(Text::words).orElse(null),
                row.getObject("message_id", UUID.class),
                row.getString("cause"),
                row.getString("template"),
                row.getString("via"),
                Bulk.instant(row, "queued_at"),
                Bulk.instant(row, "sent_at"),
                Bulk.instant(row, "delivered_at"),
                Bulk.instant(row, "read_at"),
                Bulk.instant(row, "failed_at"));
    }
}
