package org.jawort.vault;

import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Hkdf;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** A key that this process holds itself, from a file, a variable or the root key. */
final class LocalCustodian implements KeyCustodian {

    private final String name;
    private final AesGcmJce aead;

    /**
     * @param key 32 bytes
     */
    LocalCustodian(String name, byte[] key) {
        this.name = name;
        try {
            this.aead = new AesGcmJce(key);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** What the root key wraps for one tenant. */
    static LocalCustodian ofRoot(RootKey root, String tenant) {
        try {
            return new LocalCustodian(
                    Custodians.ROOT,
                    Hkdf.computeHkdf(
                            "HMACSHA256",
                            root.bytes(),
                            "jawort.v1".getBytes(StandardCharsets.UTF_8),
                            (tenant + "|CUSTODY").getBytes(StandardCharsets.UTF_8),
                            32));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] wrap(byte[] plain, byte[] associatedData) throws GeneralSecurityException {
        return aead.encrypt(plain, associatedData);
    }

    @Override
    public byte[] unwrap(byte[] wrapped, byte[] associatedData) throws GeneralSecurityException {
        return aead.decrypt(wrapped, associatedData);
    }

    @Override
    public String toString() {
        return "LocalCustodian[" + name + "]";
    }
}
