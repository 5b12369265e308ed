package org.jawort.conversation;

import java.time.Instant;
import org.jawort.message.ProviderEntry;

/** What became of an outbound message: told on where {@link Statuses} found it new. */
final class StatusEntries {

    private final Messages messages;
    private final Events events;
    private final EntryCounts counts;

    StatusEntries(Messages messages, Events events, EntryCounts counts) {
        this.messages = messages;
        this.events = events;
        this.counts = counts;
    }

    void take(Incoming item, ProviderEntry.Status entry, Batch batch) {
        if (!batch.risen.contains(item)) {
            counts.count(item, "status", "stale");
            return;
        }
        counts.count(item, "status", entry.status().wireName());
        String providerId = entry.providerMessageId();
        Messages.Known message =
                providerId == null ? null : batch.known.get(messages.key(item, providerId));
        batch.events.add(events.status(item, message, batch.now));
        if (message != null) {
            Instant occurredAt = entry.time("occurredAt");
            batch.heard.add(
                    new Duties.Heard(
                            item.tenant(),
                            message.id(),
                            entry.status(),
                            occurredAt == null ? item.receivedAt : occurredAt));
        }
    }
}
