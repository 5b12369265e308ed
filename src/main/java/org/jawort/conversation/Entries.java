package org.jawort.conversation;

import java.util.Map;
import org.jawort.consent.ConsentBook;
import org.jawort.message.ProviderEntry;
import org.jawort.sending.SentMessages;

/** What comes of an entry, by its kind. */
final class Entries {

    private final ReceivedEntries received;
    private final EchoEntries echoes;
    private final StatusEntries statuses;
    private final PreferenceEntries preferences;
    private final Identities identities;
    private final TemplateEntries templates;
    private final EntryCounts counts;

    Entries(
            Map<String, TenantPolicy> policies,
            Messages messages,
            Conversations conversations,
            SentMessages sent,
            TemplateEntries templates,
            ConsentMoves consent,
            Events events,
            EntryCounts counts) {
        this.received = new ReceivedEntries(policies, consent, events, counts);
        this.statuses = new StatusEntries(messages, sent, consent, events, counts);
        this.echoes = new EchoEntries(messages, sent, statuses, events, counts);
        this.preferences = new PreferenceEntries(policies, messages, conversations, consent);
        this.templates = templates;
        this.identities = new Identities(consent);
        this.counts = counts;
    }

    /**
     * Whether nothing of the entry is to be kept but its count (table 2.1), not even that its
     * person has written.
     */
    boolean isDropped(Incoming item, ConsentBook book) {
        return item.entry instanceof ProviderEntry.Received entry
                && received.isDropped(item, entry, book);
    }

    /**
     * Moves consent in the batch's book and adds to the batch what is to be stored and told.
     *
     * @param item with subject and conversation, as its kind has them
     */
    void take(Incoming item, Batch batch) {
        switch (item.entry) {
            case ProviderEntry.Received entry -> received.take(item, entry, batch);
            case ProviderEntry.Echo entry -> echoes.take(item, entry, batch);
            case ProviderEntry.Status entry -> statuses.take(item, entry, batch);
            case ProviderEntry.Preference entry -> preferences.take(item, entry, batch);
            case ProviderEntry.Identity entry -> counts.count(item, "identity", entry.change());
            case ProviderEntry.Template entry -> templates.take(item, entry);
            case ProviderEntry.Ignored entry -> counts.ignored(item.account, entry.reason());
        }
        identities.join(item, batch);
    }
}
