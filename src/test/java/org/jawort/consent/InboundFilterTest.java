package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;
import static org.jawort.consent.InboundDecision.Decision.*;
import static org.jawort.consent.InboundReason.*;
import static org.jawort.consent.Written.*;

import java.util.List;
import java.util.stream.Stream;
import org.jawort.consent.InboundDecision.Decision;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.InboundMessage.Trust;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Table 2.1: what becomes of a message in each state and under each overlay. */
class InboundFilterTest {

    private static final String HELLO = "Wann ist mein Termin?";
    private static final Overlays STOPPED = stoppedBy(SuppressionSource.SUBJECT);
    private static final Overlays PROVIDER_STOPPED = stoppedBy(SuppressionSource.PROVIDER);
    private static final Overlays TENANT_STOPPED = stoppedBy(SuppressionSource.TENANT);

    static Stream<Arguments> rows() {
        var clear = Overlays.CLEAR;
        return Stream.of(
                row("no record", ConsentState.NONE, clear, HELLO, ACCEPT, IN_OK_USER_INITIATED),
                row("PENDING, YES", ConsentState.PENDING, clear, "Ja", CONSUME, IN_CONSENT_YES),
                row(
                        "PENDING, NO",
                        ConsentState.PENDING,
                        clear,
                        "Nein danke",
                        CONSUME,
                        IN_CONSENT_NO),
                row(
                        "PENDING, other text",
                        ConsentState.PENDING,
                        clear,
                        HELLO,
                        ACCEPT,
                        IN_OK_PENDING),
                row(
                        "REQUESTED, any text",
                        ConsentState.REQUESTED,
                        clear,
                        "Ja",
                        ACCEPT,
                        IN_OK_PENDING),
                row("EXPIRED", ConsentState.EXPIRED, clear, HELLO, ACCEPT, IN_OK_NO_GRANT),
                row("DECLINED", ConsentState.DECLINED, clear, "Ja", ACCEPT, IN_OK_NO_GRANT),
                row(
                        "RECONSENT_DUE",
                        ConsentState.RECONSENT_DUE,
                        clear,
                        HELLO,
                        ACCEPT,
                        IN_OK_NO_GRANT),
                row("GRANTED", ConsentState.GRANTED, clear, HELLO, ACCEPT, IN_OK),
                row("LI_ACTIVE", ConsentState.LI_ACTIVE, clear, HELLO, ACCEPT, IN_OK),
                row(
                        "WITHDRAWN",
                        ConsentState.WITHDRAWN,
                        clear,
                        HELLO,
                        ACCEPT,
                        IN_OK_AFTER_WITHDRAWAL),
                row(
                        "WITHDRAWN, Ja",
                        ConsentState.WITHDRAWN,
                        clear,
                        "Ja",
                        ACCEPT,
                        IN_OK_AFTER_WITHDRAWAL),
                row(
                        "OBJECTED",
                        ConsentState.OBJECTED,
                        clear,
                        HELLO,
                        ACCEPT,
                        IN_OK_AFTER_WITHDRAWAL),
                row(
                        "SUPPRESSED(subject)",
                        ConsentState.NONE,
                        STOPPED,
                        HELLO,
                        ACCEPT,
                        IN_OK_AFTER_WITHDRAWAL),
                row(
                        "SUPPRESSED(provider)",
                        ConsentState.GRANTED,
                        PROVIDER_STOPPED,
                        HELLO,
                        ACCEPT,
                        IN_OK_AFTER_WITHDRAWAL),
                row(
                        "SUPPRESSED(tenant)",
                        ConsentState.GRANTED,
                        TENANT_STOPPED,
                        HELLO,
                        ACCEPT,
                        IN_OK),
                row(
                        "near-STOP",
                        ConsentState.GRANTED,
                        clear,
                        "Stop mal kurz",
                        ACCEPT,
                        IN_POSSIBLE_STOP),
                row(
                        "RESTRICTED",
                        ConsentState.PENDING,
                        clear.withRestricted(true),
                        "Ja",
                        STORE_ONLY,
                        IN_RESTRICTED),
                row(
                        "block list",
                        ConsentState.GRANTED,
                        clear.withAbuseBlocked(true),
                        HELLO,
                        DROP,
                        IN_DROP_BLOCKED),
                row(
                        "block before restriction",
                        ConsentState.GRANTED,
                        clear.withAbuseBlocked(true).withRestricted(true),
                        HELLO,
                        DROP,
                        IN_DROP_BLOCKED));
    }

