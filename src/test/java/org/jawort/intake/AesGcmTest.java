package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.subtle.AesGcmJce;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AesGcmTest {

    private static final byte[] PLAIN = bytes("Wann ist mein Termin?");
    private static final byte[] BOUND_TO = bytes("autohaus-muster/twilio");

    private final byte[] key = key();
    private final AesGcm own = new AesGcm(key);

    @Test
    void opensWhatTinkSealedAndTheOtherWayRound() throws GeneralSecurityException {
        var tink = new AesGcmJce(key);

        assertThat(own.decrypt(tink.encrypt(PLAIN, BOUND_TO), BOUND_TO)).isEqualTo(PLAIN);
        assertThat(tink.decrypt(own.encrypt(PLAIN, BOUND_TO), BOUND_TO)).isEqualTo(PLAIN);
    }

    @Test
    void sealsTheSameTextDifferentlyEachTime() throws GeneralSecurityException {
        assertThat(own.encrypt(PLAIN, BOUND_TO)).isNotEqualTo(own.encrypt(PLAIN, BOUND_TO));
    }

    @Test
    void opensNothingThatWasChangedCutOrBoundToAnother() throws GeneralSecurityException {
        byte[] sealed = own.encrypt(PLAIN, BOUND_TO);

        for (int at : new int[] {0, 11, 12, sealed.length - 1}) {
            byte[] changed = sealed.clone();
            changed[at] ^= 1;
            refuses(changed, BOUND_TO);
        }
        for (int length : new int[] {0, 12, 27, sealed.length - 1}) {
            refuses(Arrays.copyOf(sealed, length), BOUND_TO);
        }
        refuses(sealed, bytes("autohaus-muster/vonage"));
    }

    @Test
    void takesKeysOf256BitsOnly() {
        assertThatThrownBy(() -> new AesGcm(new byte[16]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void refuses(byte[] sealed, byte[] associatedData) {
        assertThatThrownBy(() -> own.decrypt(sealed, associatedData))
                .isInstanceOf(GeneralSecurityException.class);
    }

    private static byte[] key() {
        byte[] key = new byte[32];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (i * 7);
        }
        return key;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
