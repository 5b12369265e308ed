package org.jawort.consent;

import java.util.Optional;

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
        if (!own.state().isRefusal() && refused.refusedAt().equals(own.lastRefusalAt())) {
            return own;
        }
        var change = own.change().refusedAt(refused.refusedAt());
        int stronger = Integer.compare(rank(refused.state()), rank(own.state()));
        if (stronger > 0) {
            change.noGrant()
                    .state(refused.state(), refused.since())
                    .closePrompt(Prompt.Status.VOID)
                    .actedAt(null);
        } else if (stronger == 0) {
            change.state(own.state(), Times.earlier(own.since(), refused.since()));
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
        boolean isHeard = here instanceof Outcome.Moved;
        return switch (event) {
            case ConsentEvent.Stop stop -> Optional.of(refusal.stop(stop));
            case ConsentEvent.ProviderOptOut out -> Optional.of(refusal.optOut(out));
            case ConsentEvent.Objection objection ->
                    isHeard ? Optional.of(refusal.objected(objection.at())) : Optional.empty();
            case ConsentEvent.No no ->
                    isHeard ? Optional.of(refusal.declined(no.at())) : Optional.empty();
            case ConsentEvent.PossibleWithdrawalDecided decided ->
                    Optional.of(
                            ConsentStateMachine.apply(
                                    there, overlays, decided, ConsentRules.DEFAULT));
            default -> Optional.empty();
        };
    }
}
