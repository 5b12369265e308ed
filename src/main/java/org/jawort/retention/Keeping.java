package org.jawort.retention;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether holds or law keep a message although its person asks to be forgotten (GDPR Art. 17(3)),
 * by {@link Precedence} (RET-5).
 */
final class Keeping {

    /**
     * @param until {@code null} as long as a hold lasts
     * @param rule id and version of what keeps it
     * @param because in words, for the answer to the person
     */
    record Reason(Instant until, String rule, String because) {}

    private final RetentionRules rules;
    private final Holds holds;

    Keeping(RetentionRules rules, Holds holds) {
        this.rules = rules;
        this.holds = holds;
    }

    /** Empty if nothing keeps it. */
    Optional<Reason> decide(Item message, Instant now) {
        var erasure = new Precedence.Request(null, Precedence.Request.Kind.ERASURE, now);
        return switch (Precedence.decide(message, holds.covering(message), rules, erasure, now)) {
            case Verdict.Delete delete -> Optional.empty();
            case Verdict.Keep keep -> kept(keep.until(), keep.rule().label(), keep.explanation());
            case Verdict.Restrict restrict ->
                    kept(restrict.until(), restrict.rule().label(), restrict.explanation());
            case Verdict.Held held -> kept(null, held.rule().label(), held.explanation());
        };
    }

    private static Optional<Reason> kept(Instant until, String rule, String because) {
        return Optional.of(new Reason(until, rule, because));
    }
}
