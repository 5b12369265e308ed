package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutboundCheckTest {

    @ParameterizedTest
    @EnumSource(value = OutboundReason.class, mode = EnumSource.Mode.EXCLUDE, names = "OUT_OK")
    @DisplayName("FLT-3: before the denial everything passed, behind it nothing was asked")
    void onlyOneCheckDenies(OutboundReason reason) {
        OutboundCheck denied = OutboundCheck.of(reason);

        for (OutboundCheck check : OutboundCheck.values()) {
            assertThat(check.in(reason))
                    .isEqualTo(
                            check == denied
                                    ? OutboundCheck.Answer.DENIED
                                    : check.ordinal() < denied.ordinal()
                                            ? OutboundCheck.Answer.PASSED
                                            : OutboundCheck.Answer.NOT_ASKED);
        }
    }
}
