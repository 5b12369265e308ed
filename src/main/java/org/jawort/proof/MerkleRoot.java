package org.jawort.proof;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The Merkle tree hash of RFC 6962 section 2.1 over leaves that come one after the other; keeps as
 * many hashes as the tree is high.
 */
public final class MerkleRoot {

    private final MessageDigest digest;
    private final List<byte[]> complete = new ArrayList<>();
    private long leaves;

    public MerkleRoot() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /**
     * @param leaf the data of the leaf, not its hash
     */
    public void add(byte[] leaf) {
        digest.update((byte) 0);
        byte[] hash = digest.digest(leaf);
        for (long n = leaves; (n & 1) == 1; n >>= 1) {
            hash = node(complete.removeLast(), hash);
        }
        complete.add(hash);
        leaves++;
    }

    public long leaves() {
        return leaves;
    }

    /**
     * @return 32 bytes; of no leaves the hash of nothing
     */
    public byte[] root() {
        if (complete.isEmpty()) {
            return digest.digest();
        }
        byte[] root = complete.getLast();
        for (int i = complete.size() - 2; i >= 0; i--) {
            root = node(complete.get(i), root);
        }
        return root;
    }

    private byte[] node(byte[] left, byte[] right) {
        digest.update((byte) 1);
        digest.update(left);
        return digest.digest(right);
    }
}