    @ParameterizedTest(name = "table 2.1 {0}: {4} {5}")
    @MethodSource("rows")
    void decidesEveryRowOfTheTable(
            String row,
            ConsentState state,
            Overlays overlays,
            String text,
            Decision decision,
            InboundReason reason) {
        var decided = decide(text(text), overlays, in(state));

        assertThat(decided.decision()).isEqualTo(decision);
        assertThat(decided.reason()).isEqualTo(reason);
        assertThat(decided.state()).isEqualTo(decision == DROP ? ConsentState.NONE : state);
    }

    @ParameterizedTest
    @EnumSource(ConsentState.class)
    @DisplayName(
            "table 2.1 STOP: in every state and under every overlay, before everything but rejection")
    void hearsAStopEverywhere(ConsentState state) {
        var overlays =
                PROVIDER_STOPPED
                        .withAbuseBlocked(true)
                        .withRestricted(true)
                        .withErasureRunning(true);
        var record = in(state);

        var decided = decide(text("Stopp!"), overlays, record);

        assertThat(decided.decision()).isEqualTo(CONSUME);
        assertThat(decided.reason()).isEqualTo(IN_STOP);
        assertThat(apply(record, overlays, decided).record().state().isWithdrawal()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(ConsentState.class)
    @DisplayName(
            "table 2.1 DSR wording: in every state, before block and restriction, and no opt-out")
    void hearsADataRequestEverywhere(ConsentState state) {
        var overlays = STOPPED.withAbuseBlocked(true).withRestricted(true);

        var decided = decide(text("Daten löschen"), overlays, in(state));

        assertThat(decided.decision()).isEqualTo(ACCEPT);
        assertThat(decided.reason()).isEqualTo(IN_DSR);
        assertThat(decided.flags()).containsExactly(Flag.DATA_REQUEST);
        assertThat(decided.steps()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Trust.class, names = "AUTHENTIC", mode = EnumSource.Mode.EXCLUDE)
    @DisplayName("table 2.1 bad signature, replay, oversize: nothing follows, not even of a STOP")
    void rejectsWhatIntakeDoesNotTrust(Trust trust) {
        var decided = decide(text("stop").trust(trust), Overlays.CLEAR, in(ConsentState.GRANTED));

        assertThat(decided.decision()).isEqualTo(REJECT);
        assertThat(decided.reason()).isEqualTo(IN_REJECT_AUTH);
        assertThat(decided.steps()).isEmpty();
    }

    @Test
    @DisplayName("table 2.1 strict: held and asked until the YES")
    void holdsAndAsksInStrictMode() {
        var first =
                FILTER.decide(
                        text(HELLO).message(),
                        new InboundContext(List.of(none()), Overlays.CLEAR, true, null));
        var requested = apply(none(), Overlays.CLEAR, first).record();
        var second =
                FILTER.decide(
                        text(HELLO).message(),
                        new InboundContext(List.of(requested), Overlays.CLEAR, true, null));
        var declined =
                FILTER.decide(
                        text(HELLO).message(),
                        new InboundContext(
                                List.of(in(ConsentState.DECLINED)), Overlays.CLEAR, true, null));
        var web =
                FILTER.decide(
                        text(HELLO).message(),
                        new InboundContext(
                                List.of(in(ConsentState.PENDING)), Overlays.CLEAR, true, null));

        assertThat(first.decision()).isEqualTo(HOLD);
        assertThat(first.reason()).isEqualTo(IN_HELD_NO_CONSENT);
        assertThat(first.flags()).contains(Flag.SEND_NOTICE, Flag.PURGE_UNLESS_GRANTED);
        assertThat(requested.state()).isEqualTo(ConsentState.REQUESTED);
        assertThat(second.decision()).isEqualTo(HOLD);
        assertThat(declined.decision()).isEqualTo(HOLD);
        assertThat(declined.steps()).isEmpty();
        assertThat(web.reason()).isEqualTo(IN_OK_PENDING);
    }

    private static Arguments row(
            String name,
            ConsentState state,
            Overlays overlays,
            String text,
            Decision decision,
            InboundReason reason) {
        return Arguments.of(name, state, overlays, text, decision, reason);
    }
}
