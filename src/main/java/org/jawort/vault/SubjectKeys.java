package org.jawort.vault;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.UUID;
import org.jawort.vault.TenantKeys.Use;

/**
 * The keyset of each subject: AES-256-GCM, stored wrapped under the tenant's key beside the
 * subject, never inside a ciphertext, so that destroying one row makes all of one person unreadable
 * (SEC-5). Opened keys are kept for at most a minute.
 */
public final class SubjectKeys {

    /** What is kept in the database for one subject and group. */
    public static final String ORDINARY = "ordinary";

    /** Of what law keeps after an erasure (SEC-3). */
    public static final String RETAINED = "retained";

    /** A fresh key with the bytes to store. */
    public record NewKey(SubjectKey key, byte[] wrapped) {}

    private record Slot(String tenant, UUID subject, String group) {}

    private final TenantKeys tenants;
    private final Cache<Slot, SubjectKey> open =
            Caffeine.newBuilder()
                    .maximumSize(20_000)
                    .expireAfterWrite(Duration.ofSeconds(60))
                    .build();

    public SubjectKeys(TenantKeys tenants) {
        this.tenants = tenants;
        try {
            AeadConfig.register();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public NewKey create(String tenant, UUID subject) {
        return create(tenant, subject, ORDINARY);
    }

    public NewKey create(String tenant, UUID subject, String group) {
        try {
            KeysetHandle keyset = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
            byte[] wrapped =
                    tenants.aead(tenant, Use.WRAP)
                            .encrypt(
                                    TinkProtoKeysetFormat.serializeKeyset(
                                            keyset, InsecureSecretKeyAccess.get()),
                                    associatedData(tenant, subject, group));
            return new NewKey(subjectKey(tenant, subject, keyset), wrapped);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * @param wrapped as stored
     * @throws Undecipherable if it was wrapped for another tenant, subject or root key
     */
    public SubjectKey open(String tenant, UUID subject, byte[] wrapped) {
        return open(tenant, subject, ORDINARY, wrapped);
    }

    /**
     * @param wrapped as stored
     * @throws Undecipherable if it was wrapped for another tenant, subject, group or root key
     */
    public SubjectKey open(String tenant, UUID subject, String group, byte[] wrapped) {
        Slot slot = new Slot(tenant, subject, group);
        SubjectKey cached = open.getIfPresent(slot);
        if (cached != null) {
            return cached;
        }
        try {
            byte[] plain =
                    tenants.aead(tenant, Use.WRAP)
                            .decrypt(wrapped, associatedData(tenant, subject, group));
            SubjectKey key =
                    subjectKey(
                            tenant,
                            subject,
                            TinkProtoKeysetFormat.parseKeyset(
                                    plain, InsecureSecretKeyAccess.get()));
            open.put(slot, key);
            return key;
        } catch (GeneralSecurityException notOurs) {
            throw new Undecipherable("subject key", notOurs);
        }
    }

    /** Forgets a key at once; its row is being destroyed. */
    public void forget(String tenant, UUID subject) {
        forget(tenant, subject, ORDINARY);
    }

    /** Forgets a key at once; its row is being destroyed. */
    public void forget(String tenant, UUID subject, String group) {
        open.invalidate(new Slot(tenant, subject, group));
    }

    private static SubjectKey subjectKey(String tenant, UUID subject, KeysetHandle keyset)
            throws GeneralSecurityException {
        return new SubjectKey(
                tenant, subject, keyset.getPrimitive(RegistryConfiguration.get(), Aead.class));
    }

    private static byte[] associatedData(String tenant, UUID subject, String group) {
        return (tenant + "|" + subject + "|key|" + group + "|1").getBytes(StandardCharsets.UTF_8);
    }
}
