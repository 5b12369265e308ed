package org.jawort.vault;

import com.google.crypto.tink.Aead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A tenant's keys, one per use, in the versions there are. What is encrypted names its version and
 * opens under it for as long as that is kept; hashes that nobody can make again stay under the
 * oldest. Thread-safe.
 */
public final class TenantKeys {

    /**
     * What a key is for; the name is part of the derivation and must not change, nor the order,
     * which version 0 is stored in.
     */
    public enum Use {
        LOOKUP,
        SUPPRESSION,
        WRAP,
        QUARANTINE,
        API,
        ANCHOR,
        LINK
    }

    /** Where the versions of a tenant's key come from. */
    public interface Source {

        /**
         * At least one, in any order.
         *
         * @throws IllegalStateException with one line that says what to mend, if a version there is
         *     cannot be had
         */
        List<TenantKey> versions(String tenant);
    }

    /** Before a ciphertext of a version from 1 on; those of version 0 begin with their nonce. */
    private static final byte[] MARK = {'J', 'W', 'K', '1'};

    private static final int HEAD = MARK.length + Integer.BYTES;

    /** The versions of a tenant as the source told them at a time. */
    private record Told(List<TenantKey> keys, Instant at) {}

    private final Source source;
    private final InstantSource clock;
    private final Duration fresh;
    private final ConcurrentMap<String, Told> versions = new ConcurrentHashMap<>();

    /** All of them derived from the root key. */
    public TenantKeys(RootKey root) {
        this(
                tenant -> List.of(TenantKey.ofRoot(root, tenant)),
                () -> Instant.EPOCH,
                Duration.ofDays(1));
    }

    /**
     * @param fresh for how long what the source told is enough to look an address up: less than a
     *     version is announced before it is written under, or a node that slept through that would
     *     not find a person and make another
     */
    public TenantKeys(Source source, InstantSource clock, Duration fresh) {
        this.source = source;
        this.clock = clock;
        this.fresh = fresh;
    }

    /** Asks the source again: another node may have made a version. */
    public void reload(String tenant) {
        versions.put(tenant, ask(tenant));
    }

    /** The version new things are encrypted under. */
    public int version(String tenant) {
        return writing(tenant).version();
    }

    /**
     * HMAC-SHA-256 over the parts, each preceded by its length so that no two lists of parts give
     * the same input, under the oldest version of the key.
     *
     * @return 32 bytes
     */
    public byte[] mac(String tenant, Use use, String... parts) {
        return mac(of(tenant).getFirst().key(use), parts);
    }

    /**
     * The same under each version that may have been written: under the one in use now, then under
     * the others.
     */
    List<byte[]> macs(String tenant, Use use, String... parts) {
        Told told = versions.get(tenant);
        if (told != null && told.at().plus(fresh).isBefore(clock.instant())) {
            reload(tenant);
        }
        List<TenantKey> all = of(tenant);
        TenantKey first = writing(tenant);
        return Stream.concat(Stream.of(first), all.stream().filter(key -> key != first))
                .map(key -> mac(key.key(use), parts))
                .toList();
    }

    /**
     * Encryption under a tenant's key, for what belongs to no person yet and for wrapping other
     * keys.
     */
    public Aead aead(String tenant, Use use) {
        return new Aead() {
            @Override
            public byte[] encrypt(byte[] plain, byte[] associatedData)
                    throws GeneralSecurityException {
                TenantKey key = writing(tenant);
                byte[] sealed = key.aead(use).encrypt(plain, associatedData);
                return key.version() == 0
                        ? sealed
                        : ByteBuffer.allocate(HEAD + sealed.length)
                                .put(head(key.version()))
                                .put(sealed)
                                .array();
            }

            @Override
            public byte[] decrypt(byte[] sealed, byte[] associatedData)
                    throws GeneralSecurityException {
                int version = versionOf(sealed);
                TenantKey key = version == 0 ? null : find(tenant, version);
                if (key != null) {
                    try {
                        return key.aead(use)
                                .decrypt(
                                        Arrays.copyOfRange(sealed, HEAD, sealed.length),
                                        associatedData);
                    } catch (GeneralSecurityException otherwise) {
                        // one nonce in four thousand millions looks like a mark
                    }
                }
                TenantKey oldest = of(tenant).getFirst();
                if (oldest.version() > 0) {
                    throw new GeneralSecurityException("no version of the key opens this");
                }
                return oldest.aead(use).decrypt(sealed, associatedData);
            }
        };
    }

    /** The oldest version there is. */
    public int oldest(String tenant) {
        return of(tenant).getFirst().version();
    }

    /**
     * How each ciphertext of a version begins.
     *
     * @param version from 1 on
     */
    public static byte[] head(int version) {
        return ByteBuffer.allocate(HEAD).put(MARK).putInt(version).array();
    }

    /** The version a ciphertext was made under. */
    static int versionOf(byte[] sealed) {
        return sealed.length > HEAD && Arrays.equals(sealed, 0, MARK.length, MARK, 0, MARK.length)
                ? ByteBuffer.wrap(sealed, MARK.length, Integer.BYTES).getInt()
                : 0;
    }

    /** 32 bytes from which a key of another kind is made; of the oldest version. */
    byte[] seed(String tenant, Use use) {
        return of(tenant).getFirst().key(use).getEncoded();
    }

    /** {@code null} if there is no such version. */
    private TenantKey find(String tenant, int version) {
        TenantKey known = among(of(tenant), version);
        if (known == null) {
            reload(tenant); // made by another node since
            known = among(of(tenant), version);
        }
        return known;
    }

    private static TenantKey among(List<TenantKey> keys, int version) {
        return keys.stream().filter(key -> key.version() == version).findFirst().orElse(null);
    }

    private TenantKey writing(String tenant) {
        List<TenantKey> all = of(tenant);
        Instant now = clock.instant();
        for (TenantKey key : all.reversed()) {
            if (!key.writesFrom().isAfter(now)) {
                return key;
            }
        }
        return all.getFirst();
    }

    private List<TenantKey> of(String tenant) {
        Told told = versions.get(tenant);
        if (told == null) {
            told = ask(tenant); // outside the map: the source may take its time
            versions.putIfAbsent(tenant, told);
        }
        return told.keys();
    }

    private Told ask(String tenant) {
        Instant now = clock.instant();
        return new Told(
                source.versions(tenant).stream()
                        .sorted(Comparator.comparingInt(TenantKey::version))
                        .toList(),
                now);
    }

    private static byte[] mac(SecretKeySpec key, String... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
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
}
