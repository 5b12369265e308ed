package org.jawort.consent;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What a refusal under one name of a person is under another: the same (CON-3). */
final class Refusals {
    private Refusals() {}

    /**
     * A record once it is known that its person has refused under another name too, whenever that
     * was and whatever this record says since: that was said by somebody of whom the refusal was
     * not known. A refusal of the very same instant is the same one, and whatever came since
     * answers it.
     */
    static ConsentRecord merge(ConsentRecord own, ConsentRecord refused) {
        return merge(own, refused.state(), refused.since(), refused.refusedAt());
    }

    /** The same of what is blocked there, whether or not there is a record of its purpose. */
    static ConsentRecord merge(ConsentRecord own, Suppression block) {
        return merge(own, own.basis().refused(), block.since(), block.since());
    }

    private static ConsentRecord merge(
            ConsentRecord own, ConsentState refused, Instant since, Instant refusedAt) {
        if (!own.state().isRefusal() && refusedAt.equals(own.lastRefusalAt())) {
            return own;
        }
        var change = own.change().refusedAt(refusedAt);
        int stronger = Integer.compare(rank(refused), rank(own.state()));
        if (stronger > 0) {
            change.noGrant().state(refused, since).closePrompt(Prompt.Status.VOID).actedAt(null);
        } else if (stronger == 0) {
            change.state(own.state(), Times.earlier(own.since(), since));
        }
        return change.build();
    }

    /** Of refusals a withdrawal beats a NO. */
    private static int rank(ConsentState state) {
        return state.isWithdrawal() ? 2 : state.isRefusal() ? 1 : 0;
    }

    /**
     * What an event does under another name of the person it happened to; empty if it says nothing
     * there. What somebody agrees to is agreed to under one name alone.
     *
     * @param here what it did where it happened
     * @param there record of the same channel and purpose under the other name
     */
    static Optional<Outcome> elsewhere(
            ConsentEvent event, Outcome here, ConsentRecord there, Overlays overlays) {
        var refusal = new Refusal(there, overlays);
        return switch (event) {
            case ConsentEvent.Stop stop -> Optional.of(refusal.stop(stop));
            case ConsentEvent.ProviderOptOut out -> Optional.of(refusal.optOutElsewhere(out));
            case ConsentEvent.Objection objection -> objected(objection, here, there, refusal);
            case ConsentEvent.No no ->
                    here instanceof Outcome.Moved
                            ? Optional.of(refusal.declined(no.at()))
                            : Optional.empty();
            case ConsentEvent.PossibleWithdrawalDecided decided ->
                    asThere(decided, there, overlays);
            // no refusal of the person's, but an order of the tenant's about the person
            case ConsentEvent.TenantSuppressed ordered -> asThere(ordered, there, overlays);
            case ConsentEvent.TenantReleased ordered -> asThere(ordered, there, overlays);
            default -> Optional.empty();
        };
    }

    private static Optional<Outcome> asThere(
            ConsentEvent event, ConsentRecord there, Overlays overlays) {
        return Optional.of(ConsentStateMachine.apply(there, overlays, event, ConsentRules.DEFAULT));
    }

    /** Also where this name had nothing to object to, or had objected before. */
    private static Optional<Outcome> objected(
            ConsentEvent.Objection objection, Outcome here, ConsentRecord there, Refusal refusal) {
        boolean isOverruled =
                here.equals(new Outcome.Unchanged(Outcome.Unchanged.Why.COMPELLING_GROUNDS));
        boolean isHeard = here instanceof Outcome.Moved || there.state() == ConsentState.LI_ACTIVE;
        return isHeard && !isOverruled
                ? Optional.of(refusal.objected(objection.at()))
                : Optional.empty();
    }

    /** The event as the other name's ledger tells it, without an address that is not theirs. */
    static ConsentEvent heard(ConsentEvent event, ConsentRecord there) {
        return event instanceof ConsentEvent.No no
                ? new ConsentEvent.No(no.time(), no.promptId(), there.addressId())
                : event;
    }

    /**
     * What the hub has to do under a name the person did not use: whoever said no is told there.
     */
    static Set<Effect> effects(ConsentRecord before, ConsentRecord after) {
        var effects = EnumSet.of(Effect.WRITE_PROOF);
        if (after.state().isWithdrawal() && !before.state().isWithdrawal()) {
            effects.add(Effect.CANCEL_QUEUED_SENDS);
        }
        if (before.hasOpenPrompt() && !after.hasOpenPrompt()) {
            effects.add(Effect.VOID_PROMPT);
        }
        return effects;
    }
}
