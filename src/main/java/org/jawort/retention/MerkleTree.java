package org.jawort.retention;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.UUID;
import org.jawort.proof.MerkleRoot;

/** One hash for any number of random ids, as RFC 6962 section 2.1 computes it over them sorted. */
final class MerkleTree {

    /** As unsigned bytes. */
    static final Comparator<UUID> AS_POSTGRESQL_SORTS =
            (one, other) -> {
                int high =
                        Long.compareUnsigned(
                                one.getMostSignificantBits(), other.getMostSignificantBits());
                return high != 0
                        ? high
                        : Long.compareUnsigned(
                                one.getLeastSignificantBits(), other.getLeastSignificantBits());
            };

    private static final int ID_BYTES = 16;

    private MerkleTree() {}

    /**
     * @param leaves how many different ids there were
     * @param root 32 bytes; of no ids the hash of nothing
     */
    record Hashed(long leaves, byte[] root) {}

    static Hashed of(Collection<UUID> ids) {
        UUID[] sorted = ids.toArray(UUID[]::new);
        Arrays.sort(sorted, AS_POSTGRESQL_SORTS);
        MerkleRoot root = new MerkleRoot();
        ByteBuffer leaf = ByteBuffer.allocate(ID_BYTES);
        UUID before = null;
        for (UUID id : sorted) {
            if (!id.equals(before)) {
                leaf.putLong(0, id.getMostSignificantBits());
                leaf.putLong(Long.BYTES, id.getLeastSignificantBits());
                root.add(leaf.array());
            }
            before = id;
        }
        return new Hashed(root.leaves(), root.root());
    }

    static byte[] sha256(byte[]... parts) {
        MessageDigest digest = digest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
