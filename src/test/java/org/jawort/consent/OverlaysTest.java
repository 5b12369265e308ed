package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.RULES;
import static org.jawort.consent.Consents.at;
import static org.jawort.consent.Consents.in;
import static org.jawort.consent.Consents.stop;
import static org.jawort.consent.Consents.time;

import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OverlaysTest {

    @Test
    @DisplayName(
            "CON-7: of a refusal and a lift at the same instant the refusal wins, in either order")
    void keepsASuppressionOnATie() {
        var scope = SuppressionScope.ALL;
        var source = SuppressionSource.PROVIDER;

        var liftedLast = Overlays.CLEAR.suppress(scope, source, at(5)).lift(scope, source, at(5));
        var liftedFirst = Overlays.CLEAR.lift(scope, source, at(5)).suppress(scope, source, at(5));
        var liftedLater = Overlays.CLEAR.lift(scope, source, at(6)).suppress(scope, source, at(5));

        assertThat(liftedLast.active()).hasSize(1);
        assertThat(liftedFirst).isEqualTo(liftedLast);
        assertThat(liftedLater.active()).isEmpty();
    }

    @Test
    @DisplayName(
            "CON-12: a human decides about what was nearly a STOP; a withdrawal of everything said"
                    + " afterwards leaves nothing to decide, one of a single purpose does")
    void aHumanDecidesAboutANearStop() {
        var held = Overlays.CLEAR.withPossibleWithdrawal(at(7));
        var decided = new ConsentEvent.PossibleWithdrawalDecided(time(9));
        var ofOnePurpose =
                new ConsentEvent.Stop(
                        time(9), ConsentEvent.Stop.Route.API, Set.of(Purpose.NOTIFICATION), false);

        assertThat(heldAfter(held, decided)).isNull();
        assertThat(heldAfter(held, stop(9))).isNull();
        assertThat(heldAfter(held.withPossibleWithdrawal(at(9)), stop(8)))
                .as("of two the STOP came before the second")
                .isEqualTo(at(7));
        assertThat(heldAfter(held, stop(6))).isEqualTo(at(7));
        assertThat(heldAfter(held, ofOnePurpose)).isEqualTo(at(7));
        assertThat(
                        ConsentStateMachine.apply(
                                in(ConsentState.GRANTED), Overlays.CLEAR, decided, RULES))
                .isEqualTo(new Outcome.Unchanged(Outcome.Unchanged.Why.NOTHING_OPEN));
    }

    private static Instant heldAfter(Overlays held, ConsentEvent event) {
        var outcome = ConsentStateMachine.apply(in(ConsentState.GRANTED), held, event, RULES);
        return ((Outcome.Moved) outcome).overlays().possibleWithdrawalSince();
    }
}
