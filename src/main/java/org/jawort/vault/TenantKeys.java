package org.jawort.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Hkdf;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A tenant's keys, one per use, derived from the root key. Thread-safe. */
public final class TenantKeys {

    /** What a key is for; the name is part of the derivation and must not change. */
    public enum Use {
        LOOKUP,
        SUPPRESSION,
        WRAP,
        QUARANTINE,
        API,
        ANCHOR
    }

    private record Slot(String tenant, Use use) {}

    private final RootKey root;
    private final ConcurrentMap<Slot, SecretKeySpec> keys = new ConcurrentHashMap<>();
    private final ConcurrentMap<Slot, Aead> aeads = new ConcurrentHashMap<>();

    public TenantKeys(RootKey root) {
        this.root = root;
    }

    /**
     * HMAC-SHA-256 over the parts, each preceded by its length so that no two lists of parts give
     * the same input.
     *
     * @return 32 bytes
     */
    public byte[] mac(String tenant, Use use, String... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key(new Slot(tenant, use)));
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                mac.update(
                        new byte[] {
                            (byte) (bytes.length >> 16),
                            (byte) (bytes.length >> 8),
                            (byte) bytes.length
                        });
                mac.update(bytes);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Encryption under a tenant's key, for what belongs to no person yet and for wrapping other
     * keys.
     */
    public Aead aead(String tenant, Use use) {
        return aeads.computeIfAbsent(
                new Slot(tenant, use),
                slot -> {
                    try {
                        return new AesGcmJce(key(slot).getEncoded());
                    } catch (GeneralSecurityException impossible) {
                        throw new IllegalStateException(impossible);
                    }
                });
    }

    /** 32 bytes from which a key of another kind is made. */
    byte[] seed(String tenant, Use use) {
        return key(new Slot(tenant, use)).getEncoded();
    }

    private SecretKeySpec key(Slot slot) {
        return keys.computeIfAbsent(
                slot,
                missing -> {
                    try {
                        byte[] key =
                                Hkdf.computeHkdf(
                                        "HMACSHA256",
                                        root.bytes(),
                                        "jawort.v1".getBytes(StandardCharsets.UTF_8),
                                        (missing.tenant() + "|" + missing.use())
                                                .getBytes(StandardCharsets.UTF_8),
                                        32);
                        return new SecretKeySpec(key, "HmacSHA256");
                    } catch (GeneralSecurityException impossible) {
                        throw new IllegalStateException(impossible);
                    }
                });
    }
}
