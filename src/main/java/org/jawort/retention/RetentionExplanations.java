package org.jawort.retention;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.message.Category;
import org.jawort.retention.Precedence.Request;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/** Why a message is still there, and until when (RET-5). Works in the caller's transaction. */
public final class RetentionExplanations {

    /**
     * @param categoryRule which rule of the tenant's file classified it when it was stored, {@code
     *     null} if none did
     * @param history later classifications, oldest first
     * @param items the message itself, and its media if it has any
     */
    public record Explained(
            UUID messageId,
            Category category,
            String categoryRule,
            List<Categories.Change> history,
            List<Part> items) {}

    /**
     * @param verdict {@code DELETE}, {@code KEEP}, {@code RESTRICT}, {@code HELD}, or {@code
     *     AWAITS_ARCHIVE} of what is over and stays until every archive has taken the message
     * @param until the first instant at which it may be gone; {@code null} if that is open, or past
     * @param rule by which it is kept, or deleted
     */
    public record Part(
            String dataType,
            String verdict,
            Instant until,
            Rule rule,
            List<UUID> holds,
            List<Verdict.Claim> deferred,
            String explanation) {}

    /** A rule as it stands in its file. */
    public record Rule(
            String id,
            int version,
            String dataType,
            String startEvent,
            String period,
            String rounding,
            String basis,
            String owner,
            LocalDate validFrom) {}

    private record Row(
            Item item,
            String categoryRule,
            Instant erasingAt,
            Instant restrictedSince,
            boolean isHeld,
            boolean hasMedia,
            boolean isToBeSent) {}

    private final JdbcTemplate jdbc;
    private final Tenants tenants;
    private final RetentionRules rules;
    private final Holds holds;
    private final Categories categories;
    private final RetainedEnds ends;
    private final InstantSource clock;

    RetentionExplanations(
            JdbcTemplate jdbc,
            Tenants tenants,
            RetentionRules rules,
            Holds holds,
            Categories categories,
            InstantSource clock) {
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.rules = rules;
        this.holds = holds;
        this.categories = categories;
        this.ends = new RetainedEnds(jdbc, rules);
        this.clock = clock;
    }

    /** Of a message that law or a hold keeps out of ordinary access, for who may see it (RET-8). */
    public Optional<Explained> explainRetained(String tenant, UUID message) {
        return ends.judged(tenant, message, holds, clock.instant())
                .map(
                        one ->
                                new Explained(
                                        message,
                                        one.item().category(),
                                        one.categoryRule(),
                                        one.history(),
                                        List.of(part(one.item(), one.verdict()))));
    }

    /** Empty if there is no such message in ordinary access. */
    public Optional<Explained> explain(String tenant, UUID message) {
        Instant now = clock.instant();
        return row(tenant, message)
                .map(
                        row -> {
                            List<Part> parts = new ArrayList<>();
                            parts.add(part(row, row.item(), now));
                            if (row.hasMedia() && !row.isHeld()) {
                                parts.add(part(row, row.item().as("media"), now));
                            }
                            return new Explained(
                                    message,
                                    row.item().category(),
                                    row.categoryRule(),
                                    categories.history(tenant, message),
                                    parts);
                        });
    }

    private Part part(Row row, Item item, Instant now) {
        Request request = request(row);
        Verdict verdict = Precedence.decide(item, holds.covering(item), rules, request, now);
        return switch (verdict) {
            case Verdict.Delete delete ->
                    request == null
                            ? awaiting(row, item, delete, delete.rule(), List.of(delete.because()))
                            : part(item, delete);
            case Verdict.Restrict restrict ->
                    request == null
                            ? awaiting(row, item, restrict, restrict.rule(), restrict.deferred())
                            : part(item, restrict);
            case Verdict.Keep keep -> part(item, keep);
            case Verdict.Held held -> part(item, held);
        };
    }

    /** Who wants to be erased wants nothing kept any more. */
    private static Request request(Row row) {
        if (row.erasingAt() != null) {
            return new Request(null, Request.Kind.ERASURE, row.erasingAt());
        }
        return row.restrictedSince() == null
                ? null
                : new Request(null, Request.Kind.RESTRICTION, row.restrictedSince());
    }

