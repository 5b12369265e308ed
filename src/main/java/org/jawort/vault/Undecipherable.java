package org.jawort.vault;

/** A ciphertext that does not open: moved, altered, or its key is gone. Trying again cannot help. */
public class Undecipherable extends RuntimeException {

    Undecipherable(String field, Throwable cause) {
        super("cannot decipher " + field, cause);
    }
}
