package org.jawort.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Hkdf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.spec.SecretKeySpec;
import org.jawort.vault.TenantKeys.Use;

/**
 * One version of a tenant's key. The keys of its uses are derived from it (HKDF-SHA-256). Version 0
 * is the one the root key gives; what is stored of it is the derived keys, so that a tenant can be
 * taken from under the root key without the root key becoming its own. Thread-safe.
 */
public final class TenantKey {

    private static final int LENGTH = 32;
    private static final Use[] USES = Use.values();

    private final String tenant;
    private final int version;
    private final Instant writesFrom;
    private final byte[] master;
    private final byte[][] derived;
    private final AtomicReferenceArray<SecretKeySpec> keys =
            new AtomicReferenceArray<>(USES.length);
    private final AtomicReferenceArray<Aead> aeads = new AtomicReferenceArray<>(USES.length);

    private TenantKey(
            String tenant, int version, Instant writesFrom, byte[] master, byte[][] derived) {
        this.tenant = tenant;
        this.version = version;
        this.writesFrom = writesFrom;
        this.master = master;
        this.derived = derived;
    }

    /** Version 0. */
    public static TenantKey ofRoot(RootKey root, String tenant) {
        return new TenantKey(tenant, 0, Instant.MIN, root.bytes(), new byte[0][]);
    }

    /**
     * @param stored as {@link #stored} gave it
     * @param writesFrom from when on new things are encrypted under it
     * @throws IllegalArgumentException if it is none
     */
    public static TenantKey of(String tenant, int version, Instant writesFrom, byte[] stored) {
        if (stored.length == 0 || stored.length % LENGTH != 0) {
            throw new IllegalArgumentException(
                    "a tenant key is not %d bytes".formatted(stored.length));
        }
        byte[][] derived = new byte[version == 0 ? stored.length / LENGTH : 0][];
        for (int i = 0; i < derived.length; i++) {
            derived[i] = Arrays.copyOfRange(stored, i * LENGTH, (i + 1) * LENGTH);
        }
        return new TenantKey(tenant, version, writesFrom, Arrays.copyOf(stored, LENGTH), derived);
    }

    public int version() {
        return version;
    }

    Instant writesFrom() {
        return writesFrom;
    }

    /** What a custodian wraps of it. */
    public byte[] stored() {
        if (version > 0) {
            return master.clone();
        }
        ByteBuffer all = ByteBuffer.allocate(USES.length * LENGTH);
        for (Use use : USES) {
            all.put(key(use).getEncoded());
        }
        return all.array();
    }

    SecretKeySpec key(Use use) {
        SecretKeySpec key = keys.get(use.ordinal());
        if (key == null) {
            key = new SecretKeySpec(derive(use), "HmacSHA256");
            keys.set(use.ordinal(), key);
        }
        return key;
    }

    Aead aead(Use use) {
        Aead aead = aeads.get(use.ordinal());
        if (aead == null) {
            try {
                aead = new AesGcmJce(key(use).getEncoded());
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
            aeads.set(use.ordinal(), aead);
        }
        return aead;
    }

    private byte[] derive(Use use) {
        if (use.ordinal() < derived.length) {
            return derived[use.ordinal()];
        }
        try {
            return Hkdf.computeHkdf(
                    "HMACSHA256",
                    master,
                    "jawort.v1".getBytes(StandardCharsets.UTF_8),
                    (tenant + "|" + use).getBytes(StandardCharsets.UTF_8),
                    LENGTH);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public String toString() {
        return "TenantKey[" + tenant + ", " + version + "]";
    }
}
