package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;
import static org.jawort.consent.InboundDecision.Decision.*;
import static org.jawort.consent.InboundReason.*;
import static org.jawort.consent.Written.*;

import java.util.List;
import java.util.UUID;
import org.jawort.consent.Consents.Standing;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What counts as an answer to the hub, whose it is, and what it leads to. */
class InboundAnswersTest {

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
        var asCaption = caption("Ja");
        var forwarded = text("Ja").forwarded();
        var edited = text("Ja").edited();
        var group = text("Ja").inAGroup();
        var elsewhere = text("Ja").from(OTHER_ADDRESS);
        var tooEarly = text("Ja").at(-9);

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
                        text("Nein").message(),
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
    @DisplayName(
            "CON-12, CON-14: a tapped button refuses, nearly refuses and asks for rights like the"
                    + " same words typed; where no label is told, by what it carries")
    void readsATappedButtonLikeTypedWords() {
        var granted = in(ConsentState.GRANTED);
        var pending = in(ConsentState.PENDING);

        for (var label :
                List.of("Stop promotions", "Keine Nachrichten mehr", "Nicht mehr schreiben")) {
            var near = decide(button(label, "marketing-optout"), Overlays.CLEAR, granted);
            assertThat(near.reason()).as(label).isEqualTo(IN_POSSIBLE_STOP);
            assertThat(near.flags()).as(label).contains(Flag.HOLD_PROACTIVE);
        }
        assertThat(decide(button("Daten löschen", "x"), Overlays.CLEAR, granted).reason())
                .isEqualTo(IN_DSR);
        assertThat(decide(button(null, "STOP"), Overlays.CLEAR, granted).reason())
                .isEqualTo(IN_STOP);
        assertThat(decide(button("Hilfe", "x"), Overlays.CLEAR, granted).flags())
                .doesNotContain(Flag.HELP);
        assertThat(
                        decide(
                                        button(
                                                "Nein, keine Nachrichten mehr",
                                                pending.prompt().denyPayload()),
                                        Overlays.CLEAR,
                                        pending)
                                .reason())
                .isEqualTo(IN_CONSENT_NO);
    }

    @Test
    @DisplayName(
            "T8, T4, CON-12: a refusal is heard in whatever came with a button or a row, beside its"
                    + " label and in place of one")
    void hearsARefusalInAllWordsOfAButton() {
        var granted = in(ConsentState.GRANTED);
        var pending = in(ConsentState.PENDING);
        var yes = pending.prompt().grantPayload();

        for (var stop :
                List.of(
                        tapped("row_7", "STOP"),
                        tapped("row_7", "Dienstag", "Stopp"),
                        tapped(null, "abmelden"),
                        tapped("STOP"))) {
            assertThat(decide(stop, Overlays.CLEAR, granted).reason()).isEqualTo(IN_STOP);
        }
        assertThat(
                        decide(
                                        tapped("row_7", "Newsletter", "Newsletter abbestellen"),
                                        Overlays.CLEAR,
                                        granted)
                                .reason())
                .isEqualTo(IN_POSSIBLE_STOP);
        assertThat(decide(tapped("x", "Weiter", "Auskunft"), Overlays.CLEAR, granted).reason())
                .isEqualTo(IN_DSR);
        assertThat(decide(tapped(yes, "Stopp"), Overlays.CLEAR, pending).reason())
                .isEqualTo(IN_STOP);
        assertThat(decide(tapped(yes, "Ja", "Ja"), Overlays.CLEAR, pending).reason())
                .isEqualTo(IN_CONSENT_YES);
        assertThat(decide(tapped(yes), Overlays.CLEAR, pending).reason()).isEqualTo(IN_CONSENT_YES);
        assertThat(decide(tapped("row_7", "Dienstag"), Overlays.CLEAR, pending).reason())
                .isEqualTo(IN_OK_PENDING);
    }

