package org.jawort.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every object store does, whatever it is. */
abstract class PieceStoreContract {

    static final String TENANT = "autohaus-muster";

    abstract PieceStore store();

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void givesBackWhatWasStoredWhateverItsLength() throws IOException {
        for (int length :
                new int[] {
                    1, Pieces.LENGTH - 1, Pieces.LENGTH, Pieces.LENGTH + 1, 3 * Pieces.LENGTH + 7
                }) {
            UUID object = UUID.randomUUID();
            byte[] bytes = random(length);

            try (OutputStream out = Pieces.writing(store(), TENANT, object)) {
                out.write(bytes, 0, length / 2);
                out.write(bytes, length / 2, length - length / 2);
            }

            try (InputStream in = Pieces.reading(store(), TENANT, object)) {
                assertThat(in.readAllBytes()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void replacesAPieceThatIsStoredAgain() {
        UUID object = UUID.randomUUID();
        store().put(TENANT, object, 0, random(10));

        store().put(TENANT, object, 0, random(20));

        assertThat(store().get(TENANT, object, 0)).isEqualTo(random(20));
        assertThat(store().get(TENANT, object, 1)).isNull();
    }

    @Test
    void deletesAllOfAnObjectAndNothingElse() {
        UUID object = UUID.randomUUID();
        UUID other = UUID.randomUUID();
        for (int i = 0; i < 3; i++) {
            store().put(TENANT, object, i, random(100));
            store().put(TENANT, other, i, random(100));
        }

        assertThat(store().delete(TENANT, object)).isTrue();
        assertThat(store().delete(TENANT, object)).as("as often as one likes").isTrue();

        for (int i = 0; i < 3; i++) {
            assertThat(store().get(TENANT, object, i)).isNull();
            assertThat(store().get(TENANT, other, i)).isEqualTo(random(100));
        }
    }

    @Test
    void keepsTenantsApart() {
        UUID object = UUID.randomUUID();
        store().put(TENANT, object, 0, random(10));

        assertThat(store().get("autohaus-beispiel", object, 0)).isNull();
        assertThat(store().delete("autohaus-beispiel", object)).isTrue();

        assertThat(store().get(TENANT, object, 0)).isEqualTo(random(10));
    }
}