    /**
     * What is over stays where it is until it was sent, and until the tenant's archives have the
     * message (RET-11).
     */
    private Part awaiting(
            Row row, Item item, Verdict verdict, RetentionRule rule, List<Verdict.Claim> deferred) {
        if (row.isToBeSent()) {
            return new Part(
                    item.dataType(),
                    "KEEP",
                    null,
                    rule == null ? null : shown(rule),
                    List.of(),
                    deferred,
                    verdict.explanation() + "; not yet sent");
        }
        List<String> archives =
                Bulk.query(
                        jdbc,
                        """
                        select distinct destination from untaken_message
                         where tenant = ? and message_id = ? and destination = any(?::text[]) order by destination""",
                        found -> found.getString(1),
                        Column.one(item.tenant()),
                        Column.one(item.id()),
                        Column.one(ArchiveWaits.archives(tenants.get(item.tenant()))));
        return archives.isEmpty()
                ? part(item, verdict)
                : new Part(
                        item.dataType(),
                        ArchiveWaits.REASON,
                        null,
                        rule == null ? null : shown(rule),
                        List.of(),
                        deferred,
                        verdict.explanation()
                                + "; not yet taken by "
                                + String.join(", ", archives));
    }

    private static Part part(Item item, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Delete delete ->
                    part(item, "DELETE", null, delete.rule(), List.of(), delete);
            case Verdict.Keep keep ->
                    part(item, "KEEP", keep.until(), keep.rule(), List.of(), keep);
            case Verdict.Restrict restrict ->
                    part(item, "RESTRICT", restrict.until(), restrict.rule(), List.of(), restrict);
            case Verdict.Held held -> part(item, "HELD", null, held.rule(), held.by(), held);
        };
    }

    private static Part part(
            Item item,
            String name,
            Instant until,
            RetentionRule rule,
            List<UUID> holds,
            Verdict verdict) {
        return new Part(
                item.dataType(),
                name,
                until,
                rule == null ? null : shown(rule),
                holds,
                verdict.deferred(),
                verdict.explanation());
    }

    private static Rule shown(RetentionRule rule) {
        return new Rule(
                rule.id(),
                rule.version(),
                rule.dataType(),
                rule.startEvent(),
                rule.period().toString(),
                rule.rounding().name(),
                rule.basis(),
                rule.owner(),
                rule.validFrom());
    }

    private Optional<Row> row(String tenant, UUID message) {
        return Bulk.query(
                        jdbc,
                        """
                        select m.id, m.subject_id, m.conversation_id, m.channel, m.purpose, m.category, m.category_rule, m.received_at,
                               coalesce(m.sent_at, (select o.send_at from outbound o where o.tenant = m.tenant and o.message_id = m.id and o.state = 'scheduled')) as sent_at,
                               m.held_until, c.closed_at, s.erasing_at,
                               (select min(f.since) from restriction_in_force f where f.tenant = m.tenant and f.subject_id = m.subject_id) as restricted_since,
                               exists (select 1 from media d where d.tenant = m.tenant and d.message_id = m.id) as has_media,
                               exists (select 1 from outbound o where o.tenant = m.tenant and o.message_id = m.id
                                          and o.state in ('scheduled', 'queued', 'sending')) as to_be_sent
                          from message m join conversation c on c.tenant = m.tenant and c.id = m.conversation_id
                                         join subject s on s.tenant = m.tenant and s.id = m.subject_id
                         where m.tenant = ? and m.id = ?""",
                        row -> row(tenant, row),
                        Column.one(tenant),
                        Column.one(message))
                .stream()
                .findFirst();
    }

    private static Row row(String tenant, ResultSet row) throws SQLException {
        boolean isHeld = row.getObject("held_until") != null; // a transport buffer until agreed to
        Item item =
                new Item(
                        tenant,
                        row.getObject("id", UUID.class),
                        row.getObject("subject_id", UUID.class),
                        row.getObject("conversation_id", UUID.class),
                        isHeld ? "transport-buffer" : "conversation-text",
                        row.getString("channel"),
                        row.getString("purpose"),
                        Category.valueOf(row.getString("category")),
                        Bulk.instant(row, "received_at"),
                        Bulk.instant(row, "sent_at"),
                        Bulk.instant(row, "closed_at"),
                        null);
        return new Row(
                item,
                row.getString("category_rule"),
                Bulk.instant(row, "erasing_at"),
                Bulk.instant(row, "restricted_since"),
                isHeld,
                row.getBoolean("has_media"),
                row.getBoolean("to_be_sent"));
    }
}
