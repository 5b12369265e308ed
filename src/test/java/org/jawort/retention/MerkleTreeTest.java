package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One hash over random ids. */
class MerkleTreeTest {

    private final Random random = new Random(4711);

    @Test
    @DisplayName(
            "RET-13: the same items in whichever order have one root, one item more or less another")
    void dependsOnTheItemsAndNotOnTheirOrder() {
        List<UUID> ids = Stream.generate(this::id).limit(7).toList();
        byte[] root = root(ids);

        assertThat(root(ids.reversed())).isEqualTo(root);
        assertThat(root(ids.subList(0, 6))).isNotEqualTo(root);
        assertThat(root(Stream.concat(ids.stream(), Stream.of(id())).toList())).isNotEqualTo(root);
    }

    @Test
    @DisplayName("RFC 6962: leaves and nodes are told apart; of no ids it is the hash of nothing")
    void isComputedAsRfc6962Says() {
        UUID low = new UUID(0, 1);
        UUID high = new UUID(-1, 1);
        byte[] leafOfLow = MerkleTree.sha256(new byte[17 - 1], new byte[] {1});
        byte[] leafOfHigh =
                MerkleTree.sha256(
                        new byte[] {0},
                        HexFormat.of().parseHex("ffffffffffffffff0000000000000001"));

        assertThat(HexFormat.of().formatHex(root(List.of())))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(root(List.of(low))).isEqualTo(leafOfLow);
        assertThat(root(List.of(high, low)))
                .isEqualTo(MerkleTree.sha256(new byte[] {1}, leafOfLow, leafOfHigh));
    }

    @Test
    void countsAndHashesAnIdOnceHoweverOftenItComes() {
        UUID twice = id();

        MerkleTree.Hashed hashed = MerkleTree.of(List.of(twice, id(), twice));

        assertThat(hashed.leaves()).isEqualTo(2);
        assertThat(root(List.of(twice))).isEqualTo(root(List.of(twice, twice)));
    }

    private static byte[] root(List<UUID> ids) {
        return MerkleTree.of(ids).root();
    }

    private UUID id() {
        return new UUID(random.nextLong(), random.nextLong());
    }
}
