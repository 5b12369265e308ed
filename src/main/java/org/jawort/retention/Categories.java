package org.jawort.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.f4b6a3.uuid.UuidCreator;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.message.Category;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What messages are by commercial and tax law, as people and systems of the tenant said after they
 * were stored (RET-7). Works in the caller's transaction.
 */
public final class Categories {

    /**
     * @param source {@code agent}, {@code crm}, {@code rule} for one of the tenant's that fitted
     *     once the type of a file was known, or {@code fallback} for the tenant's rule about what
     *     nobody classified
     * @param by id of the API key, or of the rule; {@code hub} for the fallback
     */
    public record Change(
            Category previous, Category category, String source, String by, Instant at) {}

    /**
     * A message nobody classified, whose conversation is over or whose person asked to be erased.
     *
     * @param closedAt {@code null} while its conversation goes on
     * @param waitsUntil when it counts as {@code then}; {@code null} of one of a conversation that
     *     goes on: when the erasure begins
     */
    public record Waiting(
            UUID messageId,
            UUID conversationId,
            String channel,
            String direction,
            String contentType,
            Instant receivedAt,
            Instant closedAt,
            Instant waitsUntil,
            Category then) {}

    private static final String FALLBACK = "fallback";
    private static final int BATCH = 1000;

    private final JdbcTemplate jdbc;
    private final RetentionRules rules;
    private final InstantSource clock;

    Categories(JdbcTemplate jdbc, RetentionRules rules, InstantSource clock) {
        this.jdbc = jdbc;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Says what a message is, from now on.
     *
     * @return false if there is no such message
     */
    public boolean classify(
            String tenant, UUID message, Category category, String source, String by) {
        List<String> previous =
                jdbc.queryForList(
                        "select category from message where tenant = ? and id = ? for update",
                        String.class,
                        tenant,
                        message);
        if (previous.isEmpty()) {
            return false;
        }
        jdbc.update(
                "update message set category = ? where tenant = ? and id = ?",
                category.name(),
                tenant,
                message);
        jdbc.update(
                "insert into category_change (tenant, id, message_id, previous, category, source, changed_by, changed_at)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?)",
                tenant,
                UuidCreator.getTimeOrderedEpoch(),
                message,
                previous.getFirst(),
                category.name(),
                source,
                by,
                Bulk.timestamp(clock.instant()));
        return true;
    }

    /** Oldest first. */
    public List<Change> history(String tenant, UUID message) {
        return Bulk.query(
                jdbc,
                """
                select previous, category, source, changed_by, changed_at from category_change
                 where tenant = ? and message_id = ? order by id""",
                row ->
                        new Change(
                                Category.valueOf(row.getString("previous")),
                                Category.valueOf(row.getString("category")),
                                row.getString("source"),
                                row.getString("changed_by"),
                                Bulk.instant(row, "changed_at")),
                Column.one(tenant),
                Column.one(message));
    }

    /** As it was kept with a restricted message; oldest first. */
    static List<Change> history(String json) {
        List<Change> history = new ArrayList<>();
        try {
            for (JsonNode one : new ObjectMapper().readTree(json)) {
                history.add(
                        new Change(
                                Category.valueOf(one.get("previous").textValue()),
                                Category.valueOf(one.get("category").textValue()),
                                one.get("source").textValue(),
                                one.get("by").textValue(),
                                OffsetDateTime.parse(one.get("at").textValue()).toInstant()));
            }
        } catch (IOException impossible) {
            throw new IllegalStateException("what a message was said to be", impossible);
        }
        return history;
    }

    /**
     * The review list, oldest first.
     *
     * @param after only those stored after this one, {@code null} for the start
     */
    public List<Waiting> unclassified(String tenant, UUID after, int limit) {
        RetentionRules.Unclassified unclassified = rules.unclassified(tenant);
        return Bulk.query(
                jdbc,
                """
                select m.id, m.conversation_id, m.channel, m.direction, m.content_type, m.received_at, c.closed_at
                  from message m join conversation c on c.tenant = m.tenant and c.id = m.conversation_id
                 where m.tenant = ? and m.category = 'UNKNOWN' and m.held_until is null
                   and (c.closed_at is not null
                        or m.subject_id in (select q.subject_id from rights_request q where q.tenant = ? and q.type = 'ERASE'
                                               and q.state in ('RECEIVED', 'IDENTITY_CHECK', 'PLANNED', 'RUNNING')))
                   and (?::uuid is null or m.id > ?::uuid) order by m.id limit ?""",
                row ->
                        new Waiting(
                                row.getObject("id", UUID.class),
                                row.getObject("conversation_id", UUID.class),
                                row.getString("channel"),
                                row.getString("direction"),
                                row.getString("content_type"),
                                Bulk.instant(row, "received_at"),
                                Bulk.instant(row, "closed_at"),
                                Optional.ofNullable(Bulk.instant(row, "closed_at"))
                                        .map(unclassified.waiting()::dueAt)
                                        .orElse(null),
                                unclassified.then()),
                Column.one(tenant),
                Column.one(tenant),
                Column.one(Optional.ofNullable(after).map(UUID::toString).orElse(null)),
                Column.one(Optional.ofNullable(after).map(UUID::toString).orElse(null)),
                Column.one(limit));
    }

    /**
     * Makes the messages of somebody who is being erased, and that nobody classified by then, what
     * the tenant said such are: nobody will see them any more. A fallback to {@link Category#NONE}
     * changes nothing.
     */
    void fallBack(String tenant, UUID subject) {
        Category then = rules.unclassified(tenant).then();
        if (then != Category.NONE) {
            jdbc.queryForList(
                            "select id from message where tenant = ? and subject_id = ? and category = 'UNKNOWN' and held_until is null order by id",
                            UUID.class,
                            tenant,
                            subject)
                    .forEach(message -> classify(tenant, message, then, FALLBACK, "hub"));
        }
    }

    /** Whether the tenant's rule about what nobody classified had the last word. */
    static boolean isFallback(List<Change> history) {
        return !history.isEmpty() && history.getLast().source().equals(FALLBACK);
    }

    /**
     * Makes up to a batch of messages that waited long enough what the tenant said they then are. A
     * fallback to {@link Category#NONE} changes nothing: they are deleted as such.
     *
     * @return whether there may be more
     */
    boolean fallBack(String tenant, Instant now) {
        RetentionRules.Unclassified unclassified = rules.unclassified(tenant);
        if (unclassified.then() == Category.NONE) {
            return false;
        }
        List<UUID> waited =
                Bulk.query(
                        jdbc,
                        """
                        select m.id from message m join conversation c on c.tenant = m.tenant and c.id = m.conversation_id
                         where m.tenant = ? and m.category = 'UNKNOWN' and c.closed_at < ?::timestamptz limit ?""",
                        row -> row.getObject(1, UUID.class),
                        Column.one(tenant),
                        Column.one(unclassified.waiting().cutoff(now)),
                        Column.one(BATCH));
        waited.forEach(message -> classify(tenant, message, unclassified.then(), FALLBACK, "hub"));
        return waited.size() == BATCH;
    }
}
