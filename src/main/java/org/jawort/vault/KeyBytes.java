package org.jawort.vault;

import java.util.Base64;

/** 256-bit keys as people keep them: 32 bytes in Base64. */
final class KeyBytes {

    private KeyBytes() {}

    /**
     * @param text spaces and line ends around it do not count
     * @param what named in the error; the text never is, it would print the key
     * @throws IllegalStateException with one line that says what to do, if it is none
     */
    static byte[] parse(String text, String what) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text.strip());
            if (bytes.length == 32) {
                return bytes;
            }
        } catch (IllegalArgumentException notBase64) {
            // said below
        }
        throw new IllegalStateException(
                what + " is not 32 bytes in Base64; make one with: openssl rand -base64 32");
    }
}
