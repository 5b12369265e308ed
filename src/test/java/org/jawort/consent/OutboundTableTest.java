package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.*;
import static org.jawort.consent.OutboundReason.*;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Table 2.2: which purpose may be served in which state. */
class OutboundTableTest {

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
}
