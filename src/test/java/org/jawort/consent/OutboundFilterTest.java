package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;
import static org.jawort.consent.OutboundReason.*;

import java.util.List;
import org.jawort.consent.Consents.Standing;
import org.jawort.consent.OutboundAttempt.Gates;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What denies a message beside the table of purposes and states, and in which order. */
class OutboundFilterTest {

    @Test
    @DisplayName("FLT-3: the first denial wins, in the fixed order")
    void deniesInTheFixedOrder() {
        var record = in(ConsentState.NONE, Purpose.MARKETING);
        var overlays =
                Overlays.CLEAR
                        .withErasureRunning(true)
                        .withRestricted(true)
                        .suppress(SuppressionScope.ALL, SuppressionSource.TENANT, T0)
                        .suppress(SuppressionScope.MARKETING, SuppressionSource.TENANT, T0)
                        .withPossibleWithdrawal(T0);
        var tenantOnlyMarketing =
                Overlays.CLEAR
                        .suppress(SuppressionScope.MARKETING, SuppressionSource.TENANT, T0)
                        .withPossibleWithdrawal(T0);
        var all =
                new Attempt(Purpose.MARKETING, record)
                        .overlays(overlays)
                        .window(new ChannelWindow.Closed(OUT_WINDOW_CLOSED));
        var granted = in(ConsentState.GRANTED, Purpose.MARKETING);

        assertThat(
                        List.of(
                                all.gates(new Gates(false, false, false, false, false, false, true))
                                        .reason(),
                                all.gates(new Gates(true, false, false, false, false, false, true))
                                        .reason(),
                                all.gates(new Gates(true, true, false, false, false, false, true))
                                        .reason(),
                                all.gates(new Gates(true, true, true, false, false, false, true))
                                        .reason(),
                                all.overlays(overlays.withErasureRunning(false)).reason(),
                                all.overlays(
                                                overlays.withErasureRunning(false)
                                                        .withRestricted(false))
                                        .reason(),
                                all.overlays(tenantOnlyMarketing).reason(),
                                all.overlays(Overlays.CLEAR.withPossibleWithdrawal(T0)).reason(),
                                all.overlays(Overlays.CLEAR)
                                        .gates(
                                                new Gates(
                                                        true, true, true, false, false, false,
                                                        true))
                                        .reason(),
                                all.overlays(Overlays.CLEAR)
                                        .gates(
                                                new Gates(
                                                        true, true, true, false, true, false, true))
                                        .reason(),
                                all.overlays(Overlays.CLEAR)
                                        .record(granted)
                                        .gates(
                                                new Gates(
                                                        true, true, true, false, true, false, true))
                                        .reason(),
                                all.overlays(Overlays.CLEAR)
                                        .record(granted)
                                        .gates(new Gates(true, true, true, true, true, false, true))
                                        .reason(),
                                all.overlays(Overlays.CLEAR)
                                        .record(granted)
                                        .gates(new Gates(true, true, true, true, true, true, true))
                                        .reason(),
                                all.overlays(Overlays.CLEAR)
                                        .record(granted)
                                        .window(Attempt.OPEN)
                                        .gates(new Gates(true, true, true, true, true, true, true))
                                        .reason()))
                .containsExactly(
                        OUT_STORE_UNAVAILABLE,
                        OUT_SENDER_INACTIVE,
                        OUT_RESIDENCY,
                        OUT_ERASURE,
                        OUT_RESTRICTED,
                        OUT_SUPPRESSED,
                        OUT_SUPPRESSED_MARKETING,
                        OUT_HELD_POSSIBLE_STOP,
                        OUT_MARKETING_OFF,
                        OUT_NO_BASIS,
                        OUT_NO_PLATFORM_OPTIN,
                        OUT_NOTICE_MISSING,
                        OUT_WINDOW_CLOSED,
                        OUT_SENSITIVE_CONTENT);
    }

    @Test
    @DisplayName(
            "FLT-4: RECONSENT_DUE, and PENDING reached from it, is granted in grace and expired after, plus one prompt")
    void coversTheOldTextDuringGrace() {
        var due =
                in(ConsentState.GRANTED)
                        .change()
                        .state(ConsentState.RECONSENT_DUE, at(10))
                        .reconsentDue(at(2_000), at(90_000))
                        .build();
        var pending =
                after(
                        due,
                        new ConsentEvent.PromptOffered(
                                time(20), "p2", ADDRESS, "de", "prompt-v4", false),
                        new ConsentEvent.PromptAccepted(time(21), "p2"));

        assertThat(new Attempt(Purpose.NOTIFICATION, due).reason()).isEqualTo(OUT_OK);
        assertThat(new Attempt(Purpose.NOTIFICATION, due).decision().textVersion())
                .isEqualTo("prompt-v3");
        assertThat(new Attempt(Purpose.NOTIFICATION, due).now(at(2_000)).reason())
                .isEqualTo(OUT_NO_BASIS);
        assertThat(new Attempt(Purpose.NOTIFICATION, pending).reason()).isEqualTo(OUT_OK);
        assertThat(new Attempt(Purpose.NOTIFICATION, pending).now(at(2_000)).reason())
                .isEqualTo(OUT_NO_BASIS);
        assertThat(new Attempt(Purpose.CONSENT_PROMPT, due).reason()).isEqualTo(OUT_OK);
        assertThat(new Attempt(Purpose.CONSENT_PROMPT, pending).reason())
                .isEqualTo(OUT_PROMPT_LIMIT);
    }

