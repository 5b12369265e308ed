package org.jawort.media;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/** How far files are, without anything of what they hold. Inside the caller's transaction. */
public final class MediaViews {

    /**
     * @param state waiting, stored or given_up
     * @param reason why it is not there (yet); {@code null} if it is
     * @param nextAttemptAt {@code null} unless waiting
     */
    public record View(
            UUID id,
            UUID messageId,
            String account,
            String state,
            String reason,
            int attempts,
            Instant nextAttemptAt,
            Instant createdAt,
            Instant updatedAt) {}

    private static final String VIEW =
            "select id, message_id, account, state, reason, attempts, next_attempt_at, created_at, updated_at from media_file"
                    + " where tenant = ? and retained_id is null and ";

    private final JdbcTemplate jdbc;

    MediaViews(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    public Optional<View> one(String tenant, UUID id) {
        return Bulk.query(
                        jdbc, VIEW + "id = ?", MediaViews::view, Column.one(tenant), Column.one(id))
                .stream()
                .findFirst();
    }

    /**
     * Newest first.
     *
     * @param state {@code null} for all
     * @param after only those behind this one, {@code null} for the start
     */
    public List<View> page(String tenant, String state, UUID after, int limit) {
        String id = after == null ? null : after.toString();
        return Bulk.query(
                jdbc,
                VIEW
                        + "(?::text is null or state = ?) and (?::uuid is null or id < ?::uuid) order by id desc limit ?",
                MediaViews::view,
                Column.one(tenant),
                Column.one(state),
                Column.one(state),
                Column.one(id),
                Column.one(id),
                Column.one(limit));
    }

    private static View view(ResultSet row) throws SQLException {
        return new View(
                row.getObject("id", UUID.class),
                row.getObject("message_id", UUID.class),
                row.getString("account"),
                row.getString("state"),
                row.getString("reason"),
                row.getInt("attempts"),
                Bulk.instant(row, "next_attempt_at"),
                Bulk.instant(row, "created_at"),
                Bulk.instant(row, "updated_at"));
    }
}
