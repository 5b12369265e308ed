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
        return switch (event) {
            case ConsentEvent.Captured captured -> step.capture(captured);
            case ConsentEvent.PromptOffered offered -> step.offer(offered);
            case ConsentEvent.PromptAccepted accepted -> step.accept(accepted);
            case ConsentEvent.PromptFailed failed -> step.fail(failed);
            case ConsentEvent.Yes yes -> step.yes(yes);
            case ConsentEvent.No no -> step.no(no);
            case ConsentEvent.OtherText text -> step.otherText();
            case ConsentEvent.Deadline deadline -> step.deadline(deadline);
            case ConsentEvent.Stop stop -> new Refusal(record, overlays).stop(stop);
            case ConsentEvent.ProviderOptOut out -> new Refusal(record, overlays).optOut(out);
            case ConsentEvent.ProviderOptIn in -> step.optIn(in);
            case ConsentEvent.TextChanged changed -> step.textChanged(changed);
            case ConsentEvent.ValidityEnd end -> step.validityEnd(end);
            case ConsentEvent.LiAssessed assessed -> step.assessed(assessed);
            case ConsentEvent.Objection objection ->
                    new Refusal(record, overlays).objection(objection);
            case ConsentEvent.ErasureDone done -> step.erased();
            case ConsentEvent.ObjectionRevoked revoked -> step.revoked(revoked);
            case ConsentEvent.AddressInvalid invalid -> step.addressInvalid(invalid);
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
                    requested(event.origin(), at).addressId(event.addressId()).prompt(null),
                    Transition.T1,
                    EnumSet.of(Effect.WRITE_PROOF, Effect.QUEUE_PROMPT));
        }

        Outcome offer(ConsentEvent.PromptOffered event) {
            if (record.state() != REQUESTED && record.state() != RECONSENT_DUE) {
                return illegal();
            }
            if (record.hasOpenPrompt()) {
                return record.hasPrompt(event.promptId())
                        ? new Unchanged(Unchanged.Why.DUPLICATE)
                        : new Rejected(Rejected.Why.PROMPT_ALREADY_OPEN);
            }
            if (event.carriesAdvertising()) {
                return new Rejected(Rejected.Why.PROMPT_CARRIES_ADVERTISING);
            }
            if (record.addressId() != null && !record.addressId().equals(event.addressId())) {
                return new Rejected(Rejected.Why.OTHER_ADDRESS);
            }
            // a prompt follows the act it answers, whatever two clocks say
            var offeredAt = Times.later(event.at(), record.actedAt());
            var prompt =
                    Prompt.offered(
                            event.promptId(),
                            event.addressId(),
                            event.language(),
                            event.textVersion(),
                            offeredAt);
            return moved(
                    record.change().prompt(prompt),
                    Transition.PROMPT_OFFERED,
                    EnumSet.of(Effect.WRITE_PROOF));
        }

        Outcome accept(ConsentEvent.PromptAccepted event) {
            if (!record.hasPrompt(event.promptId())) {
                return new Rejected(Rejected.Why.PROMPT_UNKNOWN);
            }
            if (record.prompt().status() != Prompt.Status.OFFERED) {
                return new Unchanged(
                        record.prompt().isOpen()
                                ? Unchanged.Why.DUPLICATE
                                : Unchanged.Why.PROMPT_CLOSED);
            }
            if (record.state() != REQUESTED && record.state() != RECONSENT_DUE) {
                return illegal();
            }
            var at = Times.later(event.at(), record.prompt().offeredAt());
            var prompt = record.prompt().accepted(at, at.plus(rules.promptDeadline()));
            var pending =
                    record.change()
                            .state(PENDING, at)
                            .reconsent(record.state() == RECONSENT_DUE)
                            .prompt(prompt)
                            .build();
            var yes = prompt.waitingYesAt();
            if (yes == null) {
                return moved(pending.change(), Transition.T2, EnumSet.of(Effect.WRITE_PROOF));
            }
            return yes.isBefore(prompt.deadline()) ? grant(pending, yes) : late(prompt, yes);
        }

        Outcome fail(ConsentEvent.PromptFailed event) {
            if (!record.hasPrompt(event.promptId())) {
                return new Rejected(Rejected.Why.PROMPT_UNKNOWN);
            }
            if (record.prompt().status() == Prompt.Status.FAILED) {
                return new Unchanged(Unchanged.Why.DUPLICATE);
            }
            if (record.state() != REQUESTED && record.state() != RECONSENT_DUE) {
                return illegal();
            }
            if (!event.retriesExhausted()) {
                return new Unchanged(Unchanged.Why.RETRIES_LEFT);
            }
            return expire(
                    Prompt.Status.FAILED,
                    event.at(),
                    Transition.T3,
                    EnumSet.of(Effect.TELL_TENANT));
        }

        Outcome yes(ConsentEvent.Yes event) {
            if (!record.hasPrompt(event.promptId())) {
                return new Rejected(Rejected.Why.PROMPT_UNKNOWN);
            }
            var prompt = record.prompt();
            if (!prompt.addressId().equals(event.addressId())) {
                return new Rejected(Rejected.Why.OTHER_ADDRESS);
            }
            if (!event.authenticated()) {
                return new Rejected(Rejected.Why.NOT_AUTHENTICATED);
            }
            if (!event.oneToOne()) {
                return new Rejected(Rejected.Why.NOT_ONE_TO_ONE);
            }
            if (!event.byButton() && !prompt.isBefore(event.at())) {
                return new Unchanged(Unchanged.Why.BEFORE_PROMPT);
            }
            // an answer follows its prompt, whatever two clocks say
            var at = Times.later(event.at(), prompt.offeredAt());
            if (record.lastRefusalAt() != null && !at.isAfter(record.lastRefusalAt())) {
                return new Unchanged(Unchanged.Why.OLDER_THAN_REFUSAL);
            }
            return switch (prompt.status()) {
                case OFFERED -> waiting(prompt, at);
                case ACCEPTED ->
                        record.state() != PENDING
                                ? illegal()
                                : at.isBefore(prompt.deadline())
                                        ? grant(record, at)
                                        : late(prompt, at);
                case LAPSED ->
                        record.state() == EXPIRED
                                ? late(prompt, at)
                                : new Unchanged(Unchanged.Why.PROMPT_CLOSED);
                case ANSWERED ->
                        new Unchanged(
                                record.state() == GRANTED
                                        ? Unchanged.Why.DUPLICATE
                                        : Unchanged.Why.PROMPT_CLOSED);
                case FAILED, VOID -> new Unchanged(Unchanged.Why.PROMPT_CLOSED);
            };
        }

        private Outcome waiting(Prompt prompt, Instant at) {
            var earlier = prompt.waitingYesAt();
            if (earlier != null && !at.isBefore(earlier)) {
                return new Unchanged(Unchanged.Why.DUPLICATE);
            }
            return moved(
                    record.change().prompt(prompt.waitingForAcceptance(at)),
                    Transition.T4,
                    EnumSet.of(Effect.WRITE_PROOF));
        }

        private Outcome grant(ConsentRecord pending, Instant at) {
            var prompt = pending.prompt();
            var change =
                    pending.change()
                            .noGrant()
                            .state(GRANTED, at)
                            .addressId(prompt.addressId())
                            .granted(prompt.textVersion(), at, Times.plus(at, rules.validity()))
                            .prompt(prompt.with(Prompt.Status.ANSWERED));
            var lifted = overlays.lift(SuppressionScope.ALL, SuppressionSource.SUBJECT, at);
            if (record.purpose() == Purpose.MARKETING) {
                lifted = lifted.lift(SuppressionScope.MARKETING, SuppressionSource.SUBJECT, at);
            }
            return new Moved(
                    change.build(),
                    lifted,
                    Transition.T4,
                    record.state(),
                    EnumSet.of(Effect.WRITE_PROOF, Effect.CONFIRM_GRANT));
        }

        /** A YES after the deadline never grants; it counts as the wish to be asked again (T7). */
        private Outcome late(Prompt prompt, Instant at) {
            if (!at.isBefore(prompt.deadline().plus(rules.lateYes()))) {
                return new Unchanged(Unchanged.Why.PROMPT_CLOSED);
            }
            return moved(
                    requested(CaptureOrigin.CHAT, at).addressId(prompt.addressId()).prompt(null),
                    Transition.T1,
                    EnumSet.of(Effect.WRITE_PROOF, Effect.QUEUE_PROMPT));
        }

        /**
         * A NO is also heard before the provider's acknowledgement and after a YES to the same
         * prompt: refusals never wait.
         */
        Outcome no(ConsentEvent.No event) {
            if (!record.hasPrompt(event.promptId())) {
                return new Rejected(Rejected.Why.PROMPT_UNKNOWN);
            }
            if (!record.prompt().addressId().equals(event.addressId())) {
                return new Rejected(Rejected.Why.OTHER_ADDRESS);
            }
            var at = Times.later(event.at(), record.prompt().offeredAt());
            if (record.state().isRefusal()) {
                return refusedAgain(at);
            }
            if (!record.hasOpenPrompt() && record.state() != GRANTED) {
                return new Unchanged(Unchanged.Why.PROMPT_CLOSED);
            }
            var effects =
                    EnumSet.of(
                            Effect.WRITE_PROOF,
                            Effect.ACKNOWLEDGE_DECLINE_ONCE,
                            Effect.CANCEL_QUEUED_SENDS,
                            Effect.EXPIRE_DETAILS);
            var change =
                    record.change()
                            .noGrant()
                            .state(DECLINED, at)
                            .refusedAt(at)
                            .prompt(record.prompt().with(Prompt.Status.ANSWERED));
            return new Moved(
                    change.build(),
                    overlays.withoutLiftOfGrant(record.grantedAt()),
                    Transition.T5,
                    record.state(),
                    effects);
        }

        private Outcome refusedAgain(Instant at) {
            var after = record.change().refusedAt(at).build();
            return after.equals(record)
                    ? new Unchanged(Unchanged.Why.DUPLICATE)
                    : moved(after.change(), Transition.T5, EnumSet.of(Effect.WRITE_PROOF));
        }

        Outcome otherText() {
            if (record.state() != PENDING) {
                return new Unchanged(Unchanged.Why.NOTHING_OPEN);
            }
            if (record.prompt().askedAgain()) {
                return new Unchanged(Unchanged.Why.ALREADY_ASKED);
            }
            return moved(
                    record.change().prompt(record.prompt().askedOnceMore()),
                    Transition.T6,
                    EnumSet.of(Effect.ASK_FOR_ANSWER_ONCE));
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
            var lifted = overlays.lift(event.scope(), SuppressionSource.PROVIDER, event.at());
            if (lifted.equals(overlays)) {
                return new Unchanged(Unchanged.Why.DUPLICATE);
            }
            return new Moved(
                    record, lifted, Transition.T10, record.state(), Set.of(Effect.WRITE_PROOF));
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
                    record.change().state(LI_ACTIVE, event.at()),
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

        private ConsentRecordChange requested(CaptureOrigin origin, Instant at) {
            return record.change().noGrant().state(REQUESTED, at).captured(origin, at);
        }

        private Outcome expire(
                Prompt.Status prompt, Instant at, Transition transition, EnumSet<Effect> effects) {
            effects.add(Effect.WRITE_PROOF);
            return moved(
                    record.change().noGrant().state(EXPIRED, at).closePrompt(prompt),
                    transition,
                    effects);
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
