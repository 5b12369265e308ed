package org.jawort.consent;

import static org.jawort.consent.ConsentState.DECLINED;
import static org.jawort.consent.ConsentState.EXPIRED;
import static org.jawort.consent.ConsentState.GRANTED;
import static org.jawort.consent.ConsentState.LI_ACTIVE;
import static org.jawort.consent.ConsentState.NONE;
import static org.jawort.consent.ConsentState.OBJECTED;
import static org.jawort.consent.ConsentState.PENDING;
import static org.jawort.consent.ConsentState.RECONSENT_DUE;
import static org.jawort.consent.ConsentState.REQUESTED;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jawort.consent.Outcome.Moved;
import org.jawort.consent.Outcome.Rejected;
import org.jawort.consent.Outcome.Unchanged;

/**
 * The transition table T1 to T16.
 *
 * <p><b>Order of arrival does not matter (CON-7)</b> for the provider's acceptance, every YES and
 * NO to one prompt given before its deadline, every STOP, provider opt-out and provider opt-in:
 * after any permutation and duplication of them, record state and active suppressions are the same.
 * What makes it so: a refusal at or after the person's own act that the record rests on ({@link
 * ConsentRecord#actedAt()}) ends the record's way to a grant for good, also when a YES to the same
 * prompt was applied already; a refusal older than that act is remembered and changes nothing else;
 * of the refusals a withdrawal beats a NO; blocks and their lifts are registers in which the newest
 * wins. A grant therefore stands exactly if no refusal falls into its cycle. Deadlines and text
 * changes come from our own clock and are applied when they come: a YES received after {@code
 * EXPIRED} asks for a new prompt, whenever it was written.
 */
public final class ConsentStateMachine {
    private ConsentStateMachine() {}

    /**
     * Applies one event to one record. Overlays belong to the person and channel: pass those that
     * the previous record's outcome returned when one event concerns several records.
     */
    public static Outcome apply(
            ConsentRecord record, Overlays overlays, ConsentEvent event, ConsentRules rules) {
        var step = new Step(record, overlays, rules);
        var question = new Question(record, overlays, rules);
        return switch (event) {
            case ConsentEvent.Captured captured -> step.capture(captured);
            case ConsentEvent.PromptOffered offered -> question.offer(offered);
            case ConsentEvent.PromptAccepted accepted -> question.accept(accepted);
            case ConsentEvent.PromptFailed failed -> question.fail(failed);
            case ConsentEvent.Yes yes -> question.yes(yes);
            case ConsentEvent.No no -> question.no(no);
            case ConsentEvent.OtherText text -> question.otherText();
            case ConsentEvent.Deadline deadline -> step.deadline(deadline);
            case ConsentEvent.Stop stop -> new Refusal(record, overlays).stop(stop);
            case ConsentEvent.PossibleWithdrawalDecided decided -> step.decided();
            case ConsentEvent.ProviderOptOut out -> new Refusal(record, overlays).optOut(out);
            case ConsentEvent.ProviderOptIn in -> step.optIn(in);
            case ConsentEvent.TenantSuppressed ordered ->
                    step.overlaid(
                            overlays.suppress(
                                    ordered.scope(), SuppressionSource.TENANT, ordered.at()),
                            Transition.TENANT_SUPPRESSED);
            case ConsentEvent.TenantReleased ordered ->
                    step.overlaid(
                            overlays.lift(ordered.scope(), SuppressionSource.TENANT, ordered.at()),
                            Transition.TENANT_RELEASED);
            case ConsentEvent.TextChanged changed -> step.textChanged(changed);
            case ConsentEvent.ValidityEnd end -> step.validityEnd(end);
            case ConsentEvent.LiAssessed assessed -> step.assessed(assessed);
            case ConsentEvent.Objection objection ->
                    new Refusal(record, overlays).objection(objection);
            case ConsentEvent.ErasureDone done -> step.erased();
            case ConsentEvent.ObjectionRevoked revoked -> step.revoked(revoked);
            case ConsentEvent.AddressInvalid invalid -> step.addressInvalid(invalid);
            // what else somebody is called moves nothing of itself: the book tells what follows
            case ConsentEvent.Linked linked -> new Unchanged(Unchanged.Why.OUT_OF_SCOPE);
            case ConsentEvent.Unlinked unlinked -> new Unchanged(Unchanged.Why.OUT_OF_SCOPE);
            // the block list is one for all channels, and no purpose's
            case ConsentEvent.Blocked blocked -> new Unchanged(Unchanged.Why.OUT_OF_SCOPE);
            case ConsentEvent.Unblocked unblocked -> new Unchanged(Unchanged.Why.OUT_OF_SCOPE);
            // noted by the book, which knows what a grant was used for
            case ConsentEvent.Used used -> new Unchanged(Unchanged.Why.OUT_OF_SCOPE);
        };
    }

