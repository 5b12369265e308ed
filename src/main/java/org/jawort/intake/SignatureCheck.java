package org.jawort.intake;

/** The outcome of a signature check. */
public sealed interface SignatureCheck {

    record Authentic() implements SignatureCheck {}

    /**
     * Wrong, malformed, too old, or missing where the provider always signs.
     *
     * @param reason a fixed word for metrics, such as {@code signature} or {@code payload_hash};
     *     never a value of the request
     */
    record Forged(String reason) implements SignatureCheck {}

    /**
     * Not signed by a provider that is known to forget it and to try again after a 5xx, then
     * signed.
     */
    record Unsigned() implements SignatureCheck {}
}
