package org.jawort.vault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * A token behind PKCS #11: a hardware security module, or SoftHSM where there is none. Its keys are
 * used in it (mechanism {@code CKM_AES_GCM}) and never leave it.
 */
public final class Pkcs11Token {

    private static final int IV = 12;
    private static final int TAG_BITS = 128;

    private final Provider provider;
    private final KeyStore keys;
    private final SecureRandom random = new SecureRandom();

    private Pkcs11Token(Provider provider, KeyStore keys) {
        this.provider = provider;
        this.keys = keys;
    }

    /**
     * Logs in.
     *
     * @param library the vendor's shared library, absolute
     * @param slot number of the slot; empty for the first that holds a token
     * @param pin of the user
     * @throws IllegalStateException with one line that says what to mend
     */
    public static Pkcs11Token open(String library, String slot, String pin) {
        if (library == null || library.isBlank() || !Files.isReadable(Path.of(library))) {
            throw new IllegalStateException(
                    "a tenant's key is in a PKCS #11 token, and JAWORT_PKCS11_LIBRARY '"
                            + (library == null ? "" : library)
                            + "' is no readable file; name the shared library of the token");
        }
        try {
            Provider provider =
                    Security.getProvider("SunPKCS11")
                            .configure(
                                    "--name = jawort\nlibrary = \""
                                            + library
                                            + "\"\n"
                                            + (slot == null || slot.isBlank()
                                                    ? "slotListIndex = 0"
                                                    : "slot = " + slot));
            KeyStore keys = KeyStore.getInstance("PKCS11", provider);
            keys.load(null, pin == null ? new char[0] : pin.toCharArray());
            return new Pkcs11Token(provider, keys);
        } catch (IOException | GeneralSecurityException wrongPin) {
            throw new IllegalStateException(
                    "the PKCS #11 token does not let the hub in: "
                            + reason(wrongPin)
                            + "; check JAWORT_PKCS11_PIN or JAWORT_PKCS11_PIN_FILE",
                    wrongPin);
        } catch (InvalidParameterException | ProviderException noToken) {
            throw new IllegalStateException(
                    "there is no PKCS #11 token to use: "
                            + reason(noToken)
                            + "; check JAWORT_PKCS11_LIBRARY and JAWORT_PKCS11_SLOT",
                    noToken);
        }
    }

    /**
     * @param name of the custodian
     * @param label of an AES key in the token
     * @throws IllegalStateException with one line that says what to mend, if it cannot be used
     */
    KeyCustodian custodian(String name, String label) {
        try {
            Key key = keys.getKey(label, null);
            if (!(key instanceof SecretKey secret) || !key.getAlgorithm().equals("AES")) {
                throw new IllegalStateException(
                        "the PKCS #11 token has no AES key labelled '"
                                + label
                                + "'; make one, or name another in the tenant file");
            }
            Wrapping wrapping = new Wrapping(name, secret);
            byte[] probe = new byte[32];
            wrapping.unwrap(wrapping.wrap(probe, probe), probe);
            return wrapping;
        } catch (GeneralSecurityException refused) {
            throw new IllegalStateException(
                    "the PKCS #11 token does not encrypt with the key labelled '"
                            + label
                            + "': "
                            + reason(refused)
                            + "; it must allow CKM_AES_GCM",
                    refused);
        }
    }

    /** The root of it is what tells: {@code CKR_PIN_INCORRECT} and the like. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }

    /** The wrapped form is the nonce, 12 bytes, and the ciphertext with its tag. */
    private final class Wrapping implements KeyCustodian {

        private final String name;
        private final SecretKey key;

        Wrapping(String name, SecretKey key) {
            this.name = name;
            this.key = key;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public byte[] wrap(byte[] plain, byte[] associatedData) throws GeneralSecurityException {
            byte[] iv = new byte[IV];
            random.nextBytes(iv);
            byte[] sealed = run(Cipher.ENCRYPT_MODE, iv, associatedData, plain, 0);
            return ByteBuffer.allocate(IV + sealed.length).put(iv).put(sealed).array();
        }

        @Override
        public byte[] unwrap(byte[] wrapped, byte[] associatedData)
                throws GeneralSecurityException {
            if (wrapped.length <= IV + TAG_BITS / 8) {
                throw new GeneralSecurityException("too short for a wrapped key");
            }
            byte[] iv = new byte[IV];
            System.arraycopy(wrapped, 0, iv, 0, IV);
            return run(Cipher.DECRYPT_MODE, iv, associatedData, wrapped, IV);
        }

        private byte[] run(int mode, byte[] iv, byte[] associatedData, byte[] input, int from)
                throws GeneralSecurityException {
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", provider);
                cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, iv));
                cipher.updateAAD(associatedData);
                return cipher.doFinal(input, from, input.length - from);
            } catch (ProviderException tokenFailed) {
                throw new GeneralSecurityException(tokenFailed);
            }
        }

        @Override
        public String toString() {
            return "Pkcs11[" + name + "]";
        }
    }
}
