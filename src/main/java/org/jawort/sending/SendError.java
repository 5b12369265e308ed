package org.jawort.sending;

/**
 * Why a message was not sent.
 *
 * @param code one of the hub's words, as in {@code message.status} events, or {@code
 *     authentication} and {@code unsupported}, which only sending knows
 * @param providerCode the provider's own code, {@code null} if it gave none
 * @param detail the provider's words, {@code null} if none; may hold the person's address, so it is
 *     kept where content is kept and never logged
 */
public record SendError(String code, String providerCode, String detail) {

    /** Without the detail (LOG-1). */
    @Override
    public String toString() {
        return providerCode == null ? code : code + " (" + providerCode + ")";
    }
}
