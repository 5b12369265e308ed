package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.consent.Consents.at;

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
}
