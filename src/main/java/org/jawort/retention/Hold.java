package org.jawort.retention;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Set;
import java.util.UUID;
import org.jawort.message.Category;

/**
 * A legal hold (RET-10): what it covers is not deleted while it is in effect, whatever any rule or
 * request says.
 *
 * @param scope {@code null} for one that names its items
 * @param items frozen ids: those it named, or those that were in its scope when it took effect
 */
public record Hold(
        UUID id, Type type, State state, LocalDate reviewOn, Scope scope, Set<UUID> items) {

    public enum Type {
        /** For legal claims (GDPR Art. 17(3)(e)). */
        LEGAL,
        /**
         * The tax assessment is still open (AO §147(3), RET-9). It covers commercial letters and
         * vouchers only.
         */
        TAX_OPEN
    }

    public enum State {
        /** Waits for a second person. */
        PROPOSED,
        EFFECTIVE,
        RELEASED
    }

    /** What it covers, also of what comes later; {@code null} asks for nothing. */
    public record Scope(
            String channel,
            UUID subject,
            UUID conversation,
            Instant from,
            Instant until,
            Category category) {

        boolean contains(Item item) {
            return (channel == null || channel.equals(item.channel()))
                    && (subject == null || subject.equals(item.subject()))
                    && (conversation == null || conversation.equals(item.conversation()))
                    && (from == null || !item.created().isBefore(from))
                    && (until == null || item.created().isBefore(until))
                    && (category == null || category == item.category());
        }
    }

    public Hold {
        items = Set.copyOf(items);
    }

    /** Whether it is in effect and covers the item. */
    public boolean covers(Item item) {
        boolean isOfType =
                type == Type.LEGAL
                        || item.category() == Category.COMMERCIAL_LETTER
                        || item.category() == Category.VOUCHER;
        return state == State.EFFECTIVE
                && (items.contains(item.id()) || isOfType && scope != null && scope.contains(item));
    }
}
