package org.jawort.retention;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.message.Category;
import org.jawort.retention.Precedence.Request;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * When what law and holds keep comes to its end (RET-8, RET-10). Works inside the caller's
 * transaction.
 */
final class RetainedEnds {

    /**
     * No hold covers a retained message r, nor did one when the run began whose time this takes.
     */
    private static final String NOT_HELD =
            """
            not exists (select 1 from held_message x where x.tenant = r.tenant and x.message_id = r.id
                           and (x.released_at is null or x.released_at >= ?::timestamptz))""";

    private static final String ITEM =
            "select r.id, r.subject_id, r.conversation_id, r.channel, r.purpose, r.category, r.received_at, r.sent_at, r.closed_at,"
                    + " r.restricted_at, r.kept_until, r.category_rule, r.classified from retained_message r ";

    private record Open(
            Item item,
            Instant restrictedAt,
            Instant keptUntil,
            String categoryRule,
            String classified) {

        /** What put it out of ordinary access is still asked for. */
        Request request() {
            return item.caseClosed() == null
                    ? new Request(null, Request.Kind.ERASURE, restrictedAt)
                    : null;
        }

        Verdict judged(List<Hold> holds, RetentionRules rules, Instant now) {
            return Precedence.decide(item, holds, rules, request(), now);
        }

        static Open read(String tenant, ResultSet row) throws SQLException {
            return new Open(
                    new Item(
                            tenant,
                            row.getObject("id", UUID.class),
                            row.getObject("subject_id", UUID.class),
                            row.getObject("conversation_id", UUID.class),
                            "conversation-text",
                            row.getString("channel"),
                            row.getString("purpose"),
                            Category.valueOf(row.getString("category")),
                            Bulk.instant(row, "received_at"),
                            Bulk.instant(row, "sent_at"),
                            Bulk.instant(row, "closed_at"),
                            null),
                    Bulk.instant(row, "restricted_at"),
                    Bulk.instant(row, "kept_until"),
                    row.getString("category_rule"),
                    row.getString("classified"));
        }
    }

    private record End(UUID id, Instant until, String rule, String because) {}

    private final JdbcTemplate jdbc;
    private final RetentionRules rules;

    RetainedEnds(JdbcTemplate jdbc, RetentionRules rules) {
        this.jdbc = jdbc;
        this.rules = rules;
    }

    /**
     * Gives up to a number of messages that only a hold kept, or that were judged by a rule which
     * is not in force any more, the end they have now.
     *
     * @param now when the run began: a hold released later still counts
     * @return whether there may be more
     */
    boolean reconsider(String tenant, Instant now, int limit) {
        List<End> ends =
                Bulk.query(
                                jdbc,
                                ITEM
                                        + "where r.tenant = ? and (r.kept_until is null or r.kept_until > ?::timestamptz and r.rule = any(?::text[])) and "
                                        + NOT_HELD
                                        + " limit ?",
                                row -> Open.read(tenant, row),
                                Column.one(tenant),
                                Column.one(now),
                                Column.of("text", outdated(tenant, now), rule -> rule),
                                Column.one(now),
                                Column.one(limit))
                        .stream()
                        .map(open -> end(open, now))
                        .toList();
        set(tenant, ends);
        return ends.size() == limit;
    }

    /** Labels by which something is kept, of rules that another version has taken over from. */
    private List<String> outdated(String tenant, Instant now) {
        return jdbc
                .queryForList(
                        "select distinct rule from retained_message where tenant = ? and kept_until > ?",
                        String.class,
                        tenant,
                        Bulk.timestamp(now))
                .stream()
                .filter(rule -> rules.isOutdated(tenant, rule, now))
                .toList();
    }

    private void set(String tenant, List<End> ends) {
        Bulk.update(
                jdbc,
                """
                update retained_message r set kept_until = n.kept_until, rule = n.rule, because = n.because
                  from unnest(?::uuid[], ?::timestamptz[], ?::text[], ?::text[]) as n(id, kept_until, rule, because)
                 where r.tenant = ? and r.id = n.id""",
                Column.of("uuid", ends, End::id),
                Column.of("timestamptz", ends, End::until),
                Column.of("text", ends, End::rule),
                Column.of("text", ends, End::because),
                Column.one(tenant));
    }

    private End end(Open open, Instant now) {
        Verdict verdict = open.judged(List.of(), rules, now);
        UUID id = open.item().id();
        return switch (verdict) {
            case Verdict.Restrict restrict ->
                    new End(id, restrict.until(), restrict.rule().label(), restrict.explanation());
            case Verdict.Delete delete ->
                    new End(
                            id,
                            now,
                            delete.rule() == null ? Erasure.ARTICLE : delete.rule().label(),
                            delete.explanation());
            // restricted by an older rule that the tenant has lengthened since
            case Verdict.Keep keep ->
                    new End(
                            id,
                            keep.until() == null ? now : keep.until(),
                            keep.rule().label(),
                            keep.explanation());
            case Verdict.Held held -> throw new IllegalStateException("held by no hold");
        };
    }

