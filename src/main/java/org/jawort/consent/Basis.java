package org.jawort.consent;

/**
 * Legal basis of a purpose, fixed per tenant before its first use (CON-5, GDPR Art. 6(1)(a), (b),
 * (f)).
 */
public enum Basis {
    CONSENT,
    CONTRACT,
    LEGAL_INTEREST;

    /**
     * The state a refusal leads to: withdrawn consent (Art. 7(3)), or an objection for the two
     * bases that asked nobody (Art. 21).
     */
    ConsentState refused() {
        return this == CONSENT ? ConsentState.WITHDRAWN : ConsentState.OBJECTED;
    }
}
