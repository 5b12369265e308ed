package org.jawort.api;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.Prompt;
import org.jawort.consent.Suppression;
import org.jawort.conversation.Declarations.Standing;

/**
 * A consent record as the API shows it: without addresses and without the prompt's id, which is as
 * good as the person's answer.
 */
record ConsentView(
        UUID id,
        UUID subjectId,
        String channel,
        String purpose,
        String basis,
        String state,
        Instant since,
        String origin,
        Instant capturedAt,
        Instant lastRefusalAt,
        String textVersion,
        Instant grantedAt,
        Instant lastUsedAt,
        Instant validUntil,
        Instant graceUntil,
        Instant reconsentUntil,
        PromptView prompt,
        List<SuppressionView> suppressions,
        boolean blocked,
        Instant possibleWithdrawalSince) {

    record PromptView(
            String status,
            String language,
            String textVersion,
            Instant offeredAt,
            Instant acceptedAt,
            Instant deadline) {

        static PromptView of(Prompt prompt) {
            return prompt == null
                    ? null
                    : new PromptView(
                            prompt.status().name(),
                            prompt.language(),
                            prompt.textVersion(),
                            prompt.offeredAt(),
                            prompt.acceptedAt(),
                            prompt.deadline());
        }
    }

    record SuppressionView(String scope, String source, Instant since) {
        static SuppressionView of(Suppression one) {
            return new SuppressionView(one.scope().name(), one.source().name(), one.since());
        }
    }

    /** A record and all that was declared about it, oldest first. */
    record WithHistory(ConsentView consent, List<ConsentLedger.Entry> history) {}

    /** What a person's records are; {@code subjectId} is null if nobody is known. */
    record OfSubject(UUID subjectId, List<ConsentView> consents) {}

    static ConsentView of(Standing standing) {
        ConsentRecord record = standing.record();
        return new ConsentView(
                record.id(),
                record.subject(),
                record.channel().wireName(),
                record.purpose().name(),
                record.basis().name(),
                record.state().name(),
                record.since(),
                record.origin() == null ? null : record.origin().name().toLowerCase(Locale.ROOT),
                record.capturedAt(),
                record.lastRefusalAt(),
                record.textVersion(),
                record.grantedAt(),
                record.lastUsedAt(),
                record.validUntil(),
                record.graceUntil(),
                record.reconsentUntil(),
                PromptView.of(record.prompt()),
                standing.overlays().active().stream().map(SuppressionView::of).toList(),
                standing.overlays().abuseBlocked(),
                standing.overlays().possibleWithdrawalSince());
    }

    static List<ConsentView> of(List<Standing> standings) {
        return standings.stream().map(ConsentView::of).toList();
    }
}
