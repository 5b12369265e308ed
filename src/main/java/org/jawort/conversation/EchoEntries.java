package org.jawort.conversation;

import java.util.Set;
import org.jawort.message.ProviderEntry;

/** Messages the tenant sent by other means than the hub: stored and told, under no decision. */
final class EchoEntries {

    /** Reason of the decision about a message the hub did not send. */
    static final String SENT_ELSEWHERE = "OUT_SENT_ELSEWHERE";

    private final Messages messages;
    private final Events events;
    private final EntryCounts counts;

    EchoEntries(Messages messages, Events events, EntryCounts counts) {
        this.messages = messages;
        this.events = events;
        this.counts = counts;
    }

    void take(Incoming item, ProviderEntry.Echo entry, Batch batch) {
        String providerId = entry.providerMessageId();
        if (providerId != null && batch.known.containsKey(messages.key(item, providerId))) {
            counts.count(item, "echo", "known");
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
}