    @Test
    @DisplayName("CON-10, CON-12: a STOP in a group is for a human to read, and holds until then")
    void asksAHumanAboutAStopInAGroup() {
        var granted = in(ConsentState.GRANTED);

        for (var said :
                List.of(
                        text("Stopp").inAGroup(),
                        text("bitte keine Nachrichten mehr").inAGroup(),
                        button("STOP", "x").inAGroup())) {
            var decided = decide(said, Overlays.CLEAR, granted);
            assertThat(decided.reason()).isEqualTo(IN_POSSIBLE_STOP);
            assertThat(decided.flags()).contains(Flag.HOLD_PROACTIVE);
            assertThat(decided.steps()).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "CON-10, CON-12, table 2.1: under a picture and in a piece of a text a STOP is for a"
                    + " human to read, a data request is one, and nothing else is read")
    void hearsRefusalsAndRequestsInCaptions() {
        var pending = in(ConsentState.PENDING);

        for (var said : List.of("STOP", "bitte keine Nachrichten mehr")) {
            var decided = decide(caption(said), Overlays.CLEAR, pending);
            assertThat(decided.reason()).as(said).isEqualTo(IN_POSSIBLE_STOP);
            assertThat(decided.flags()).as(said).contains(Flag.HOLD_PROACTIVE);
            assertThat(decided.steps()).as(said).isEmpty();
        }
        var request = decide(caption("Bitte löschen Sie meine Daten"), Overlays.CLEAR, pending);
        assertThat(request.reason()).isEqualTo(IN_DSR);
        assertThat(request.flags()).contains(Flag.DATA_REQUEST);
        for (var said : List.of("Ja", "Nein", "Start", "Hilfe", "kündigen")) {
            var decided = decide(caption(said), Overlays.CLEAR, pending);
            assertThat(decided.reason()).as(said).isEqualTo(IN_OK_PENDING);
            assertThat(decided.flags()).as(said).isEmpty();
        }
        for (var passedOn : List.of(text("STOP").forwarded(), caption("STOP").forwarded())) {
            assertThat(decide(passedOn, Overlays.CLEAR, pending).reason()).isEqualTo(IN_OK_PENDING);
        }
    }

    @Test
    @DisplayName(
            "DSR-7, CON-12: a request that is not clear, or a part of what was said, goes to a human as well; an"
                    + " objection holds what is proactive as any other near-STOP does")
    void tellsClearRequestsFromOthers() {
        var granted = in(ConsentState.GRANTED);

        for (var unclear :
                List.of(
                        text("Bitte löschen Sie meine Daten nicht"),
                        text("Wie kann ich meine Daten löschen?"),
                        caption("Bitte löschen Sie meine Daten"))) {
            var decided = decide(unclear, Overlays.CLEAR, granted);
            assertThat(decided.reason()).isEqualTo(IN_DSR);
            assertThat(decided.flags())
                    .containsExactlyInAnyOrder(Flag.DATA_REQUEST, Flag.HUMAN_NEEDED);
        }
        for (var clear :
                List.of(
                        text("Bitte löschen Sie meine Daten"),
                        button("Daten löschen", "x"),
                        caption("Auskunft über meine Daten"))) {
            assertThat(decide(clear, Overlays.CLEAR, granted).flags())
                    .containsExactly(Flag.DATA_REQUEST);
        }
        assertThat(
                        decide(
                                        text("Ich widerspreche der Verarbeitung meiner Daten"),
                                        Overlays.CLEAR,
                                        granted)
                                .flags())
                .containsExactlyInAnyOrder(Flag.DATA_REQUEST, Flag.HOLD_PROACTIVE);
    }

    @Test
    @DisplayName(
            "CON-10: what asks for rights in a group opens no request, and goes to a human in every"
                    + " state")
    void asksAHumanAboutARequestInAGroup() {
        for (var overlays : List.of(Overlays.CLEAR, Overlays.CLEAR.withRestricted(true))) {
            var decided = decide(text("Auskunft").inAGroup(), overlays, in(ConsentState.GRANTED));
            assertThat(decided.decision()).isEqualTo(InboundDecision.Decision.ACCEPT);
            assertThat(decided.reason()).isEqualTo(IN_DSR);
            assertThat(decided.flags()).containsExactly(Flag.HUMAN_NEEDED);
        }
    }

    @Test
    @DisplayName(
            "T8: a STOP reaches what is on record from a purpose that is off, and leaves a record"
                    + " where no purpose is pursued")
    void stopsWhatIsNotPursued() {
        var off = in(ConsentState.GRANTED);
        var context = new InboundContext(List.of(), List.of(off), Overlays.CLEAR, false, null);

        var decided = FILTER.decide(text("Stopp").message(), context);

        assertThat(apply(off, Overlays.CLEAR, decided).record().state())
                .isEqualTo(ConsentState.WITHDRAWN);
        assertThat(decided.record()).isEqualTo(off.id());
        assertThat(FILTER.decide(text("Guten Tag").message(), context).record()).isNull();
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
        var stopped = stoppedBy(SuppressionSource.SUBJECT);

        var decided = decide(text("Start"), stopped, withdrawn, marketing);

        assertThat(decided.steps())
                .extracting(InboundDecision.Step::record)
                .containsExactly(RECORD);
        assertThat(apply(withdrawn, stopped, decided).record().state())
                .isEqualTo(ConsentState.REQUESTED);
    }

    @Test
    @DisplayName("CON-15: the provider's own reading counts beside ours")
    void mirrorsTheProvidersReading() {
        var record = in(ConsentState.GRANTED);
        var stoppedByProvider = stoppedBy(SuppressionSource.PROVIDER);
        var stop = text("fini").readByTheProviderAs(ProviderPreference.STOP);
        var start = text("YES").readByTheProviderAs(ProviderPreference.START);

        var stopped = decide(stop, Overlays.CLEAR, record);
        var started = decide(start, stoppedByProvider, none());

        assertThat(stopped.reason()).isEqualTo(IN_STOP);
        assertThat(apply(record, Overlays.CLEAR, stopped).overlays().active())
                .extracting(Suppression::source)
                .containsExactly(SuppressionSource.SUBJECT, SuppressionSource.PROVIDER);
        assertThat(apply(none(), stoppedByProvider, started).overlays().active()).isEmpty();
        assertThat(apply(none(), stoppedByProvider, started).record().state())
                .isEqualTo(ConsentState.NONE);
    }

    @Test
    @DisplayName(
            "T10, CON-7: on Apple whatever the person writes lifts the block, if it is newer;"
                    + " elsewhere it does not, and nothing is granted")
    void liftsAtAnythingNewOnApple() {
        var record = in(ConsentState.GRANTED);
        var blocked = Standing.of(record).after(optOut(5, SuppressionScope.ALL));
        var hello = text("Guten Tag");

        var again = after(blocked, hello.over(Channel.APPLE));

        assertThat(again.overlays().active()).isEmpty();
        assertThat(again.record().state()).isEqualTo(ConsentState.WITHDRAWN);
        for (var other :
                List.of(
                        text("Guten Tag").over(Channel.APPLE).at(4),
                        text("Guten Tag").over(Channel.APPLE).at(5),
                        text("Guten Tag").over(Channel.WHATSAPP),
                        text("Guten Tag").over(Channel.TELEGRAM))) {
            assertThat(after(blocked, other).overlays().active())
                    .extracting(Suppression::source)
                    .contains(SuppressionSource.PROVIDER);
        }
        assertThat(decide(text("Guten Tag").over(Channel.APPLE), Overlays.CLEAR, record).steps())
                .as("nothing to lift, nothing to prove")
                .isEmpty();
        for (var refused :
                List.of(
                        after(blocked.after(stop(6)), text("Hallo").over(Channel.APPLE)),
                        after(blocked, text("Stop").over(Channel.APPLE)))) {
            assertThat(refused.overlays().active())
                    .extracting(Suppression::source)
                    .containsExactly(SuppressionSource.SUBJECT);
        }
    }

    private static Standing after(Standing standing, Written written) {
        var decided = decide(written, standing.overlays(), standing.record());
        return apply(standing.record(), standing.overlays(), decided);
    }

    @Test
    @DisplayName("T7: a late Ja leads to a new prompt and is passed on")
    void asksAgainAfterALateYes() {
        var expired = in(ConsentState.EXPIRED);
        var late = text("Ja").at(9 * 86_400);

        var decided = decide(late, Overlays.CLEAR, expired);

        assertThat(decided.reason()).isEqualTo(IN_OK_NO_GRANT);
        assertThat(apply(expired, Overlays.CLEAR, decided).record().state())
                .isEqualTo(ConsentState.REQUESTED);
    }

    @Test
    void writesNoWordOfAPersonIntoText() {
        assertThat(text("Wann ist mein Termin?").message().toString())
                .doesNotContain("Termin")
                .doesNotContain(ADDRESS.toString());
    }
}
