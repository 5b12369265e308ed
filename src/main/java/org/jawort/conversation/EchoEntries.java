package org.jawort.conversation;

import java.util.Set;
import org.jawort.message.ProviderEntry;
import org.jawort.sending.SentMessages;

/** Messages the tenant sent by other means than the hub: stored and told, under no decision. */
final class EchoEntries {

    /** Reason of the decision about a message the hub did not send. */
    static final String SENT_ELSEWHERE = "OUT_SENT_ELSEWHERE";

    private final Messages messages;
    private final SentMessages sent;
    private final StatusEntries statuses;
    private final Events events;
    private final EntryCounts counts;

    EchoEntries(
            Messages messages,
            SentMessages sent,
            StatusEntries statuses,
            Events events,
            EntryCounts counts) {
        this.messages = messages;
        this.sent = sent;
        this.statuses = statuses;
        this.events = events;
        this.counts = counts;
    }

    void take(Incoming item, ProviderEntry.Echo entry, Batch batch) {
        String providerId = entry.providerMessageId();
        Messages.Known known =
                providerId == null ? null : batch.known.get(messages.key(item, providerId));
        if (known != null) {
            counts.count(item, "echo", "known");
            settle(item, known, batch);
            return;
        }
        counts.count(item, "echo", "stored");
        batch.messages.add(
                new Messages.Decided(
                        item,
                        "outbound",
                        "accept",
                        SENT_ELSEWHERE,
                        null,
                        null,
                        null,
                        Set.of(),
                        null));
        batch.events.add(events.sent(item, batch.now));
    }

    /** The provider has it, whether or not it has answered; and may have told more before. */
    private void settle(Incoming item, Messages.Known known, Batch batch) {
        sent.toldOfDuty(new SentMessages.Reference(item.tenant(), item.account.id(), known.id()))
                .ifPresent(status -> statuses.settle(item, status, null, known, batch));
    }
}
