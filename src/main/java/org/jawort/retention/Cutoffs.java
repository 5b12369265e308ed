package org.jawort.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jawort.consent.Purpose;
import org.jawort.message.Category;
import org.jawort.message.Channel;
import org.jawort.retention.RetentionRules.Unclassified;

/**
 * Before which end of its conversation a message is over, as SQL takes it: one cutoff that an index
 * finds candidates by, and the exceptions for some channels, purposes and categories.
 *
 * @param latest of all cutoffs; what ended later is over under no rule
 * @param exceptions JSON object of cutoffs by {@code channel|purpose|category}, with that of all
 *     others under the empty name; <code>{}</code> if there is no exception. Read by the function
 *     {@code retention_cutoff}.
 */
record Cutoffs(Instant latest, String exceptions) {

    /**
     * @param dataType one whose period begins with the end of the conversation
     */
    static Cutoffs of(RetentionRules rules, String tenant, String dataType, Instant now) {
        Instant usual = rules.rule(tenant, dataType, Map.of(), now).cutoff(now);
        Instant latest = usual;
        ObjectNode exceptions = JsonNodeFactory.instance.objectNode();
        Map<RetentionRule, Instant> known = new HashMap<>(); // a cutoff is found by halving
        for (Category category : Category.values()) {
            for (String channel : channels()) {
                for (String purpose : purposes()) {
                    Map<String, String> traits = new HashMap<>();
                    traits.put("channel", channel);
                    traits.put("purpose", purpose);
                    traits.put("category", counted(category, rules.unclassified(tenant)).name());
                    RetentionRule rule = rules.rule(tenant, dataType, traits, now);
                    Instant cutoff =
                            waiting(
                                    known.computeIfAbsent(rule, one -> one.cutoff(now)),
                                    category,
                                    rules.unclassified(tenant),
                                    now);
                    latest = cutoff.isAfter(latest) ? cutoff : latest;
                    if (!cutoff.equals(usual)) {
                        exceptions.put(
                                channel + "|" + (purpose == null ? "" : purpose) + "|" + category,
                                cutoff.equals(Instant.MIN) ? "-infinity" : cutoff.toString());
                    }
                }
            }
        }
        if (!exceptions.isEmpty()) {
            exceptions.put("", usual.toString());
        }
        return new Cutoffs(latest, exceptions.toString());
    }

    /** What nobody classified counts, once it has waited, as what the tenant said (RET-7). */
    private static Category counted(Category category, Unclassified unclassified) {
        return category == Category.UNKNOWN ? unclassified.then() : category;
    }

    /** What nobody classified waits for that (RET-7), and then may be bound by law. */
    private static Instant waiting(
            Instant cutoff, Category category, Unclassified unclassified, Instant now) {
        if (category != Category.UNKNOWN) {
            return cutoff;
        }
        if (unclassified.then() != Category.NONE) {
            return Instant.MIN;
        }
        Instant waited = unclassified.waiting().cutoff(now);
        return waited.isBefore(cutoff) ? waited : cutoff;
    }

    private static List<String> channels() {
        List<String> channels = new ArrayList<>(List.of("")); // where the provider did not tell
        for (Channel channel : Channel.values()) {
            channels.add(channel.wireName());
        }
        return channels;
    }

    private static List<String> purposes() {
        List<String> purposes = new ArrayList<>();
        purposes.add(null);
        for (Purpose purpose : Purpose.values()) {
            purposes.add(purpose.name());
        }
        return purposes;
    }
}
