package org.jawort.vault;

import com.google.crypto.tink.Aead;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.UUID;

/** Seals and opens what belongs to one subject. */
public final class SubjectKey {

    private final String tenant;
    private final UUID subject;
    private final Aead aead;

    SubjectKey(String tenant, UUID subject, Aead aead) {
        this.tenant = tenant;
        this.subject = subject;
        this.aead = aead;
    }

    /**
     * @param field name of the column the ciphertext goes to; it opens under no other
     * @param plain {@code null} gives {@code null}
     */
    public byte[] seal(String field, byte[] plain) {
        if (plain == null) {
            return null;
        }
        try {
            return aead.encrypt(plain, associatedData(field));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * @throws Undecipherable if this ciphertext was not sealed for this tenant, subject and field,
     *     or its key was destroyed
     */
    public byte[] open(String field, byte[] sealed) {
        if (sealed == null) {
            return null;
        }
        try {
            return aead.decrypt(sealed, associatedData(field));
        } catch (GeneralSecurityException notOurs) {
            throw new Undecipherable(field, notOurs);
        }
    }

    /**
     * Seals anew under another key of the same subject.
     *
     * @param sealed {@code null} gives {@code null}
     * @throws Undecipherable as {@link #open}
     */
    public byte[] reseal(String field, byte[] sealed, SubjectKey under) {
        return under.seal(field, open(field, sealed));
    }

    private byte[] associatedData(String field) {
        return (tenant + "|" + subject + "|" + field + "|1").getBytes(StandardCharsets.UTF_8);
    }
}
