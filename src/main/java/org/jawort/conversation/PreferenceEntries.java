package org.jawort.conversation;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.EventTime;
import org.jawort.consent.SuppressionScope;
import org.jawort.message.Channel;
import org.jawort.message.ProviderEntry;

/** Opt-outs and opt-ins the provider keeps itself (T9, T10). */
final class PreferenceEntries {

    /** Of the entry, what proves it; the address is there as its hash. */
    private static final Set<String> EVIDENCE =
            Set.of("eventId", "change", "scope", "providerCode", "providerMessageId", "occurredAt");

    private final Map<String, TenantPolicy> policies;
    private final Messages messages;
    private final Conversations conversations;
    private final ConsentMoves consent;

    PreferenceEntries(
            Map<String, TenantPolicy> policies,
            Messages messages,
            Conversations conversations,
            ConsentMoves consent) {
        this.policies = policies;
        this.messages = messages;
        this.conversations = conversations;
        this.consent = consent;
    }

    void take(Incoming item, ProviderEntry.Preference entry, Batch batch) {
        SuppressionScope covers =
                entry.marketingOnly() ? SuppressionScope.MARKETING : SuppressionScope.ALL;
        EventTime time = new EventTime(entry.time("occurredAt"), item.receivedAt);
        ConsentEvent event =
                entry.optOut()
                        ? new ConsentEvent.ProviderOptOut(time, covers)
                        : new ConsentEvent.ProviderOptIn(time, covers);
        Cause cause = cause(item, entry, batch);
        for (ConsentRecord record : refusable(item, entry, batch)) {
            consent.apply(item, record, event, cause, batch);
            if (!entry.optOut()) {
                // the overlay is one for all records: lifting it once is enough
                break;
            }
        }
        if (entry.optOut() && entry.channel() == Channel.APPLE) {
            liftIfWrittenSince(item, entry, time, cause, batch);
        }
    }

    /** The end of a conversation may be told after its next message (CON-7). */
    private void liftIfWrittenSince(
            Incoming item,
            ProviderEntry.Preference entry,
            EventTime ended,
            Cause cause,
            Batch batch) {
        Instant written = conversations.lastWrittenAt(item.person(), entry.channel());
        if (written != null && written.isAfter(ended.effective())) {
            ConsentEvent lift =
                    new ConsentEvent.ProviderOptIn(
                            new EventTime(written, item.receivedAt), SuppressionScope.ALL);
            ConsentRecord record = refusable(item, entry, batch).getFirst();
            consent.apply(item, record, lift, cause, batch);
        }
    }

    private List<ConsentRecord> refusable(
            Incoming item, ProviderEntry.Preference entry, Batch batch) {
        return batch.book.refusable(
                item.person(), entry.channel(), policies.get(item.tenant()).purposes());
    }

    /** With what the provider said, and the message it refused or read, where it names one. */
    private Cause cause(Incoming item, ProviderEntry.Preference entry, Batch batch) {
        String providerId = entry.providerMessageId();
        Messages.Known message =
                providerId == null ? null : batch.known.get(messages.key(item, providerId));
        byte[] said =
                entry.json()
                        .deepCopy()
                        .retain(EVIDENCE)
                        .toString()
                        .getBytes(StandardCharsets.UTF_8);
        return new Cause(
                        "provider",
                        message == null ? null : message.id(),
                        item.subject.key().seal("consent.evidence", said))
                .from(item.subject.address());
    }
}
