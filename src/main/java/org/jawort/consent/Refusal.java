package org.jawort.consent;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jawort.consent.Outcome.Moved;
import org.jawort.consent.Outcome.Rejected;
import org.jawort.consent.Outcome.Unchanged;

/** T8, T9 and T14: the ways a person says stop, which no state and no window can refuse. */
record Refusal(ConsentRecord record, Overlays overlays) {

    Outcome stop(ConsentEvent.Stop event) {
        if (!event.covers(record.purpose())) {
            return new Unchanged(Unchanged.Why.OUT_OF_SCOPE);
        }
        var scope = event.scope();
        var suppressed =
                scope == null
                        ? overlays
                        : overlays.suppress(scope, SuppressionSource.SUBJECT, event.at())
                                .withoutDoubt(scope, event.at());
        return refused(event.at(), suppressed, Transition.T8, !event.confirmedByProvider());
    }

    Outcome optOut(ConsentEvent.ProviderOptOut event) {
        return optOut(event, SuppressionSource.PROVIDER);
    }

    /**
     * Under another name of the person: the provider blocks the one address only and will never
     * lift anything of the other, but the person has refused.
     */
    Outcome optOutElsewhere(ConsentEvent.ProviderOptOut event) {
        return optOut(event, SuppressionSource.SUBJECT);
    }

    /** The block is the provider's, so nothing we send could confirm it. */
    private Outcome optOut(ConsentEvent.ProviderOptOut event, SuppressionSource source) {
        var suppressed = overlays.suppress(event.scope(), source, event.at());
        if (event.scope().covers(record.purpose())) {
            return refused(event.at(), suppressed, Transition.T9, false);
        }
        if (suppressed.equals(overlays)) {
            return new Unchanged(Unchanged.Why.OUT_OF_SCOPE);
        }
        return new Moved(
                record, suppressed, Transition.T9, record.state(), Set.of(Effect.WRITE_PROOF));
    }

    Outcome objection(ConsentEvent.Objection event) {
        if (record.state() == ConsentState.OBJECTED) {
            return objected(event.at()); // a later one outlives a revocation that comes late
        }
        if (record.state() != ConsentState.LI_ACTIVE) {
            return new Rejected(Rejected.Why.ILLEGAL_TRANSITION);
        }
        var grounds = event.compellingGroundsBy();
        if (record.purpose() != Purpose.MARKETING && grounds != null && !grounds.isBlank()) {
            return new Unchanged(Unchanged.Why.COMPELLING_GROUNDS);
        }
        return objected(event.at());
    }

    /** Whatever the state is: under another name the person may not have been asked at all. */
    Outcome objected(Instant at) {
        var suppressed = overlays.suppress(SuppressionScope.ALL, SuppressionSource.SUBJECT, at);
        return refused(at, suppressed, Transition.T14, true);
    }

    /** A NO to a prompt under another name of the person. */
    Outcome declined(Instant at) {
        var change = record.change().refusedAt(at);
        if (record.isRefusedBy(at) && !record.state().isRefusal()) {
            change.noGrant().state(ConsentState.DECLINED, at).closePrompt(Prompt.Status.VOID);
        }
        var after = change.build();
        if (after.equals(record)) {
            return new Unchanged(Unchanged.Why.DUPLICATE);
        }
        boolean ends = after.state() != record.state();
        return new Moved(
                after,
                ends ? overlays.withoutLiftOfGrant(record.grantedAt()) : overlays,
                Transition.T5,
                record.state(),
                Set.of(Effect.WRITE_PROOF));
    }

    private Outcome refused(
            Instant at, Overlays suppressed, Transition transition, boolean confirm) {
        var change = record.change().refusedAt(at);
        var effects = EnumSet.of(Effect.WRITE_PROOF);
        var overlaysAfter = suppressed;
        if (record.isRefusedBy(at)) {
            overlaysAfter = suppressed.withoutLiftOfGrant(record.grantedAt());
            if (!record.state().isWithdrawal()) {
                change.noGrant().state(record.basis().refused(), at);
                effects.add(Effect.CANCEL_QUEUED_SENDS);
                effects.add(Effect.TELL_RECIPIENTS);
                if (confirm) {
                    effects.add(Effect.OPTOUT_CONFIRM_ONCE);
                }
            }
            if (record.hasOpenPrompt()) {
                change.closePrompt(Prompt.Status.VOID);
                effects.add(Effect.VOID_PROMPT);
            }
        }
        var after = change.build();
        if (after.equals(record) && overlaysAfter.equals(overlays)) {
            return new Unchanged(Unchanged.Why.DUPLICATE);
        }
        return new Moved(after, overlaysAfter, transition, record.state(), effects);
    }
}
