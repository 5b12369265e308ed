package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;

import java.time.Duration;
import java.util.Set;
import org.jawort.consent.Consents.Standing;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The edges of the transition table: instants that touch, and guards of a single row. */
class ConsentEdgesTest {

    @Test
    @DisplayName("T1: only what rests on consent is captured")
    void capturesNothingThatRestsOnAnotherBasis() {
        var interest = Standing.of(none(Purpose.NOTIFICATION, Basis.LEGAL_INTEREST));

        assertThat(apply(interest, captured(1)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.WRONG_BASIS));
    }

    @Test
    @DisplayName("T2, CON-8: a prompt goes to the address that was captured")
    void offersAPromptToNoOtherAddress() {
        var requested = Standing.of(in(ConsentState.REQUESTED));
        var elsewhere =
                new ConsentEvent.PromptOffered(
                        time(1), PROMPT, OTHER_ADDRESS, "de", "prompt-v3", false);

        assertThat(apply(requested, elsewhere))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.OTHER_ADDRESS));
    }

    @Test
    @DisplayName("T3: a prompt that may still be retried has not failed")
    void waitsForTheLastRetry() {
        var offered = Standing.of(in(ConsentState.REQUESTED)).after(offered(1));

        assertThat(apply(offered, new ConsentEvent.PromptFailed(time(2), PROMPT, false)))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.RETRIES_LEFT));
    }

    @Test
    @DisplayName("T4, CON-7: a YES at the very instant of a refusal grants nothing")
    void letsTheRefusalWinATie() {
        var pending = in(ConsentState.PENDING).change().refusedAt(at(9)).build();

        assertThat(apply(Standing.of(pending), yes(9)))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.OLDER_THAN_REFUSAL));
        assertThat(Standing.of(pending).after(yes(10)).record().state())
                .isEqualTo(ConsentState.GRANTED);
    }

    @Test
    @DisplayName("CON-7: a provider's clock ahead of ours does not win")
    void countsNoTimeLaterThanReceipt() {
        assertThat(new EventTime(at(900), at(5)).effective()).isEqualTo(at(5));
        assertThat(new EventTime(at(4), at(5)).effective()).isEqualTo(at(4));
        assertThat(EventTime.received(at(5)).effective()).isEqualTo(at(5));
    }

    @Test
    @DisplayName("T5, CON-8: a NO counts from the address that was asked")
    void hearsANoFromNoOtherAddress() {
        var pending = Standing.of(in(ConsentState.PENDING));

        assertThat(apply(pending, new ConsentEvent.No(time(5), PROMPT, OTHER_ADDRESS)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.OTHER_ADDRESS));
    }

    @Test
    @DisplayName("T5: a NO after the YES leaves nothing of the grant")
    void leavesNothingOfAGrantBehindANo() {
        var declined = Standing.of(in(ConsentState.GRANTED)).after(no(9)).record();

        assertThat(declined.state()).isEqualTo(ConsentState.DECLINED);
        assertThat(declined.grantedAt()).isNull();
        assertThat(declined.validUntil()).isNull();
        assertThat(declined.textVersion()).isNull();
    }

    @Test
    @DisplayName("T6: other text is asked about once")
    void asksForAnAnswerOnce() {
        var pending = Standing.of(in(ConsentState.PENDING));
        var text = new ConsentEvent.OtherText(time(9));

        assertThat(apply(pending, text))
                .isInstanceOfSatisfying(
                        Outcome.Moved.class,
                        moved ->
                                assertThat(moved.effects())
                                        .containsExactly(Effect.ASK_FOR_ANSWER_ONCE));
        assertThat(apply(pending.after(text), text))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.ALREADY_ASKED));
    }

    @Test
    @DisplayName(
            "T7: a Ja to a question that lapsed before the provider took it is the wish to be asked"
                    + " again, as long as any late Ja")
    void aYesToAQuestionThatNeverGotADeadline() {
        var due = in(ConsentState.RECONSENT_DUE);
        var over = due.reconsentUntil();
        var lapsed =
                after(
                        due,
                        new ConsentEvent.PromptOffered(
                                EventTime.received(over.minusSeconds(5)),
                                "prompt-late",
                                ADDRESS,
                                "de",
                                "prompt-v4",
                                false),
                        new ConsentEvent.Deadline(EventTime.received(over)));
        var soon =
                new ConsentEvent.Yes(
                        EventTime.received(over.plusSeconds(60)),
                        "prompt-late",
                        ADDRESS,
                        true,
                        true,
                        true);
        var late =
                new ConsentEvent.Yes(
                        EventTime.received(over.plus(RULES.lateYes())),
                        "prompt-late",
                        ADDRESS,
                        true,
                        true,
                        true);

        assertThat(lapsed.state()).isEqualTo(ConsentState.EXPIRED);
        assertThat(after(lapsed, soon).state()).isEqualTo(ConsentState.REQUESTED);
        assertThat(after(lapsed, late).state()).isEqualTo(ConsentState.EXPIRED);
    }

    @Test
    @DisplayName("T7: over at the deadline itself, and the details go")
    void lapsesAtTheDeadlineItself() {
        var pending = Standing.of(in(ConsentState.PENDING));
        var due = Duration.ofDays(7).plusSeconds(2).toSeconds();

        assertThat(apply(pending, new ConsentEvent.Deadline(time(due - 1))))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.NOT_YET_DUE));
        assertThat(apply(pending, new ConsentEvent.Deadline(time(due))))
                .isInstanceOfSatisfying(
                        Outcome.Moved.class,
                        moved ->
                                assertThat(moved.effects())
                                        .containsExactlyInAnyOrder(
                                                Effect.WRITE_PROOF, Effect.EXPIRE_DETAILS));
    }

    @Test
    @DisplayName("T8: what the provider has confirmed is not confirmed again")
    void leavesTheConfirmationToAProviderThatSentOne() {
        var granted = Standing.of(in(ConsentState.GRANTED));
        var confirmed =
                new ConsentEvent.Stop(time(9), ConsentEvent.Stop.Route.CHAT, Set.of(), true);

        assertThat(apply(granted, confirmed))
                .isInstanceOfSatisfying(
                        Outcome.Moved.class,
                        moved ->
                                assertThat(moved.effects())
                                        .doesNotContain(Effect.OPTOUT_CONFIRM_ONCE));
    }

    @Test
    @DisplayName("T9: the provider's block is the provider's, and no YES lifts it")
    void keepsTheProvidersBlockApartFromThePersons() {
        var blocked = Standing.of(in(ConsentState.GRANTED)).after(optOut(9, SuppressionScope.ALL));

        var again = blocked.after(captured(20), offered(21), accepted(22), yes(23));

        assertThat(again.record().state()).isEqualTo(ConsentState.GRANTED);
        assertThat(again.overlays().active())
                .extracting(Suppression::source)
                .containsExactly(SuppressionSource.PROVIDER);
    }

    @Test
    @DisplayName("T16: an objection to marketing is revoked by a new consent only")
    void revokesNoObjectionToMarketing() {
        var objected = Standing.of(none(Purpose.MARKETING, Basis.LEGAL_INTEREST)).after(stop(4));

        assertThat(objected.record().state()).isEqualTo(ConsentState.OBJECTED);
        assertThat(apply(objected, new ConsentEvent.ObjectionRevoked(time(9), true)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.MARKETING_NEEDS_CONSENT));
    }

    private static Outcome apply(Standing standing, ConsentEvent event) {
        return ConsentStateMachine.apply(standing.record(), standing.overlays(), event, RULES);
    }
}
