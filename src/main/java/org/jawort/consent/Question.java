package org.jawort.consent;

import static org.jawort.consent.ConsentState.DECLINED;
import static org.jawort.consent.ConsentState.EXPIRED;
import static org.jawort.consent.ConsentState.GRANTED;
import static org.jawort.consent.ConsentState.PENDING;
import static org.jawort.consent.ConsentState.RECONSENT_DUE;
import static org.jawort.consent.ConsentState.REQUESTED;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jawort.consent.Outcome.Moved;
import org.jawort.consent.Outcome.Rejected;
import org.jawort.consent.Outcome.Unchanged;

/** T2 to T6: the prompt and its answers. */
record Question(ConsentRecord record, Overlays overlays, ConsentRules rules) {

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
        return moved(
                record.change().expired(Prompt.Status.FAILED, event.at()),
                Transition.T3,
                EnumSet.of(Effect.WRITE_PROOF, Effect.TELL_TENANT));
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
                            : at.isBefore(prompt.deadline()) ? grant(record, at) : late(prompt, at);
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
        // one that lapsed before the provider took it never had a deadline of its own
        var lapsed = prompt.deadline() == null ? record.since() : prompt.deadline();
        if (!at.isBefore(lapsed.plus(rules.lateYes()))) {
            return new Unchanged(Unchanged.Why.PROMPT_CLOSED);
        }
        return moved(
                record.change().requested(CaptureOrigin.CHAT, prompt.addressId(), at),
                Transition.T1,
                EnumSet.of(Effect.WRITE_PROOF, Effect.QUEUE_PROMPT));
    }

    /**
     * A NO is also heard before the provider's acknowledgement and after a YES to the same prompt:
     * refusals never wait.
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

    private Moved moved(ConsentRecordChange change, Transition transition, Set<Effect> effects) {
        return new Moved(change.build(), overlays, transition, record.state(), effects);
    }

    private static Rejected illegal() {
        return new Rejected(Rejected.Why.ILLEGAL_TRANSITION);
    }
}
