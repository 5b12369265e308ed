package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;

import java.util.Set;
import org.jawort.consent.Consents.Standing;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What must hold beside state and event for a transition of the table to happen. */
class ConsentGuardsTest {

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

        assertThat(apply(Standing.of(used), validityEnd()))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.NOT_YET_DUE));
        assertThat(used.used(at(10), RULES)).isEqualTo(used);
    }

    @Test
    @DisplayName(
            "T11, CON-20: a use in the grace of a changed text is on record, and lengthens nothing")
    void remembersAUseInTheGraceOfAChangedText() {
        var due = Standing.of(in(ConsentState.GRANTED)).after(materialChange(9)).record();
        var asked = due.change().state(ConsentState.PENDING, T0).reconsent(true).build();
        var inGrace = due.graceUntil().minusSeconds(1);

        assertThat(due.used(inGrace, RULES).lastUsedAt()).isEqualTo(inGrace);
        assertThat(due.used(inGrace, RULES).validUntil()).isEqualTo(due.validUntil());
        assertThat(asked.used(inGrace, RULES).lastUsedAt()).isEqualTo(inGrace);
        assertThat(due.used(due.graceUntil(), RULES)).isEqualTo(due);
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
}
