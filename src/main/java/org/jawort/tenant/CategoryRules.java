package org.jawort.tenant;

import java.util.List;
import org.jawort.message.Category;

/**
 * How a tenant tells commercial letters and vouchers from other messages (RET-7). The first rule
 * that fits decides.
 */
public record CategoryRules(List<Rule> rules) {

    /** Everything stays {@link Category#UNKNOWN} until somebody says what it is. */
    public static final CategoryRules NONE = new CategoryRules(List.of());

    /**
     * @param id names it in answers
     */
    public record Rule(String id, Category category, MessageCriteria criteria) {}

    /**
     * @param rule which decided; {@code null} if none fits
     */
    public record Classified(Category category, String rule) {}

    private static final Classified UNKNOWN = new Classified(Category.UNKNOWN, null);

    public CategoryRules {
        rules = List.copyOf(rules);
    }

    /** Whether a rule may fit once the type of a file is known. */
    public boolean askForAttachments() {
        return rules.stream().anyMatch(rule -> rule.criteria().attachment() != null);
    }

    public Classified classify(MessageTraits message) {
        for (Rule rule : rules) {
            if (rule.criteria().fits(message)) {
                return new Classified(rule.category(), rule.id());
            }
        }
        return UNKNOWN;
    }

    /**
     * The same, of a message in a conversation that somebody classified: what no rule knows is what
     * its conversation is.
     *
     * @param conversation category of it, {@code null} if nobody gave it one
     */
    public Classified classify(MessageTraits message, String conversation) {
        Classified own = classify(message);
        return own.rule() == null && conversation != null
                ? new Classified(Category.valueOf(conversation), "conversation")
                : own;
    }
}
