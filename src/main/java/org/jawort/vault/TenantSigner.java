package org.jawort.vault;

import com.google.crypto.tink.subtle.Ed25519Sign;
import com.google.crypto.tink.subtle.Ed25519Verify;
import java.security.GeneralSecurityException;
import org.jawort.vault.TenantKeys.Use;

/**
 * Signs for a tenant, Ed25519 (RFC 8032). The key pair is derived from the root key, so each node
 * has it and it is nowhere stored.
 */
public final class TenantSigner {

    private final TenantKeys keys;

    public TenantSigner(TenantKeys keys) {
        this.keys = keys;
    }

    /** 32 bytes, as RFC 8032 writes them. */
    public byte[] publicKey(String tenant) {
        return keyPair(tenant).getPublicKey();
    }

    /**
     * @return 64 bytes
     */
    public byte[] sign(String tenant, byte[] message) {
        try {
            return new Ed25519Sign(keyPair(tenant).getPrivateKey()).sign(message);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Whether this is the key's signature of the message; {@code false} also for no key at all. */
    public static boolean isSigned(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            new Ed25519Verify(publicKey).verify(signature, message);
            return true;
        } catch (GeneralSecurityException | IllegalArgumentException forged) {
            return false;
        }
    }

    private Ed25519Sign.KeyPair keyPair(String tenant) {
        try {
            return Ed25519Sign.KeyPair.newKeyPairFromSeed(keys.seed(tenant, Use.ANCHOR));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
