package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.jawort.consent.Consents.Standing;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConsentStateMachineTest {

    private static final ConsentEvent.PromptAccepted ACCEPTED = accepted(2);
    private static final ConsentEvent.PromptFailed FAILED =
            new ConsentEvent.PromptFailed(time(2), PROMPT, true);
    private static final ConsentEvent.ValidityEnd VALIDITY_END =
            new ConsentEvent.ValidityEnd(time(Duration.ofDays(800).toSeconds()));
    private static final ConsentEvent.ObjectionRevoked REVOKED =
            new ConsentEvent.ObjectionRevoked(time(9), true);

    static Stream<Arguments> rows() {
        return Stream.of(
                row("T1", ConsentState.NONE, captured(9), ConsentState.REQUESTED),
                row("T1", ConsentState.EXPIRED, captured(700_000), ConsentState.REQUESTED),
                row("T1", ConsentState.DECLINED, captured(9), ConsentState.REQUESTED),
                row("T1", ConsentState.WITHDRAWN, captured(9), ConsentState.REQUESTED),
                row("T4", ConsentState.PENDING, yes(9), ConsentState.GRANTED),
                row("T5", ConsentState.PENDING, no(9), ConsentState.DECLINED),
                row(
                        "T6",
                        ConsentState.PENDING,
                        new ConsentEvent.OtherText(time(9)),
                        ConsentState.PENDING),
                row("T7", ConsentState.PENDING, deadline(), ConsentState.EXPIRED),
                row(
                        "T7",
                        ConsentState.RECONSENT_DUE,
                        new ConsentEvent.Deadline(time(31 * 86_400)),
                        ConsentState.EXPIRED),
                row("T8", ConsentState.NONE, stop(9), ConsentState.WITHDRAWN),
                row("T8", ConsentState.REQUESTED, stop(9), ConsentState.WITHDRAWN),
                row("T8", ConsentState.PENDING, stop(9), ConsentState.WITHDRAWN),
                row("T8", ConsentState.GRANTED, stop(9), ConsentState.WITHDRAWN),
                row("T8", ConsentState.DECLINED, stop(9), ConsentState.WITHDRAWN),
                row("T8", ConsentState.EXPIRED, stop(900_000), ConsentState.WITHDRAWN),
                row("T8", ConsentState.RECONSENT_DUE, stop(9), ConsentState.WITHDRAWN),
                row("T8", ConsentState.LI_ACTIVE, stop(9), ConsentState.OBJECTED),
                row(
                        "T9",
                        ConsentState.NONE,
                        optOut(9, SuppressionScope.ALL),
                        ConsentState.WITHDRAWN),
                row(
                        "T9",
                        ConsentState.GRANTED,
                        optOut(9, SuppressionScope.ALL),
                        ConsentState.WITHDRAWN),
                row(
                        "T9",
                        ConsentState.LI_ACTIVE,
                        optOut(9, SuppressionScope.ALL),
                        ConsentState.OBJECTED),
                row(
                        "T10",
                        ConsentState.WITHDRAWN,
                        new ConsentEvent.ProviderOptIn(time(9), SuppressionScope.ALL),
                        ConsentState.WITHDRAWN),
                row("T11", ConsentState.GRANTED, materialChange(9), ConsentState.RECONSENT_DUE),
                row(
                        "T11",
                        ConsentState.GRANTED,
                        new ConsentEvent.TextChanged(
                                time(9),
                                Set.of(ConsentEvent.TextChanged.Part.WORDING),
                                false,
                                "dpo@muster.example"),
                        ConsentState.GRANTED),
                row("T12", ConsentState.GRANTED, VALIDITY_END, ConsentState.EXPIRED),
                row(
                        "T14",
                        ConsentState.LI_ACTIVE,
                        new ConsentEvent.Objection(time(9), null),
                        ConsentState.OBJECTED),
                row("T16", ConsentState.OBJECTED, REVOKED, ConsentState.LI_ACTIVE));
    }

    @ParameterizedTest(name = "{0} {1} -> {3}")
    @MethodSource("rows")
    void movesAsTheTableSays(String id, ConsentState from, ConsentEvent event, ConsentState to) {
        var outcome = apply(Standing.of(in(from)), event);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Moved.class,
                        moved -> {
                            assertThat(moved.transition()).hasToString(id);
                            assertThat(moved.previous()).isEqualTo(from);
                            assertThat(moved.record().state()).isEqualTo(to);
                        });
    }

    @Test
    void t2AndT3StartFromAPromptOnItsWay() {
        var requested = Standing.of(in(ConsentState.REQUESTED)).after(offered(1));
        var reconsent =
                Standing.of(in(ConsentState.RECONSENT_DUE))
                        .after(
                                new ConsentEvent.PromptOffered(
                                        time(5), "prompt-2", ADDRESS, "de", "prompt-v4", false));

        assertThat(requested.after(ACCEPTED).record().state()).isEqualTo(ConsentState.PENDING);
        assertThat(requested.after(ACCEPTED).record().prompt().deadline())
                .isEqualTo(at(2).plus(Duration.ofDays(7)));
        assertThat(requested.after(FAILED).record().state()).isEqualTo(ConsentState.EXPIRED);
        assertThat(reconsent.after(new ConsentEvent.PromptAccepted(time(6), "prompt-2")).record())
                .matches(ConsentRecord::reconsent)
                .matches(record -> record.state() == ConsentState.PENDING);
        assertThat(
                        reconsent
                                .after(new ConsentEvent.PromptFailed(time(6), "prompt-2", true))
                                .record()
                                .state())
                .isEqualTo(ConsentState.EXPIRED);
    }

    @Test
    void t13NeedsDocumentNoticeAndAPurposeThatIsNotMarketing() {
        var interest = Standing.of(none(Purpose.NOTIFICATION, Basis.LEGAL_INTEREST));
        var contract = Standing.of(none(Purpose.NOTIFICATION, Basis.CONTRACT));
        var marketing = Standing.of(none(Purpose.MARKETING, Basis.LEGAL_INTEREST));

        assertThat(interest.after(assessed(1)).record().state()).isEqualTo(ConsentState.LI_ACTIVE);
        assertThat(apply(marketing, assessed(1)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.MARKETING_NEEDS_CONSENT));
        assertThat(apply(interest, new ConsentEvent.LiAssessed(time(1), " ", true, true)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NO_DOCUMENT));
        assertThat(apply(interest, new ConsentEvent.LiAssessed(time(1), "b", false, true)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOTICE_MISSING));
        assertThat(apply(interest, new ConsentEvent.LiAssessed(time(1), "b", true, false)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOTICE_MISSING));
        assertThat(
                        contract.after(new ConsentEvent.LiAssessed(time(1), "c", true, false))
                                .record()
                                .state())
                .isEqualTo(ConsentState.LI_ACTIVE);
        assertThat(apply(Standing.of(none()), assessed(1)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.WRONG_BASIS));
    }

    @Test
    void t15KeepsAStubOnlyOfAnExistingSuppression() {
        var granted = Standing.of(in(ConsentState.GRANTED));
        var done = new ConsentEvent.ErasureDone(time(20));

        assertThat(apply(granted, done))
                .isInstanceOfSatisfying(
                        Outcome.Removed.class, removed -> assertThat(removed.stub()).isEmpty());
        assertThat(apply(granted.after(stop(9)), done))
                .isInstanceOfSatisfying(
                        Outcome.Removed.class,
                        removed -> {
                            assertThat(removed.stub()).hasSize(1);
                            assertThat(removed.effects()).contains(Effect.KEEP_STUB);
                        });
    }

    @ParameterizedTest
    @EnumSource(ConsentState.class)
    @DisplayName("anything not listed is illegal")
    void rejectsWhatTheTableDoesNotList(ConsentState state) {
        var record = Standing.of(in(state));
        var captureFrom =
                EnumSet.of(
                        ConsentState.NONE,
                        ConsentState.EXPIRED,
                        ConsentState.DECLINED,
                        ConsentState.WITHDRAWN);

        assertThat(isIllegal(record, captured(800_000))).isEqualTo(!captureFrom.contains(state));
        assertThat(isIllegal(record, materialChange(9))).isEqualTo(state != ConsentState.GRANTED);
        assertThat(isIllegal(record, VALIDITY_END)).isEqualTo(state != ConsentState.GRANTED);
        assertThat(isIllegal(record, assessed(9))).isEqualTo(state != ConsentState.NONE);
        assertThat(isIllegal(record, REVOKED)).isEqualTo(state != ConsentState.OBJECTED);
        assertThat(isIllegal(record, new ConsentEvent.Objection(time(9), null)))
                .isEqualTo(state != ConsentState.LI_ACTIVE && state != ConsentState.OBJECTED);
    }

    @Test
    @DisplayName("T1 guards: proof, an act of the person, newer than the refusal")
    void capturesOnlyWithProofAndAfterARefusalOnlyByTheirOwnAct() {
        var withdrawn = Standing.of(in(ConsentState.WITHDRAWN));
        var bulk = new ConsentEvent.Captured(time(9), CaptureOrigin.IMPORT, ADDRESS, true);
        var firstContact =
                new ConsentEvent.Captured(time(9), CaptureOrigin.FIRST_CONTACT, ADDRESS, true);
        var unproved = new ConsentEvent.Captured(time(9), CaptureOrigin.ELSEWHERE, ADDRESS, false);

        assertThat(apply(withdrawn, bulk))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOT_AN_ACT_OF_THE_PERSON));
        assertThat(apply(withdrawn, firstContact))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOT_AN_ACT_OF_THE_PERSON));
        assertThat(apply(withdrawn, captured(4)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.REFUSED_SINCE));
        assertThat(apply(withdrawn, unproved))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.PROOF_INCOMPLETE));
        assertThat(Standing.of(none()).after(bulk).record().state())
                .isEqualTo(ConsentState.REQUESTED);
    }

    @Test
    @DisplayName("T2 guards: one open prompt, no advertising")
    void offersOnePromptAtATimeAndNoAdvertising() {
        var requested = Standing.of(in(ConsentState.REQUESTED));
        var second =
                new ConsentEvent.PromptOffered(time(2), "p2", ADDRESS, "de", "prompt-v3", false);
        var advert = new ConsentEvent.PromptOffered(time(2), "p3", ADDRESS, "de", "ad-v1", true);

        assertThat(apply(requested.after(offered(1)), second))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.PROMPT_ALREADY_OPEN));
        assertThat(apply(requested, advert))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.PROMPT_CARRIES_ADVERTISING));
        assertThat(apply(requested, accepted(2)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.PROMPT_UNKNOWN));
    }

    @Test
    @DisplayName("T4 guards: address, prompt, authentic, one to one, after prompt, before deadline")
    void grantsOnlyWhenEveryGuardHolds() {
        var pending = Standing.of(in(ConsentState.PENDING));

        var elsewhere = new ConsentEvent.Yes(time(5), PROMPT, OTHER_ADDRESS, true, true, true);
        var otherPrompt = new ConsentEvent.Yes(time(5), "other", ADDRESS, true, true, true);
        var unsigned = new ConsentEvent.Yes(time(5), PROMPT, ADDRESS, true, false, true);
        var inGroup = new ConsentEvent.Yes(time(5), PROMPT, ADDRESS, true, true, false);

        for (var answer : Set.of(elsewhere, otherPrompt, unsigned, inGroup)) {
            assertThat(apply(pending, answer)).isInstanceOf(Outcome.Rejected.class);
        }
        assertThat(apply(pending, yes(-60)))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.BEFORE_PROMPT));
        assertThat(pending.after(yes(2 + 7 * 86_400)).record().state())
                .isEqualTo(ConsentState.REQUESTED);
        assertThat(pending.after(yes(1 + 7 * 86_400)).record().state())
                .isEqualTo(ConsentState.GRANTED);
    }

    @Test
    @DisplayName("T7: a late Ja asks anew, and never grants")
    void takesALateYesAsTheWishToBeAskedAgain() {
        var expired = Standing.of(in(ConsentState.EXPIRED));

        var outcome = apply(expired, yes(8 * 86_400 + 60));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Moved.class,
                        moved -> {
                            assertThat(moved.transition()).isEqualTo(Transition.T1);
                            assertThat(moved.record().state()).isEqualTo(ConsentState.REQUESTED);
                            assertThat(moved.effects()).contains(Effect.QUEUE_PROMPT);
                        });
        assertThat(apply(expired, yes(60 * 86_400)))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.PROMPT_CLOSED));
    }

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

    @Test
    @DisplayName("T11 needs a human's class of change; recipients are always material")
    void classifiesChangesByAHumanAndSomeByThemselves() {
        var granted = Standing.of(in(ConsentState.GRANTED));
        var anonymous =
                new ConsentEvent.TextChanged(
                        time(9), Set.of(ConsentEvent.TextChanged.Part.WORDING), true, " ");

        assertThat(apply(granted, anonymous))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOT_CLASSIFIED_BY_A_PERSON));
        assertThat(granted.after(materialChange(9)).record().graceUntil()).isEqualTo(at(9));
        assertThat(granted.after(materialChange(9)).record().textVersion()).isEqualTo("prompt-v3");
    }

    @Test
    @DisplayName("T12: validity runs from the last use")
    void countsValidityFromTheLastUse() {
        var used = in(ConsentState.GRANTED).used(at(400 * 86_400), RULES);

        assertThat(apply(Standing.of(used), VALIDITY_END))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.NOT_YET_DUE));
        assertThat(used.used(at(10), RULES)).isEqualTo(used);
    }

    @Test
    @DisplayName("T14: compelling grounds need a name, and never count for marketing")
    void hearsAnObjectionUnlessANamedPersonRecordedGrounds() {
        var active = Standing.of(in(ConsentState.LI_ACTIVE));
        var marketing =
                Standing.of(
                        none(Purpose.MARKETING, Basis.CONTRACT)
                                .change()
                                .state(ConsentState.LI_ACTIVE, T0)
                                .build());
        var grounds = new ConsentEvent.Objection(time(9), "e.beispiel");

        assertThat(apply(active, grounds))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.COMPELLING_GROUNDS));
        assertThat(active.after(new ConsentEvent.Objection(time(9), " ")).record().state())
                .isEqualTo(ConsentState.OBJECTED);
        assertThat(marketing.after(grounds).record().state()).isEqualTo(ConsentState.OBJECTED);
    }

    @Test
    @DisplayName("T16 needs a confirmed act newer than the objection")
    void revokesAnObjectionOnlyByAConfirmedNewerAct() {
        var objected = Standing.of(in(ConsentState.OBJECTED));

        assertThat(apply(objected, new ConsentEvent.ObjectionRevoked(time(9), false)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOT_CONFIRMED));
        assertThat(apply(objected, new ConsentEvent.ObjectionRevoked(time(4), true)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.REFUSED_SINCE));
    }

    @Test
    @DisplayName("CON-3: a recycled number ends the grant it gave")
    void expiresTheGrantOfAnInvalidAddress() {
        var granted = Standing.of(in(ConsentState.GRANTED));

        assertThat(
                        granted.after(new ConsentEvent.AddressInvalid(time(9), ADDRESS))
                                .record()
                                .state())
                .isEqualTo(ConsentState.EXPIRED);
        assertThat(
                        granted.after(new ConsentEvent.AddressInvalid(time(9), OTHER_ADDRESS))
                                .record()
                                .state())
                .isEqualTo(ConsentState.GRANTED);
    }

    @Test
    @DisplayName("CON-7: a YES waits for the acknowledgement it overtook")
    void letsAnEarlyYesWait() {
        var offered = Standing.of(in(ConsentState.REQUESTED)).after(offered(1));

        var early = offered.after(yes(2));

        assertThat(early.record().state()).isEqualTo(ConsentState.REQUESTED);
        assertThat(early.after(accepted(3)).record().state()).isEqualTo(ConsentState.GRANTED);
        assertThat(offered.after(yes(9 * 86_400), accepted(3)).record().state())
                .isEqualTo(ConsentState.REQUESTED);
    }

    @Test
    void writesNoPromptIdIntoText() {
        assertThat(offered(1).toString() + yes(2) + no(3) + in(ConsentState.PENDING))
                .doesNotContain(PROMPT);
    }

    private static boolean isIllegal(Standing standing, ConsentEvent event) {
        return apply(standing, event)
                .equals(new Outcome.Rejected(Outcome.Rejected.Why.ILLEGAL_TRANSITION));
    }

    private static Outcome apply(Standing standing, ConsentEvent event) {
        return ConsentStateMachine.apply(standing.record(), standing.overlays(), event, RULES);
    }

    private static Arguments row(
            String id, ConsentState from, ConsentEvent event, ConsentState to) {
        return Arguments.of(id, from, event, to);
    }
}
