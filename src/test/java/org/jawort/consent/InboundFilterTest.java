package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;
import static org.jawort.consent.InboundDecision.Decision.*;
import static org.jawort.consent.InboundReason.*;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.Consents.Standing;
import org.jawort.consent.InboundDecision.Decision;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.InboundMessage.Kind;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.consent.InboundMessage.Trust;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class InboundFilterTest {

    private static final InboundFilter FILTER = new InboundFilter(Keywords.DEFAULT);
    private static final String HELLO = "Wann ist mein Termin?";
    private static final Overlays STOPPED =
            Overlays.CLEAR.suppress(SuppressionScope.ALL, SuppressionSource.SUBJECT, T0);
    private static final Overlays PROVIDER_STOPPED =
            Overlays.CLEAR.suppress(SuppressionScope.ALL, SuppressionSource.PROVIDER, T0);
    private static final Overlays TENANT_STOPPED =
            Overlays.CLEAR.suppress(SuppressionScope.ALL, SuppressionSource.TENANT, T0);

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
        var decided =
                decide(
                        message(trust, Kind.TEXT, "stop", null, null),
                        Overlays.CLEAR,
                        in(ConsentState.GRANTED));

        assertThat(decided.decision()).isEqualTo(REJECT);
        assertThat(decided.reason()).isEqualTo(IN_REJECT_AUTH);
        assertThat(decided.steps()).isEmpty();
    }

    @Test
    @DisplayName("table 2.1 strict: held and asked until the YES")
    void holdsAndAsksInStrictMode() {
        var first =
                FILTER.decide(
                        text(HELLO),
                        new InboundContext(List.of(none()), Overlays.CLEAR, true, null));
        var requested = apply(none(), Overlays.CLEAR, first).record();
        var second =
                FILTER.decide(
                        text(HELLO),
                        new InboundContext(List.of(requested), Overlays.CLEAR, true, null));
        var declined =
                FILTER.decide(
                        text(HELLO),
                        new InboundContext(
                                List.of(in(ConsentState.DECLINED)), Overlays.CLEAR, true, null));
        var web =
                FILTER.decide(
                        text(HELLO),
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

    @Test
    @DisplayName("T4 by button: the payload is the prompt id; the deny payload declines")
    void grantsByTheButtonOfThePrompt() {
        var pending = in(ConsentState.PENDING);

        var granted =
                decide(button("Ja", pending.prompt().grantPayload()), Overlays.CLEAR, pending);
        var declined =
                decide(button("Nein", pending.prompt().denyPayload()), Overlays.CLEAR, pending);
        var foreign = decide(button("Ja", "ja"), Overlays.CLEAR, pending);
        var stop = decide(button("Stop", "x"), Overlays.CLEAR, pending);

        assertThat(apply(pending, Overlays.CLEAR, granted).record().state())
                .isEqualTo(ConsentState.GRANTED);
        assertThat(apply(pending, Overlays.CLEAR, declined).record().state())
                .isEqualTo(ConsentState.DECLINED);
        assertThat(foreign.reason()).isEqualTo(IN_OK_PENDING);
        assertThat(stop.reason()).isEqualTo(IN_STOP);
    }

    @Test
    @DisplayName("CON-11: two prompts for one address: words decide neither, a button does")
    void asksWithButtonsWhenTwoPromptsAreOpen() {
        var one = in(ConsentState.PENDING);
        var other =
                Standing.of(
                                ConsentRecord.none(
                                        new UUID(9, 9),
                                        SUBJECT,
                                        Channel.WHATSAPP,
                                        Purpose.MARKETING,
                                        Basis.CONSENT))
                        .after(
                                captured(0),
                                new ConsentEvent.PromptOffered(
                                        time(1), "second", ADDRESS, "de", "m-v1", false))
                        .record();

        var yes = decide(text("Ja"), Overlays.CLEAR, one, other);
        var no = decide(text("Nein"), Overlays.CLEAR, one, other);
        var button = decide(button("Ja", "second"), Overlays.CLEAR, one, other);

        assertThat(yes.flags()).contains(Flag.ASK_WITH_BUTTONS);
        assertThat(yes.decision()).isEqualTo(ACCEPT);
        assertThat(no.flags()).contains(Flag.ASK_WITH_BUTTONS);
        assertThat(yes.steps()).noneMatch(step -> step.event() instanceof ConsentEvent.Yes);
        assertThat(button.record()).isEqualTo(other.id());
        assertThat(button.reason()).isEqualTo(IN_CONSENT_YES);
    }

    @Test
    @DisplayName("CON-8, CON-10: no caption, edit, forward, group, other address")
    void readsOnlyWhatThePersonTypedHere() {
        var pending = in(ConsentState.PENDING);
        var plain = text("Ja");
        var asCaption = message(Trust.AUTHENTIC, Kind.OTHER, "Ja", null, null);
        var forwarded =
                new InboundMessage(
                        Trust.AUTHENTIC,
                        ADDRESS,
                        Channel.WHATSAPP,
                        time(9),
                        Kind.TEXT,
                        "Ja",
                        null,
                        true,
                        false,
                        true,
                        null);
        var edited =
                new InboundMessage(
                        Trust.AUTHENTIC,
                        ADDRESS,
                        Channel.WHATSAPP,
                        time(9),
                        Kind.TEXT,
                        "Ja",
                        null,
                        false,
                        true,
                        true,
                        null);
        var group =
                new InboundMessage(
                        Trust.AUTHENTIC,
                        ADDRESS,
                        Channel.WHATSAPP,
                        time(9),
                        Kind.TEXT,
                        "Ja",
                        null,
                        false,
                        false,
                        false,
                        null);
        var elsewhere =
                new InboundMessage(
                        Trust.AUTHENTIC,
                        OTHER_ADDRESS,
                        Channel.WHATSAPP,
                        time(9),
                        Kind.TEXT,
                        "Ja",
                        null,
                        false,
                        false,
                        true,
                        null);
        var tooEarly =
                new InboundMessage(
                        Trust.AUTHENTIC,
                        ADDRESS,
                        Channel.WHATSAPP,
                        time(-9),
                        Kind.TEXT,
                        "Ja",
                        null,
                        false,
                        false,
                        true,
                        null);

        for (var message : List.of(asCaption, forwarded, edited, group, elsewhere, tooEarly)) {
            assertThat(decide(message, Overlays.CLEAR, pending).reason()).isEqualTo(IN_OK_PENDING);
        }
        assertThat(decide(plain, Overlays.CLEAR, pending).reason()).isEqualTo(IN_CONSENT_YES);
    }

    @Test
    @DisplayName(
            "CON-7: a Nein after the Ja turns it around, unless something else was asked since")
    void turnsAFreshGrantAroundByANo() {
        var granted = in(ConsentState.GRANTED);

        var atOnce = decide(text("Nein"), Overlays.CLEAR, granted);
        var afterAQuestion =
                FILTER.decide(
                        text("Nein"),
                        new InboundContext(List.of(granted), Overlays.CLEAR, false, at(5)));

        assertThat(apply(granted, Overlays.CLEAR, atOnce).record().state())
                .isEqualTo(ConsentState.DECLINED);
        assertThat(afterAQuestion.reason()).isEqualTo(IN_OK);
        assertThat(afterAQuestion.steps()).isEmpty();
    }

    @Test
    @DisplayName("CON-12: a near match holds proactive messages at once, also when restricted")
    void holdsProactiveMessagesAtANearStop() {
        var near =
                decide(
                        text("bitte keine Nachrichten mehr"),
                        Overlays.CLEAR,
                        in(ConsentState.GRANTED));
        var restricted =
                decide(
                        text("bitte keine Nachrichten mehr"),
                        Overlays.CLEAR.withRestricted(true),
                        in(ConsentState.GRANTED));

        assertThat(near.flags()).contains(Flag.HOLD_PROACTIVE);
        assertThat(restricted.flags()).contains(Flag.HOLD_PROACTIVE);
        assertThat(near.steps()).isEmpty();
    }

    @Test
    @DisplayName("CON-14: START asks for a prompt, not for marketing, and grants nothing")
    void startsWithAPrompt() {
        var withdrawn = in(ConsentState.WITHDRAWN);
        var marketing =
                ConsentRecord.none(
                        new UUID(9, 9),
                        SUBJECT,
                        Channel.WHATSAPP,
                        Purpose.MARKETING,
                        Basis.CONSENT);

        var decided = decide(text("Start"), STOPPED, withdrawn, marketing);

        assertThat(decided.steps())
                .extracting(InboundDecision.Step::record)
                .containsExactly(RECORD);
        assertThat(apply(withdrawn, STOPPED, decided).record().state())
                .isEqualTo(ConsentState.REQUESTED);
    }

    @Test
    @DisplayName("CON-15: the provider's own reading counts beside ours")
    void mirrorsTheProvidersReading() {
        var record = in(ConsentState.GRANTED);
        var stop = message(Trust.AUTHENTIC, Kind.TEXT, "fini", null, ProviderPreference.STOP);
        var start = message(Trust.AUTHENTIC, Kind.TEXT, "YES", null, ProviderPreference.START);

        var stopped = decide(stop, Overlays.CLEAR, record);
        var started = decide(start, PROVIDER_STOPPED, none());

        assertThat(stopped.reason()).isEqualTo(IN_STOP);
        assertThat(apply(record, Overlays.CLEAR, stopped).overlays().active())
                .extracting(Suppression::source)
                .containsExactly(SuppressionSource.SUBJECT, SuppressionSource.PROVIDER);
        assertThat(apply(none(), PROVIDER_STOPPED, started).overlays().active()).isEmpty();
        assertThat(apply(none(), PROVIDER_STOPPED, started).record().state())
                .isEqualTo(ConsentState.NONE);
    }

    @Test
    @DisplayName("T7: a late Ja leads to a new prompt and is passed on")
    void asksAgainAfterALateYes() {
        var expired = in(ConsentState.EXPIRED);
        var late =
                new InboundMessage(
                        Trust.AUTHENTIC,
                        ADDRESS,
                        Channel.WHATSAPP,
                        time(9 * 86_400),
                        Kind.TEXT,
                        "Ja",
                        null,
                        false,
                        false,
                        true,
                        null);

        var decided = decide(late, Overlays.CLEAR, expired);

        assertThat(decided.reason()).isEqualTo(IN_OK_NO_GRANT);
        assertThat(apply(expired, Overlays.CLEAR, decided).record().state())
                .isEqualTo(ConsentState.REQUESTED);
    }

    @Test
    void writesNoWordOfAPersonIntoText() {
        assertThat(text(HELLO).toString())
                .doesNotContain("Termin")
                .doesNotContain(ADDRESS.toString());
    }

    private static Standing apply(
            ConsentRecord record, Overlays overlays, InboundDecision decision) {
        return new Standing(record, overlays)
                .after(
                        decision.steps().stream()
                                .filter(step -> step.record().equals(record.id()))
                                .map(InboundDecision.Step::event)
                                .toArray(ConsentEvent[]::new));
    }

    private static InboundDecision decide(
            InboundMessage message, Overlays overlays, ConsentRecord... records) {
        return FILTER.decide(
                message, new InboundContext(List.of(records), overlays, false, (Instant) null));
    }

    private static InboundMessage text(String text) {
        return message(Trust.AUTHENTIC, Kind.TEXT, text, null, null);
    }

    private static InboundMessage button(String label, String payload) {
        return message(Trust.AUTHENTIC, Kind.BUTTON, label, payload, null);
    }

    private static InboundMessage message(
            Trust trust, Kind kind, String text, String payload, ProviderPreference preference) {
        return new InboundMessage(
                trust,
                ADDRESS,
                Channel.WHATSAPP,
                time(9),
                kind,
                text,
                payload,
                false,
                false,
                true,
                preference);
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
