package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;

import java.util.List;
import java.util.UUID;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.InboundMessage.Kind;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose answer a button or a word is, and how far it reaches. */
class InboundEdgesTest {

    private static final InboundFilter FILTER = new InboundFilter(Keywords.DEFAULT);
    private static final UUID MARKETING = new UUID(9, 9);

    @ParameterizedTest(name = "forwarded {0}, edited {1}, one to one {2}")
    @CsvSource({"true, false, true", "false, true, true", "false, false, false"})
    @DisplayName("CON-10: a button counts only as tapped by the person, here")
    void takesNoButtonThatIsNotTheSendersOwn(boolean forwarded, boolean edited, boolean oneToOne) {
        var pending = in(ConsentState.PENDING);
        var yes =
                button(ADDRESS, "Ja", pending.prompt().grantPayload(), forwarded, edited, oneToOne);
        var stop = button(ADDRESS, "Stop", "x", forwarded, edited, oneToOne);

        assertThat(decide(yes, pending).reason()).isEqualTo(InboundReason.IN_OK_PENDING);
        assertThat(decide(stop, pending).reason())
                .isEqualTo(oneToOne ? InboundReason.IN_OK_PENDING : InboundReason.IN_POSSIBLE_STOP);
    }

    @Test
    @DisplayName("CON-8: the prompt's own button grants nothing at another address")
    void takesNoButtonOfAnotherAddress() {
        var pending = in(ConsentState.PENDING);
        var elsewhere =
                button(OTHER_ADDRESS, "Ja", pending.prompt().grantPayload(), false, false, true);

        var decided = decide(elsewhere, pending);

        assertThat(decided.reason()).isEqualTo(InboundReason.IN_OK_PENDING);
        assertThat(decided.steps()).noneMatch(step -> step.event() instanceof ConsentEvent.Yes);
    }

    @Test
    @DisplayName("T5, CON-3: the prompt's own Nein is heard by whichever address it is tapped")
    void takesANeinOfAnotherAddress() {
        var pending = in(ConsentState.PENDING);
        var elsewhere =
                button(OTHER_ADDRESS, "Nein", pending.prompt().denyPayload(), false, false, true);

        var decided = decide(elsewhere, pending);

        assertThat(decided.reason()).isEqualTo(InboundReason.IN_CONSENT_NO);
        assertThat(after(pending, decided.steps().getFirst().event()).state())
                .isEqualTo(ConsentState.DECLINED);
    }

    @Test
    @DisplayName(
            "T5, CON-8: a typed Nein is heard at another address of the person too, a Ja is not")
    void takesATypedNeinOfAnotherAddress() {
        var pending = in(ConsentState.PENDING);

        var no = decide(Written.text("Nein").from(OTHER_ADDRESS).message(), pending);
        var yes = decide(Written.text("Ja").from(OTHER_ADDRESS).message(), pending);

        assertThat(no.reason()).isEqualTo(InboundReason.IN_CONSENT_NO);
        assertThat(after(pending, no.steps().getFirst().event()).state())
                .isEqualTo(ConsentState.DECLINED);
        assertThat(yes.reason()).isEqualTo(InboundReason.IN_OK_PENDING);
        assertThat(yes.steps()).noneMatch(step -> step.event() instanceof ConsentEvent.Yes);
        var afterAQuestion =
                FILTER.decide(
                        Written.text("Nein").from(OTHER_ADDRESS).message(),
                        new InboundContext(List.of(pending), Overlays.CLEAR, false, at(5)));
        assertThat(afterAQuestion.reason()).isEqualTo(InboundReason.IN_OK_PENDING);
    }

    @Test
    @DisplayName(
            "T5: a prompt that ran out here does not keep a Nein from the one that is open elsewhere")
    void takesATypedNeinBesideALapsedPrompt() {
        var lapsed =
                Standing.of(
                                ConsentRecord.none(
                                        MARKETING,
                                        SUBJECT,
                                        Channel.WHATSAPP,
                                        Purpose.MARKETING,
                                        Basis.CONSENT))
                        .after(
                                new ConsentEvent.Captured(
                                        time(0), CaptureOrigin.ELSEWHERE, OTHER_ADDRESS, true),
                                new ConsentEvent.PromptOffered(
                                        time(1), "second", OTHER_ADDRESS, "de", "m-v1", false),
                                new ConsentEvent.PromptAccepted(time(2), "second"),
                                deadline())
                        .record();

        var no =
                decide(
                        Written.text("Nein").from(OTHER_ADDRESS).message(),
                        in(ConsentState.PENDING),
                        lapsed);

        assertThat(lapsed.state()).isEqualTo(ConsentState.EXPIRED);
        assertThat(no.reason()).isEqualTo(InboundReason.IN_CONSENT_NO);
        assertThat(no.record()).isEqualTo(RECORD);
    }

    @Test
    @DisplayName("T8: a STOP ends every purpose of the channel")
    void stopsEveryPurpose() {
        var marketing =
                ConsentRecord.none(
                        MARKETING, SUBJECT, Channel.WHATSAPP, Purpose.MARKETING, Basis.CONSENT);

        var decided = decide(text("Stop"), in(ConsentState.GRANTED), marketing);

        assertThat(decided.steps())
                .allMatch(step -> step.event() instanceof ConsentEvent.Stop)
                .extracting(InboundDecision.Step::record)
                .containsExactlyInAnyOrder(RECORD, MARKETING);
    }

    @Test
    @DisplayName("table 2.1: who writes after a withdrawal is answered under a banner")
    void showsTheBannerAfterAWithdrawal() {
        assertThat(decide(text("Guten Tag"), in(ConsentState.WITHDRAWN)).flags())
                .contains(Flag.WITHDRAWN_BANNER);
        assertThat(decide(text("Guten Tag"), in(ConsentState.GRANTED)).flags())
                .doesNotContain(Flag.WITHDRAWN_BANNER);
    }

    private static InboundDecision decide(InboundMessage message, ConsentRecord... records) {
        return FILTER.decide(
                message, new InboundContext(List.of(records), Overlays.CLEAR, false, null));
    }

    private static InboundMessage text(String text) {
        return new InboundMessage(
                InboundMessage.Trust.AUTHENTIC,
                ADDRESS,
                Channel.WHATSAPP,
                time(9),
                Kind.TEXT,
                List.of(text),
                null,
                false,
                false,
                true,
                null);
    }

    private static InboundMessage button(
            UUID address,
            String label,
            String payload,
            boolean forwarded,
            boolean edited,
            boolean oneToOne) {
        return new InboundMessage(
                InboundMessage.Trust.AUTHENTIC,
                address,
                Channel.WHATSAPP,
                time(9),
                Kind.BUTTON,
                label == null ? List.of() : List.of(label),
                payload,
                forwarded,
                edited,
                oneToOne,
                null);
    }
}
