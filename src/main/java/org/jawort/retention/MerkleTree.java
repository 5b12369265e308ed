package org.jawort.retention;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** One hash for any number of random ids, as RFC 6962 section 2.1 computes it over them sorted. */
final class MerkleTree {

    private static final int ID_BYTES = 16;

    private MerkleTree() {}

    /**
     * @return 32 bytes; of no ids the hash of nothing
     */
    static byte[] root(Collection<UUID> ids) {
        // As unsigned bytes, which is how PostgreSQL sorts them.
        List<byte[]> leaves =
                ids.stream()
                        .distinct()
                        .map(MerkleTree::bytes)
                        .sorted(java.util.Arrays::compareUnsigned)
                        .toList();
        return leaves.isEmpty() ? sha256(new byte[0]) : root(leaves);
    }

    private static byte[] root(List<byte[]> leaves) {
        if (leaves.size() == 1) {
            return sha256(new byte[] {0}, leaves.getFirst());
        }
        int left = Integer.highestOneBit(leaves.size() - 1);
        return sha256(
                new byte[] {1},
                root(leaves.subList(0, left)),
                root(leaves.subList(left, leaves.size())));
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