    @Test
    @DisplayName("FLT-4: what passes SUPPRESSED(ALL)")
    void letsFewThingsPassASuppression() {
        var stopped = Standing.of(in(ConsentState.GRANTED)).after(stop(500));
        var recaptured = stopped.after(captured(600));
        var optedOut =
                new Standing(
                        recaptured.record(),
                        recaptured
                                .overlays()
                                .suppress(
                                        SuppressionScope.ALL, SuppressionSource.PROVIDER, at(550)));
        var support =
                new Attempt(
                                Purpose.SUPPORT_REPLY,
                                in(ConsentState.WITHDRAWN, Purpose.SUPPORT_REPLY))
                        .overlays(stopped.overlays());

        assertThat(new Attempt(Purpose.OPTOUT_CONFIRM, stopped).reason()).isEqualTo(OUT_OK);
        assertThat(new Attempt(Purpose.PRIVACY_NOTICE, stopped).reason()).isEqualTo(OUT_SUPPRESSED);
        assertThat(new Attempt(Purpose.NOTIFICATION, stopped).reason()).isEqualTo(OUT_SUPPRESSED);
        assertThat(support.lastInbound(at(500)).reason()).isEqualTo(OUT_SUPPRESSED);
        assertThat(support.lastInbound(at(501)).reason()).isEqualTo(OUT_OK);
        assertThat(new Attempt(Purpose.CONSENT_PROMPT, recaptured).reason()).isEqualTo(OUT_OK);
        assertThat(new Attempt(Purpose.CONSENT_PROMPT, optedOut).reason())
                .isEqualTo(OUT_SUPPRESSED);
        assertThat(new Attempt(Purpose.DSR_REPLY, optedOut).decision().obligations())
                .containsExactlyInAnyOrder(
                        OutboundDecision.Obligation.NO_PERSONAL_DATA_IN_CHAT,
                        OutboundDecision.Obligation.USE_OTHER_ROUTE);
    }

    @Test
    @DisplayName("FLT-4: a prompt passes only if the person asked for it after the refusal")
    void promptsNobodyWhoRefusedSinceTheyAsked() {
        var requested = in(ConsentState.REQUESTED);
        var refusedSince =
                Overlays.CLEAR.suppress(SuppressionScope.ALL, SuppressionSource.SUBJECT, at(500));

        assertThat(new Attempt(Purpose.CONSENT_PROMPT, requested).overlays(refusedSince).reason())
                .isEqualTo(OUT_SUPPRESSED);
    }

    @Test
    @DisplayName("table 2.2 MARKETING: on a consent and on nothing else")
    void advertisesOnNoOtherBasis() {
        var active =
                none(Purpose.MARKETING, Basis.LEGAL_INTEREST)
                        .change()
                        .state(ConsentState.LI_ACTIVE, T0)
                        .build();
        var granted =
                none(Purpose.MARKETING, Basis.CONTRACT)
                        .change()
                        .state(ConsentState.GRANTED, T0)
                        .addressId(ADDRESS)
                        .granted("m-v1", T0, at(100_000))
                        .build();

        assertThat(new Attempt(Purpose.MARKETING, active).reason()).isEqualTo(OUT_NO_BASIS);
        assertThat(new Attempt(Purpose.MARKETING, granted).reason()).isEqualTo(OUT_NO_BASIS);
    }

    @Test
    @DisplayName("FLT-4: erasure and restriction let only the answer to a request pass")
    void answersRequestsUnderErasureAndRestriction() {
        for (var overlays :
                List.of(
                        Overlays.CLEAR.withErasureRunning(true),
                        Overlays.CLEAR.withRestricted(true))) {
            for (var purpose : Purpose.values()) {
                var record =
                        in(
                                ConsentState.GRANTED,
                                purpose.hasRecord() ? purpose : Purpose.NOTIFICATION);

                var isAllowed =
                        new Attempt(purpose, record).overlays(overlays).decision().isAllowed();

                assertThat(isAllowed).as("%s", purpose).isEqualTo(purpose == Purpose.DSR_REPLY);
            }
        }
    }

    @Test
    @DisplayName("FLT-5: unknown denies, a missing notice obliges")
    void deniesWhatItDoesNotKnow() {
        var granted = new Attempt(Purpose.NOTIFICATION, in(ConsentState.GRANTED));
        var noNotice = granted.gates(new Gates(true, true, true, true, true, false, false));

        assertThat(new Attempt(null, in(ConsentState.GRANTED)).reason()).isEqualTo(OUT_UNKNOWN);
        assertThat(granted.record(null).reason()).isEqualTo(OUT_UNKNOWN);
        assertThat(granted.channel(null).reason()).isEqualTo(OUT_UNKNOWN);
        assertThat(granted.channel(Channel.SMS).reason()).isEqualTo(OUT_UNKNOWN);
        assertThat(granted.window(null).reason()).isEqualTo(OUT_UNKNOWN);
        assertThat(granted.overlays(null).reason()).isEqualTo(OUT_UNKNOWN);
        assertThat(granted.record(in(ConsentState.GRANTED, Purpose.AUTHENTICATION)).reason())
                .isEqualTo(OUT_UNKNOWN);
        assertThat(noNotice.reason()).isEqualTo(OUT_NOTICE_MISSING);
        assertThat(noNotice.decision().obligations())
                .containsExactly(OutboundDecision.Obligation.SEND_NOTICE_FIRST);
        assertThat(Purpose.of("NEWSLETTER")).isEmpty();
    }

    @Test
    @DisplayName("CON-8, T12: a grant holds for its address and its time, written down or not")
    void holdsAGrantToItsAddressAndTime() {
        var granted = new Attempt(Purpose.NOTIFICATION, in(ConsentState.GRANTED));

        assertThat(granted.address(OTHER_ADDRESS).reason()).isEqualTo(OUT_NO_BASIS);
        assertThat(granted.now(at(800L * 86_400)).reason()).isEqualTo(OUT_NO_BASIS);
    }
}
