package org.jawort.retention;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What is to become of an item now, with the reasons (RET-5). */
public sealed interface Verdict {

    /**
     * Something that asks to delete the item.
     *
     * @param name a rule's label, or the kind and id of a request
     * @param at when it is to be gone
     */
    record Claim(String name, Instant at) {}

    /** In words; names no person. */
    String explanation();

    /**
     * What asked to delete it and lost for now; each comes true when what kept the item is over.
     */
    List<Claim> deferred();

    /**
     * @param rule which it was, {@code null} for a request
     */
    record Delete(Claim because, RetentionRule rule, String explanation) implements Verdict {
        @Override
        public List<Claim> deferred() {
            return List.of();
        }
    }

    /**
     * @param until the first instant at which it may be gone, {@code null} while the period has not
     *     begun
     */
    record Keep(Instant until, RetentionRule rule, List<Claim> deferred, String explanation)
            implements Verdict {}

    /** Kept because the law asks to, and used for nothing else (RET-8). */
    record Restrict(Instant until, RetentionRule rule, List<Claim> deferred, String explanation)
            implements Verdict {}

    /**
     * @param by the holds that cover it
     * @param rule by which it is kept or deleted once they are gone
     */
    record Held(List<UUID> by, RetentionRule rule, List<Claim> deferred, String explanation)
            implements Verdict {}
}
