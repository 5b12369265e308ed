package org.jawort.intake;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM as Tink lays it out without a prefix: nonce (12 bytes, random), ciphertext, tag (16
 * bytes). Tink's own keeps a random source and a cipher per thread, and makes each request's
 * virtual thread look for a security provider through the whole class path.
 */
final class AesGcm implements Aead {

    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * The one Java would choose: looking for it again at each request takes longer than the cipher.
     */
    private static final Provider PROVIDER = provider();

    private final SecretKeySpec key;

    /**
     * @param key 32 bytes
     */
    AesGcm(byte[] key) {
        if (key.length != 32) {
            throw new IllegalArgumentException("a key has 32 bytes, not " + key.length);
        }
        this.key = new SecretKeySpec(key, "AES");
    }

    @Override
    public byte[] encrypt(byte[] plain, byte[] associatedData) throws GeneralSecurityException {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, 0, associatedData);
        byte[] sealed = new byte[NONCE_BYTES + plain.length + TAG_BYTES];
        System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
        cipher.doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
        return sealed;
    }

    @Override
    public byte[] decrypt(byte[] sealed, byte[] associatedData) throws GeneralSecurityException {
        if (sealed.length < NONCE_BYTES + TAG_BYTES) {
            throw new GeneralSecurityException("too short");
        }
        return cipher(Cipher.DECRYPT_MODE, sealed, 0, associatedData)
                .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    }

    private Cipher cipher(int mode, byte[] nonce, int from, byte[] associatedData)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(ALGORITHM, PROVIDER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, nonce, from, NONCE_BYTES));
        cipher.updateAAD(associatedData);
        return cipher;
    }

    private static Provider provider() {
        try {
            return Cipher.getInstance(ALGORITHM).getProvider();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is missing from this Java runtime", e);
        }
    }
}