    /**
     * Deletes what was kept long enough, by the law of today as well: what it keeps longer by now
     * has another end.
     *
     * @param now when the run began
     * @return what is gone: {@code message_id}, {@code conversation_id}, {@code subject_id}, {@code
     *     data_type}, {@code rule} and {@code recipients}, a list of destinations
     */
    List<Map<String, Object>> delete(String tenant, Instant now, int limit) {
        List<Map<String, Object>> gone = new ArrayList<>();
        boolean further = limit > 0;
        while (further) {
            int wanted = limit - gone.size();
            List<Open> due =
                    Bulk.query(
                            jdbc,
                            ITEM
                                    + "where r.tenant = ? and r.kept_until <= ?::timestamptz and "
                                    + NOT_HELD
                                    + " order by r.kept_until limit ?",
                            row -> Open.read(tenant, row),
                            Column.one(tenant),
                            Column.one(now),
                            Column.one(now),
                            Column.one(wanted));
            List<UUID> over = new ArrayList<>();
            List<End> longer = new ArrayList<>();
            for (Open open : due) {
                End end = end(open, now);
                if (end.until().isAfter(now)) {
                    longer.add(end);
                } else {
                    over.add(open.item().id());
                }
            }
            set(tenant, longer);
            gone.addAll(gone(tenant, over, now));
            further = due.size() == wanted && gone.size() < limit;
        }
        return gone;
    }

    /** By where they are: one that a hold has taken meanwhile is another version, and stays. */
    private List<Map<String, Object>> gone(String tenant, List<UUID> over, Instant now) {
        return Bulk.query(
                jdbc,
                """
                with due as materialized (
                  select r.ctid as place from unnest(?::uuid[]) as o(id) join retained_message r on r.tenant = ? and r.id = o.id
                   where r.kept_until <= ?::timestamptz and\s"""
                        + NOT_HELD
                        + """
                )
                delete from retained_message r using due where r.ctid = due.place and r.tenant = ?
                returning r.id, r.conversation_id, r.subject_id, r.category, r.rule, r.recipients""",
                row ->
                        Map.of(
                                "message_id", row.getObject("id", UUID.class),
                                "conversation_id", row.getObject("conversation_id", UUID.class),
                                "subject_id", row.getObject("subject_id", UUID.class),
                                "data_type",
                                        row.getString("category").equals("VOUCHER")
                                                ? "voucher"
                                                : "commercial-letter",
                                "rule", row.getString("rule"),
                                "recipients",
                                        List.of((String[]) row.getArray("recipients").getArray())),
                Column.of("uuid", over, id -> id),
                Column.one(tenant),
                Column.one(now),
                Column.one(now),
                Column.one(tenant));
    }

    /** What a released hold had of these messages, and no other hold has. */
    record Freed(long messages, long due) {}

    Freed freed(String tenant, UUID hold, Instant now) {
        List<Open> freed = new ArrayList<>();
        Bulk.query(
                jdbc,
                ITEM
                        + """
                join held_message h on h.tenant = r.tenant and h.message_id = r.id
                 where r.tenant = ? and h.hold_id = ?
                   and not exists (select 1 from held_message o where o.tenant = h.tenant and o.message_id = h.message_id
                                                                  and o.released_at is null)""",
                row -> freed.add(Open.read(tenant, row)),
                Column.one(tenant),
                Column.one(hold));
        long due =
                freed.stream()
                        .filter(
                                open ->
                                        open.keptUntil() == null
                                                ? open.judged(List.of(), rules, now)
                                                        instanceof Verdict.Delete
                                                : !open.keptUntil().isAfter(now))
                        .count();
        return new Freed(freed.size(), due);
    }

    /** What becomes of a retained message, and by whom it was classified. */
    record Judged(
            Item item, Verdict verdict, String categoryRule, List<Categories.Change> history) {}

    /** Empty if there is no such message. */
    Optional<Judged> judged(String tenant, UUID message, Holds holds, Instant now) {
        return Bulk.query(
                        jdbc,
                        ITEM + "where r.tenant = ? and r.id = ?",
                        row -> Open.read(tenant, row),
                        Column.one(tenant),
                        Column.one(message))
                .stream()
                .findFirst()
                .map(
                        open ->
                                new Judged(
                                        open.item(),
                                        open.judged(holds.covering(open.item()), rules, now),
                                        open.categoryRule(),
                                        Categories.history(open.classified())));
    }
}
