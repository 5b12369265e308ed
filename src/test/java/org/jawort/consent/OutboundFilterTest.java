package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;
import static org.jawort.consent.OutboundReason.*;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jawort.consent.Consents.Standing;
import org.jawort.consent.OutboundAttempt.Gates;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OutboundFilterTest {

    private static final Instant NOW = at(1_000);
    private static final Gates OPEN_GATES = new Gates(true, true, true, true, true, true, false);
    private static final ChannelWindow OPEN = new ChannelWindow.Open(at(80_000));

    /**
     * Table 2.2: columns NONE, EXPIRED, DECLINED, REQUESTED, PENDING, GRANTED, WITHDRAWN, OBJECTED,
     * LI_ACTIVE.
     */
    private static final String TABLE =
            """
            SUPPORT_REPLY silent | C C C C C ok C C ok
            SUPPORT_REPLY wrote | ok ok ok ok ok ok ok ok ok
            NOTIFICATION | B B B P P ok W W ok
            MARKETING | B B B B B ok B - -
            AUTHENTICATION | A A A A A ok A A ok
            AUTHENTICATION triggered | ok ok ok ok ok ok ok ok ok
            CONSENT_PROMPT | L L L ok L L L L L
            PRIVACY_NOTICE | ok ok ok ok ok ok ok ok ok
            PRIVACY_NOTICE again | S S S S S S S S S
            OPTOUT_CONFIRM | ok ok ok ok ok ok ok ok ok
            OPTOUT_CONFIRM again | S S S S S S S S S
            DSR_REPLY | ok ok ok ok ok ok ok ok ok
            """;

    private static final List<ConsentState> COLUMNS =
            List.of(
                    ConsentState.NONE,
                    ConsentState.EXPIRED,
                    ConsentState.DECLINED,
                    ConsentState.REQUESTED,
                    ConsentState.PENDING,
                    ConsentState.GRANTED,
                    ConsentState.WITHDRAWN,
                    ConsentState.OBJECTED,
                    ConsentState.LI_ACTIVE);

    static Stream<Arguments> cells() {
        var cells = new ArrayList<Arguments>();
        for (var line : TABLE.lines().toList()) {
            var row = line.split(" \\| ");
            var codes = row[1].split(" ");
            for (int i = 0; i < codes.length; i++) {
                if (!codes[i].equals("-")) {
                    cells.add(Arguments.of(row[0], COLUMNS.get(i), code(codes[i])));
                }
            }
        }
        return cells.stream();
    }

    private static OutboundReason code(String code) {
        return switch (code) {
            case "ok" -> OUT_OK;
            case "C" -> OUT_NO_OPEN_CONVERSATION;
            case "B" -> OUT_NO_BASIS;
            case "P" -> OUT_PENDING;
            case "W" -> OUT_WITHDRAWN;
            case "A" -> OUT_AUTH_NOT_TRIGGERED;
            case "L" -> OUT_PROMPT_LIMIT;
            case "S" -> OUT_ALREADY_SENT;
            default -> throw new IllegalArgumentException(code);
        };
    }

    @ParameterizedTest(name = "table 2.2 {0} in {1}: {2}")
    @MethodSource("cells")
    void decidesEveryCellOfTheTable(String row, ConsentState state, OutboundReason reason) {
        var words = row.split(" ");
        var purpose = Purpose.valueOf(words[0]);
        var situation = words.length > 1 ? words[1] : "";
        var attempt =
                new Attempt(
                                purpose,
                                in(state, purpose.hasRecord() ? purpose : Purpose.NOTIFICATION))
                        .lastInbound(situation.equals("wrote") ? at(900) : null)
                        .authTriggered(situation.equals("triggered") ? at(900) : null)
                        .alreadySent(situation.equals("again"));

        assertThat(attempt.reason()).isEqualTo(reason);
    }

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
                                        .window(OPEN)
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
        var provider =
                recaptured
                        .overlays()
                        .suppress(SuppressionScope.ALL, SuppressionSource.PROVIDER, at(550));
        var support =
                new Attempt(
                                Purpose.SUPPORT_REPLY,
                                in(ConsentState.WITHDRAWN, Purpose.SUPPORT_REPLY))
                        .overlays(stopped.overlays());

        assertThat(
                        new Attempt(Purpose.OPTOUT_CONFIRM, stopped.record())
                                .overlays(stopped.overlays())
                                .reason())
                .isEqualTo(OUT_OK);
        assertThat(
                        new Attempt(Purpose.PRIVACY_NOTICE, stopped.record())
                                .overlays(stopped.overlays())
                                .reason())
                .isEqualTo(OUT_SUPPRESSED);
        assertThat(
                        new Attempt(Purpose.NOTIFICATION, stopped.record())
                                .overlays(stopped.overlays())
                                .reason())
                .isEqualTo(OUT_SUPPRESSED);
        assertThat(support.lastInbound(at(500)).reason()).isEqualTo(OUT_SUPPRESSED);
        assertThat(support.lastInbound(at(501)).reason()).isEqualTo(OUT_OK);
        assertThat(
                        new Attempt(Purpose.CONSENT_PROMPT, recaptured.record())
                                .overlays(recaptured.overlays())
                                .reason())
                .isEqualTo(OUT_OK);
        assertThat(
                        new Attempt(Purpose.CONSENT_PROMPT, recaptured.record())
                                .overlays(provider)
                                .reason())
                .isEqualTo(OUT_SUPPRESSED);
        assertThat(
                        new Attempt(Purpose.DSR_REPLY, recaptured.record())
                                .overlays(provider)
                                .decision()
                                .obligations())
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

    @Test
    @DisplayName(
            "table 2.2 CONSENT_PROMPT: once on their START in the open window, after a NO only when cooled down")
    void promptsOnInvitationInTheOpenWindow() {
        var invited = new Attempt(Purpose.CONSENT_PROMPT, none()).invited();
        var declined = new Attempt(Purpose.CONSENT_PROMPT, in(ConsentState.DECLINED)).invited();

        assertThat(invited.reason()).isEqualTo(OUT_OK);
        assertThat(invited.alreadySent(true).reason()).isEqualTo(OUT_PROMPT_LIMIT);
        assertThat(invited.window(new ChannelWindow.WithoutConversation()).reason())
                .isEqualTo(OUT_PROMPT_LIMIT);
        assertThat(declined.reason()).isEqualTo(OUT_PROMPT_LIMIT);
        assertThat(declined.now(Instant.parse("2027-05-23T10:00:02Z")).reason())
                .isEqualTo(OUT_PROMPT_LIMIT);
        assertThat(declined.now(Instant.parse("2027-05-23T10:00:03Z")).reason()).isEqualTo(OUT_OK);
    }

    @Test
    @DisplayName(
            "table 2.2 AUTHENTICATION: younger than 10 minutes; SUPPORT_REPLY: only in an open conversation")
    void boundsTriggersAndReplies() {
        var code = new Attempt(Purpose.AUTHENTICATION, none(Purpose.AUTHENTICATION, Basis.CONSENT));
        var reply =
                new Attempt(Purpose.SUPPORT_REPLY, none(Purpose.SUPPORT_REPLY, Basis.CONSENT))
                        .lastInbound(at(900));
        var afterStop =
                new Attempt(
                        Purpose.SUPPORT_REPLY, in(ConsentState.WITHDRAWN, Purpose.SUPPORT_REPLY));

        assertThat(code.authTriggered(at(401)).reason()).isEqualTo(OUT_OK);
        assertThat(code.authTriggered(at(400)).reason()).isEqualTo(OUT_AUTH_NOT_TRIGGERED);
        assertThat(code.authTriggered(at(1_001)).reason()).isEqualTo(OUT_AUTH_NOT_TRIGGERED);
        assertThat(reply.window(new ChannelWindow.WithoutConversation()).reason())
                .isEqualTo(OUT_NO_OPEN_CONVERSATION);
        assertThat(afterStop.lastInbound(at(4)).reason()).isEqualTo(OUT_NO_OPEN_CONVERSATION);
        assertThat(afterStop.lastInbound(at(5)).reason()).isEqualTo(OUT_OK);
    }

    private static final class Attempt {
        private Purpose purpose;
        private Channel channel = Channel.WHATSAPP;
        private UUID address = ADDRESS;
        private ConsentRecord record;
        private Overlays overlays = Overlays.CLEAR;
        private Gates gates = OPEN_GATES;
        private ChannelWindow window = OPEN;
        private Instant lastInbound;
        private Instant authTriggered;
        private boolean invited;
        private boolean alreadySent;
        private Instant now = NOW;

        Attempt(Purpose purpose, ConsentRecord record) {
            this.purpose = purpose;
            this.record = record;
        }

        OutboundDecision decision() {
            return OutboundFilter.decide(
                    new OutboundAttempt(
                            purpose,
                            channel,
                            address,
                            record,
                            overlays,
                            gates,
                            window,
                            lastInbound,
                            authTriggered,
                            invited,
                            false,
                            alreadySent),
                    RULES,
                    now);
        }

        OutboundReason reason() {
            return decision().reason();
        }

        Attempt channel(Channel value) {
            return copy(a -> a.channel = value);
        }

        Attempt address(UUID value) {
            return copy(a -> a.address = value);
        }

        Attempt record(ConsentRecord value) {
            return copy(a -> a.record = value);
        }

        Attempt overlays(Overlays value) {
            return copy(a -> a.overlays = value);
        }

        Attempt gates(Gates value) {
            return copy(a -> a.gates = value);
        }

        Attempt window(ChannelWindow value) {
            return copy(a -> a.window = value);
        }

        Attempt lastInbound(Instant value) {
            return copy(a -> a.lastInbound = value);
        }

        Attempt authTriggered(Instant value) {
            return copy(a -> a.authTriggered = value);
        }

        Attempt invited() {
            return copy(a -> a.invited = true);
        }

        Attempt alreadySent(boolean value) {
            return copy(a -> a.alreadySent = value);
        }

        Attempt now(Instant value) {
            return copy(a -> a.now = value);
        }

        private Attempt copy(Consumer<Attempt> change) {
            var copy = new Attempt(purpose, record);
            copy.channel = channel;
            copy.address = address;
            copy.overlays = overlays;
            copy.gates = gates;
            copy.window = window;
            copy.lastInbound = lastInbound;
            copy.authTriggered = authTriggered;
            copy.invited = invited;
            copy.alreadySent = alreadySent;
            copy.now = now;
            change.accept(copy);
            return copy;
        }
    }
}
