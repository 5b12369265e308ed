package org.jawort.conversation;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.EventTime;
import org.jawort.consent.Prompt;
import org.jawort.message.MessageStatus;
import org.jawort.message.ProviderEntry;
import org.jawort.sending.SentMessages;
import org.jawort.sending.Trigger;

/** What became of an outbound message: told on where {@link Statuses} found it new. */
final class StatusEntries {

    private final Messages messages;
    private final SentMessages sent;
    private final ConsentMoves consent;
    private final Events events;
    private final EntryCounts counts;

    StatusEntries(
            Messages messages,
            SentMessages sent,
            ConsentMoves consent,
            Events events,
            EntryCounts counts) {
        this.messages = messages;
        this.sent = sent;
        this.consent = consent;
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
            settle(item, entry.status(), entry.time("occurredAt"), message, batch);
        }
        for (ReadConversations.Sent sent : batch.read.getOrDefault(item, List.of())) {
            batch.events.add(events.read(item, sent, batch.now));
            batch.heard.add(
                    new Duties.Heard(
                            item.tenant(),
                            sent.message().id(),
                            entry.status(),
                            ReadConversations.at(item)));
        }
    }

    /**
     * What this means for a prompt or notice.
     *
     * @param occurredAt by the provider's clock, {@code null} if it did not say
     */
    void settle(
            Incoming item,
            MessageStatus status,
            Instant occurredAt,
            Messages.Known message,
            Batch batch) {
        Instant at = occurredAt == null ? item.receivedAt : occurredAt;
        batch.heard.add(new Duties.Heard(item.tenant(), message.id(), status, at));
        if (item.subject.id().equals(message.subject())) {
            settlePrompt(item, status, new EventTime(occurredAt, item.receivedAt), message, batch);
        } else { // of somebody the entry does not name, whose consent is not in the book
            sent.promptTold(
                    new SentMessages.Heard(
                            new SentMessages.Reference(
                                    item.tenant(), item.account.id(), message.id()),
                            item.entry.providerMessageId(),
                            status,
                            null),
                    at);
        }
    }

    /** T2 or T3 by status, where the answer to the request never came (CON-7). */
    private void settlePrompt(
            Incoming item,
            MessageStatus status,
            EventTime time,
            Messages.Known message,
            Batch batch) {
        for (ConsentRecord record : batch.book.records(item.person())) {
            boolean isOffered =
                    record.prompt() != null && record.prompt().status() == Prompt.Status.OFFERED;
            if (isOffered && isPrompt(item, message, record)) {
                String id = record.prompt().promptId();
                ConsentEvent event =
                        switch (status) {
                            case SENT, DELIVERED, READ, QUEUED ->
                                    new ConsentEvent.PromptAccepted(time, id);
                            case FAILED, CANCELED -> new ConsentEvent.PromptFailed(time, id, true);
                            case UNKNOWN -> null;
                        };
                if (event != null) {
                    consent.apply(item, record, event, cause(item, message), batch);
                }
            }
        }
    }

    /** With the provider's name of the prompt as proof (CON-20). */
    private static Cause cause(Incoming item, Messages.Known message) {
        byte[] named = item.entry.providerMessageId().getBytes(StandardCharsets.UTF_8);
        return new Cause(
                "provider", message.id(), item.subject.key().seal("consent.evidence", named));
    }

    private boolean isPrompt(Incoming item, Messages.Known message, ConsentRecord record) {
        return sent.answers(
                item.tenant(),
                message.id(),
                new Trigger(Trigger.Kind.PROMPT, record.prompt().promptId()));
    }
}
