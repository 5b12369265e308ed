package org.jawort.vault;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.UUID;
import org.jawort.vault.TenantKeys.Use;

/**
 * The keysets of each subject: AES-256-GCM, stored wrapped under the tenant's key beside the
 * subject, never inside a ciphertext, so that destroying one row makes all it opened unreadable
 * (SEC-5). There is one for what is kept in the ordinary way and, once something must be kept by
 * law, another for that (SEC-3). An opened key is out of memory within a minute on every node,
 * whether or not anybody asks for it.
 */
public final class SubjectKeys {

    /** What is kept in the database for one subject and group. */
    public static final String ORDINARY = "ordinary";

    /** For what statute keeps after the rest is shredded. */
    public static final String RETAINED = "retained";

    /** A minute less what the timer may be late. */
    public static final Duration LONGEST_OPEN = Duration.ofSeconds(50);

    /** A fresh key with the bytes to store. */
    public record NewKey(SubjectKey key, byte[] wrapped) {}

    /** By the wrapped bytes as well: a subject whose key was replaced has another. */
    private record Slot(String tenant, UUID subject, String group, ByteBuffer wrapped) {}

    private final TenantKeys tenants;
    private final Cache<Slot, SubjectKey> open;

    public SubjectKeys(TenantKeys tenants) {
        this(tenants, LONGEST_OPEN);
    }

    /**
     * @param openFor how long an opened key stays in memory
     * @throws IllegalArgumentException if that is longer than {@link #LONGEST_OPEN}
     */
    public SubjectKeys(TenantKeys tenants, Duration openFor) {
        if (openFor.compareTo(LONGEST_OPEN) > 0) {
            throw new IllegalArgumentException(
                    "jawort.keys.open-for is %s, longer than %s: a destroyed key must be gone from every node within a minute (SEC-5)"
                            .formatted(openFor, LONGEST_OPEN));
        }
        this.tenants = tenants;
        this.open =
                Caffeine.newBuilder()
                        .maximumSize(20_000)
                        .expireAfterWrite(openFor)
                        .scheduler(Scheduler.systemScheduler()) // or it stays until somebody looks
                        .build();
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
                    wrap(
                            tenant,
                            subject,
                            group,
                            TinkProtoKeysetFormat.serializeKeyset(
                                    keyset, InsecureSecretKeyAccess.get()));
            return new NewKey(subjectKey(tenant, subject, keyset), wrapped);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The key of the group {@link #ORDINARY}. */
    public SubjectKey open(String tenant, UUID subject, byte[] wrapped) {
        return open(tenant, subject, ORDINARY, wrapped);
    }

    /**
     * @param wrapped as stored
     * @throws Undecipherable if it was wrapped for another tenant, subject or group, or under a key
     *     the tenant does not have
     */
    public SubjectKey open(String tenant, UUID subject, String group, byte[] wrapped) {
        Slot slot = new Slot(tenant, subject, group, ByteBuffer.wrap(wrapped));
        SubjectKey cached = open.getIfPresent(slot);
        if (cached != null) {
            return cached;
        }
        try {
            SubjectKey key =
                    subjectKey(
                            tenant,
                            subject,
                            TinkProtoKeysetFormat.parseKeyset(
                                    unwrap(tenant, subject, group, wrapped),
                                    InsecureSecretKeyAccess.get()));
            open.put(slot, key);
            return key;
        } catch (GeneralSecurityException notOurs) {
            throw new Undecipherable("subject key", notOurs);
        }
    }

    /**
     * The same key under the tenant's key as it is now; {@code null} if it is under that already.
     *
     * @throws Undecipherable as {@link #open}
     */
    public byte[] rewrap(String tenant, UUID subject, String group, byte[] wrapped) {
        if (TenantKeys.versionOf(wrapped) == tenants.version(tenant)) {
            return null;
        }
        try {
            return wrap(tenant, subject, group, unwrap(tenant, subject, group, wrapped));
        } catch (GeneralSecurityException notOurs) {
            throw new Undecipherable("subject key", notOurs);
        }
    }

    /** Forgets the keys of a subject on this node at once, because a row is being destroyed. */
    public void forget(String tenant, UUID subject) {
        open.asMap()
                .keySet()
                .removeIf(slot -> slot.subject().equals(subject) && slot.tenant().equals(tenant));
    }

    /** How many opened keys are in memory, those included that have expired and were not swept. */
    long held() {
        return open.estimatedSize();
    }

    private byte[] wrap(String tenant, UUID subject, String group, byte[] keyset)
            throws GeneralSecurityException {
        return tenants.aead(tenant, Use.WRAP)
                .encrypt(keyset, associatedData(tenant, subject, group));
    }

    private byte[] unwrap(String tenant, UUID subject, String group, byte[] wrapped)
            throws GeneralSecurityException {
        return tenants.aead(tenant, Use.WRAP)
                .decrypt(wrapped, associatedData(tenant, subject, group));
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
