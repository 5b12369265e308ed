package org.jawort.vault;

import java.security.GeneralSecurityException;

/**
 * Who keeps the key that tenant keys are encrypted under, in the shape of a key management service:
 * the key stays with the custodian, what is wrapped goes there and back. Asked when the hub starts
 * and when a key is replaced, never for a message.
 */
public interface KeyCustodian {

    /** As the tenant file writes it, such as {@code pkcs11:autohaus-muster}; never a secret. */
    String name();

    /**
     * @param associatedData must be the same to unwrap
     * @throws GeneralSecurityException if the custodian refuses or cannot be reached
     */
    byte[] wrap(byte[] plain, byte[] associatedData) throws GeneralSecurityException;

    /**
     * @throws GeneralSecurityException if this was not wrapped by this custodian and for this
     *     place, or the custodian cannot be reached
     */
    byte[] unwrap(byte[] wrapped, byte[] associatedData) throws GeneralSecurityException;
}
