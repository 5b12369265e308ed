package org.jawort.retention;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.UUID;
import org.jawort.proof.MerkleRoot;

/** One hash for any number of random ids, as RFC 6962 section 2.1 computes it over them sorted. */
final class MerkleTree {

    private static final int ID_BYTES = 16;

    private MerkleTree() {}

    /**
     * @return 32 bytes; of no ids the hash of nothing
     */
    static byte[] root(Collection<UUID> ids) {
        MerkleRoot root = new MerkleRoot();
        // As unsigned bytes, which is how PostgreSQL sorts them.
        ids.stream()
                .distinct()
                .map(MerkleTree::bytes)
                .sorted(java.util.Arrays::compareUnsigned)
                .forEach(root::add);
        return root.root();
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
