package org.jawort.retention;

import java.time.Instant;
import org.jawort.message.Category;
import org.jawort.retention.Keeping.Verdict.Delete;
import org.jawort.retention.Keeping.Verdict.Keep;

/** What holds and law keep against an erasure, by {@link Precedence} (RET-5). */
final class KeepingByPrecedence implements Keeping {

    private final RetentionRules rules;
    private final Holds holds;

    KeepingByPrecedence(RetentionRules rules, Holds holds) {
        this.rules = rules;
        this.holds = holds;
    }

    @Override
    public Keeping.Verdict decide(Message message, Instant now) {
        Item item =
                new Item(
                        message.tenant(),
                        message.id(),
                        message.subject(),
                        message.conversation(),
                        "conversation-text",
                        message.channel(),
                        null,
                        Category.valueOf(message.category()),
                        message.receivedAt(),
                        null,
                        null);
        var erasure = new Precedence.Request(null, Precedence.Request.Kind.ERASURE, now);
        return switch (Precedence.decide(item, holds.covering(item), rules, erasure, now)) {
            case org.jawort.retention.Verdict.Delete delete -> new Delete();
            case org.jawort.retention.Verdict.Keep keep ->
                    new Keep(keep.until(), keep.rule().label(), keep.explanation());
            case org.jawort.retention.Verdict.Restrict restrict ->
                    new Keep(restrict.until(), restrict.rule().label(), restrict.explanation());
            case org.jawort.retention.Verdict.Held held ->
                    new Keep(null, held.rule().label(), held.explanation());
        };
    }
}
