package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;

import java.util.Set;
import org.jawort.consent.Consents.Standing;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a refusal does beside the state, and what lifts it again. */
class WithdrawalTest {

    @Test
    @DisplayName("T8 effects: suppressed, prompt void, queue cancelled, exactly one confirmation")
    void stopsEverythingAndConfirmsOnce() {
        var pending = Standing.of(in(ConsentState.PENDING));

        var first = (Outcome.Moved) apply(pending, stop(5));
        var second =
                (Outcome.Moved)
                        ConsentStateMachine.apply(first.record(), first.overlays(), stop(6), RULES);

        assertThat(first.effects())
                .containsExactlyInAnyOrder(
                        Effect.WRITE_PROOF,
                        Effect.CANCEL_QUEUED_SENDS,
                        Effect.TELL_RECIPIENTS,
                        Effect.OPTOUT_CONFIRM_ONCE,
                        Effect.VOID_PROMPT);
        assertThat(first.record().prompt().status()).isEqualTo(Prompt.Status.VOID);
        assertThat(first.overlays().suppressedAllSince()).contains(at(5));
        assertThat(second.effects()).containsExactly(Effect.WRITE_PROOF);
        assertThat(second.record().lastRefusalAt()).isEqualTo(at(6));
    }

    @Test
    @DisplayName("T8: fewer purposes if the person chose fewer")
    void stopsOnlyTheChosenPurposes() {
        var granted = Standing.of(in(ConsentState.GRANTED));
        var marketingOnly =
                new ConsentEvent.Stop(
                        time(9), ConsentEvent.Stop.Route.EMAIL, Set.of(Purpose.MARKETING), false);

        var marketing =
                Standing.of(in(ConsentState.GRANTED, Purpose.MARKETING)).after(marketingOnly);

        assertThat(apply(granted, marketingOnly))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.OUT_OF_SCOPE));
        assertThat(marketing.record().state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(marketing.overlays().suppressedAllSince()).isEmpty();
        assertThat(marketing.overlays().active())
                .extracting(Suppression::scope)
                .containsExactly(SuppressionScope.MARKETING);
    }

    @Test
    @DisplayName(
            "T9, T10: a marketing opt-out leaves the rest, and only the provider's overlay is lifted")
    void keepsProviderAndSubjectApart() {
        var granted = Standing.of(in(ConsentState.GRANTED));
        var optIn = new ConsentEvent.ProviderOptIn(time(12), SuppressionScope.ALL);

        var marketingStop = granted.after(optOut(9, SuppressionScope.MARKETING));
        var both = granted.after(stop(9), optOut(10, SuppressionScope.ALL), optIn);

        assertThat(marketingStop.record().state()).isEqualTo(ConsentState.GRANTED);
        assertThat(marketingStop.overlays().active())
                .extracting(Suppression::scope)
                .containsExactly(SuppressionScope.MARKETING);
        assertThat(both.record().state()).isEqualTo(ConsentState.WITHDRAWN);
        assertThat(both.overlays().active())
                .extracting(Suppression::source)
                .containsExactly(SuppressionSource.SUBJECT);
    }

    @Test
    @DisplayName("T4 and T16 lift the subject's overlay, T4 not that of marketing")
    void liftsTheSubjectsOverlayByANewerYes() {
        var withdrawn = Standing.of(in(ConsentState.GRANTED)).after(stop(9));
        var marketing =
                withdrawn
                        .overlays()
                        .suppress(SuppressionScope.MARKETING, SuppressionSource.SUBJECT, at(9));

        var again =
                new Standing(withdrawn.record(), marketing)
                        .after(captured(20), offered(21), accepted(22), yes(23));
        var revoked =
                Standing.of(in(ConsentState.LI_ACTIVE))
                        .after(stop(5), new ConsentEvent.ObjectionRevoked(time(9), true));

        assertThat(again.record().state()).isEqualTo(ConsentState.GRANTED);
        assertThat(again.overlays().active())
                .extracting(Suppression::scope)
                .containsExactly(SuppressionScope.MARKETING);
        assertThat(revoked.overlays().active()).isEmpty();
    }
}
