package org.jawort.retention;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jawort.retention.Keeping.Verdict.Delete;
import org.jawort.retention.Keeping.Verdict.Keep;

/** By the category of the message alone: the retention rules of commercial letters and vouchers. */
final class StatutoryKeeping implements Keeping {

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("dd.MM.yyyy");

    private final RetentionRules rules;

    StatutoryKeeping(RetentionRules rules) {
        this.rules = rules;
    }

    @Override
    public Verdict decide(Message message, Instant now) {
        return switch (message.category()) {
            case "COMMERCIAL_LETTER" -> by("commercial-letter", message, now);
            case "VOUCHER" -> by("voucher", message, now);
            default -> new Delete();
        };
    }

    private Verdict by(String dataType, Message message, Instant now) {
        RetentionRule rule = rules.rule(message.tenant(), dataType);
        Instant until = rule.dueAt(message.receivedAt());
        // The last day that is kept, as the answer names it: the period ends with it.
        String lastDay = DAY.format(until.minusMillis(1).atZone(rule.tz()));
        return until.isAfter(now)
                ? new Keep(
                        until,
                        rule.label(),
                        "kept until %s because %s, rule %s"
                                .formatted(lastDay, rule.basis(), rule.label()))
                : new Delete();
    }
}
