package org.jawort.retention;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jawort.consent.CanonicalJson;
import org.jawort.message.Category;
import org.jawort.retention.Keeping.Message;
import org.jawort.retention.Keeping.Verdict;
import org.jawort.retention.KeptBesides.Besides;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What an erasure is going to do, before anything is done (DSR-7, RET-12): how much of what goes
 * and from where, and what does not go, by which rule, why and until when. No word of the person.
 * Changes nothing; works inside the caller's transaction.
 */
final class ErasurePlans {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String MESSAGES =
            """
            select id, subject_id, conversation_id, account, channel, direction, category, purpose, received_at, sent_at
              from message where tenant = ? and subject_id = ? order by id""";

    /** What keeps messages, and whether something else does the same. */
    private record Reason(String rule, String because, Instant until) {}

    private final JdbcTemplate jdbc;
    private final RetentionRules rules;
    private final Keeping keeping;
    private final KeptBesides besides;
    private final PersonRows rows;
    private final Receivers receivers;

    ErasurePlans(JdbcTemplate jdbc, RetentionRules rules, Keeping keeping, KeptBesides besides) {
        this.jdbc = jdbc;
        this.rules = rules;
        this.keeping = keeping;
        this.besides = besides;
        this.rows = new PersonRows(jdbc);
        this.receivers = new Receivers(jdbc);
    }

    /**
     * @return {@code hash} (SHA-256 of the canonical JSON of all else, lower-case hex), {@code
     *     madeAt}, {@code rules}, {@code counts} of rows by table, {@code oldest} and {@code
     *     newest} message, {@code recipients} and {@code accounts} with how many messages each has
     *     had, {@code kept} as the answer lists it, {@code held}: how many messages legal holds
     *     keep
     */
    ObjectNode of(String tenant, UUID subject, Instant now) {
        List<Message> messages = messages(tenant, subject);
        Map<Reason, Integer> kept = kept(tenant, messages, now);
        ObjectNode plan = JsonNodeFactory.instance.objectNode();
        plan.put("madeAt", now.toString());
        plan.put(
                "rules",
                String.join(", ", rules.rules(tenant).stream().map(RetentionRule::label).toList()));
        plan.set("counts", JSON.valueToTree(rows.counts(tenant, subject)));
        plan.put(
                "oldest", text(messages.stream().map(Message::receivedAt).min(Instant::compareTo)));
        plan.put(
                "newest", text(messages.stream().map(Message::receivedAt).max(Instant::compareTo)));
        plan.set("recipients", JSON.valueToTree(recipients(tenant, messages)));
        plan.set("accounts", JSON.valueToTree(accounts(messages)));
        ArrayNode list = plan.putArray("kept");
        kept.forEach(
                (reason, count) ->
                        list.addObject()
                                .put("dataType", "conversation-text")
                                .put("count", count)
                                .put("until", text(Optional.ofNullable(reason.until())))
                                .put("because", reason.because())
                                .put("rule", reason.rule()));
        for (Besides one : besides.proofs(tenant, subject, now)) {
            list.addObject()
                    .put("dataType", one.dataType())
                    .put("count", one.count())
                    .put("until", text(Optional.ofNullable(one.until())))
                    .put("because", one.because())
                    .put("rule", one.rule());
        }
        plan.put(
                "held",
                kept.entrySet().stream()
                        .filter(one -> one.getKey().until() == null)
                        .mapToInt(Map.Entry::getValue)
                        .sum());
        plan.put("hash", HexFormat.of().formatHex(MerkleTree.sha256(CanonicalJson.bytes(plan))));
        return plan;
    }

    /** What nobody classified counts as what the tenant says such is, as the erasure takes it. */
    private List<Message> messages(String tenant, UUID subject) {
        Category unclassified = rules.unclassified(tenant).then();
        return Bulk.query(
                        jdbc,
                        MESSAGES,
                        row -> Message.of(tenant, row),
                        Column.one(tenant),
                        Column.one(subject))
                .stream()
                .map(one -> one.category().equals("UNKNOWN") ? one.as(unclassified) : one)
                .toList();
    }

    private Map<Reason, Integer> kept(String tenant, Collection<Message> messages, Instant now) {
        Map<Reason, Integer> kept = new LinkedHashMap<>();
        for (Verdict verdict : keeping.decide(tenant, messages, now).values()) {
            switch (verdict) {
                case Verdict.Delete delete -> {}
                case Verdict.Keep keep ->
                        kept.merge(
                                new Reason(keep.rule(), keep.because(), keep.until()),
                                1,
                                Integer::sum);
            }
        }
        return kept;
    }

    private Map<String, Integer> recipients(String tenant, List<Message> messages) {
        Map<String, Integer> recipients = new TreeMap<>();
        receivers
                .of(tenant, messages.stream().map(Message::id).toList())
                .values()
                .forEach(all -> all.forEach(one -> recipients.merge(one, 1, Integer::sum)));
        return recipients;
    }

    private static Map<String, Integer> accounts(List<Message> messages) {
        Map<String, Integer> accounts = new TreeMap<>();
        messages.stream()
                .filter(message -> message.account() != null)
                .forEach(message -> accounts.merge(message.account(), 1, Integer::sum));
        return accounts;
    }

    private static String text(Optional<Instant> time) {
        return time.map(Instant::toString).orElse(null);
    }
}
