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
        MessageDigest digest = digest();
        return leaves.isEmpty() ? digest.digest() : root(leaves, 0, leaves.size(), digest);
    }

    /** Of the leaves from one place to before another. */
    private static byte[] root(List<byte[]> leaves, int from, int to, MessageDigest digest) {
        if (to - from == 1) {
            digest.update((byte) 0);
            return digest.digest(leaves.get(from));
        }
        int middle = from + Integer.highestOneBit(to - from - 1);
        byte[] left = root(leaves, from, middle, digest);
        byte[] right = root(leaves, middle, to, digest);
        digest.update((byte) 1);
        digest.update(left);
        return digest.digest(right);
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
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
