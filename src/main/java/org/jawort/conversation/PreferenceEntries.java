package org.jawort.conversation;

import java.util.Map;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.EventTime;
import org.jawort.consent.SuppressionScope;
import org.jawort.message.ProviderEntry;

/** Opt-outs and opt-ins the provider keeps itself (T9, T10). */
final class PreferenceEntries {

    private final Map<String, TenantPolicy> policies;
    private final ConsentMoves consent;

    PreferenceEntries(Map<String, TenantPolicy> policies, ConsentMoves consent) {
        this.policies = policies;
        this.consent = consent;
    }

    void take(Incoming item, ProviderEntry.Preference entry, Batch batch) {
        TenantPolicy policy = policies.get(item.tenant());
        SuppressionScope covers =
                entry.marketingOnly() ? SuppressionScope.MARKETING : SuppressionScope.ALL;
        EventTime time = new EventTime(entry.time("occurredAt"), item.receivedAt);
        ConsentEvent event =
                entry.optOut()
                        ? new ConsentEvent.ProviderOptOut(time, covers)
                        : new ConsentEvent.ProviderOptIn(time, covers);
        Cause cause = new Cause("provider", null, null);
        for (ConsentRecord record :
                batch.book.refusable(item.person(), entry.channel(), policy.purposes())) {
            consent.apply(item, record, event, cause, batch);
            if (!entry.optOut()) {
                // the overlay is one for all records: lifting it once is enough
                break;
            }
        }
    }
}
