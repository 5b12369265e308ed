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

/** The transition table: which event leads from which state to which. */
class ConsentStateMachineTest {

    private static final ConsentEvent.PromptAccepted ACCEPTED = accepted(2);
    private static final ConsentEvent.PromptFailed FAILED =
            new ConsentEvent.PromptFailed(time(2), PROMPT, true);
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
                row("T12", ConsentState.GRANTED, validityEnd(), ConsentState.EXPIRED),
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
        assertThat(apply(interest, new ConsentEvent.LiAssessed(time(1), " ", true, true, null)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NO_DOCUMENT));
        assertThat(apply(interest, new ConsentEvent.LiAssessed(time(1), "b", false, true, null)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOTICE_MISSING));
        assertThat(apply(interest, new ConsentEvent.LiAssessed(time(1), "b", true, false, null)))
                .isEqualTo(new Outcome.Rejected(Outcome.Rejected.Why.NOTICE_MISSING));
        assertThat(
                        contract.after(new ConsentEvent.LiAssessed(time(1), "c", true, false, null))
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
        assertThat(isIllegal(record, validityEnd())).isEqualTo(state != ConsentState.GRANTED);
        assertThat(isIllegal(record, assessed(9))).isEqualTo(state != ConsentState.NONE);
        assertThat(isIllegal(record, REVOKED)).isEqualTo(state != ConsentState.OBJECTED);
        assertThat(isIllegal(record, new ConsentEvent.Objection(time(9), null)))
                .isEqualTo(state != ConsentState.LI_ACTIVE && state != ConsentState.OBJECTED);
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

    private static Arguments row(
            String id, ConsentState from, ConsentEvent event, ConsentState to) {
        return Arguments.of(id, from, event, to);
    }
}