    private record Step(ConsentRecord record, Overlays overlays, ConsentRules rules) {

        Outcome capture(ConsentEvent.Captured event) {
            var at = event.at();
            if (record.state() == REQUESTED
                    && at.equals(record.capturedAt())
                    && event.origin() == record.origin()) {
                return new Unchanged(Unchanged.Why.DUPLICATE);
            }
            if (!Set.of(NONE, EXPIRED, DECLINED, ConsentState.WITHDRAWN).contains(record.state())) {
                return illegal();
            }
            if (record.basis() != Basis.CONSENT) {
                return new Rejected(Rejected.Why.WRONG_BASIS);
            }
            if (!event.proofComplete()) {
                return new Rejected(Rejected.Why.PROOF_INCOMPLETE);
            }
            if (record.state().isRefusal() && !event.origin().isActOfThePerson()) {
                return new Rejected(Rejected.Why.NOT_AN_ACT_OF_THE_PERSON);
            }
            if (record.lastRefusalAt() != null && !at.isAfter(record.lastRefusalAt())) {
                return new Rejected(Rejected.Why.REFUSED_SINCE);
            }
            return moved(
                    record.change().requested(event.origin(), event.addressId(), at),
                    Transition.T1,
                    EnumSet.of(Effect.WRITE_PROOF, Effect.QUEUE_PROMPT));
        }

        Outcome deadline(ConsentEvent.Deadline event) {
            Instant due;
            if (record.state() == PENDING) {
                due = record.prompt().deadline();
            } else if (record.state() == RECONSENT_DUE) {
                due = record.reconsentUntil();
            } else {
                return new Unchanged(Unchanged.Why.NOTHING_OPEN);
            }
            if (event.at().isBefore(due)) {
                return new Unchanged(Unchanged.Why.NOT_YET_DUE);
            }
            return expire(
                    Prompt.Status.LAPSED,
                    event.at(),
                    Transition.T7,
                    EnumSet.of(Effect.EXPIRE_DETAILS));
        }

        Outcome optIn(ConsentEvent.ProviderOptIn event) {
            return overlaid(
                    overlays.lift(event.scope(), SuppressionSource.PROVIDER, event.at()),
                    Transition.T10);
        }

        /** Of the overlay alone; whatever waits to be sent is decided about again when it goes. */
        Outcome overlaid(Overlays after, Transition transition) {
            if (after.equals(overlays)) {
                return new Unchanged(Unchanged.Why.DUPLICATE);
            }
            return new Moved(record, after, transition, record.state(), Set.of(Effect.WRITE_PROOF));
        }

        /** Lifts the hold, which is one for all records of the channel. */
        Outcome decided() {
            if (overlays.possibleWithdrawalSince() == null) {
                return new Unchanged(Unchanged.Why.NOTHING_OPEN);
            }
            return new Moved(
                    record,
                    overlays.withPossibleWithdrawal(null),
                    Transition.POSSIBLE_WITHDRAWAL_DECIDED,
                    record.state(),
                    Set.of(Effect.WRITE_PROOF));
        }

        Outcome textChanged(ConsentEvent.TextChanged event) {
            if (record.state() != GRANTED) {
                return illegal();
            }
            if (event.classifiedBy() == null || event.classifiedBy().isBlank()) {
                return new Rejected(Rejected.Why.NOT_CLASSIFIED_BY_A_PERSON);
            }
            if (!event.isMaterial()) {
                return moved(record.change(), Transition.T11, EnumSet.of(Effect.WRITE_PROOF));
            }
            var at = event.at();
            var change =
                    record.change()
                            .state(RECONSENT_DUE, at)
                            .reconsentDue(at.plus(rules.grace()), at.plus(rules.reconsentWindow()));
            return moved(
                    change, Transition.T11, EnumSet.of(Effect.WRITE_PROOF, Effect.QUEUE_PROMPT));
        }

