package org.jawort.conversation;

import io.micrometer.core.instrument.MeterRegistry;
import org.jawort.tenant.Account;

/** The metric {@code jawort.entries}: what became of each entry of a webhook. */
final class EntryCounts {

    private final MeterRegistry meters;

    EntryCounts(MeterRegistry meters) {
        this.meters = meters;
    }

    void count(Incoming item, String kind, String outcome) {
        count(item.account, kind, outcome);
    }

    /**
     * @param outcome one of few fixed words: it becomes a label
     */
    void count(Account account, String kind, String outcome) {
        meters.counter(
                        "jawort.entries",
                        "tenant",
                        account.tenant(),
                        "provider",
                        account.provider(),
                        "kind",
                        kind,
                        "outcome",
                        outcome)
                .increment();
    }

    /**
     * @param reason in the provider's words, which become a label only in a form that cannot hold
     *     anything else
     */
    void ignored(Account account, String reason) {
        count(account, "ignored", reason.matches("[A-Za-z0-9_.:-]{1,60}") ? reason : "other");
    }
}
