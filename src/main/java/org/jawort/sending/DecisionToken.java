package org.jawort.sending;

import java.time.Instant;

/**
 * The proof that the consent filter allowed one message to one person a moment ago (FLT-2). Made
 * and checked by {@link DecisionGate} alone. On the exchange it is the property {@value #PROPERTY}.
 *
 * @param messageHash SHA-256 over the canonical document, hex
 * @param recipient keyed hash of channel, address and conversation, hex
 * @param expiresAt 60 s after the decision
 * @param mac HMAC-SHA-256 over the other three under a key of this process, hex
 */
public record DecisionToken(String messageHash, String recipient, Instant expiresAt, String mac) {

    public static final String PROPERTY = "jawort.send.decision";

    /** No hash and no MAC (LOG-1). */
    @Override
    public String toString() {
        return "DecisionToken[until " + expiresAt + "]";
    }
}