        Outcome validityEnd(ConsentEvent.ValidityEnd event) {
            if (record.state() != GRANTED) {
                return illegal();
            }
            if (event.at().isBefore(record.validUntil())) {
                return new Unchanged(Unchanged.Why.NOT_YET_DUE);
            }
            return expire(
                    Prompt.Status.VOID,
                    event.at(),
                    Transition.T12,
                    EnumSet.of(Effect.CANCEL_QUEUED_SENDS));
        }

        Outcome assessed(ConsentEvent.LiAssessed event) {
            if (record.state() != NONE) {
                return illegal();
            }
            if (record.basis() == Basis.CONSENT) {
                return new Rejected(Rejected.Why.WRONG_BASIS);
            }
            if (record.purpose() == Purpose.MARKETING) {
                return new Rejected(Rejected.Why.MARKETING_NEEDS_CONSENT);
            }
            if (event.document() == null || event.document().isBlank()) {
                return new Rejected(Rejected.Why.NO_DOCUMENT);
            }
            if (!event.noticeDelivered()
                    || (record.basis() == Basis.LEGAL_INTEREST
                            && !event.rightToObjectDelivered())) {
                return new Rejected(Rejected.Why.NOTICE_MISSING);
            }
            return moved(
                    record.change()
                            .state(LI_ACTIVE, event.at())
                            .platformPermittedAt(event.platformPermittedAt()),
                    Transition.T13,
                    EnumSet.of(Effect.WRITE_PROOF));
        }

        Outcome erased() {
            var stub = overlays.active();
            var effects = EnumSet.of(Effect.RESTRICT_PROOF, Effect.CANCEL_QUEUED_SENDS);
            if (!stub.isEmpty()) {
                effects.add(Effect.KEEP_STUB);
            }
            return new Outcome.Removed(stub, record.state(), effects);
        }

        Outcome revoked(ConsentEvent.ObjectionRevoked event) {
            if (record.state() != OBJECTED) {
                return illegal();
            }
            if (record.purpose() == Purpose.MARKETING) {
                return new Rejected(Rejected.Why.MARKETING_NEEDS_CONSENT);
            }
            if (!event.confirmed()) {
                return new Rejected(Rejected.Why.NOT_CONFIRMED);
            }
            var at = event.at();
            if (record.lastRefusalAt() != null && !at.isAfter(record.lastRefusalAt())) {
                return new Rejected(Rejected.Why.REFUSED_SINCE);
            }
            return new Moved(
                    record.change().state(LI_ACTIVE, at).actedAt(at).build(),
                    overlays.lift(SuppressionScope.ALL, SuppressionSource.SUBJECT, at),
                    Transition.T16,
                    record.state(),
                    Set.of(Effect.WRITE_PROOF, Effect.CONFIRM_GRANT));
        }

        Outcome addressInvalid(ConsentEvent.AddressInvalid event) {
            if (!event.addressId().equals(record.addressId())
                    || !Set.of(REQUESTED, PENDING, GRANTED, RECONSENT_DUE)
                            .contains(record.state())) {
                return new Unchanged(Unchanged.Why.NOTHING_OPEN);
            }
            return expire(
                    Prompt.Status.VOID,
                    event.at(),
                    Transition.ADDRESS_INVALID,
                    EnumSet.of(Effect.CANCEL_QUEUED_SENDS, Effect.VOID_PROMPT, Effect.TELL_TENANT));
        }

        private Outcome expire(
                Prompt.Status prompt, Instant at, Transition transition, EnumSet<Effect> effects) {
            effects.add(Effect.WRITE_PROOF);
            return moved(record.change().expired(prompt, at), transition, effects);
        }

        private Moved moved(
                ConsentRecordChange change, Transition transition, Set<Effect> effects) {
            return new Moved(change.build(), overlays, transition, record.state(), effects);
        }

        private static Rejected illegal() {
            return new Rejected(Rejected.Why.ILLEGAL_TRANSITION);
        }
    }
}
